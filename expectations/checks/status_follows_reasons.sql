/*---
id: status_follows_reasons
gate: list
table: list.candidate
severity: critical
key: [technology_id]
inputs: [list.candidate, list.reason]
expect:
  en: a status other than insufficient_evidence has a best rule, and its probability is the highest of the
    reasons
  ja: 根拠不足以外の結論には最良の規則があり、その確率は理由中の最大
why:
  en: The published outcome must be what the published reasons say.
  ja: 公表する結論は、公表する理由と一致しなければならない。
---*/
WITH best AS (SELECT technology_id, max(p) AS p FROM list.reason WHERE is_evaluable GROUP BY technology_id)
SELECT candidate.technology_id, candidate.status, candidate.best_rule_id, candidate.best_rule_p,
  best.p AS highest_p
FROM list.candidate AS candidate
LEFT JOIN best ON best.technology_id = candidate.technology_id
WHERE (candidate.status = 'insufficient_evidence') <> (best.p IS NULL)
  OR (best.p IS NULL) <> (candidate.best_rule_p IS NULL)
  OR abs(candidate.best_rule_p - best.p) > 1e-9
