/*---
id: statistic_within_world
gate: core
table: core.statistic
severity: critical
key: [series_id, period_year]
inputs: [core.statistic, core.statistic_series]
expect:
  en: the mapped countries of a series and year sum to at most 1.01 x WORLD, and half a printed unit for each figure added
  ja: 系列と年ごとの国の合計は、世界計の1.01倍に、足した値ごとの印刷桁の半単位を加えた値以下
why:
  en: >-
    More than the world means a region was taken for a country or a country was read twice. Figures printed as whole numbers may
    round up all at once: 36 countries of t05842 (2000) sum to 125 beside a printed world of 123. Bound widened 2026-11-23. Full counts add up to more than the world by their nature and are left out.
  ja: 世界計を超えれば、地域を国と読んだか国を二度読んだ。整数で印刷された値は切り上げが重なることがある（t05842の2000年は36か国の計125、世界計123）。2026-11-23に許容幅を追加。整数カウントの合計は性質上世界計を超えるため対象外。
---*/
SELECT statistic.series_id, statistic.period_year,
  sum(CASE WHEN statistic.area_code <> 'WORLD' THEN statistic.value END) AS country_sum,
  max(CASE WHEN statistic.area_code = 'WORLD' THEN statistic.value END) AS world_value
FROM core.statistic AS statistic
JOIN core.statistic_series AS series ON series.series_id = statistic.series_id
WHERE series.measure = 'count' AND series.counting <> 'full'
GROUP BY statistic.series_id, statistic.period_year, series.printed_decimals
HAVING sum(CASE WHEN statistic.area_code <> 'WORLD' THEN statistic.value END)
  > 1.01 * max(CASE WHEN statistic.area_code = 'WORLD' THEN statistic.value END)
    + 0.5 * power(CAST(10 AS DOUBLE), -series.printed_decimals) * count(statistic.value)
