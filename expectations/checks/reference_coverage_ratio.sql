/*---
id: reference_coverage_ratio
gate: core
table: core.reference_coverage
severity: critical
key: [technology_id, basis]
inputs: [core.reference_coverage]
expect:
  en: coverage is n_resolved over n_references, and NULL when there are no references
  ja: 被覆率はn_resolved÷n_references。参考文献がなければ空
why:
  en: The coverage gate decides whether anything is said about dependence.
  ja: 被覆率の下限が、依存について述べるかを決める。
---*/
SELECT technology_id, basis, n_references, n_resolved, coverage
FROM core.reference_coverage
WHERE (n_references = 0) <> (coverage IS NULL)
  OR abs(coverage - CAST(n_resolved AS DOUBLE) / nullif(n_references, 0)) > 1e-9
