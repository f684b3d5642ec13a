/*---
table: core.supply_position
grain:
  en: one country's supply of one commodity and stage in the year used
  ja: 計測年の物資・工程・国の供給量1つ
inputs: [core.source, core.supply]
---*/
CREATE TABLE core.supply_position (
  commodity_id VARCHAR NOT NULL,
  stage_id VARCHAR NOT NULL,
  country_code VARCHAR NOT NULL,
  source_id VARCHAR NOT NULL,
  period_year SMALLINT NOT NULL,
  period_first_year SMALLINT NOT NULL,
  years_covered SMALLINT NOT NULL CHECK (years_covered >= 1),
  quantity DOUBLE NOT NULL CHECK (quantity >= 0),
  world_quantity DOUBLE NOT NULL CHECK (world_quantity >= 0),
  n_figures BIGINT NOT NULL CHECK (n_figures >= 1),
  raw_digest VARCHAR NOT NULL,
  raw_line BIGINT NOT NULL CHECK (raw_line >= 1),
  PRIMARY KEY (commodity_id, stage_id, country_code)
);
COMMENT ON TABLE core.supply_position IS
  'Each row is what one country supplies of one commodity at one stage in the year used '
  '/ 各行は計測年の供給量1つ（物資・工程・国ごと）';
COMMENT ON COLUMN core.supply_position.commodity_id IS 'Commodity / 物資ID';
COMMENT ON COLUMN core.supply_position.stage_id IS
  'Stage of production, such as mine or refined / 生産工程（mine、refinedなど）';
COMMENT ON COLUMN core.supply_position.country_code IS 'Country that supplies / 供給国';
COMMENT ON COLUMN core.supply_position.source_id IS 'Source / 情報源';
COMMENT ON COLUMN core.supply_position.period_year IS 'Year used / 計測年';
COMMENT ON COLUMN core.supply_position.period_first_year IS
  'First year behind the figures of the commodity and stage / 物資・工程の値が対象とする最初の年';
COMMENT ON COLUMN core.supply_position.years_covered IS
  'Years the quantity is the mean of, ending with period_year / 数量が平均する年数（period_yearが最終年）';
COMMENT ON COLUMN core.supply_position.quantity IS 'Quantity / 数量';
COMMENT ON COLUMN core.supply_position.world_quantity IS
  'World supply: the world row of the table, or the sum of the named countries if that is more '
  '/ 世界供給（世界計の行。記載国の合計が上回る場合はその合計）';
COMMENT ON COLUMN core.supply_position.n_figures IS
  'Published figures of countries behind the world supply / 世界供給のもとになる国別の公表値の数';
COMMENT ON COLUMN core.supply_position.raw_digest IS 'Raw file / 出典の生ファイル';
COMMENT ON COLUMN core.supply_position.raw_line IS
  'Number of the row below the header, from 1 / 見出し行の下の行番号（1から）';

-- One source and one year per commodity and stage: the latest year; of two sources the first by id. Sources
-- are never mixed. Made once: two indicators and the report begin from it.
INSERT INTO core.supply_position
WITH candidate AS (
  SELECT s.commodity_id, s.stage_id, s.source_id, s.period_year,
    row_number() OVER (PARTITION BY s.commodity_id, s.stage_id
      ORDER BY s.period_year DESC, s.source_id) AS place
  FROM core.supply AS s
  JOIN core.source AS o ON o.source_id = s.source_id
  WHERE s.quantity IS NOT NULL AND s.country_code <> 'WORLD' AND o.is_comparable
  GROUP BY s.commodity_id, s.stage_id, s.source_id, s.period_year
),
figure AS (
  SELECT s.*
  FROM core.supply AS s
  JOIN candidate AS c ON c.commodity_id = s.commodity_id AND c.stage_id = s.stage_id
    AND c.source_id = s.source_id
    AND c.period_year = s.period_year AND c.place = 1
  WHERE s.quantity IS NOT NULL
),
world AS (
  SELECT commodity_id, stage_id, min(period_year - years_covered + 1) AS period_first_year,
    count(*) FILTER (WHERE country_code <> 'WORLD') AS n_figures,
    greatest(
      coalesce(max(CASE WHEN country_code = 'WORLD' THEN quantity END), 0),
      CAST(sum(CASE WHEN country_code <> 'WORLD' THEN CAST(quantity AS DECIMAL(38, 6)) ELSE 0 END) AS DOUBLE)
    ) AS quantity
  FROM figure
  GROUP BY commodity_id, stage_id
)
SELECT f.commodity_id, f.stage_id, f.country_code, f.source_id, f.period_year, w.period_first_year,
  f.years_covered,
  f.quantity, w.quantity AS world_quantity, w.n_figures, f.raw_digest, f.raw_line
FROM figure AS f
JOIN world AS w ON w.commodity_id = f.commodity_id AND w.stage_id = f.stage_id
WHERE f.country_code <> 'WORLD'
ORDER BY f.commodity_id, f.stage_id, f.country_code;
