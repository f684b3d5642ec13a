/*---
id: table_has_values
gate: core
table: core.statistic
severity: warning
key: [source_id]
inputs: [core.statistic, core.statistic_series, core.supply]
expect:
  en: a table has at least one figure
  ja: 表に数値が1つ以上ある
why:
  en: A table in which every value is withheld measures nothing; another edition or another null value may be
    meant.
  ja: 値がすべて秘匿された表からは計測できない。別の版、または欠損値の指定の誤りかもしれない。
---*/
WITH figure AS (
  SELECT series.source_id, value.value
  FROM core.statistic AS value JOIN core.statistic_series AS series ON series.series_id = value.series_id
  UNION ALL
  SELECT source_id, quantity FROM core.supply
)
SELECT source_id, count(*) AS n_cells
FROM figure
GROUP BY source_id
HAVING count(value) = 0
