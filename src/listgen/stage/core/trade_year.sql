/*---
table: core.trade_year
grain: {en: one year of one source of trade, ja: 貿易統計の情報源・年の組1つ}
inputs: [core.trade_flow, core.source, config_trade]
---*/
CREATE TABLE core.trade_year (
  source_id VARCHAR NOT NULL,
  period_year SMALLINT NOT NULL,
  n_reporters BIGINT NOT NULL CHECK (n_reporters >= 1),
  reported_share DOUBLE NOT NULL CHECK (reported_share BETWEEN 0 AND 1),
  is_used BOOLEAN NOT NULL,
  PRIMARY KEY (source_id, period_year)
);
COMMENT ON TABLE core.trade_year IS
  'Each row says how much of world trade one source holds for one year '
  '/ 各行は情報源・年ごとに、世界貿易のどれだけが報告済みかを示す';
COMMENT ON COLUMN core.trade_year.source_id IS 'Source / 情報源';
COMMENT ON COLUMN core.trade_year.period_year IS 'Year / 年';
COMMENT ON COLUMN core.trade_year.n_reporters IS
  'Countries that reported their exports of the year / その年の輸出を報告した国の数';
COMMENT ON COLUMN core.trade_year.reported_share IS
  'Share of the exports of all countries ever held (each by its newest year) that lies with those that '
  'reported '
  '/ 保有する全ての国の輸出（各国の最新年）のうち、報告した国の占める割合';
COMMENT ON COLUMN core.trade_year.is_used IS
  'Indicators are measured on this source and year / 指標の計測に用いる情報源と年';

-- A country that has not reported a year is missing, not zero. The newest year in which enough of the world
-- has reported is used, of two sources with that year the first by id; sources and years are never mixed.
INSERT INTO core.trade_year
WITH reported AS (
  SELECT source_id, exporter_country_code, period_year, trade_value_usd
  FROM core.trade_flow
  WHERE hs_code = 'TOTAL' AND told_by <> 'importer' AND importer_country_code = 'WORLD'
    AND exporter_country_code <> 'WORLD' AND trade_value_usd > 0
),
newest AS (
  SELECT source_id, exporter_country_code, arg_max(trade_value_usd, period_year) AS usual_usd FROM reported
    GROUP BY source_id, exporter_country_code
),
whole AS (
  SELECT source_id, CAST(sum(CAST(usual_usd AS DECIMAL(38, 3))) AS DOUBLE) AS usd FROM newest
    GROUP BY source_id
),
held AS (
  SELECT reported.source_id, reported.period_year, count(*) AS n_reporters,
    least(CAST(1 AS DOUBLE), CAST(sum(CAST(newest.usual_usd AS DECIMAL(38, 3))) AS DOUBLE)
      / any_value(whole.usd)) AS reported_share
  FROM reported
  JOIN newest ON newest.source_id = reported.source_id
    AND newest.exporter_country_code = reported.exporter_country_code
  JOIN whole ON whole.source_id = reported.source_id
  GROUP BY reported.source_id, reported.period_year
),
ranked AS (
  SELECT held.*, CASE WHEN source.is_comparable AND held.reported_share >= gate.min_reported_share
      THEN row_number() OVER (PARTITION BY source.is_comparable
        AND held.reported_share >= gate.min_reported_share
        ORDER BY held.period_year DESC, held.source_id) END AS place
  FROM held
  JOIN core.source AS source ON source.source_id = held.source_id
  CROSS JOIN config_trade AS gate
)
SELECT source_id, period_year, n_reporters, reported_share, coalesce(place = 1, false) AS is_used
FROM ranked
ORDER BY source_id, period_year;
