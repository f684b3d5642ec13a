/*---
id: ranks_complete
gate: score
table: score.rank_range
severity: critical
key: [technology_id, axis_id]
inputs: [score.rank_range, score.technology]
expect:
  en: every axis with a value is ranked among all that have one
  ja: 値のある軸は全て、値のある技術の中で順位が付く
why:
  en: A rank among fewer than all would look better than it is.
  ja: 一部の中での順位は実際より良く見える。
---*/
WITH expected AS (
  SELECT technology_id, axis_id, count(*) OVER (PARTITION BY axis_id) AS n_scored FROM score.technology
    WHERE value IS NOT NULL
)
SELECT coalesce(expected.technology_id, found.technology_id) AS technology_id,
  coalesce(expected.axis_id, found.axis_id) AS axis_id,
  found.n_ranked, expected.n_scored
FROM expected
FULL JOIN score.rank_range AS found ON found.technology_id = expected.technology_id
  AND found.axis_id = expected.axis_id
WHERE found.technology_id IS NULL OR expected.technology_id IS NULL OR found.n_ranked <> expected.n_scored
