/*---
id: c1_science_linkage
name: {en: Science linkage of patents, ja: 特許のサイエンスリンケージ}
definition:
  en: >-
    The part of the country's patent families in this technology that cite at least one document that is no
    patent, by country of the inventors (fractional) and priority year. Families whose source gives no such
    references are left out above and below the line. Context, in no axis: it says how near the inventions
    stand to research, not how good they are.
  ja: "この技術のその国の特許ファミリーのうち、\
    非特許文献を1件以上引用するものの割合（発明者の国による分数カウント、優先年）。\
    情報源が非特許文献の引用を示さないファミリーは分子・分母とも除く。文脈を示す値でどの軸にも入れない。\
    発明が研究に近いことを示し、優劣は示さない。"
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
caveats: [known_country_denominator, patent_lag, office_citation_practice]
references:
  - "Narin, Hamilton, Olivastro (1997), Research Policy 26(3), 317-330: references from patents to papers as
    science linkage"
  - "OECD (2009), OECD Patent Statistics Manual, chapter 6: references to non-patent literature"
  - "Wilson (1927), J. Am. Stat. Assoc. 22, 209-212"
since: "0.1.0"
---*/
WITH credit AS (
  SELECT tf.technology_id, fc.country_code, f.n_npl_citations > 0 AS is_linked, fc.weight
  FROM core.technology_family AS tf
  JOIN core.patent_family AS f ON f.family_id = tf.family_id
  JOIN core.patent_family_country AS fc ON fc.family_id = tf.family_id
  WHERE tf.is_comparable AND fc.role = 'inventor' AND f.n_npl_citations IS NOT NULL
    AND tf.priority_year BETWEEN $first_year AND $last_year
),
share AS (
  SELECT technology_id, country_code, COUNT(*) AS n,
    CAST(SUM(CASE WHEN is_linked THEN weight ELSE 0 END) AS DOUBLE) / CAST(SUM(weight) AS DOUBLE) AS value
  FROM credit
  GROUP BY technology_id, country_code
)
-- n is the country's own families: the evidence is national.
SELECT technology_id, country_code, value, n, n AS n_national, wilson_lo(value, n) AS value_lo,
  wilson_hi(value, n) AS value_hi
FROM share
ORDER BY technology_id, country_code

-- evidence
WITH mine AS (
  SELECT tf.family_id, f.n_npl_citations > 0 AS is_linked, fc.weight
  FROM core.technology_family AS tf
  JOIN core.patent_family AS f ON f.family_id = tf.family_id
  JOIN core.patent_family_country AS fc ON fc.family_id = tf.family_id
  WHERE tf.technology_id = $technology_id AND fc.country_code = $country_code AND tf.is_comparable
    AND fc.role = 'inventor'
    AND f.n_npl_citations IS NOT NULL AND tf.priority_year BETWEEN $first_year AND $last_year
),
total AS (
  SELECT SUM(weight) AS country_output FROM mine
),
publication AS (
  SELECT family_id, publication_number, raw_digest, raw_line,
    COUNT(*) OVER (PARTITION BY family_id) AS n_publications
  FROM core.patent_publication
  WHERE family_id IN (SELECT family_id FROM mine)
)
-- Each row is one publication; a family's part is divided over its publications, one without a reference
-- carries 0.
SELECT p.raw_digest, p.raw_line, p.publication_number AS item_id,
  CASE WHEN mine.is_linked THEN CAST(mine.weight AS DOUBLE) / CAST(total.country_output AS DOUBLE)
    / CAST(p.n_publications AS DOUBLE)
    ELSE CAST(0 AS DOUBLE) END AS contribution
FROM mine
JOIN publication AS p ON p.family_id = mine.family_id
CROSS JOIN total
ORDER BY contribution DESC, item_id
