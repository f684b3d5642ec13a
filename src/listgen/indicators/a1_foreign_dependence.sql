/*---
id: a1_foreign_dependence
name: {en: Foreign dependence, ja: 対外依存度}
definition:
  en: >-
    Share of what the country's own documents of this technology cite that comes from other countries. Read along the country's row of
    the citation matrix: for every citing and cited document the credit is the product of the two country weights. n counts the links
    between a citation and a cited country. The suffix _families is the same measure on patent families, by inventor country.
  ja: "この技術のその国の文献が引用しているもののうち、他国に由来する割合。引用行列のその国の行を読む。引用側と被引用側の国の重みの積を\
    1引用の量とする。nは引用と被引用国の組の数。接尾辞 _families は特許ファミリー（発明者の国）による同じ指標。"
unit: share
grain: technology x country
period: works
basis: works
variants: {"": {basis: works}, _families: {basis: families}}
variant_names: {"": {en: works, ja: 論文}, _families: {en: patent families, ja: 特許ファミリー}}
counting: fractional
inputs: [core.citation_flow, core.reference_coverage, core.technology_work, core.work_reference, core.work_country, core.work,
  core.technology_family, core.patent_family, core.patent_citation, core.patent_family_country, core.patent_publication]
params: {}
min_n: 30
min_national: min_national_items
interval: wilson
contribution: value_part
caveats: [held_references_only, size_of_country, citations_not_independent]
references:
  - "Conijn (2025), master's thesis, Utrecht University, studenttheses.uu.nl/handle/20.500.12932/49237: out-degree of the citation network"
  - "Wilson (1927), J. Am. Stat. Assoc. 22, 209-212"
since: "0.1.0"
---*/
WITH cited AS (
  SELECT technology_id, citing_country_code AS country_code, SUM(flow) AS total_flow, CAST(SUM(n_citations) AS BIGINT) AS n,
    SUM(CASE WHEN cited_country_code <> citing_country_code THEN flow ELSE 0 END) AS foreign_flow
  FROM core.citation_flow
  WHERE basis = $basis
  GROUP BY technology_id, citing_country_code
),
share AS (
  SELECT technology_id, country_code, n, CAST(total_flow AS DOUBLE) AS n_effective,
    CASE WHEN total_flow > 0 THEN CAST(foreign_flow AS DOUBLE) / CAST(total_flow AS DOUBLE) END AS value
  FROM cited
)
-- A document of two countries makes several links: interval and gate stand on the fractional number of citations.
SELECT technology_id, country_code, value, n, n AS n_national, wilson_lo(value, n_effective) AS value_lo,
  wilson_hi(value, n_effective) AS value_hi, n_effective
FROM share
ORDER BY technology_id, country_code

-- evidence
WITH pair AS (
  SELECT w.raw_digest, w.raw_line, 'W' || CAST(w.work_id AS VARCHAR) AS item_id, a.country_code AS citing_country_code,
    b.country_code AS cited_country_code, CAST(a.weight * b.weight AS DOUBLE) AS flow
  FROM core.technology_work AS tw
  JOIN core.work_reference AS r ON r.citing_work_id = tw.work_id
  JOIN core.work_country AS a ON a.work_id = r.citing_work_id
  JOIN core.work_country AS b ON b.work_id = r.cited_work_id
  JOIN core.work AS w ON w.work_id = tw.work_id
  WHERE $basis = 'works' AND tw.technology_id = $technology_id AND tw.is_comparable
    AND tw.publication_year BETWEEN $first_year AND $last_year
  UNION ALL
  SELECT p.raw_digest, p.raw_line, p.publication_number, a.country_code, b.country_code,
    CAST(a.weight * b.weight AS DOUBLE) / CAST(f.n_publications AS DOUBLE)
  FROM core.technology_family AS tf
  JOIN (SELECT DISTINCT citing_family_id, cited_family_id FROM core.patent_citation) AS c ON c.citing_family_id = tf.family_id
  JOIN core.patent_family_country AS a ON a.family_id = c.citing_family_id AND a.role = 'inventor'
  JOIN core.patent_family_country AS b ON b.family_id = c.cited_family_id AND b.role = 'inventor'
  JOIN core.patent_family AS f ON f.family_id = tf.family_id
  JOIN core.patent_publication AS p ON p.family_id = tf.family_id
  WHERE $basis = 'families' AND tf.technology_id = $technology_id AND tf.is_comparable
    AND tf.priority_year BETWEEN $first_year AND $last_year
),
total AS (
  SELECT SUM(flow) AS total_flow FROM pair WHERE citing_country_code = $country_code
)
-- Each row is one citing document of the country; its contribution is what it cites abroad. They add up to the value.
SELECT raw_digest, raw_line, item_id, SUM(flow) / MAX(total_flow) AS contribution
FROM pair
CROSS JOIN total
WHERE citing_country_code = $country_code AND cited_country_code <> $country_code
GROUP BY raw_digest, raw_line, item_id
ORDER BY contribution DESC, item_id
