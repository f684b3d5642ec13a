/*---
id: supply_unit_jump
gate: core
table: core.supply
severity: critical
key: [source_id, commodity_id, stage_id, country_code, period_year]
inputs: [core.supply]
expect:
  en: of two quantities of 30 or more in consecutive years of one source none is 200 times the other
  ja: 同じ情報源の続く2年のいずれも30以上の数量が、互いに200倍以上異ならない
why:
  en: Production does not change so in a year; a unit that changed to thousands, or a footnote mark read as
    digits, does.
  ja: 生産量が1年でこれほど変わることはない。千単位への変更や、数字として読まれた注記記号であればこうなる。
---*/
WITH paired AS (
  SELECT source_id, commodity_id, stage_id, country_code, period_year, quantity,
    lag(quantity) OVER (PARTITION BY source_id, commodity_id, stage_id, country_code
      ORDER BY period_year) AS quantity_before
  FROM core.supply
  WHERE quantity IS NOT NULL
)
SELECT source_id, commodity_id, stage_id, country_code, period_year, quantity, quantity_before
FROM paired
WHERE greatest(quantity, quantity_before) >= 6000 AND least(quantity, quantity_before) >= 30
  AND greatest(quantity, quantity_before) >= 200 * least(quantity, quantity_before)
