/*---
id: st_rta
name: {en: "Specialisation (RTA, statistics)", ja: "特化度（RTA・統計）"}
definition:
  en: >-
    The country's share of the published world total in the field divided by its share in all fields of the
    same table family, over the same years. One is the country's own average. It is scored in its symmetric
    form (x - 1) / (x + 1). Series as for st_share.
  ja: "分野内の公表件数に占める国の割合を、同じ統計表群の全分野に占める割合で割った値（同じ年次）。\
    1が自国の平均。採点では対称形\
    (x-1)/(x+1) を用いる。用いる系列はst_shareと同じ。"
unit: ratio
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
caveats: [statistics_granularity, relative_to_own_portfolio, no_shrinkage]
value_caveats: [series_added_up]
references:
  - "Balassa (1965), The Manchester School 33(2), 99-123"
  - "Laursen (2015), Eurasian Business Review 5, 99-115"
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
universe AS (
  SELECT t.technology_id, v.area_code, SUM(CAST(v.value AS DECIMAL(38, 6))) AS documents
  FROM (SELECT DISTINCT technology_id, universe_series_id, period_first_year, period_last_year
    FROM chosen) AS t
  JOIN core.statistic AS v ON v.series_id = t.universe_series_id AND v.period_year BETWEEN t.period_first_year
    AND t.period_last_year
  GROUP BY t.technology_id, v.area_code, t.period_first_year, t.period_last_year
  HAVING COUNT(v.value) = t.period_last_year - t.period_first_year + 1
),
cell AS (
  SELECT c.technology_id, c.area_code AS country_code, c.period_first_year, c.period_last_year, c.n_series,
    CAST(c.documents AS DOUBLE) AS own_field, CAST(w.documents AS DOUBLE) AS world_field,
    CAST(u.documents AS DOUBLE) AS own_all, CAST(a.documents AS DOUBLE) AS world_all
  FROM counted AS c
  JOIN counted AS w ON w.technology_id = c.technology_id AND w.area_code = 'WORLD'
  JOIN universe AS u ON u.technology_id = c.technology_id AND u.area_code = c.area_code
  JOIN universe AS a ON a.technology_id = c.technology_id AND a.area_code = 'WORLD'
  WHERE c.area_code <> 'WORLD' AND c.documents > 0 AND w.documents > 0 AND u.documents > 0 AND a.documents > 0
),
rta AS (
  SELECT *, (own_field / world_field) / (own_all / world_all) AS value,
    1.959963984540054 * sqrt(greatest(CAST(0 AS DOUBLE),
    CAST(1 AS DOUBLE) / own_field - CAST(1 AS DOUBLE) / own_all + CAST(1 AS DOUBLE)
      / world_field - CAST(1 AS DOUBLE) / world_all))
    AS half_width
  FROM cell
)
SELECT technology_id, country_code, value, CAST(round(world_field) AS BIGINT) AS n,
  CAST(round(own_field) AS BIGINT) AS n_national,
  value * exp(-half_width) AS value_lo, value * exp(half_width) AS value_hi, period_first_year,
  period_last_year,
  CASE WHEN n_series > 1 THEN ['series_added_up'] ELSE [] END AS caveats
FROM rta
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
-- Each row is one printed figure of the country; their sum is the count in the field, the first of the four
-- of the ratio.
SELECT raw_digest, raw_line, series_id || ' ' || CAST(period_year AS VARCHAR) || ' ' || area_code AS item_id,
  value AS contribution
FROM figure
WHERE area_code = $country_code
ORDER BY contribution DESC, item_id
