/*---
id: a1_foreign_dependence
name: {en: Foreign dependence, ja: 対外依存度}
definition:
  en: >-
    Share of what the country's own documents of this technology cite that comes from other countries. Read
    along the country's row of the citation matrix: for every citing and cited document the credit is the
    product of the two country weights. n counts the links between a citation and a cited country. The suffix
    _families is the same measure on patent families, by inventor country.
  ja: "この技術のその国の文献が引用しているもののうち、他国に由来する割合。引用行列のその国の行を読む。\
    引用側と被引用側の国の重みの積を\
    1引用の量とする。nは引用と被引用国の組の数。\
    接尾辞 _families は特許ファミリー（発明者の国）による同じ指標。"
unit: share
grain: technology x country
period: works
basis: works
variants: {"": {basis: works}, _families: {basis: families}}
variant_names: {"": {en: works, ja: 論文}, _families: {en: patent families, ja: 特許ファミリー}}
counting: fractional
inputs: [core.citation_flow, core.citation_credit, core.citation_spread, core.reference_coverage]
params: {}
min_n: 30
min_national: min_national_items
interval: wilson
contribution: value_part
caveats: [held_references_only, size_of_country, citations_not_independent]
references:
  - "Conijn (2025), master's thesis, Utrecht University, studenttheses.uu.nl/handle/20.500.12932/49237:
    out-degree of the citation network"
  - "Wilson (1927), J. Am. Stat. Assoc. 22, 209-212"
  - "Rao & Scott (1992), A simple method for the analysis of clustered binary data, Biometrics 48, 577-585"
since: "0.1.0"
---*/
WITH cited AS (
  SELECT technology_id, citing_country_code AS country_code, SUM(flow) AS total_flow,
    CAST(SUM(n_citations) AS BIGINT) AS n,
    SUM(CASE WHEN cited_country_code <> citing_country_code THEN flow ELSE 0 END) AS foreign_flow
  FROM core.citation_flow
  WHERE basis = $basis
  GROUP BY technology_id, citing_country_code
),
share AS (
  SELECT technology_id, country_code, n, CAST(total_flow AS DOUBLE) AS n_effective,
    CASE WHEN total_flow > 0 THEN CAST(foreign_flow AS DOUBLE) / CAST(total_flow AS DOUBLE) END AS value
  FROM cited
),
spread AS (
  SELECT share.*, cluster_df(n_effective, s.all_all) AS df,
    cluster_variance(value, n_effective, s.abroad_abroad, s.all_abroad, s.all_all) AS variance
  FROM share
  LEFT JOIN core.citation_spread AS s ON s.technology_id = share.technology_id AND s.basis = $basis
    AND s.country_code = share.country_code
),
effect AS (
  SELECT *, design_effect(value, variance, n_effective, technology_id) AS design_effect FROM spread
),
sized AS (
  SELECT *, n_effective / design_effect / coalesce(student_factor(df), 1) AS n_interval FROM effect
)
-- A document of two countries makes several links: the gate uses the fractional number of citations, the
-- interval that number over the design effect.
SELECT technology_id, country_code, value, n, n AS n_national, wilson_lo(value, n_interval) AS value_lo,
  wilson_hi(value, n_interval) AS value_hi, n_effective
FROM sized
ORDER BY technology_id, country_code

-- evidence
WITH total AS (
  SELECT SUM(credit) AS total_flow FROM core.citation_credit WHERE technology_id = $technology_id
    AND basis = $basis AND citing_country_code = $country_code
)
-- Each row is one citing document of the country; its contribution is what it cites abroad. They add up to
-- the value.
SELECT raw_digest, raw_line, item_id, SUM(credit) / MAX(total_flow) AS contribution
FROM core.citation_credit
CROSS JOIN total
WHERE technology_id = $technology_id AND basis = $basis AND citing_country_code = $country_code
  AND cited_country_code <> $country_code
GROUP BY raw_digest, raw_line, item_id
ORDER BY contribution DESC, item_id
