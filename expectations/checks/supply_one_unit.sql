/*---
id: supply_one_unit
gate: core
table: core.supply
severity: critical
key: [commodity_id, stage_id, period_year]
inputs: [core.supply]
expect:
  en: a commodity stage and year has one unit
  ja: 品目・段階・年ごとの単位は一つ
why:
  en: Tonnes added to kilograms give no share.
  ja: トンとキログラムを足しても割合にならない。
---*/
SELECT commodity_id, stage_id, period_year, count(DISTINCT unit) AS n_units
FROM core.supply
GROUP BY commodity_id, stage_id, period_year
HAVING count(DISTINCT unit) > 1
