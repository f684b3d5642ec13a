/*---
table: core.trade_flow
grain:
  en: one flow of one HS code in one year as one side tells it
  ja: 一方の国が報告したHSコード・年ごとの貿易額1つ
inputs: [trade_cell]
---*/
CREATE TABLE core.trade_flow (
  source_id VARCHAR NOT NULL,
  hs_code VARCHAR NOT NULL CHECK (regexp_full_match(hs_code, '[0-9]{4}|[0-9]{6}|TOTAL')),
  hs_revision VARCHAR NOT NULL CHECK (regexp_full_match(hs_revision, 'H[0-9]')),
  period_year SMALLINT NOT NULL,
  exporter_country_code VARCHAR NOT NULL CHECK (regexp_full_match(exporter_country_code, '[A-Z]{2}|WORLD')),
  importer_country_code VARCHAR NOT NULL CHECK (regexp_full_match(importer_country_code, '[A-Z]{2}|WORLD')),
  told_by VARCHAR NOT NULL CHECK (told_by IN ('exporter', 'importer', 'both')),
  trade_value_usd DOUBLE CHECK (trade_value_usd >= 0),
  net_weight_kg DOUBLE CHECK (net_weight_kg >= 0),
  raw_digest VARCHAR NOT NULL,
  raw_line BIGINT NOT NULL CHECK (raw_line >= 1)
);
COMMENT ON TABLE core.trade_flow IS
  'Each row is what one country sent to another of one HS code in one year, as one of them tells it '
  '/ 各行は一方の国が報告した二国間の貿易額1つ（HSコード・年ごと）';
COMMENT ON COLUMN core.trade_flow.source_id IS 'Source / 情報源';
COMMENT ON COLUMN core.trade_flow.hs_code IS
  'Heading or subheading of the Harmonized System, or TOTAL for all goods / HSコード、または全品目のTOTAL';
COMMENT ON COLUMN core.trade_flow.hs_revision IS
  'Revision the reporter used, H0 1988 to H6 2022 / 報告に用いられたHSの改訂版（H0は1988年、H6は2022年）';
COMMENT ON COLUMN core.trade_flow.period_year IS 'Year / 年';
COMMENT ON COLUMN core.trade_flow.exporter_country_code IS
  'Country that sent, or WORLD for all / 輸出国、または全体を表すWORLD';
COMMENT ON COLUMN core.trade_flow.importer_country_code IS
  'Country that received, or WORLD for all / 輸入国、または全体を表すWORLD';
COMMENT ON COLUMN core.trade_flow.told_by IS
  'Who says so: exporter, importer, or both where the source reconciled them '
  '/ 報告した側（exporter、importer、調整済みはboth）';
COMMENT ON COLUMN core.trade_flow.trade_value_usd IS
  'US dollars; imports with freight and insurance; NULL where none is given '
  '/ 米ドル（輸入は運賃・保険料込み。値がなければNULL）';
COMMENT ON COLUMN core.trade_flow.net_weight_kg IS
  'Kilograms, NULL where none is given / キログラム（値がなければNULL）';
COMMENT ON COLUMN core.trade_flow.raw_digest IS 'Raw file / 出典の生ファイル';
COMMENT ON COLUMN core.trade_flow.raw_line IS
  'Number of the record in the file, from 1; the first of its parts for a sum '
  '/ ファイル内のレコード番号（合計は最初の構成行）';

INSERT INTO core.trade_flow
WITH ranked AS (
  SELECT *, row_number() OVER (PARTITION BY source_id, hs_code, period_year, exporter_country_code,
    importer_country_code, told_by
    ORDER BY trade_value_usd IS NULL, raw_digest, raw_line) AS position
  FROM trade_cell
  WHERE NOT coalesce(is_conflicting, false)
)
SELECT source_id, hs_code, hs_revision, period_year, exporter_country_code, importer_country_code, told_by,
  trade_value_usd, net_weight_kg,
  raw_digest, raw_line
FROM ranked
WHERE position = 1
ORDER BY source_id, hs_code, period_year, exporter_country_code, importer_country_code, told_by;
