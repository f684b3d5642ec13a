/*---
table: trade_cell
grain: {en: one flow as one side tells it, ja: 一方の国が報告した貿易額1つ}
inputs: [read_comtrade_page, read_baci, config_m49, config_hs_revision, core.technology_hs]
---*/
-- A temporary table on the way to core.trade_flow and prov.quarantine; `is_conflicting` as in statistic_cell.
-- Areas that are no country stay in the row of the world. BACI is one reconciled figure a flow: headings of 4
-- digits and the rows of the world are summed here, and stand at the first row of their parts.
CREATE TEMP TABLE trade_cell AS
WITH place AS (
  SELECT m49_code, country_code FROM config_m49 UNION ALL SELECT 0, 'WORLD'
),
basket AS (
  SELECT DISTINCT hs_code FROM core.technology_hs UNION ALL SELECT 'TOTAL'
),
told AS (
  SELECT page.*, CASE WHEN page.flow_code = 'M' THEN 'importer' ELSE 'exporter' END AS told_by,
    reporter.country_code AS reporter_code, partner.country_code AS partner_code
  FROM read_comtrade_page AS page
  JOIN place AS reporter ON reporter.m49_code = page.reporter_m49
  JOIN place AS partner ON partner.m49_code = page.partner_m49
  JOIN basket ON basket.hs_code = page.hs_code
),
line AS (
  -- A row printed twice counts once. Two amounts of one flow contradict each other, and so does every sum
  -- that one of them is part of.
  SELECT source_id, raw_digest, period_year, exporter_m49, importer_m49, hs_code, min(raw_line) AS raw_line,
    min(trade_value_usd) AS usd, min(net_weight_kg) AS kg,
    min(trade_value_usd) <> max(trade_value_usd) AS is_contradictory
  FROM read_baci
  GROUP BY ALL
),
pair AS (
  SELECT flow.source_id, flow.raw_digest, revision.hs_revision, basket.hs_code, flow.period_year,
    exporter.country_code AS exporter_code,
    importer.country_code AS importer_code, min(flow.raw_line) AS raw_line,
    sum(CAST(flow.usd AS DECIMAL(38, 3))) AS usd,
    sum(CAST(flow.kg AS DECIMAL(38, 3))) AS kg, bool_or(flow.is_contradictory) AS is_contradictory
  FROM line AS flow
  JOIN config_hs_revision AS revision ON revision.source_id = flow.source_id
  JOIN place AS exporter ON exporter.m49_code = flow.exporter_m49
  JOIN place AS importer ON importer.m49_code = flow.importer_m49
  JOIN basket ON basket.hs_code = flow.hs_code
    OR (length(basket.hs_code) = 4 AND basket.hs_code = left(flow.hs_code, 4) AND length(flow.hs_code) = 6)
  GROUP BY ALL
),
reconciled AS (
  FROM pair
  UNION ALL BY NAME
  SELECT * EXCLUDE (importer_code, raw_line, usd, kg, is_contradictory), 'WORLD' AS importer_code,
    min(raw_line) AS raw_line, sum(usd) AS usd,
    bool_or(is_contradictory) AS is_contradictory
  FROM pair WHERE hs_code <> 'TOTAL' GROUP BY ALL
  UNION ALL BY NAME
  SELECT * EXCLUDE (exporter_code, raw_line, usd, kg, is_contradictory), 'WORLD' AS exporter_code,
    min(raw_line) AS raw_line, sum(usd) AS usd,
    bool_or(is_contradictory) AS is_contradictory
  FROM pair WHERE hs_code <> 'TOTAL' GROUP BY ALL
),
cell AS (
  SELECT source_id, hs_code, hs_revision, period_year, CASE WHEN told_by = 'importer' THEN partner_code
    ELSE reporter_code END AS exporter_country_code,
    CASE WHEN told_by = 'importer' THEN reporter_code ELSE partner_code END AS importer_country_code, told_by,
      trade_value_usd, net_weight_kg,
    raw_digest, raw_line
  FROM told WHERE reporter_code <> 'WORLD'
  UNION ALL BY NAME
  SELECT source_id, hs_code, hs_revision, period_year, exporter_code AS exporter_country_code,
    importer_code AS importer_country_code,
    'both' AS told_by, CAST(usd AS DOUBLE) AS trade_value_usd, CAST(kg AS DOUBLE) AS net_weight_kg,
    raw_digest, raw_line,
    is_contradictory
  FROM reconciled
)
SELECT * EXCLUDE (is_contradictory), coalesce(is_contradictory, false)
  OR min(trade_value_usd) OVER same <> max(trade_value_usd) OVER same
  OR min(hs_revision) OVER same <> max(hs_revision) OVER same
    AS is_conflicting
FROM cell
WINDOW same AS (PARTITION BY source_id, hs_code, period_year, exporter_country_code, importer_country_code,
told_by);
