/*---
id: st_share
name: {en: "Share of the published world total", ja: "公表統計の世界シェア"}
definition:
  en: >-
    The country's count divided by the World row of the same published table, both summed over the window (the
    series' last five complete years). Only series whose content equals the technology or lies inside it;
    several series of one table family are added up. n is the world count.
  ja: "公表された統計表の国の件数を同じ表の世界計で割った値。いずれも期間（系列の直近の完全な5年）の合計。\
    技術の範囲と一致するか、その内側に\
    収まる系列だけを用い、同じ表の系列が複数あれば合算する。nは世界計の件数。"
unit: share
grain: technology x country
period: statistics
basis: statistics
counting: none
inputs: [core.series_choice, core.statistic_series, core.statistic]
params: {}
min_n: 30
min_national: min_national_items
interval: wilson
contribution: value_part
caveats: [statistics_granularity, size_dependent]
value_caveats: [series_added_up]
references:
  - "Wilson (1927), J. Am. Stat. Assoc. 22, 209-212"
since: "0.1.0"
---*/
WITH chosen AS (
  SELECT c.technology_id, c.n_used AS n_series, s.*
  FROM core.series_choice AS c
  JOIN core.statistic_series AS s ON s.series_id = c.series_id
  WHERE c.is_used AND c.measure = 'count'
),
counted AS (
  -- A window with a year the table does not print has no sum: a gap is not a zero.
  SELECT l.technology_id, v.area_code, l.period_first_year, l.period_last_year, l.n_series,
    SUM(CAST(v.value AS DECIMAL(38, 6))) AS documents
  FROM chosen AS l
  JOIN core.statistic AS v ON v.series_id = l.series_id AND v.period_year BETWEEN l.period_first_year
    AND l.period_last_year
  GROUP BY l.technology_id, v.area_code, l.period_first_year, l.period_last_year, l.n_series
  HAVING COUNT(v.value) = (l.period_last_year - l.period_first_year + 1) * l.n_series
),
share AS (
  SELECT c.technology_id, c.area_code AS country_code, c.period_first_year, c.period_last_year, c.n_series,
    CAST(w.documents AS DOUBLE) AS n_world, CAST(c.documents AS DOUBLE) AS n_own,
    CASE WHEN w.documents > 0 THEN CAST(c.documents AS DOUBLE) / CAST(w.documents AS DOUBLE) END AS value
  FROM counted AS c
  JOIN counted AS w ON w.technology_id = c.technology_id AND w.area_code = 'WORLD'
  WHERE c.area_code <> 'WORLD'
)
SELECT technology_id, country_code, value, CAST(round(n_world) AS BIGINT) AS n,
  CAST(round(n_own) AS BIGINT) AS n_national,
  wilson_lo(value, n_world) AS value_lo, wilson_hi(value, n_world) AS value_hi, period_first_year,
  period_last_year,
  CASE WHEN n_series > 1 THEN ['series_added_up'] ELSE [] END AS caveats
FROM share
ORDER BY technology_id, country_code

-- evidence
WITH figure AS (
  SELECT v.*
  FROM core.series_choice AS c
  JOIN core.statistic_series AS l ON l.series_id = c.series_id
  JOIN core.statistic AS v ON v.series_id = l.series_id
    AND v.period_year BETWEEN l.period_first_year AND l.period_last_year
  WHERE c.technology_id = $technology_id AND c.is_used AND c.measure = 'count' AND v.value IS NOT NULL
)
-- Each row is one printed figure of the country; the contributions add up to the value.
SELECT raw_digest, raw_line, series_id || ' ' || CAST(period_year AS VARCHAR) || ' ' || area_code AS item_id,
  value / NULLIF((SELECT SUM(w.value) FROM figure AS w WHERE w.area_code = 'WORLD'), 0) AS contribution
FROM figure
WHERE area_code = $country_code
ORDER BY contribution DESC, item_id
