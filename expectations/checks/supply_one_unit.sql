/*---
id: supply_one_unit
gate: core
table: core.supply
severity: critical
key: [source_id, commodity_id, stage_id, period_year]
inputs: [core.supply]
expect:
  en: a commodity, stage and year has one unit in a source
  ja: 情報源・品目・段階・年ごとの単位は一つ
why:
  en: Tonnes added to kilograms give no share.
  ja: トンとキログラムを足しても割合にならない。
---*/
SELECT source_id, commodity_id, stage_id, period_year, count(DISTINCT unit) AS n_units
FROM core.supply
GROUP BY source_id, commodity_id, stage_id, period_year
HAVING count(DISTINCT unit) > 1
