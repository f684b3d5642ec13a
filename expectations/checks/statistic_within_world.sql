/*---
id: statistic_within_world
gate: core
table: core.statistic
severity: critical
key: [series_id, period_year]
inputs: [core.statistic, core.statistic_series]
expect:
  en: >-
    the mapped countries of a series and year sum to at most 1.01 x WORLD, and half a printed unit for each
    figure added; in whole counting each is at most that
  ja: "系列と年ごとの国の合計は、世界計の1.01倍に、足した値ごとの印刷桁の半単位を加えた値以下。\
    整数カウントでは各国がそれ以下"
why:
  en: >-
    More than the world means a region was taken for a country or a country was read twice. Figures printed as
    whole numbers may round up all at once: 36 countries of t05842 (2000) sum to 125 beside a printed world of
    123. Bound widened 2026-11-23. Whole counting counts an item once for each of its countries: there each
    country alone is held against the world, since 2026-11-23.
  ja: "世界計を超えれば、地域を国と読んだか国を二度読んだ。\
    整数で印刷された値は切り上げが重なることがある（t05842の2000年は36か国の計125、世界計123）。\
    2026-11-23に許容幅を追加。整数カウントは国ごとに1件と数えるため、同日から国ごとに世界計と比べる。"
---*/
SELECT statistic.series_id, statistic.period_year,
  sum(CASE WHEN statistic.area_code <> 'WORLD' THEN statistic.value END) AS country_sum,
  max(CASE WHEN statistic.area_code = 'WORLD' THEN statistic.value END) AS world_value
FROM core.statistic AS statistic
JOIN core.statistic_series AS series ON series.series_id = statistic.series_id
WHERE series.measure = 'count'
GROUP BY statistic.series_id, statistic.period_year, series.printed_decimals, series.counting
HAVING CASE series.counting WHEN 'full' THEN max(CASE
  WHEN statistic.area_code <> 'WORLD' THEN statistic.value END)
    ELSE sum(CASE WHEN statistic.area_code <> 'WORLD' THEN statistic.value END) END
  > 1.01 * max(CASE WHEN statistic.area_code = 'WORLD' THEN statistic.value END)
    + 0.5 * power(CAST(10 AS DOUBLE), -series.printed_decimals) * count(statistic.value)
