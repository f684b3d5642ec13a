/*---
id: output_within_evidence
gate: core
table: core.country_output
severity: critical
key: [technology_id, basis]
inputs: [core.country_output, core.technology_evidence]
expect:
  en: the outputs of all countries in a technology sum to no more than its comparable items
  ja: 技術における全ての国の産出の合計は、比較可能な文献の数を超えない
why:
  en: Each item carries at most 1; more means that one was counted twice.
  ja: 文献1件が持つのは最大1。超えれば二重計数である。
---*/
WITH summed AS (SELECT technology_id, basis, sum(output) AS output_sum FROM core.country_output
  GROUP BY technology_id, basis)
SELECT summed.technology_id, summed.basis, summed.output_sum, evidence.n_comparable
FROM summed
LEFT JOIN core.technology_evidence AS evidence ON evidence.technology_id = summed.technology_id
  AND evidence.basis = summed.basis
WHERE CAST(summed.output_sum AS DOUBLE) > coalesce(evidence.n_comparable, 0) * (1 + 1e-9)
