/*---
id: s2_quality_ratio
name: {en: Quality ratio (field-normalised), ja: 質の比（分野補正済み）}
definition:
  en: >-
    The part of the country's works in this technology that the provider places in the most cited tenth of
    their field, year and type in the whole world's literature, divided by 10 %. One is the world average.
    Independent of size; the threshold is the provider's and does not move with the border of the technology.
  ja: "この技術のその国の論文のうち、\
    全世界の文献の中で同じ分野・年・種別の被引用上位10%に入るとデータ提供者が判定したものの割合を10%で\
    割った値。1が世界平均。規模に左右されず、しきい値は提供者によるため技術の範囲の切り方で動かない。"
unit: ratio (world = 1)
grain: technology x country
period: works
basis: works
counting: fractional
inputs: [core.country_output, core.technology_work, core.work_country, core.work]
params: {}
min_n: 30
min_national: min_national_items
interval: wilson
contribution: value_part
caveats: [provider_percentile, small_country_unstable, national_citing]
references:
  - "Waltman et al. (2012), The Leiden Ranking 2011/2012, JASIST 63(12), 2419-2432: PP(top 10 %)"
  - "OpenAlex, field citation_normalized_percentile of the work object"
  - "Wilson (1927), J. Am. Stat. Assoc. 22, 209-212"
since: "0.1.0"
---*/
WITH share AS (
  SELECT technology_id, country_code, n_rated AS n,
    CASE WHEN rated_output > 0 THEN CAST(field_top10_output AS DOUBLE) / CAST(rated_output AS DOUBLE) END
      AS pp_top10
  FROM core.country_output
  WHERE basis = 'works' AND n_rated > 0
)
-- n is the country's own works: the evidence is national, whatever the world publishes.
SELECT technology_id, country_code, pp_top10 / CAST(0.10 AS DOUBLE) AS value, n, n AS n_national,
  wilson_lo(pp_top10, n) / CAST(0.10 AS DOUBLE) AS value_lo,
  wilson_hi(pp_top10, n) / CAST(0.10 AS DOUBLE) AS value_hi
FROM share
ORDER BY technology_id, country_code

-- evidence
WITH mine AS (
  SELECT w.raw_digest, w.raw_line, w.work_id, w.is_field_top10, wc.weight
  FROM core.technology_work AS tw
  JOIN core.work AS w ON w.work_id = tw.work_id
  JOIN core.work_country AS wc ON wc.work_id = tw.work_id
  WHERE tw.technology_id = $technology_id AND wc.country_code = $country_code AND tw.is_comparable
    AND w.is_field_top10 IS NOT NULL AND tw.publication_year BETWEEN $first_year AND $last_year
),
total AS (
  SELECT SUM(weight) AS country_output FROM mine
)
-- Each row is one work of the country; those outside their field's top 10 % carry 0. The contributions add up
-- to the value.
SELECT mine.raw_digest, mine.raw_line, 'W' || CAST(mine.work_id AS VARCHAR) AS item_id,
  CASE WHEN mine.is_field_top10 THEN CAST(mine.weight AS DOUBLE) / CAST(total.country_output AS DOUBLE)
    / CAST(0.10 AS DOUBLE)
    ELSE CAST(0 AS DOUBLE) END AS contribution
FROM mine
CROSS JOIN total
ORDER BY contribution DESC, item_id
