/*---
table: supply_cell
grain: {en: one printed quantity of a supply table, ja: 供給表の1セル}
inputs: [read_supply_table, config_area]
---*/
-- A temporary table on the way to core.supply and prov.quarantine; `is_conflicting` as in statistic_cell.
CREATE TEMP TABLE supply_cell AS
WITH cell AS (
  SELECT record.commodity_id, record.stage_id, area.area_code AS country_code, record.period_year, record.value AS quantity, record.value_text AS quantity_text, record.unit, record.column_text,
    record.source_id, record.raw_digest, record.raw_line
  FROM read_supply_table AS record
  JOIN config_area AS area ON area.source_id = record.source_id AND area.area_text = record.area_text
)
SELECT *, min(quantity) OVER same <> max(quantity) OVER same OR min(unit) OVER same <> max(unit) OVER same AS is_conflicting
FROM cell
WINDOW same AS (PARTITION BY source_id, commodity_id, stage_id, country_code, period_year);
