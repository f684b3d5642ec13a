/*---
id: reasons_complete
gate: list
table: list.reason
severity: critical
key: [technology_id]
inputs: [list.reason, list.candidate]
expect:
  en: every candidate has a reason for every rule
  ja: 全候補に全規則の理由がある
why:
  en: The rules that failed are published too, with the values that failed them.
  ja: 不成立の規則も、その値とともに公表する。
---*/
WITH rules AS (SELECT count(DISTINCT rule_id) AS n_rules FROM list.reason),
found AS (SELECT technology_id, count(DISTINCT rule_id) AS n_reasons FROM list.reason GROUP BY technology_id)
SELECT coalesce(candidate.technology_id, found.technology_id) AS technology_id,
  coalesce(found.n_reasons, 0) AS n_reasons, rules.n_rules
FROM rules CROSS JOIN list.candidate AS candidate
FULL JOIN found ON found.technology_id = candidate.technology_id
WHERE candidate.technology_id IS NULL OR found.n_reasons IS NULL OR found.n_reasons <> rules.n_rules
