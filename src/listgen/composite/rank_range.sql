/*---
table: score.rank_range
grain: {en: "one axis of one technology that has a score on it", ja: "得点のある1技術の1軸"}
inputs: [score.draw]
---*/
CREATE OR REPLACE TABLE score.rank_range (
  technology_id VARCHAR NOT NULL,
  axis_id VARCHAR NOT NULL CHECK (axis_id IN ('autonomy', 'superiority', 'indispensability')),
  rank_p05 INTEGER NOT NULL CHECK (rank_p05 >= 1),
  rank_p50 INTEGER NOT NULL,
  rank_p95 INTEGER NOT NULL,
  n_ranked INTEGER NOT NULL,
  CHECK (rank_p05 <= rank_p50 AND rank_p50 <= rank_p95 AND rank_p95 <= n_ranked),
  PRIMARY KEY (technology_id, axis_id)
);
COMMENT ON TABLE score.rank_range IS
  'Each row is the range of ranks of one technology on one axis over the draws '
  '/ 試行を通じた1技術の1軸での順位の幅';
COMMENT ON COLUMN score.rank_range.technology_id IS 'Technology / 技術';
COMMENT ON COLUMN score.rank_range.axis_id IS
  'Axis: autonomy, superiority or indispensability / 軸（自律性・優位性・不可欠性）';
COMMENT ON COLUMN score.rank_range.rank_p05 IS
  '5 % point of the rank, 1 = highest; equal values share the better rank '
  '/ 順位の5%点（1が最上位、同点は上の順位）';
COMMENT ON COLUMN score.rank_range.rank_p50 IS 'Median rank / 順位の中央値';
COMMENT ON COLUMN score.rank_range.rank_p95 IS '95 % point of the rank / 順位の95%点';
COMMENT ON COLUMN score.rank_range.n_ranked IS
  'Technologies with a score on this axis / この軸に得点のある技術の数';
