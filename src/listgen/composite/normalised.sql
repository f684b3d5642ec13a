/*---
table: score.normalised
grain:
  en: "one indicator of one technology in one axis and branch, focal country"
  ja: "対象国について、1技術の1軸・1系統の1指標"
inputs: [ind.value, ind.definition, core.technology]
---*/
CREATE OR REPLACE TABLE score.normalised (
  technology_id VARCHAR NOT NULL,
  axis_id VARCHAR NOT NULL CHECK (axis_id IN ('autonomy', 'superiority', 'indispensability')),
  group_id VARCHAR NOT NULL,
  branch VARCHAR NOT NULL CHECK (branch IN ('records', 'statistics')),
  indicator_id VARCHAR NOT NULL,
  country_code VARCHAR NOT NULL,
  value DOUBLE,
  value_lo DOUBLE,
  value_hi DOUBLE,
  score DOUBLE CHECK (score BETWEEN 0 AND 100),
  score_lo DOUBLE CHECK (score_lo BETWEEN 0 AND 100),
  score_hi DOUBLE CHECK (score_hi BETWEEN 0 AND 100),
  importance DOUBLE NOT NULL CHECK (importance > 0 AND importance <= 1),
  is_clipped BOOLEAN,
  status VARCHAR NOT NULL CHECK (status IN ('ok', 'too_few', 'low_coverage', 'not_comparable',
  'not_applicable', 'missing')),
  CHECK ((status = 'ok') = (score IS NOT NULL)),
  PRIMARY KEY (technology_id, axis_id, indicator_id)
);
COMMENT ON TABLE score.normalised IS
  'Each row is one indicator of one technology on the 0-100 scale of its goalposts '
  '/ 1技術の1指標を目盛りに沿って0～100点に換算したもの';
COMMENT ON COLUMN score.normalised.technology_id IS 'Technology / 技術';
COMMENT ON COLUMN score.normalised.axis_id IS
  'Axis: autonomy, superiority or indispensability / 軸（自律性・優位性・不可欠性）';
COMMENT ON COLUMN score.normalised.group_id IS 'Group of indicators inside the branch / 系統内の指標群';
COMMENT ON COLUMN score.normalised.branch IS
  'Grade of evidence the indicator belongs to; branches are never mixed / 根拠の等級（系統）。混ぜて使わない';
COMMENT ON COLUMN score.normalised.indicator_id IS 'Indicator / 指標';
COMMENT ON COLUMN score.normalised.country_code IS 'Focal country, ISO 3166-1 alpha-2 / 対象国';
COMMENT ON COLUMN score.normalised.value IS
  'Indicator value in its own unit; NULL unless status is ok / 指標の値。状態がok以外ではNULL';
COMMENT ON COLUMN score.normalised.value_lo IS
  'Lower end of the 95 % interval of the value; NULL when it has none / 値の95%区間の下限';
COMMENT ON COLUMN score.normalised.value_hi IS
  'Upper end of the 95 % interval of the value; NULL when it has none / 値の95%区間の上限';
COMMENT ON COLUMN score.normalised.score IS
  'Value on the goalposts, 0 worst to 100 best, clipped outside '
  '/ 目盛り上の得点（0が最低、100が最高、範囲外は端に寄せる）';
COMMENT ON COLUMN score.normalised.score_lo IS 'Lower end of the interval of the score / 得点の区間の下限';
COMMENT ON COLUMN score.normalised.score_hi IS 'Upper end of the interval of the score / 得点の区間の上限';
COMMENT ON COLUMN score.normalised.importance IS
  'Share of the branch this indicator stands for; sums to 1 over a branch / 系統の中で占める重要度（合計1）';
COMMENT ON COLUMN score.normalised.is_clipped IS
  'The value lies outside the goalposts / 値が目盛りの範囲外にある';
COMMENT ON COLUMN score.normalised.status IS 'ok, or why there is no value / okまたは値がない理由';
