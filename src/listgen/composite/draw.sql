/*---
table: score.draw
grain:
  en: "one seeded draw of one axis of one technology that has a score on it"
  ja: "得点のある1技術の1軸についての1回の試行"
inputs: [score.normalised, score.technology]
---*/
CREATE OR REPLACE TABLE score.draw (
  technology_id VARCHAR NOT NULL,
  axis_id VARCHAR NOT NULL CHECK (axis_id IN ('autonomy', 'superiority', 'indispensability')),
  draw INTEGER NOT NULL CHECK (draw >= 0),
  value DOUBLE NOT NULL CHECK (value BETWEEN 0 AND 100)
);
COMMENT ON TABLE score.draw IS
  'Each row is one seeded draw of one technology on one axis '
  '/ 1技術の1軸についての1回の試行値（乱数の種は固定）';
COMMENT ON COLUMN score.draw.technology_id IS 'Technology / 技術';
COMMENT ON COLUMN score.draw.axis_id IS
  'Axis: autonomy, superiority or indispensability / 軸（自律性・優位性・不可欠性）';
COMMENT ON COLUMN score.draw.draw IS
  'Number of the draw, from 0; the same number is the same world on all axes '
  '/ 試行の番号（0から）。同じ番号は全軸で同じ試行';
COMMENT ON COLUMN score.draw.value IS
  'Axis score 0-100 when each indicator is drawn from its interval / 各指標を区間から引いたときの軸の得点';
