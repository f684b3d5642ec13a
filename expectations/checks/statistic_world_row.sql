/*---
id: statistic_world_row
gate: core
table: core.statistic
severity: critical
key: [series_id, period_year]
inputs: [core.statistic, core.statistic_series]
expect:
  en: a year of a counted series that has countries has a WORLD row with a value
  ja: 国の値がある年には世界計の値がある
why:
  en: The World row as printed is the denominator; a sum over mapped countries would leave the others out.
  ja: 分母は印刷された世界計。対応付けた国の合計では他が漏れる。
---*/
SELECT statistic.series_id, statistic.period_year, count(*) AS n_countries
FROM core.statistic AS statistic
JOIN core.statistic_series AS series ON series.series_id = statistic.series_id
WHERE series.measure = 'count' AND statistic.area_code <> 'WORLD' AND statistic.value > 0
  AND NOT EXISTS (
    SELECT 1 FROM core.statistic AS world
    WHERE world.series_id = statistic.series_id AND world.period_year = statistic.period_year
      AND world.area_code = 'WORLD' AND world.value > 0
  )
GROUP BY statistic.series_id, statistic.period_year
