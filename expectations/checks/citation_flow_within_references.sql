/*---
id: citation_flow_within_references
gate: core
table: core.citation_flow
severity: critical
key: [technology_id, basis]
inputs: [core.citation_flow, core.reference_coverage]
expect:
  en: the citation flows of a technology sum to no more than its resolved references
  ja: 技術の引用流量の合計は、解決済み引用数を超えない
why:
  en: Each resolved reference carries at most 1; more means that a pair was counted twice.
  ja: 解決済み引用1件が運ぶのは最大1。超えれば二重計数である。
---*/
WITH flowed AS (SELECT technology_id, basis, sum(flow) AS flow_sum FROM core.citation_flow
  GROUP BY technology_id, basis)
SELECT flowed.technology_id, flowed.basis, flowed.flow_sum, coverage.n_resolved
FROM flowed
LEFT JOIN core.reference_coverage AS coverage ON coverage.technology_id = flowed.technology_id
  AND coverage.basis = flowed.basis
WHERE CAST(flowed.flow_sum AS DOUBLE) > coalesce(coverage.n_resolved, 0) * (1 + 1e-9)
