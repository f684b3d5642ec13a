/*---
id: candidate_once
gate: list
table: list.candidate
severity: critical
key: [technology_id]
inputs: [list.candidate, core.technology]
expect:
  en: every active technology stands in list.candidate exactly once, and no other
  ja: 現行の全技術が一覧に一度だけあり、それ以外はない
why:
  en: A technology that was assessed and is not on the list cannot be explained.
  ja: 評価したのに一覧にない技術は説明できない。
---*/
WITH expected AS (SELECT technology_id FROM core.technology WHERE status = 'active'),
found AS (SELECT technology_id, count(*) AS n_rows FROM list.candidate GROUP BY technology_id)
SELECT coalesce(expected.technology_id, found.technology_id) AS technology_id,
  coalesce(found.n_rows, 0) AS n_rows,
  expected.technology_id IS NOT NULL AS is_active
FROM expected FULL JOIN found ON found.technology_id = expected.technology_id
WHERE expected.technology_id IS NULL OR found.n_rows IS NULL OR found.n_rows <> 1
