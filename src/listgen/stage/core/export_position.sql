/*---
table: core.export_position
grain:
  en: one country's exports of one HS code to the world as one side tells it
  ja: 国・HSコードごとの世界への輸出額1つ（報告した側ごと）
inputs: [core.technology_hs, core.trade_flow, core.trade_year, config_trade, trade_cell]
---*/
CREATE TABLE core.export_position (
  hs_code VARCHAR NOT NULL,
  country_code VARCHAR NOT NULL,
  is_mirror BOOLEAN NOT NULL,
  source_id VARCHAR NOT NULL,
  period_year SMALLINT NOT NULL,
  trade_value_usd DOUBLE NOT NULL CHECK (trade_value_usd >= 0),
  world_total_usd DOUBLE NOT NULL CHECK (world_total_usd > 0),
  n_figures BIGINT NOT NULL CHECK (n_figures >= 1),
  raw_digest VARCHAR NOT NULL,
  raw_line BIGINT NOT NULL CHECK (raw_line >= 1),
  PRIMARY KEY (hs_code, country_code, is_mirror)
);
COMMENT ON TABLE core.export_position IS
  'Each row is what one country exports of one HS code, or in all, to the world in the year used '
  '/ 各行は計測年の世界への輸出額1つ（国・HSコードごと、全品目を含む）';
COMMENT ON COLUMN core.export_position.hs_code IS
  'HS code, or TOTAL for all goods / HSコード、または全品目のTOTAL';
COMMENT ON COLUMN core.export_position.country_code IS 'Country that exports / 輸出国';
COMMENT ON COLUMN core.export_position.is_mirror IS
  'Told by the importers, not by the exporter / 輸出国ではなく輸入国側の報告';
COMMENT ON COLUMN core.export_position.source_id IS 'Source / 情報源';
COMMENT ON COLUMN core.export_position.period_year IS 'Year / 年';
COMMENT ON COLUMN core.export_position.trade_value_usd IS
  'US dollars; 0 where the country reported the year and none of the code '
  '/ 米ドル（その年を報告し、当該品目の記載がない国は0）';
COMMENT ON COLUMN core.export_position.world_total_usd IS
  'The same of all countries that reported / 報告した全ての国の合計';
COMMENT ON COLUMN core.export_position.n_figures IS 'Figures behind the total / 合計のもとになる値の数';
COMMENT ON COLUMN core.export_position.raw_digest IS 'Raw file / 出典の生ファイル';
COMMENT ON COLUMN core.export_position.raw_line IS
  'Number of the record in the file; of a zero the record that says the country reported '
  '/ ファイル内のレコード番号（0の場合は報告を示す行）';

