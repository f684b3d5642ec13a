/*---
id: st_lead
name: {en: "Signed log lead (statistics)", ja: "首位との対数差（統計）"}
definition:
  en: >-
    Natural logarithm of the country's published count divided by the largest of any other country, over the
    window. Zero is parity with the best other. Series as for st_share; n is the world count.
  ja: "期間中の国の公表件数を、他国のうち最大の件数で割った値の自然対数。0は他国の最高値と同等。\
    用いる系列はst_shareと同じ。nは世界計の件数。"
unit: log ratio
grain: technology x country
period: statistics
basis: statistics
counting: none
inputs: [core.series_choice, core.statistic_series, core.statistic]
params: {}
min_n: 30
min_national: min_national_items
interval: log_ratio
contribution: credit
caveats: [statistics_granularity, heavy_tail_near_zero]
value_caveats: [series_added_up]
references:
  - "ASPI (2023), Critical Technology Tracker: research lead, applied to published counts"
  - "Katz et al. (1978), Biometrics 34, 469-474"
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
ranked AS (
  SELECT *, ROW_NUMBER() OVER (PARTITION BY technology_id ORDER BY documents DESC, area_code) AS standing
  FROM counted
  WHERE area_code <> 'WORLD'
),
front AS (
  SELECT technology_id, MAX(CASE WHEN standing = 1 THEN documents END) AS first_documents,
    MAX(CASE WHEN standing = 2 THEN documents END) AS second_documents
  FROM ranked
  GROUP BY technology_id
),
pair AS (
  SELECT r.technology_id, r.area_code AS country_code, r.period_first_year, r.period_last_year, r.n_series,
    CAST(w.documents AS DOUBLE) AS n_world, CAST(r.documents AS DOUBLE) AS own,
    CAST(CASE WHEN r.standing = 1 THEN f.second_documents ELSE f.first_documents END AS DOUBLE) AS best_other
  FROM ranked AS r
  JOIN front AS f ON f.technology_id = r.technology_id
  JOIN counted AS w ON w.technology_id = r.technology_id AND w.area_code = 'WORLD'
),
lead AS (
  SELECT *, CASE WHEN own > 0 AND best_other > 0 THEN ln(own / best_other) END AS value, CASE WHEN own > 0
    AND best_other > 0
    THEN 1.959963984540054 * sqrt(CAST(1 AS DOUBLE) / own + CAST(1 AS DOUBLE) / best_other) END AS half_width
  FROM pair
)
SELECT technology_id, country_code, value, CAST(round(n_world) AS BIGINT) AS n,
  CAST(round(own) AS BIGINT) AS n_national,
  value - half_width AS value_lo, value + half_width AS value_hi, period_first_year, period_last_year,
  CASE WHEN n_series > 1 THEN ['series_added_up'] ELSE [] END AS caveats
FROM lead
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
-- Each row is one printed figure of the country; their sum is the count above the line.
SELECT raw_digest, raw_line, series_id || ' ' || CAST(period_year AS VARCHAR) || ' ' || area_code AS item_id,
  value AS contribution
FROM figure
WHERE area_code = $country_code
ORDER BY contribution DESC, item_id
