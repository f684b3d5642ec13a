/*---
id: authorship_weight_sum
gate: core
table: core.authorship
severity: critical
key: [work_id]
inputs: [core.authorship, core.work]
expect:
  en: the weights of a work with authors, where it is of a declared technology, sum to 1
  ja: 技術に当たり著者のいる論文の重みの合計は1
why:
  en: Fractional counting distributes exactly one work.
  ja: 分数計数は論文をちょうど1だけ配分する。
---*/
WITH authored AS (SELECT work_id, sum(weight) AS weight_sum FROM core.authorship GROUP BY work_id)
SELECT coalesce(authored.work_id, work.work_id) AS work_id, authored.weight_sum, work.n_authors
FROM authored FULL JOIN core.work AS work ON work.work_id = authored.work_id
WHERE abs(CAST(authored.weight_sum AS DOUBLE) - 1) > 1e-9 OR (authored.work_id IS NULL AND work.n_authors > 0
  AND work.n_references IS NOT NULL)
