/*---
id: s3_log_lead
name: {en: Signed log lead, ja: 首位との対数差}
definition:
  en: >-
    Natural logarithm of the country's share of the top 10 % works divided by the largest share of any other
    country. Zero is parity with the best other, +0.69 twice its share, -0.69 half. It carries ASPI's
    "research lead" over to every country, leader or not.
  ja: "上位10%論文シェアを、他国のうち最大のシェアで割った値の自然対数。0は他国の最高値と同等、+0.69は2倍、\
    -0.69は半分。ASPIの\
    「リサーチ・リード」を、首位国に限らずすべての国に広げたもの。"
unit: log ratio
grain: technology x country
period: works
basis: works
counting: fractional
inputs: [core.country_output, core.technology_work, core.work_country, core.work]
params: {}
min_n: min_top10_items
min_national: min_national_items
interval: log_ratio
contribution: credit
caveats: [threshold_inside_technology, ties_shared, heavy_tail_near_zero]
references:
  - "ASPI (2023), Critical Technology Tracker: research lead = share of rank 1 / share of rank 2"
  - "Katz et al. (1978), Obtaining confidence intervals for the risk ratio in cohort studies, Biometrics 34,
    469-474"
since: "0.1.0"
---*/
WITH credit AS (
  SELECT technology_id, country_code, top10_credit AS country_credit, n_top10 AS n_national
  FROM core.country_output
  WHERE basis = 'works' AND n_top10 > 0
),
world AS (
  SELECT tw.technology_id, COUNT(*) AS n, CAST(SUM(tw.top10_weight) AS DOUBLE) AS n_effective
  FROM core.technology_work AS tw
  WHERE tw.is_comparable AND tw.top10_weight > 0 AND tw.publication_year BETWEEN $first_year AND $last_year
    AND tw.work_id IN (SELECT wc.work_id FROM core.work_country AS wc)
  GROUP BY tw.technology_id
),
ranked AS (
  SELECT *, ROW_NUMBER() OVER (PARTITION BY technology_id ORDER BY country_credit DESC, country_code) AS place
    FROM credit
),
front AS (
  SELECT technology_id, MAX(CASE WHEN place = 1 THEN country_credit END) AS first_credit,
    MAX(CASE WHEN place = 2 THEN country_credit END) AS second_credit
  FROM ranked
  GROUP BY technology_id
),
pair AS (
  -- The best other of the leader is the second; of everybody else, the leader. A single country has no other:
  -- NULL.
  SELECT r.technology_id, r.country_code, r.n_national, CAST(r.country_credit AS DOUBLE) AS own,
    CAST(CASE WHEN r.place = 1 THEN f.second_credit ELSE f.first_credit END AS DOUBLE) AS best_other
  FROM ranked AS r
  JOIN front AS f ON f.technology_id = r.technology_id
),
lead AS (
  SELECT *, CASE WHEN own > 0 AND best_other > 0 THEN ln(own / best_other) END AS value,
    CASE WHEN own > 0 AND best_other > 0
      THEN 1.959963984540054 * sqrt(CAST(1 AS DOUBLE) / own + CAST(1 AS DOUBLE) / best_other) END
        AS half_width
  FROM pair
)
-- The half width stands on the fractional counts: each item weighs at most one, so it is conservative.
SELECT l.technology_id, l.country_code, l.value, w.n, l.n_national, l.value - l.half_width AS value_lo,
  l.value + l.half_width AS value_hi, w.n_effective
FROM lead AS l
JOIN world AS w ON w.technology_id = l.technology_id
ORDER BY l.technology_id, l.country_code

-- evidence
-- Each row is one top 10 % work of the country with its fractional credit; their sum is the count above the
-- line.
SELECT w.raw_digest, w.raw_line, 'W' || CAST(w.work_id AS VARCHAR) AS item_id,
  CAST(tw.top10_weight * wc.weight AS DOUBLE) AS contribution
FROM core.technology_work AS tw
JOIN core.work_country AS wc ON wc.work_id = tw.work_id
JOIN core.work AS w ON w.work_id = tw.work_id
WHERE tw.technology_id = $technology_id AND wc.country_code = $country_code AND tw.is_comparable
  AND tw.top10_weight > 0
  AND tw.publication_year BETWEEN $first_year AND $last_year
ORDER BY contribution DESC, item_id
