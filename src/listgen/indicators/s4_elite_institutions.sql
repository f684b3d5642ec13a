/*---
id: s4_elite_institutions
name: {en: Elite institutions, ja: 上位機関の割合}
definition:
  en: >-
    The part of the world's 50 institutions with the most top 10 % works (fractional credit) that is located
    in the country. Equal credit (to one millionth of a work) is ordered by institution id. Where fewer than
    50 institutions have any top 10 % work the share is of those; below 20 the indicator does not apply. n is
    the number of institutions compared.
  ja: "上位10%論文（分数カウント）が多い世界の50機関のうち、その国に所在する機関の割合。\
    同点（論文の100万分の1まで等しい）は機関IDの順とする。上位10%論文をもつ機関が\
    50に満たない場合はその機関数で割り、20未満では適用しない。nは比較した機関の数。"
unit: share
grain: technology x country
period: works
basis: works
counting: fractional
inputs: [core.technology_work, core.authorship, core.institution, core.work]
params: {elite_size: 50, elite_min: 20}
min_n: min_top10_items
min_national: 0
interval: resampled
contribution: credit
caveats: [institution_names, threshold_inside_technology, size_dependent, few_ranks]
references:
  - "ASPI (2023), Critical Technology Tracker: institutions in the world's top ten, widened to fifty because
    ten ranks are too coarse"
  - "Clayton & Kaldor (1987), Empirical Bayes estimates of age-standardized relative risks, Biometrics 43,
    671-681: the interval"
since: "0.1.0"
---*/
WITH top_work AS (
  SELECT technology_id, work_id, top10_weight
  FROM core.technology_work
  WHERE is_comparable AND top10_weight > 0 AND publication_year BETWEEN $first_year AND $last_year
),
credit AS (
  SELECT tw.technology_id, a.institution_id, SUM(tw.top10_weight * a.weight) AS institution_credit
  FROM top_work AS tw
  JOIN core.authorship AS a ON a.work_id = tw.work_id
  WHERE a.institution_id IS NOT NULL
  GROUP BY tw.technology_id, a.institution_id
),
ranked AS (
  SELECT c.technology_id, i.country_code,
    ROW_NUMBER() OVER (PARTITION BY c.technology_id
      -- Thirds leave a remainder of 1e-12, which must not break a tie.
      ORDER BY round(c.institution_credit, 6) DESC, c.institution_id) AS place
  FROM credit AS c
  JOIN core.institution AS i ON i.institution_id = c.institution_id
),
elite AS (
  SELECT technology_id, COUNT(*) AS n FROM ranked WHERE place <= $elite_size GROUP BY technology_id
),
mass AS (
  -- The gate asks for enough works; n for the interval is the number of institutions.
  SELECT technology_id, CAST(SUM(top10_weight) AS DOUBLE) AS n_effective FROM top_work GROUP BY technology_id
),
divided AS (
  -- Where all works are cited equally often, each carries a tenth: nothing is above anything.
  SELECT DISTINCT technology_id FROM core.technology_work
  WHERE is_comparable AND top10_weight IN (0, 1) AND publication_year BETWEEN $first_year AND $last_year
),
country AS (
  SELECT technology_id, country_code, COUNT(*) FILTER (WHERE place <= $elite_size) AS n_national
  FROM ranked
  WHERE country_code IS NOT NULL
  GROUP BY technology_id, country_code
),
share AS (
  SELECT c.technology_id, c.country_code, e.n, c.n_national, m.n_effective,
    CASE WHEN e.n >= $elite_min AND d.technology_id IS NOT NULL THEN CAST(c.n_national AS DOUBLE)
      / CAST(e.n AS DOUBLE) END AS value
  FROM country AS c
  JOIN elite AS e ON e.technology_id = c.technology_id
  JOIN mass AS m ON m.technology_id = c.technology_id
  LEFT JOIN divided AS d ON d.technology_id = c.technology_id
)
SELECT technology_id, country_code, value, n, n_national, n_effective
FROM share
ORDER BY technology_id, country_code

-- evidence
WITH credit AS (
  SELECT a.institution_id, SUM(tw.top10_weight * a.weight) AS institution_credit
  FROM core.technology_work AS tw
  JOIN core.authorship AS a ON a.work_id = tw.work_id
  WHERE tw.technology_id = $technology_id AND tw.is_comparable AND tw.top10_weight > 0
    AND a.institution_id IS NOT NULL
    AND tw.publication_year BETWEEN $first_year AND $last_year
  GROUP BY a.institution_id
),
ranked AS (
  SELECT institution_id, ROW_NUMBER() OVER (ORDER BY round(institution_credit, 6) DESC, institution_id)
    AS place
    FROM credit
)
-- Each row is one top 10 % work of the country's institutions among the elite, with the credit it gives them.
SELECT w.raw_digest, w.raw_line, 'W' || CAST(w.work_id AS VARCHAR) || ' I'
  || CAST(a.institution_id AS VARCHAR) AS item_id,
  CAST(SUM(tw.top10_weight * a.weight) AS DOUBLE) AS contribution
FROM core.technology_work AS tw
JOIN core.authorship AS a ON a.work_id = tw.work_id
JOIN core.institution AS i ON i.institution_id = a.institution_id
JOIN core.work AS w ON w.work_id = tw.work_id
WHERE tw.technology_id = $technology_id AND i.country_code = $country_code AND tw.is_comparable
  AND tw.top10_weight > 0
  AND a.institution_id IN (SELECT r.institution_id FROM ranked AS r WHERE r.place <= $elite_size)
  AND tw.publication_year BETWEEN $first_year AND $last_year
GROUP BY w.raw_digest, w.raw_line, w.work_id, a.institution_id
ORDER BY contribution DESC, item_id
