/*---
id: s6_symmetric_rta
name: {en: Specialisation (symmetric RTA), ja: 特化度（対称RTA）}
definition:
  en: >-
    Revealed technological advantage: the country's share of the patent families of this technology divided by
    its share of all patent families, in the symmetric form (RTA - 1) / (RTA + 1). Zero is the country's own
    average, +1 complete specialisation, -1 absence. "All families" is the universe of sources that cover
    every field, never the sum over our own technologies, which overlap.
  ja: "顕示技術優位（RTA）：この技術の特許ファミリーに占めるその国の割合を、\
    全特許ファミリーに占める割合で割り、対称形 (RTA-1)/(RTA+1)\
    にした値。0は自国の平均、+1は完全な特化、-1は不在。「全ファミリー」は全分野を収録する情報源に限り、\
    重複のある当方の技術の合計は使わない。"
unit: index (-1 to 1)
grain: technology x country
period: families
basis: families
counting: fractional
inputs: [core.technology_family, core.patent_family, core.patent_family_country, core.patent_publication]
params: {}
min_n: 30
min_national: min_national_items
interval: log_ratio
contribution: credit
caveats: [relative_to_own_portfolio, domestic_filings_included, no_shrinkage, patent_lag]
references:
  - "Balassa (1965), Trade liberalisation and revealed comparative advantage, The Manchester School 33(2),
    99-123"
  - "Laursen (2015), Revealed comparative advantage and the alternatives, Eurasian Business Review 5, 99-115"
  - "Katz et al. (1978), Biometrics 34, 469-474: variance of the logarithm of a ratio of two proportions"
since: "0.1.0"
---*/
WITH field AS (
  -- Families of sources without a universe keep their row, without a count: the index does not apply there.
  SELECT tf.technology_id, fc.country_code, tf.family_id,
    CASE WHEN tf.is_universe THEN fc.weight END AS weight
  FROM core.technology_family AS tf
  JOIN core.patent_family_country AS fc ON fc.family_id = tf.family_id
  WHERE tf.is_comparable AND fc.role = 'inventor' AND tf.priority_year BETWEEN $first_year AND $last_year
),
field_country AS (
  SELECT technology_id, country_code, SUM(weight) AS own_field, COUNT(weight) AS n_national FROM field
    GROUP BY technology_id, country_code
),
field_world AS (
  SELECT technology_id, SUM(weight) AS world_field,
    COUNT(DISTINCT CASE WHEN weight IS NOT NULL THEN family_id END) AS n
  FROM field
  GROUP BY technology_id
),
universe AS (
  SELECT fc.country_code, SUM(fc.weight) AS own_all
  FROM core.patent_family AS f
  JOIN core.patent_family_country AS fc ON fc.family_id = f.family_id
  WHERE f.is_universe AND f.is_comparable AND fc.role = 'inventor' AND f.priority_year BETWEEN $first_year
    AND $last_year
  GROUP BY fc.country_code
),
universe_world AS (
  SELECT SUM(own_all) AS world_all FROM universe
),
cell AS (
  SELECT c.technology_id, c.country_code, w.n, c.n_national, CAST(c.own_field AS DOUBLE) AS own_field,
    CAST(u.own_all AS DOUBLE) AS own_all,
    CAST(w.world_field AS DOUBLE) AS world_field, CAST(a.world_all AS DOUBLE) AS world_all
  FROM field_country AS c
  JOIN field_world AS w ON w.technology_id = c.technology_id
  LEFT JOIN universe AS u ON u.country_code = c.country_code
  CROSS JOIN universe_world AS a
),
rta AS (
  SELECT *, CASE WHEN own_field > 0 AND own_all > 0
    AND world_field > 0 THEN (own_field / own_all) / (world_field / world_all) END AS ratio,
    CASE WHEN own_field > 0 AND own_all > 0
      AND world_field > 0 THEN 1.959963984540054 * sqrt(greatest(CAST(0 AS DOUBLE),
      CAST(1 AS DOUBLE) / own_field - CAST(1 AS DOUBLE) / own_all + CAST(1 AS DOUBLE)
        / world_field - CAST(1 AS DOUBLE) / world_all))
      END AS half_width
  FROM cell
)
-- (r - 1) / (r + 1) rises with r, so the ends of the interval of r map onto the ends of the interval of the
-- index.
SELECT technology_id, country_code, (ratio - 1) / (ratio + 1) AS value, NULLIF(n, 0) AS n,
  NULLIF(n_national, 0) AS n_national,
  (ratio * exp(-half_width) - 1) / (ratio * exp(-half_width) + 1) AS value_lo,
  (ratio * exp(half_width) - 1) / (ratio * exp(half_width) + 1) AS value_hi
FROM rta
ORDER BY technology_id, country_code

-- evidence
WITH credit AS (
  SELECT tf.family_id, fc.weight
  FROM core.technology_family AS tf
  JOIN core.patent_family_country AS fc ON fc.family_id = tf.family_id
  WHERE tf.technology_id = $technology_id AND fc.country_code = $country_code AND tf.is_comparable
    AND tf.is_universe
    AND fc.role = 'inventor' AND tf.priority_year BETWEEN $first_year AND $last_year
),
publication AS (
  SELECT family_id, publication_number, raw_digest, raw_line,
    COUNT(*) OVER (PARTITION BY family_id) AS n_publications
  FROM core.patent_publication
  WHERE family_id IN (SELECT family_id FROM credit)
)
-- Each row is one publication; their sum is the country's count in the field, the first of the four counts of
-- the ratio.
SELECT p.raw_digest, p.raw_line, p.publication_number AS item_id,
  CAST(c.weight AS DOUBLE) / CAST(p.n_publications AS DOUBLE) AS contribution
FROM credit AS c
JOIN publication AS p ON p.family_id = c.family_id
ORDER BY contribution DESC, item_id
