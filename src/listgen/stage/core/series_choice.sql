/*---
table: core.series_choice
grain: {en: one published series linked to one technology, ja: 技術と公表系列の組1つ}
inputs: [core.technology_series, core.statistic_series, core.source]
---*/
CREATE TABLE core.series_choice (
  technology_id VARCHAR NOT NULL,
  series_id VARCHAR NOT NULL,
  measure VARCHAR NOT NULL CHECK (measure IN ('count', 'top1_intensity')),
  relation VARCHAR NOT NULL CHECK (relation IN ('exact', 'narrower', 'broader', 'overlaps')),
  is_usable BOOLEAN NOT NULL,
  is_used BOOLEAN NOT NULL,
  n_used BIGINT NOT NULL,
  PRIMARY KEY (technology_id, series_id),
  CHECK (is_usable OR NOT is_used)
);
COMMENT ON TABLE core.series_choice IS
  'Each row says whether one linked series with a window is what its technology is measured from '
  '/ 各行は技術に結び付く公表系列を計測に用いるかどうか';
COMMENT ON COLUMN core.series_choice.technology_id IS 'Technology / 技術ID';
COMMENT ON COLUMN core.series_choice.series_id IS 'Series / 系列ID';
COMMENT ON COLUMN core.series_choice.measure IS
  'count or top1_intensity: each is chosen for itself / countまたはtop1_intensity（別々に選ぶ）';
COMMENT ON COLUMN core.series_choice.relation IS 'What the series is to the technology / 系列と技術の関係';
COMMENT ON COLUMN core.series_choice.is_usable IS
  'Exact or narrower, countries comparable, counts not of one office alone '
  '/ 範囲が一致または内側、国際比較可能、件数は単一官庁でない';
COMMENT ON COLUMN core.series_choice.is_used IS 'The indicators measure from it / 指標の計測に用いる';
COMMENT ON COLUMN core.series_choice.n_used IS
  'Series of the technology and measure in use, added up where more than one '
  '/ 同じ技術・測度で用いる系列の数（複数なら合算）';

INSERT INTO core.series_choice
WITH linked AS (
  SELECT link.technology_id, link.relation, series.*,
    link.relation IN ('exact', 'narrower') AND source.is_comparable
      AND (series.measure <> 'count' OR NOT series.is_one_office) AS is_usable
  FROM core.technology_series AS link
  JOIN core.statistic_series AS series ON series.series_id = link.series_id
  JOIN core.source AS source ON source.source_id = series.source_id
  WHERE series.period_last_year IS NOT NULL
),
ranked AS (
  -- By rank: exact before narrower, fractional before full counts, the newest window. Counts of one table
  -- family that share the rank are added up (an exact series is never added to a narrower one, which it holds
  -- already); intensities cannot be, so one is taken.
  SELECT *,
    DENSE_RANK() OVER (PARTITION BY technology_id, measure, is_usable
      ORDER BY CASE relation WHEN 'exact' THEN 0 ELSE 1 END,
      CASE counting WHEN 'fractional' THEN 0 WHEN 'full' THEN 1 ELSE 2 END, period_last_year DESC,
        period_first_year, source_id,
      COALESCE(universe_series_id, ''), unit) AS table_place,
    ROW_NUMBER() OVER (PARTITION BY technology_id, measure, is_usable
      ORDER BY CASE relation WHEN 'exact' THEN 0 ELSE 1 END,
      CASE counting WHEN 'fractional' THEN 0 WHEN 'full' THEN 1 ELSE 2 END, period_last_year DESC,
        series_id) AS series_place
  FROM linked
),
chosen AS (
  SELECT *, is_usable AND CASE measure WHEN 'count' THEN table_place ELSE series_place END = 1 AS is_used
    FROM ranked
)
SELECT technology_id, series_id, measure, relation, is_usable, is_used,
  COUNT(*) FILTER (WHERE is_used) OVER (PARTITION BY technology_id, measure) AS n_used
FROM chosen
ORDER BY technology_id, series_id;
