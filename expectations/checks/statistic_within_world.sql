/*---
id: statistic_within_world
gate: core
table: core.statistic
severity: critical
key: [series_id, period_year]
inputs: [core.statistic, core.statistic_series]
expect:
  en: the mapped countries of a series and year sum to at most 1.01 x WORLD
  ja: 系列と年ごとの国の合計は世界計の1.01倍以下
why:
  en: More than the world means a region was taken for a country or a country was read twice; 1 % is left for rounding in print.
  ja: 世界計を超えれば、地域を国と読んだか国を二度読んだ。1%は印刷時の丸め。
---*/
SELECT statistic.series_id, statistic.period_year,
  sum(CASE WHEN statistic.area_code <> 'WORLD' THEN statistic.value END) AS country_sum,
  max(CASE WHEN statistic.area_code = 'WORLD' THEN statistic.value END) AS world_value
FROM core.statistic AS statistic
JOIN core.statistic_series AS series ON series.series_id = statistic.series_id
WHERE series.measure = 'count'
GROUP BY statistic.series_id, statistic.period_year
HAVING sum(CASE WHEN statistic.area_code <> 'WORLD' THEN statistic.value END)
  > 1.01 * max(CASE WHEN statistic.area_code = 'WORLD' THEN statistic.value END)
