/*---
id: st_momentum
name: {en: "Momentum of the share (statistics)", ja: "シェアの勢い（統計）"}
definition:
  en: >-
    Yearly change of the logarithm of the country's share of the published world total: the share of the
    window against the share of the window of equal length just before it, divided by that length. +0.14 a
    year doubles a share within five years. Series as for st_share.
  ja: "公表統計の世界計に占める国の割合の対数の年変化。期間の割合を、直前の同じ長さの期間の割合と比べ、\
    その年数で割る。年+0.14で、割合は5年で\
    2倍になる。用いる系列はst_shareと同じ。"
unit: log per year
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
caveats: [statistics_granularity, trend_is_noisy]
value_caveats: [series_added_up]
references:
  - "ETO, Research cluster growth: change of the share between two windows"
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
  -- Both windows in one pass; a year the table does not print leaves the window without a sum: a gap is not a
  -- zero.
  SELECT l.technology_id, v.area_code, l.period_first_year, l.period_last_year, l.n_series,
    l.period_last_year - l.period_first_year + 1 AS n_years,
    SUM(CASE WHEN v.period_year >= l.period_first_year THEN CAST(v.value AS DECIMAL(38, 6))
      ELSE 0 END) AS documents,
    SUM(CASE WHEN v.period_year < l.period_first_year THEN CAST(v.value AS DECIMAL(38, 6))
      ELSE 0 END) AS earlier_documents
  FROM chosen AS l
  JOIN core.statistic AS v ON v.series_id = l.series_id
    AND v.period_year BETWEEN 2 * l.period_first_year - l.period_last_year - 1 AND l.period_last_year
  GROUP BY l.technology_id, v.area_code, l.period_first_year, l.period_last_year, l.n_series
  HAVING COUNT(v.value) = 2 * (l.period_last_year - l.period_first_year + 1) * l.n_series
),
cell AS (
  SELECT c.technology_id, c.area_code AS country_code, c.period_first_year, c.period_last_year, c.n_series,
    CAST(c.n_years AS DOUBLE) AS n_years,
    CAST(c.documents AS DOUBLE) AS own, CAST(w.documents AS DOUBLE) AS world,
    CAST(c.earlier_documents AS DOUBLE) AS own_earlier, CAST(w.earlier_documents AS DOUBLE) AS world_earlier
  FROM counted AS c
  JOIN counted AS w ON w.technology_id = c.technology_id AND w.area_code = 'WORLD'
  WHERE c.area_code <> 'WORLD'
),
trend AS (
  SELECT *, CASE WHEN own > 0 AND own_earlier > 0 AND world > 0 AND world_earlier > 0
      THEN (ln(own / world) - ln(own_earlier / world_earlier)) / n_years END AS value,
    CASE WHEN own > 0 AND own_earlier > 0 AND world > 0 AND world_earlier > 0
      THEN 1.959963984540054 * sqrt(greatest(CAST(0 AS DOUBLE),
      CAST(1 AS DOUBLE) / own - CAST(1 AS DOUBLE) / world
        + CAST(1 AS DOUBLE) / own_earlier - CAST(1 AS DOUBLE) / world_earlier)) / n_years END AS half_width
  FROM cell
)
-- The national gate stands on the smaller of the two counts: a trend is as sure as its thinner end.
SELECT technology_id, country_code, value, CAST(round(world) AS BIGINT) AS n,
  CAST(round(least(own, own_earlier)) AS BIGINT) AS n_national,
  value - half_width AS value_lo, value + half_width AS value_hi, period_first_year, period_last_year,
  CASE WHEN n_series > 1 THEN ['series_added_up'] ELSE [] END AS caveats
FROM trend
ORDER BY technology_id, country_code

-- evidence
WITH figure AS (
  SELECT v.*
  FROM core.series_choice AS c
  JOIN core.statistic_series AS l ON l.series_id = c.series_id
  JOIN core.statistic AS v ON v.series_id = l.series_id
    AND v.period_year BETWEEN 2 * l.period_first_year - l.period_last_year - 1 AND l.period_last_year
  WHERE c.technology_id = $technology_id AND c.is_used AND c.measure = 'count' AND v.value IS NOT NULL
)
-- Each row is one printed figure of the country in either window.
SELECT raw_digest, raw_line, series_id || ' ' || CAST(period_year AS VARCHAR) || ' ' || area_code AS item_id,
  value AS contribution
FROM figure
WHERE area_code = $country_code
ORDER BY contribution DESC, item_id
