/*---
id: s5_international_family_share
name: {en: Share of international patent families, ja: 国際特許ファミリーのシェア}
definition:
  en: >-
    The country's share of the world's international patent families of this technology, by country of the inventors (fractional) and
    priority year. A family is international when it was filed at two or more of the five largest offices (EP, JP, KR, CN, US) or as
    a PCT application: inventions somebody paid to protect abroad, which removes most of the home bias.
  ja: "この技術の国際特許ファミリーに占める、その国の割合（発明者の国による分数カウント、優先年）。五大特許庁（EP・JP・KR・CN・US）の\
    2庁以上への出願、またはPCT出願があるファミリーを国際とする。費用をかけて国外でも保護した発明に限るため、自国出願の偏りをおおむね除く。"
unit: share
grain: technology x country
period: families
basis: families
counting: fractional
inputs: [core.technology_family, core.patent_family, core.patent_family_country, core.patent_publication]
params: {}
min_n: 30
min_national: min_national_items
interval: wilson
contribution: value_part
caveats: [known_country_denominator, patent_lag, size_dependent]
references:
  - "OECD (2009), OECD Patent Statistics Manual, chapters 4 and 7: families, inventor's country, fractional counts"
  - "IP5 Offices, IP5 Statistics Report: definition of IP5 families"
  - "Wilson (1927), J. Am. Stat. Assoc. 22, 209-212"
since: "0.1.0"
---*/
WITH credit AS (
  SELECT tf.technology_id, fc.country_code, tf.family_id, fc.weight
  FROM core.technology_family AS tf
  JOIN core.patent_family AS f ON f.family_id = tf.family_id
  JOIN core.patent_family_country AS fc ON fc.family_id = tf.family_id
  WHERE tf.is_comparable AND f.is_international AND fc.role = 'inventor' AND tf.priority_year BETWEEN $first_year AND $last_year
),
world AS (
  SELECT technology_id, SUM(weight) AS world_credit, COUNT(DISTINCT family_id) AS n FROM credit GROUP BY technology_id
),
country AS (
  SELECT technology_id, country_code, SUM(weight) AS country_credit, COUNT(*) AS n_national FROM credit GROUP BY technology_id, country_code
),
share AS (
  SELECT c.technology_id, c.country_code, w.n, c.n_national,
    CASE WHEN w.world_credit > 0 THEN CAST(c.country_credit AS DOUBLE) / CAST(w.world_credit AS DOUBLE) END AS value
  FROM country AS c
  JOIN world AS w ON w.technology_id = c.technology_id
)
SELECT technology_id, country_code, value, n, n_national, wilson_lo(value, n) AS value_lo, wilson_hi(value, n) AS value_hi
FROM share
ORDER BY technology_id, country_code

-- evidence
WITH credit AS (
  SELECT fc.country_code, tf.family_id, fc.weight
  FROM core.technology_family AS tf
  JOIN core.patent_family AS f ON f.family_id = tf.family_id
  JOIN core.patent_family_country AS fc ON fc.family_id = tf.family_id
  WHERE tf.technology_id = $technology_id AND tf.is_comparable AND f.is_international AND fc.role = 'inventor'
    AND tf.priority_year BETWEEN $first_year AND $last_year
),
world AS (
  SELECT SUM(weight) AS world_credit FROM credit
),
publication AS (
  SELECT family_id, publication_number, raw_digest, raw_line, COUNT(*) OVER (PARTITION BY family_id) AS n_publications
  FROM core.patent_publication
  WHERE family_id IN (SELECT family_id FROM credit)
)
-- Each row is one publication; a family's part is divided over its publications. The contributions add up to the value.
SELECT p.raw_digest, p.raw_line, p.publication_number AS item_id,
  CAST(c.weight AS DOUBLE) / CAST(w.world_credit AS DOUBLE) / CAST(p.n_publications AS DOUBLE) AS contribution
FROM credit AS c
JOIN publication AS p ON p.family_id = c.family_id
CROSS JOIN world AS w
WHERE c.country_code = $country_code
ORDER BY contribution DESC, item_id
