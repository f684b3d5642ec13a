/*---
table: core.statistic_series
grain: {en: one published series, ja: 公表系列1つ}
inputs: [config_series, config_window, core.statistic, core.raw_file]
---*/
CREATE TABLE core.statistic_series (
  series_id VARCHAR PRIMARY KEY,
  source_id VARCHAR NOT NULL,
  title_en VARCHAR NOT NULL,
  title_ja VARCHAR NOT NULL,
  measure VARCHAR NOT NULL CHECK (measure IN ('count', 'top1_intensity')),
  unit VARCHAR NOT NULL,
  counting VARCHAR NOT NULL CHECK (counting IN ('full', 'fractional', 'none')),
  universe_series_id VARCHAR,
  printed_decimals SMALLINT NOT NULL CHECK (printed_decimals >= 0),
  years_covered SMALLINT NOT NULL CHECK (years_covered >= 1),
  is_one_office BOOLEAN NOT NULL,
  first_year SMALLINT,
  last_year SMALLINT,
  period_first_year SMALLINT,
  period_last_year SMALLINT
);
COMMENT ON TABLE core.statistic_series IS
  'Each row is one published series as its source declares it / 各行は情報源が宣言する公表系列1つ';
COMMENT ON COLUMN core.statistic_series.series_id IS 'Series / 系列ID';
COMMENT ON COLUMN core.statistic_series.source_id IS 'Source / 情報源';
COMMENT ON COLUMN core.statistic_series.title_en IS 'Title in English / 英語の題名';
COMMENT ON COLUMN core.statistic_series.title_ja IS 'Title in Japanese / 日本語の題名';
COMMENT ON COLUMN core.statistic_series.measure IS
  'count, or top1_intensity (share in the top 1 %, world = 1) / countまたはtop1_intensity（世界=1の強度）';
COMMENT ON COLUMN core.statistic_series.unit IS 'Unit as published / 公表時の単位';
COMMENT ON COLUMN core.statistic_series.counting IS 'full, fractional or none / 計数法';
COMMENT ON COLUMN core.statistic_series.universe_series_id IS
  'The series of all fields it is a part of, NULL when none / 全分野の系列（ない場合はNULL）';
COMMENT ON COLUMN core.statistic_series.printed_decimals IS
  'Decimals printed: half a unit of the last one is the interval / 公表時の小数桁数';
COMMENT ON COLUMN core.statistic_series.years_covered IS
  'Years one printed value sums up, ending with the year it is filed under; a window of single years '
  'cannot be made from more than 1 '
  '/ 1つの値が合計する年数（2以上なら単年の期間は作れない）';
COMMENT ON COLUMN core.statistic_series.is_one_office IS
  'Counts documents of a single office / 単一の特許庁のみの計数か';
COMMENT ON COLUMN core.statistic_series.first_year IS 'First year the values speak for / 値が表す初年';
COMMENT ON COLUMN core.statistic_series.last_year IS 'Last year the values speak for / 値が表す末年';
COMMENT ON COLUMN core.statistic_series.period_first_year IS
  'First year of its measuring window / 計測期間の初年';
COMMENT ON COLUMN core.statistic_series.period_last_year IS
  'Last year of its window: complete, and with a world value where the series has any; NULL where one '
  'value sums up several years '
  '/ 計測期間の末年（1つの値が複数年の合計である系列はNULL）';

INSERT INTO core.statistic_series
WITH span AS (
  SELECT series_id, min(period_year) AS first_year, max(period_year) AS last_year,
    coalesce(max(period_year) FILTER (WHERE area_code = 'WORLD'), max(period_year)) AS last_whole_year
  FROM core.statistic
  WHERE value IS NOT NULL
  GROUP BY series_id
),
complete AS (
  SELECT raw_file.source_id, wish.n_years,
    year(max(raw_file.as_of_date) - to_months(wish.lag_months)) - 1 AS last_complete_year
  FROM core.raw_file AS raw_file JOIN config_window AS wish ON wish.period_id = 'statistics'
  GROUP BY raw_file.source_id, wish.n_years, wish.lag_months
),
laid AS (
  SELECT series.*, span.first_year - series.years_covered + 1 AS first_year, span.last_year, complete.n_years,
    CASE WHEN span.last_year IS NOT NULL
      AND series.years_covered = 1 THEN least(span.last_whole_year, complete.last_complete_year) END
      AS period_last_year
  FROM config_series AS series
  LEFT JOIN complete ON complete.source_id = series.source_id
  LEFT JOIN span ON span.series_id = series.series_id
)
SELECT series_id, source_id, title_en, title_ja, measure, unit, counting, universe_series_id,
  printed_decimals, years_covered, is_one_office,
  first_year, last_year,
  -- A series whose first year is not over yet has no window: a part of a year is not compared with whole
  -- ones.
  CASE WHEN period_last_year >= first_year THEN greatest(first_year, period_last_year - n_years + 1) END
    AS period_first_year,
  CASE WHEN period_last_year >= first_year THEN period_last_year END AS period_last_year
FROM laid
ORDER BY series_id;
