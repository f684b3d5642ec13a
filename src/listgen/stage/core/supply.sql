/*---
table: core.supply
grain:
  en: one quantity of one commodity and stage for one country and year by one source
  ja: 情報源ごとの物資・工程・国・年の数量1つ
inputs: [supply_cell]
---*/
CREATE TABLE core.supply (
  commodity_id VARCHAR NOT NULL,
  stage_id VARCHAR NOT NULL,
  country_code VARCHAR NOT NULL CHECK (regexp_full_match(country_code, '[A-Z]{2}|WORLD')),
  period_year SMALLINT NOT NULL,
  years_covered SMALLINT NOT NULL CHECK (years_covered >= 1),
  quantity DOUBLE CHECK (quantity >= 0),
  quantity_text VARCHAR,
  flag VARCHAR,
  unit VARCHAR,
  source_id VARCHAR NOT NULL,
  raw_digest VARCHAR NOT NULL,
  raw_line BIGINT NOT NULL CHECK (raw_line >= 1),
  PRIMARY KEY (source_id, commodity_id, stage_id, country_code, period_year)
);
COMMENT ON TABLE core.supply IS
  'Each row is what one country supplied of one commodity at one stage in one year, as one source prints it '
  '/ 各行は情報源ごとの物資・工程・国・年の供給量1つ';
COMMENT ON COLUMN core.supply.commodity_id IS 'Commodity / 物資ID';
COMMENT ON COLUMN core.supply.stage_id IS
  'Stage of production, such as mine or refined / 生産工程（mine、refinedなど）';
COMMENT ON COLUMN core.supply.country_code IS
  'ISO 3166-1 alpha-2 code, or WORLD for the table''s own world row / ISO2文字コード、または世界計はWORLD';
COMMENT ON COLUMN core.supply.period_year IS 'Year / 年';
COMMENT ON COLUMN core.supply.years_covered IS
  'Years the quantity is the mean of, ending with period_year; 1 for a single year '
  '/ 数量が平均する年数（period_yearが最終年、単年は1）';
COMMENT ON COLUMN core.supply.quantity IS
  'Quantity, NULL where the table gives none / 数量（表に値がない場合はNULL）';
COMMENT ON COLUMN core.supply.quantity_text IS
  'The cell as printed: says why a quantity is NULL / 印字どおりのセル（NULLの理由が分かる）';
COMMENT ON COLUMN core.supply.flag IS
  'Flag the publisher prints with the figure, such as e estimated / 公表元が数値に付けた記号（e推計など）';
COMMENT ON COLUMN core.supply.unit IS 'Unit as printed / 公表時の単位';
COMMENT ON COLUMN core.supply.source_id IS 'Source / 情報源';
COMMENT ON COLUMN core.supply.raw_digest IS 'Raw file / 出典の生ファイル';
COMMENT ON COLUMN core.supply.raw_line IS
  'Number of the row below the header, from 1 / 見出し行の下の行番号（1から）';

INSERT INTO core.supply
WITH ranked AS (
  SELECT *, row_number() OVER (PARTITION BY source_id, commodity_id, stage_id, country_code, period_year
    ORDER BY quantity IS NULL, raw_digest, raw_line)
    AS position
  FROM supply_cell
  WHERE NOT coalesce(is_conflicting, false)
)
SELECT commodity_id, stage_id, country_code, period_year, years_covered, quantity, quantity_text, flag, unit,
  source_id, raw_digest, raw_line
FROM ranked
WHERE position = 1
ORDER BY source_id, commodity_id, stage_id, country_code, period_year;
