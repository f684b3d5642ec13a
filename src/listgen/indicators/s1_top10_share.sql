/*---
id: s1_top10_share
name: {en: Share of the top 10 % works, ja: 上位10%論文シェア}
definition:
  en: >-
    The country's share of the world's most cited tenth of the works of this technology. The top 10 % is drawn
    inside the technology and publication year; works tied at the threshold share the remaining places, so
    that the weights add up to exactly 10 %. Each work is divided over its authors and each author over his or
    her affiliations.
  ja: "この技術の論文のうち被引用数が世界上位10%に入るものに占める、その国の割合。\
    上位10%は技術・出版年ごとに定め、境界で同順位の論文は\
    残りの枠を分け合う（重みの合計はちょうど10%になる）。1論文は著者で、\
    各著者の分は所属機関で等分する（分数カウント）。"
unit: share
grain: technology x country
period: works
basis: works
counting: fractional
inputs: [core.country_output, core.technology_work, core.work_country, core.work]
params: {}
min_n: min_top10_items
min_national: min_national_items
interval: wilson
contribution: value_part
caveats: [known_country_denominator, threshold_inside_technology, ties_shared, size_dependent]
references:
  - "Waltman & Schreiber (2013), On the calculation of percentile-based bibliometric indicators, JASIST 64(2),
    372-379"
  - "ASPI (2023), Critical Technology Tracker: the metric of the country ranking"
  - "Wilson (1927), Probable inference, the law of succession, and statistical inference, J. Am. Stat. Assoc.
    22, 209-212"
since: "0.1.0"
---*/
WITH credit AS (
  SELECT technology_id, country_code, top10_credit AS country_credit, n_top10 AS n_national
  FROM core.country_output
  WHERE basis = 'works' AND n_top10 > 0
),
world AS (
  -- A work without any known country carries no credit: it counts neither below the line nor in n.
  SELECT tw.technology_id, COUNT(*) AS n, CAST(SUM(tw.top10_weight) AS DOUBLE) AS n_effective
  FROM core.technology_work AS tw
  WHERE tw.is_comparable AND tw.top10_weight > 0 AND tw.publication_year BETWEEN $first_year AND $last_year
    AND tw.work_id IN (SELECT wc.work_id FROM core.work_country AS wc)
  GROUP BY tw.technology_id
),
total AS (
  SELECT technology_id, SUM(country_credit) AS world_credit FROM credit GROUP BY technology_id
),
share AS (
  SELECT c.technology_id, c.country_code, w.n, c.n_national, w.n_effective,
    CASE WHEN t.world_credit > 0 THEN CAST(c.country_credit AS DOUBLE) / CAST(t.world_credit AS DOUBLE) END
      AS value
  FROM credit AS c
  JOIN total AS t ON t.technology_id = c.technology_id
  JOIN world AS w ON w.technology_id = c.technology_id
)
-- Tied works carry less than one each, so the interval and the gate stand on the sum of the weights, never on
-- the row count.
SELECT technology_id, country_code, value, n, n_national, wilson_lo(value, n_effective) AS value_lo,
  wilson_hi(value, n_effective) AS value_hi, n_effective
FROM share
ORDER BY technology_id, country_code

-- evidence
WITH world AS (
  SELECT SUM(tw.top10_weight * wc.weight) AS world_credit
  FROM core.technology_work AS tw
  JOIN core.work_country AS wc ON wc.work_id = tw.work_id
  WHERE tw.technology_id = $technology_id AND tw.is_comparable AND tw.top10_weight > 0
    AND tw.publication_year BETWEEN $first_year AND $last_year
)
-- Each row is one top 10 % work of the country; the contributions add up to the value.
SELECT w.raw_digest, w.raw_line, 'W' || CAST(w.work_id AS VARCHAR) AS item_id,
  CAST(tw.top10_weight * wc.weight AS DOUBLE) / CAST(world.world_credit AS DOUBLE) AS contribution
FROM core.technology_work AS tw
JOIN core.work_country AS wc ON wc.work_id = tw.work_id
JOIN core.work AS w ON w.work_id = tw.work_id
CROSS JOIN world
WHERE tw.technology_id = $technology_id AND wc.country_code = $country_code AND tw.is_comparable
  AND tw.top10_weight > 0
  AND tw.publication_year BETWEEN $first_year AND $last_year
ORDER BY contribution DESC, item_id
