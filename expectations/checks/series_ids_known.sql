/*---
id: series_ids_known
gate: core
table: core.statistic_series
severity: critical
key: [table_name, series_id]
inputs: [core.statistic_series, core.statistic, core.technology_series]
expect:
  en: every series a table speaks of is declared, its universe too
  ja: 各表の系列とその母集団は全て宣言されている
why:
  en: A series without a declaration has no measure and no counting method.
  ja: 宣言のない系列には測度も数え方もない。
---*/
WITH used AS (
  SELECT 'core.statistic' AS table_name, series_id FROM core.statistic
  UNION SELECT 'core.technology_series', series_id FROM core.technology_series
  UNION SELECT 'core.statistic_series', universe_series_id FROM core.statistic_series
    WHERE universe_series_id IS NOT NULL
)
SELECT used.table_name, used.series_id
FROM used
WHERE NOT EXISTS (SELECT 1 FROM core.statistic_series AS series WHERE series.series_id = used.series_id)
