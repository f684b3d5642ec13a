/*---
id: axis_rows_complete
gate: score
table: score.technology
severity: critical
key: [technology_id]
inputs: [score.technology, core.technology]
expect:
  en: every active technology has one row on each of the three axes, and no other has any
  ja: 現行の全技術に3軸の行があり、それ以外にはない
why:
  en: An axis that cannot be scored says so; it is never absent.
  ja: 採点できない軸はその旨を示し、欠落させない。
---*/
WITH expected AS (SELECT technology_id FROM core.technology WHERE status = 'active'),
found AS (SELECT technology_id, count(DISTINCT axis_id) AS n_axes FROM score.technology
  GROUP BY technology_id)
SELECT coalesce(expected.technology_id, found.technology_id) AS technology_id,
  coalesce(found.n_axes, 0) AS n_axes,
  expected.technology_id IS NOT NULL AS is_active
FROM expected FULL JOIN found ON found.technology_id = expected.technology_id
WHERE expected.technology_id IS NULL OR found.n_axes IS NULL OR found.n_axes <> 3
