/*---
id: s5_international_family_share
name: {en: Share of international patent families, ja: 国際特許ファミリーのシェア}
definition:
  en: >-
    The country's share of the world's international patent families of this technology, by country of the
    inventors (fractional) and priority year. A family is international when it was filed at two or more of
    the five largest offices (EP, JP, KR, CN, US) or as a PCT application: inventions somebody paid to protect
    abroad, which removes most of the home bias. It does not apply where only single documents are held, whose
    families are unknown.
  ja: "この技術の国際特許ファミリーに占める、その国の割合（発明者の国による分数カウント、優先年）。\
    五大特許庁（EP・JP・KR・CN・US）の\
    2庁以上への出願、またはPCT出願があるファミリーを国際とする。費用をかけて国外でも保護した発明に限るため、\
    自国出願の偏りをおおむね除く。\
    ファミリーの分からない単独文献しかない場合は適用しない。"
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
  - "OECD (2009), OECD Patent Statistics Manual, chapters 4 and 7: families, inventor's country, fractional
    counts"
  - "IP5 Offices, IP5 Statistics Report: definition of IP5 families"
  - "Wilson (1927), J. Am. Stat. Assoc. 22, 209-212"
since: "0.1.0"
---*/
WITH family AS (
  -- A single document does not show where else its invention was filed: where nothing else is held its
  -- countries keep a row, uncounted.
  SELECT tf.technology_id, tf.family_id, f.is_international AND f.family_kind = 'docdb' AS is_counted,
    bool_and(f.family_kind <> 'docdb') OVER (PARTITION BY tf.technology_id) AS is_unknown
  FROM core.technology_family AS tf
  JOIN core.patent_family AS f ON f.family_id = tf.family_id
  WHERE tf.is_comparable AND tf.priority_year BETWEEN $first_year AND $last_year
),
credit AS (
  SELECT f.technology_id, fc.country_code, f.family_id, CASE WHEN f.is_counted THEN fc.weight END AS weight
  FROM family AS f
  JOIN core.patent_family_country AS fc ON fc.family_id = f.family_id
  WHERE fc.role = 'inventor' AND (f.is_counted OR f.is_unknown)
),
world AS (
  SELECT technology_id, SUM(weight) AS world_credit,
    COUNT(DISTINCT CASE WHEN weight IS NOT NULL THEN family_id END) AS n
  FROM credit
  GROUP BY technology_id
),
country AS (
  SELECT technology_id, country_code, SUM(weight) AS country_credit, COUNT(weight) AS n_national
  FROM credit
  GROUP BY technology_id, country_code
),
share AS (
  SELECT c.technology_id, c.country_code, NULLIF(w.n, 0) AS n, NULLIF(c.n_national, 0) AS n_national,
    CASE WHEN w.world_credit > 0 THEN CAST(c.country_credit AS DOUBLE) / CAST(w.world_credit AS DOUBLE) END
      AS value
  FROM country AS c
  JOIN world AS w ON w.technology_id = c.technology_id
)
SELECT technology_id, country_code, value, n, n_national, wilson_lo(value, n) AS value_lo,
  wilson_hi(value, n) AS value_hi
FROM share
ORDER BY technology_id, country_code

-- evidence
WITH credit AS (
  SELECT fc.country_code, tf.family_id, fc.weight
  FROM core.technology_family AS tf
  JOIN core.patent_family AS f ON f.family_id = tf.family_id
  JOIN core.patent_family_country AS fc ON fc.family_id = tf.family_id
  WHERE tf.technology_id = $technology_id AND tf.is_comparable AND f.is_international
    AND f.family_kind = 'docdb'
    AND fc.role = 'inventor' AND tf.priority_year BETWEEN $first_year AND $last_year
),
world AS (
  SELECT SUM(weight) AS world_credit FROM credit
),
publication AS (
  SELECT family_id, publication_number, raw_digest, raw_line,
    COUNT(*) OVER (PARTITION BY family_id) AS n_publications
  FROM core.patent_publication
  WHERE family_id IN (SELECT family_id FROM credit)
)
-- Each row is one publication; a family's part is divided over its publications. The contributions add up to
-- the value.
SELECT p.raw_digest, p.raw_line, p.publication_number AS item_id,
  CAST(c.weight AS DOUBLE) / CAST(w.world_credit AS DOUBLE) / CAST(p.n_publications AS DOUBLE) AS contribution
FROM credit AS c
JOIN publication AS p ON p.family_id = c.family_id
CROSS JOIN world AS w
WHERE c.country_code = $country_code
ORDER BY contribution DESC, item_id
