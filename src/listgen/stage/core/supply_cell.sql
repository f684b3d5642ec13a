/*---
table: supply_cell
grain: {en: one printed quantity of a supply table, ja: 供給表の1セル}
inputs: [read_supply_table, config_area, config_table]
---*/
-- A temporary table on the way to core.supply and prov.quarantine; `is_conflicting` as in statistic_cell. Two
-- sources may print different
-- figures: each stands for itself. A table of shares has no World row; its declared whole stands for it, at
-- the first row of its shares.
CREATE TEMP TABLE supply_cell AS
WITH printed AS (
  SELECT record.commodity_id, record.stage_id, area.area_code AS country_code, record.period_year,
    declared.years_covered,
    record.value AS quantity, record.value_text AS quantity_text, record.flag, record.unit,
    record.column_text, record.source_id, record.raw_digest,
    record.raw_line
  FROM read_supply_table AS record
  JOIN config_table AS declared ON declared.source_id = record.source_id
  JOIN config_area AS area ON area.source_id = record.source_id AND area.area_text = record.area_text
),
cell AS (
  FROM printed
  UNION ALL BY NAME
  SELECT printed.commodity_id, printed.stage_id, 'WORLD' AS country_code, printed.period_year,
    min(declared.years_covered) AS years_covered, min(declared.whole) AS quantity,
    min(printed.unit) AS unit, min(printed.column_text) AS column_text, printed.source_id, printed.raw_digest,
    min(printed.raw_line) AS raw_line
  FROM printed JOIN config_table AS declared ON declared.source_id = printed.source_id
    AND declared.whole IS NOT NULL
  GROUP BY printed.commodity_id, printed.stage_id, printed.period_year, printed.source_id, printed.raw_digest
)
SELECT *, min(quantity) OVER same <> max(quantity) OVER same
  OR min(unit) OVER same <> max(unit) OVER same AS is_conflicting
FROM cell
WINDOW same AS (PARTITION BY source_id, commodity_id, stage_id, country_code, period_year);
