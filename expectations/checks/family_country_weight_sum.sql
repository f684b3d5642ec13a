/*---
id: family_country_weight_sum
gate: core
table: core.patent_family_country
severity: critical
key: [family_id, role]
inputs: [core.patent_family_country]
expect:
  en: the weights of a family in a role sum to 1
  ja: ファミリーの重みの合計は役割ごとに1
why:
  en: Fractional counting distributes exactly one invention.
  ja: 分数計数は発明をちょうど1だけ配分する。
---*/
SELECT family_id, role, sum(weight) AS weight_sum
FROM core.patent_family_country
GROUP BY family_id, role
HAVING abs(CAST(sum(weight) AS DOUBLE) - 1) > 1e-9