-- A country that reported the year, in a revision that knows the code, and has no row of it exports none: a
-- zero that was measured. What importers say of a country stands only where importers of most of world trade
-- were asked about it. An amount that contradicts another one is neither zero nor known: of its code no share
-- of the world can be told on that side.
INSERT INTO core.export_position
WITH code AS (
  SELECT DISTINCT hs_code, first_revision FROM core.technology_hs UNION ALL SELECT 'TOTAL', 'H0'
),
used AS (
  SELECT source_id, period_year FROM core.trade_year WHERE is_used
),
flow AS (
  SELECT trade.*
  FROM core.trade_flow AS trade
  JOIN used ON used.source_id = trade.source_id AND used.period_year = trade.period_year
  JOIN code ON code.hs_code = trade.hs_code AND trade.hs_revision >= code.first_revision
  WHERE trade.trade_value_usd IS NOT NULL
),
buyer AS (
  SELECT importer_country_code, CAST(trade_value_usd AS DECIMAL(38, 3)) AS usd
  FROM flow WHERE hs_code = 'TOTAL' AND told_by = 'importer' AND exporter_country_code = 'WORLD'
),
told AS (
  SELECT flow.exporter_country_code, sum(buyer.usd) AS usd
  FROM flow JOIN buyer ON buyer.importer_country_code = flow.importer_country_code
  WHERE flow.hs_code = 'TOTAL' AND flow.told_by = 'importer'
    AND flow.exporter_country_code NOT IN ('WORLD', flow.importer_country_code)
  GROUP BY flow.exporter_country_code
),
asked_about AS (
  SELECT told.exporter_country_code AS country_code
  FROM told CROSS JOIN config_trade AS gate CROSS JOIN (SELECT sum(usd) AS usd FROM buyer) AS whole
  LEFT JOIN buyer AS own ON own.importer_country_code = told.exporter_country_code
  WHERE CAST(told.usd AS DOUBLE) >= gate.min_reported_share * CAST(whole.usd - coalesce(own.usd, 0) AS DOUBLE)
),
side AS (
  SELECT hs_code, exporter_country_code AS country_code, false AS is_mirror, hs_revision,
    CAST(trade_value_usd AS DECIMAL(38, 3)) AS usd,
    raw_digest, raw_line
  FROM flow WHERE told_by <> 'importer' AND importer_country_code = 'WORLD'
    AND exporter_country_code <> 'WORLD'
  UNION ALL
  SELECT flow.hs_code, flow.exporter_country_code, true, 'H9',
    sum(CAST(flow.trade_value_usd AS DECIMAL(38, 3))),
    arg_min(flow.raw_digest, concat(flow.raw_digest, lpad(CAST(flow.raw_line AS VARCHAR), 12, '0'))),
    arg_min(flow.raw_line, concat(flow.raw_digest, lpad(CAST(flow.raw_line AS VARCHAR), 12, '0')))
  FROM flow JOIN asked_about ON asked_about.country_code = flow.exporter_country_code
  WHERE flow.told_by = 'importer' AND flow.importer_country_code <> flow.exporter_country_code
  GROUP BY flow.hs_code, flow.exporter_country_code
),
world AS (
  SELECT hs_code, false AS is_mirror, CAST(sum(usd) AS DOUBLE) AS usd, count(*) AS n_figures FROM side
    WHERE NOT is_mirror GROUP BY hs_code
  UNION ALL
  SELECT hs_code, true, CAST(sum(CAST(trade_value_usd AS DECIMAL(38, 3))) AS DOUBLE), count(*)
  FROM flow WHERE told_by = 'importer' AND exporter_country_code = 'WORLD' GROUP BY hs_code
)
SELECT code.hs_code, reporter.country_code, reporter.is_mirror, used.source_id, used.period_year,
  CAST(coalesce(side.usd, 0) AS DOUBLE) AS trade_value_usd, world.usd AS world_total_usd, world.n_figures,
  coalesce(side.raw_digest, reporter.raw_digest) AS raw_digest,
  coalesce(side.raw_line, reporter.raw_line) AS raw_line
FROM side AS reporter
CROSS JOIN used
JOIN code ON reporter.hs_revision >= code.first_revision
JOIN world ON world.hs_code = code.hs_code AND world.is_mirror = reporter.is_mirror AND world.usd > 0
LEFT JOIN side ON side.hs_code = code.hs_code AND side.country_code = reporter.country_code
  AND side.is_mirror = reporter.is_mirror
WHERE reporter.hs_code = 'TOTAL' AND NOT EXISTS (
  FROM trade_cell AS other
  WHERE other.is_conflicting AND other.source_id = used.source_id AND other.hs_code = code.hs_code
    AND other.period_year = used.period_year
    AND (other.told_by = 'importer') = reporter.is_mirror
      AND 'WORLD' IN (other.importer_country_code, other.exporter_country_code))
  AND NOT EXISTS (
  FROM core.trade_flow AS older
  WHERE older.source_id = used.source_id AND older.period_year = used.period_year
    AND older.hs_code = code.hs_code
    AND older.exporter_country_code = reporter.country_code AND older.told_by <> 'importer'
      AND older.hs_revision < code.first_revision
    AND NOT reporter.is_mirror)
ORDER BY code.hs_code, reporter.country_code, reporter.is_mirror;
