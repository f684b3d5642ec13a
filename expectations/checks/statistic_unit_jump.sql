/*---
id: statistic_unit_jump
gate: core
table: core.statistic
severity: critical
key: [series_id, area_code, period_year]
inputs: [core.statistic]
expect:
  en: of two figures of 30 or more in consecutive years none is 200 times the other
  ja: 続く2年のいずれも30以上の値が、互いに200倍以上異ならない
why:
  en: Counts of a country do not grow so in a year; a unit that changed to thousands, or a footnote mark read
    as digits, does.
  ja: "一国の件数が1年でこれほど変わることはない。千単位への変更や、\
    数字として読まれた注記記号であればこうなる。"
---*/
WITH paired AS (
  SELECT series_id, area_code, period_year, value,
    lag(value) OVER (PARTITION BY series_id, area_code ORDER BY period_year) AS value_before
  FROM core.statistic
  WHERE value IS NOT NULL
)
SELECT series_id, area_code, period_year, value, value_before
FROM paired
WHERE greatest(value, value_before) >= 6000 AND least(value, value_before) >= 30
  AND greatest(value, value_before) >= 200 * least(value, value_before)
