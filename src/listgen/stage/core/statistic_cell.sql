/*---
table: statistic_cell
grain: {en: one printed cell of a published table, ja: 公表表の1セル}
inputs: [read_statistic_table, counted_cell, config_series, config_area]
---*/
-- A temporary table on the way to core.statistic and prov.quarantine: cells of declared series whose area is
-- a country or the world. `is_conflicting`: the same country, series and year is printed with different
-- values, under two names or paths.
CREATE TEMP TABLE statistic_cell AS
WITH cell AS (
  SELECT series.series_id, area.area_code, record.period_year, record.value, record.value_text, record.flag,
    record.column_text, record.source_id, record.raw_digest, record.raw_line
  FROM read_statistic_table AS record
  JOIN config_series AS series ON series.source_id = record.source_id AND series.series_key IS NOT DISTINCT
    FROM record.series_key
  JOIN config_area AS area ON area.source_id = record.source_id AND area.area_text = record.area_text
  UNION ALL BY NAME
  SELECT * FROM counted_cell
)
SELECT *, min(value) OVER same <> max(value) OVER same AS is_conflicting
FROM cell
WINDOW same AS (PARTITION BY series_id, area_code, period_year);
