/*---
id: statistic_complete_year
gate: core
table: core.statistic_series
severity: warning
key: [source_id, series_id]
inputs: [core.statistic_series]
expect:
  en: every series of single years has a complete year
  ja: 単年の系列には、終わった年の値が1年以上ある
why:
  en: A year that is not over is not compared with whole years, so the series measures nothing; legitimate for
    a new table.
  ja: 終わっていない年は比較に用いないため、この系列からは計測できない。新しい表では正当。
---*/
SELECT source_id, series_id, first_year, last_year
FROM core.statistic_series
WHERE first_year IS NOT NULL AND years_covered = 1 AND period_last_year IS NULL
