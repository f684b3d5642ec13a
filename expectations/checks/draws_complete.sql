/*---
id: draws_complete
gate: score
table: score.draw
severity: critical
key: [technology_id, axis_id]
inputs: [score.draw, score.technology]
expect:
  en: an axis with a value has all its draws, and one without has none
  ja: 値のある軸には全試行があり、ない軸には一つもない
why:
  en: Probabilities divide by the number of draws; a lost draw bends them all.
  ja: 確率は試行数で割る。一つ欠けても歪む。
---*/
WITH found AS (SELECT technology_id, axis_id, count(*) AS n_draws, max(draw) AS last_draw FROM score.draw
  GROUP BY technology_id, axis_id),
expected AS (SELECT technology_id, axis_id FROM score.technology WHERE value IS NOT NULL)
SELECT coalesce(expected.technology_id, found.technology_id) AS technology_id,
  coalesce(expected.axis_id, found.axis_id) AS axis_id,
  coalesce(found.n_draws, 0) AS n_draws, found.last_draw
FROM expected FULL JOIN found ON found.technology_id = expected.technology_id
  AND found.axis_id = expected.axis_id
WHERE expected.technology_id IS NULL OR found.n_draws IS NULL OR found.n_draws <> $draws
  OR found.last_draw <> $draws - 1
