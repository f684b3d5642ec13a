/*---
table: core.statistic
grain: {en: one value of one series for one area and year, ja: 系列・地域・年の値1つ}
inputs: [statistic_cell]
---*/
CREATE TABLE core.statistic (
  series_id VARCHAR NOT NULL,
  area_code VARCHAR NOT NULL CHECK (regexp_full_match(area_code, '[A-Z]{2}|WORLD')),
  period_year SMALLINT NOT NULL,
  value DOUBLE CHECK (value >= 0),
  value_text VARCHAR,
  flag VARCHAR,
  raw_digest VARCHAR NOT NULL,
  raw_line BIGINT NOT NULL CHECK (raw_line >= 1),
  PRIMARY KEY (series_id, area_code, period_year)
);
COMMENT ON TABLE core.statistic IS
  'Each row is one published value of one series for one area and year / 各行は公表系列の地域・年ごとの値1つ';
COMMENT ON COLUMN core.statistic.series_id IS 'Series / 系列ID';
COMMENT ON COLUMN core.statistic.area_code IS
  'ISO 3166-1 alpha-2 code, or WORLD for the table''s own world row '
  '/ ISO2文字コード、または表の世界計の行はWORLD';
COMMENT ON COLUMN core.statistic.period_year IS 'Year the value speaks for / 値の年';
COMMENT ON COLUMN core.statistic.value IS
  'The value; NULL where the table says not available or not estimated / 値（表がna・neとする箇所はNULL）';
COMMENT ON COLUMN core.statistic.value_text IS
  'The cell as printed: says why a value is NULL / 印字どおりのセル（NULLの理由が分かる）';
COMMENT ON COLUMN core.statistic.flag IS
  'Flag the publisher prints with the figure, such as p provisional or b break in series '
  '/ 公表元が数値に付けた記号（p暫定、b系列の断絶など）';
COMMENT ON COLUMN core.statistic.raw_digest IS 'Raw file / 出典の生ファイル';
COMMENT ON COLUMN core.statistic.raw_line IS
  'Number of the row below the header, from 1 / 見出し行の下の行番号（1から）';

INSERT INTO core.statistic
WITH ranked AS (
  SELECT *, row_number() OVER (PARTITION BY series_id, area_code, period_year
    ORDER BY value IS NULL, raw_digest, raw_line) AS position
  FROM statistic_cell
  WHERE NOT coalesce(is_conflicting, false)
)
SELECT series_id, area_code, period_year, value, value_text, flag, raw_digest, raw_line
FROM ranked
WHERE position = 1
ORDER BY series_id, area_code, period_year;
