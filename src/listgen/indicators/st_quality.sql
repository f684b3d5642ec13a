/*---
id: st_quality
name: {en: "Intensity in the top 1 % (statistics)", ja: "上位1%論文の密度（統計）"}
definition:
  en: >-
    Share of the country's articles that are among the world's most cited 1 %, as published, divided by the
    World row of the same table (1 % by construction): one is the world average. The unweighted mean of the
    window's yearly figures, because the tables print no counts to weight them with. The interval is half a
    unit of the last printed digit. n is the number of printed figures.
  ja: "国の論文のうち世界の被引用上位1%に入る割合（公表値）を、同じ表の世界の値（定義上1%）で割った値。\
    1が世界平均。重み付けに使える件数が\
    表にないため、期間中の年次値の単純平均とする。区間は公表値の最終桁の半単位。nは用いた公表値の数。"
unit: ratio (world = 1)
grain: technology x country
period: statistics
basis: statistics
counting: none
inputs: [core.series_choice, core.statistic_series, core.statistic]
params: {}
min_n: 1
min_national: 0
interval: half_unit
contribution: value_part
caveats: [statistics_granularity, no_sampling_interval, unweighted_years]
references:
  - "National Science Board, Science and Engineering Indicators: top 1 % index of highly cited articles"
since: "0.1.0"
---*/
WITH intensity AS (
  -- A window with a year the table does not print has no mean: a gap is not a zero.
  SELECT c.technology_id, v.area_code, l.period_first_year, l.period_last_year, COUNT(v.value) AS n_years,
    CAST(SUM(CAST(v.value AS DECIMAL(38, 9))) AS DOUBLE) / CAST(COUNT(v.value) AS DOUBLE) AS mean_value,
    CAST(0.5 AS DOUBLE) * power(CAST(10 AS DOUBLE), -l.printed_decimals) AS half_unit
  FROM core.series_choice AS c
  JOIN core.statistic_series AS l ON l.series_id = c.series_id
  JOIN core.statistic AS v ON v.series_id = l.series_id AND v.period_year BETWEEN l.period_first_year
    AND l.period_last_year
  WHERE c.is_used AND c.measure = 'top1_intensity'
  GROUP BY c.technology_id, v.area_code, l.period_first_year, l.period_last_year, l.printed_decimals
  HAVING COUNT(v.value) = l.period_last_year - l.period_first_year + 1
)
SELECT c.technology_id, c.area_code AS country_code, c.mean_value / w.mean_value AS value, c.n_years AS n,
  greatest(CAST(0 AS DOUBLE), (c.mean_value - c.half_unit) / w.mean_value) AS value_lo,
  (c.mean_value + c.half_unit) / w.mean_value AS value_hi,
  c.period_first_year, c.period_last_year
FROM intensity AS c
JOIN intensity AS w ON w.technology_id = c.technology_id AND w.area_code = 'WORLD'
WHERE c.area_code <> 'WORLD' AND w.mean_value > 0
ORDER BY technology_id, country_code

-- evidence
WITH figure AS (
  SELECT v.*
  FROM core.series_choice AS c
  JOIN core.statistic_series AS l ON l.series_id = c.series_id
  JOIN core.statistic AS v ON v.series_id = l.series_id AND v.period_year BETWEEN l.period_first_year
    AND l.period_last_year
  WHERE c.technology_id = $technology_id AND c.is_used AND c.measure = 'top1_intensity'
    AND v.value IS NOT NULL
)
-- Each row is one printed figure of the country; the contributions add up to the value.
SELECT raw_digest, raw_line, series_id || ' ' || CAST(period_year AS VARCHAR) || ' ' || area_code AS item_id,
  value / NULLIF((SELECT SUM(w.value) FROM figure AS w WHERE w.area_code = 'WORLD'), 0) AS contribution
FROM figure
WHERE area_code = $country_code
ORDER BY contribution DESC, item_id
