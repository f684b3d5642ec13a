/*---
table: score.technology
grain: {en: "one axis of one technology", ja: "1技術の1軸"}
inputs: [score.normalised]
---*/
CREATE OR REPLACE TABLE score.technology (
  technology_id VARCHAR NOT NULL,
  axis_id VARCHAR NOT NULL CHECK (axis_id IN ('autonomy', 'superiority', 'indispensability')),
  value DOUBLE CHECK (value BETWEEN 0 AND 100),
  lo DOUBLE,
  hi DOUBLE,
  coverage DOUBLE NOT NULL CHECK (coverage BETWEEN 0 AND 1),
  grade VARCHAR CHECK (grade IN ('records', 'statistics', 'supply')),
  status VARCHAR NOT NULL CHECK (status IN ('ok', 'insufficient_evidence')),
  reason VARCHAR,
  CHECK ((status = 'ok') = (value IS NOT NULL)),
  CHECK ((status = 'ok') = (reason IS NULL)),
  CHECK (value IS NULL OR (lo <= value AND value <= hi)),
  PRIMARY KEY (technology_id, axis_id)
);
COMMENT ON TABLE score.technology IS
  'Each row is the score of one technology on one axis, or the reason why there is none '
  '/ 1技術の1軸の得点、または得点がない理由';
COMMENT ON COLUMN score.technology.technology_id IS 'Technology / 技術';
COMMENT ON COLUMN score.technology.axis_id IS
  'Axis: autonomy, superiority or indispensability / 軸（自律性・優位性・不可欠性）';
COMMENT ON COLUMN score.technology.value IS
  'Axis score 0-100 from the point values; NULL when evidence is insufficient '
  '/ 軸の得点（0～100）。根拠不足ではNULL';
COMMENT ON COLUMN score.technology.lo IS
  '2.5 % point of the axis draws, never above the value / 試行の2.5%点（得点を超えない）';
COMMENT ON COLUMN score.technology.hi IS
  '97.5 % point of the axis draws, never below the value / 試行の97.5%点（得点を下回らない）';
COMMENT ON COLUMN score.technology.coverage IS
  'Importance of the indicators with a value, as a share of the branch '
  '/ 値のある指標の重要度が系統に占める割合';
COMMENT ON COLUMN score.technology.grade IS
  'Grade of the evidence: the branch the score rests on, or of what little there is; NULL when there is '
  'none '
  '/ 根拠の等級';
COMMENT ON COLUMN score.technology.status IS 'ok or insufficient_evidence / okまたは根拠不足';
COMMENT ON COLUMN score.technology.reason IS
  'Why there is no score, a key of reasons in scoring.yaml / 得点がない理由（scoring.yamlのreasonsの見出し）';
