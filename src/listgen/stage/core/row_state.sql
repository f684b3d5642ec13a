/*---
table: row_state
grain: {en: one row of a table or of trade and what became of it, ja: 表・貿易の1行とその扱い}
inputs: [staged_file, rejected_record, read_statistic_table, read_supply_table, read_baci, read_comtrade_page,
  statistic_cell, core.statistic, core.statistic_series, supply_cell, core.supply, trade_cell, core.trade_flow,
  core.technology_hs, config_m49, config_area]
---*/
-- A temporary table on the way to prov.row_account and prov.row_exclusion. Each state is found by what makes it
-- so, none by what the others leave: a row without a state was lost on its way.
CREATE TEMP TABLE row_state AS
WITH wanted AS (
  SELECT DISTINCT hs_code FROM core.technology_hs
),
flow AS (
  SELECT DISTINCT source_id, period_year, exporter_country_code, importer_country_code, hs_code
  FROM core.trade_flow WHERE told_by = 'both'
),
trade_row AS (
  SELECT record.raw_digest, record.source_id, record.raw_line, record.period_year, record.hs_code,
    exporter.country_code AS exporter_code, importer.country_code AS importer_code,
    count(*) OVER same > 1 AND record.raw_line > min(record.raw_line) OVER same AS is_again
  FROM read_baci AS record
  LEFT JOIN config_m49 AS exporter ON exporter.m49_code = record.exporter_m49
  LEFT JOIN config_m49 AS importer ON importer.m49_code = record.importer_m49
  WHERE record.hs_code <> 'TOTAL'
  WINDOW same AS (PARTITION BY record.raw_digest, record.source_id, record.period_year, record.exporter_m49,
    record.importer_m49, record.hs_code)
),
traded AS (
  -- Sums of several flows of BACI name their first row only, so a row is looked up by its flow: of its
  -- subheading, or of the heading it is a part of.
  SELECT record.*,
    EXISTS (FROM wanted WHERE wanted.hs_code = record.hs_code)
      OR EXISTS (FROM wanted WHERE wanted.hs_code = left(record.hs_code, 4)) AS is_wanted,
    EXISTS (FROM flow WHERE flow.source_id = record.source_id AND flow.period_year = record.period_year
      AND flow.exporter_country_code = record.exporter_code
      AND flow.importer_country_code = record.importer_code AND flow.hs_code = record.hs_code)
      OR EXISTS (FROM flow WHERE flow.source_id = record.source_id AND flow.period_year = record.period_year
      AND flow.exporter_country_code = record.exporter_code
      AND flow.importer_country_code = record.importer_code AND flow.hs_code = left(record.hs_code, 4))
      AS is_in_use,
    EXISTS (FROM trade_cell AS cell WHERE cell.is_conflicting AND cell.source_id = record.source_id
      AND cell.period_year = record.period_year AND cell.hs_code IN (record.hs_code, left(record.hs_code, 4))
      AND cell.exporter_country_code = record.exporter_code
      AND cell.importer_country_code = record.importer_code) AS is_contradicted
  FROM trade_row AS record
),
said AS (
  SELECT series.source_id, value.raw_digest, value.raw_line, 'used' AS state, NULL AS rule
  FROM core.statistic AS value JOIN core.statistic_series AS series ON series.series_id = value.series_id
  UNION ALL
  SELECT source_id, raw_digest, raw_line, 'set aside', NULL FROM statistic_cell WHERE is_conflicting
  UNION ALL
  SELECT cell.source_id, cell.raw_digest, cell.raw_line, 'merged', NULL
  FROM statistic_cell AS cell JOIN core.statistic AS value ON value.series_id = cell.series_id
    AND value.area_code = cell.area_code AND value.period_year = cell.period_year
  UNION ALL
  SELECT source_id, raw_digest, raw_line, 'excluded', 'an area that is not a country'
  FROM read_statistic_table AS record
  WHERE NOT EXISTS (FROM config_area AS area WHERE area.source_id = record.source_id
    AND area.area_text = record.area_text)
  UNION ALL
  SELECT source_id, raw_digest, raw_line, 'used', NULL FROM core.supply
  UNION ALL
  SELECT source_id, raw_digest, raw_line, 'set aside', NULL FROM supply_cell WHERE is_conflicting
  UNION ALL
  SELECT cell.source_id, cell.raw_digest, cell.raw_line, 'merged', NULL
  FROM supply_cell AS cell JOIN core.supply AS value ON value.source_id = cell.source_id
    AND value.commodity_id = cell.commodity_id AND value.stage_id = cell.stage_id
    AND value.country_code = cell.country_code AND value.period_year = cell.period_year
  UNION ALL
  SELECT source_id, raw_digest, raw_line, 'excluded', 'an area that is not a country'
  FROM read_supply_table AS record
  WHERE NOT EXISTS (FROM config_area AS area WHERE area.source_id = record.source_id
    AND area.area_text = record.area_text)
  UNION ALL
  SELECT flow.source_id, flow.raw_digest, flow.raw_line, 'used', NULL FROM core.trade_flow AS flow
  WHERE flow.told_by <> 'both'
  UNION ALL
  SELECT source_id, raw_digest, raw_line, 'set aside', NULL FROM trade_cell
  WHERE is_conflicting AND told_by <> 'both'
  UNION ALL
  SELECT cell.source_id, cell.raw_digest, cell.raw_line, 'merged', NULL
  FROM trade_cell AS cell JOIN core.trade_flow AS flow ON flow.source_id = cell.source_id
    AND flow.hs_code = cell.hs_code AND flow.period_year = cell.period_year
    AND flow.exporter_country_code = cell.exporter_country_code
    AND flow.importer_country_code = cell.importer_country_code AND flow.told_by = cell.told_by
  WHERE cell.told_by <> 'both'
  UNION ALL
  SELECT source_id, raw_digest, raw_line, 'excluded', CASE
      WHEN hs_code <> 'TOTAL' AND hs_code NOT IN (FROM wanted) THEN 'goods that no technology names'
      ELSE 'an area that is not a country' END
  FROM read_comtrade_page
  WHERE hs_code <> 'TOTAL' AND hs_code NOT IN (FROM wanted)
    OR reporter_m49 NOT IN (SELECT m49_code FROM config_m49)
    OR partner_m49 NOT IN (SELECT m49_code FROM config_m49 UNION ALL SELECT 0)
  UNION ALL
  SELECT source_id, raw_digest, raw_line, CASE
      WHEN exporter_code IS NULL OR importer_code IS NULL OR NOT is_wanted THEN 'excluded'
      WHEN is_contradicted THEN 'set aside' WHEN is_in_use AND is_again THEN 'merged'
      WHEN is_in_use THEN 'used' END,
    CASE WHEN exporter_code IS NULL OR importer_code IS NULL THEN 'an area that is not a country'
      WHEN NOT is_wanted THEN 'goods that no technology names' END
  FROM traded
  UNION ALL
  SELECT source_id, CAST(raw_digest AS VARCHAR), raw_line, 'set aside', NULL FROM rejected_record
  WHERE NOT is_summary
)
-- A row with several figures counts once: as used if any of them is.
SELECT file.form_id, said.source_id, said.raw_digest, said.raw_line, CASE
    WHEN bool_or(said.state = 'used') THEN 'used'
    WHEN bool_or(said.state = 'set aside') THEN 'set aside'
    WHEN bool_or(said.state = 'merged') THEN 'merged'
    WHEN bool_or(said.state = 'excluded') THEN 'excluded' END AS state,
  min(said.rule) AS rule
FROM said
JOIN (SELECT DISTINCT form_id, source_id, raw_digest FROM staged_file
  WHERE form_id IN ('statistic_table', 'supply_table', 'baci', 'comtrade_page')) AS file
  ON file.source_id = said.source_id AND file.raw_digest = said.raw_digest
GROUP BY file.form_id, said.source_id, said.raw_digest, said.raw_line;
