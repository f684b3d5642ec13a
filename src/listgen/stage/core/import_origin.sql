/*---
table: core.import_origin
grain:
  en: one origin of one country's imports of one HS code as one side tells it
  ja: 輸入国・HSコードごとの輸入元1つ（報告した側ごと）
inputs: [core.technology_hs, core.trade_flow, core.trade_year, trade_cell]
---*/
CREATE TABLE core.import_origin (
  hs_code VARCHAR NOT NULL,
  importer_country_code VARCHAR NOT NULL,
  exporter_country_code VARCHAR NOT NULL,
  is_mirror BOOLEAN NOT NULL,
  source_id VARCHAR NOT NULL,
  period_year SMALLINT NOT NULL,
  trade_value_usd DOUBLE NOT NULL CHECK (trade_value_usd > 0),
  import_total_usd DOUBLE NOT NULL CHECK (import_total_usd > 0),
  raw_digest VARCHAR NOT NULL,
  raw_line BIGINT NOT NULL CHECK (raw_line >= 1),
  CHECK (exporter_country_code <> importer_country_code)
);
COMMENT ON TABLE core.import_origin IS
  'Each row is one country from which another one buys goods of one HS code in the year used '
  '/ 各行は計測年の輸入元1か国（輸入国・HSコードごと）';
COMMENT ON COLUMN core.import_origin.hs_code IS 'HS code / HSコード';
COMMENT ON COLUMN core.import_origin.importer_country_code IS 'Country that buys / 輸入国';
COMMENT ON COLUMN core.import_origin.exporter_country_code IS 'Country it buys from / 輸入元の国';
COMMENT ON COLUMN core.import_origin.is_mirror IS
  'Told by the exporters, not by the importer / 輸入国ではなく輸出国側の報告';
COMMENT ON COLUMN core.import_origin.source_id IS 'Source / 情報源';
COMMENT ON COLUMN core.import_origin.period_year IS 'Year / 年';
COMMENT ON COLUMN core.import_origin.trade_value_usd IS 'US dollars / 米ドル';
COMMENT ON COLUMN core.import_origin.import_total_usd IS
  'All imports of the code from abroad on the same side: the row of the world without what came back, or '
  'the sum of origins '
  '/ 同じ側の報告による国外からの輸入総額';
COMMENT ON COLUMN core.import_origin.raw_digest IS 'Raw file / 出典の生ファイル';
COMMENT ON COLUMN core.import_origin.raw_line IS
  'Number of the record in the file / ファイル内のレコード番号';

-- Goods a country sent out and took back are no imports from abroad. A code read in a revision in which it
-- meant something else is left out. Where one origin contradicts itself its amount is unknown, and so is
-- every share: that country and code have no rows on that side.
INSERT INTO core.import_origin
WITH code AS (
  SELECT DISTINCT hs_code, first_revision FROM core.technology_hs
),
flow AS (
  SELECT trade.*, trade.told_by = 'exporter' AS is_mirror
  FROM core.trade_flow AS trade
  JOIN core.trade_year AS used ON used.source_id = trade.source_id AND used.period_year = trade.period_year
    AND used.is_used
  JOIN code ON code.hs_code = trade.hs_code AND trade.hs_revision >= code.first_revision
  WHERE trade.importer_country_code <> 'WORLD' AND trade.trade_value_usd > 0 AND NOT EXISTS (
    FROM trade_cell AS other
    WHERE other.is_conflicting AND other.source_id = trade.source_id AND other.hs_code = trade.hs_code
      AND other.period_year = trade.period_year
      AND other.importer_country_code = trade.importer_country_code AND other.told_by = trade.told_by)
),
total AS (
  SELECT hs_code, importer_country_code, is_mirror, greatest(
    coalesce(max(trade_value_usd) FILTER (exporter_country_code = 'WORLD'),
    0) - coalesce(max(trade_value_usd) FILTER (exporter_country_code = importer_country_code), 0),
    CAST(sum(CAST(trade_value_usd AS DECIMAL(38, 3))) FILTER (exporter_country_code NOT IN ('WORLD',
    importer_country_code)) AS DOUBLE)) AS usd
  FROM flow GROUP BY hs_code, importer_country_code, is_mirror
)
SELECT flow.hs_code, flow.importer_country_code, flow.exporter_country_code, flow.is_mirror, flow.source_id,
  flow.period_year,
  flow.trade_value_usd, total.usd AS import_total_usd, flow.raw_digest, flow.raw_line
FROM flow
JOIN total ON total.hs_code = flow.hs_code AND total.importer_country_code = flow.importer_country_code
  AND total.is_mirror = flow.is_mirror
WHERE flow.exporter_country_code NOT IN ('WORLD', flow.importer_country_code)
ORDER BY flow.hs_code, flow.importer_country_code, flow.exporter_country_code, flow.is_mirror;
