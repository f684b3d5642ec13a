/*---
id: i1_inbound_reliance
name: {en: Inbound reliance, ja: 他国からの被依存度}
definition:
  en: >-
    Of everything the other countries cite abroad in this technology, the share that goes to the country. Read
    down the country's column of the citation matrix; what a country cites at home is left out on both sides.
    n counts the links between a citation and a cited country below the line, n_national those to the country.
  ja: "この技術で他国が国外から引用するもの全体のうち、その国に向かう割合。引用行列のその国の列を読む。\
    自国内の引用は分子・分母とも除く。\
    nは分母の引用と被引用国の組の数、n_nationalはそのうちその国に向かうもの。"
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
caveats: [held_references_only, size_dependent, citations_not_independent]
references:
  - "Conijn (2025), master's thesis, Utrecht University, studenttheses.uu.nl/handle/20.500.12932/49237:
    in-degree of the citation network"
  - "Mueller & Boeing (2024), ZEW Discussion Paper 24-024: global influence"
  - "Wilson (1927), J. Am. Stat. Assoc. 22, 209-212"
  - "Rao & Scott (1992), A simple method for the analysis of clustered binary data, Biometrics 48, 577-585"
since: "0.1.0"
---*/
WITH foreign_flow AS (
  SELECT technology_id, citing_country_code, cited_country_code, flow, n_citations
  FROM core.citation_flow
  WHERE basis = $basis AND cited_country_code <> citing_country_code AND flow > 0
),
world AS (
  SELECT technology_id, SUM(flow) AS flow, SUM(n_citations) AS n FROM foreign_flow GROUP BY technology_id
),
sent AS (
  SELECT technology_id, citing_country_code AS country_code, SUM(flow) AS flow, SUM(n_citations) AS n
  FROM foreign_flow
  GROUP BY technology_id, citing_country_code
),
received AS (
  SELECT technology_id, cited_country_code AS country_code, SUM(flow) AS flow,
    CAST(SUM(n_citations) AS BIGINT) AS n_national
  FROM foreign_flow
  GROUP BY technology_id, cited_country_code
),
base AS (
  -- Below the line stand the foreign citations of all countries but the one assessed.
  SELECT r.technology_id, r.country_code, r.flow AS received_flow, r.n_national,
    w.flow - COALESCE(s.flow, 0) AS others_flow,
    CAST(w.n - COALESCE(s.n, 0) AS BIGINT) AS n
  FROM received AS r
  JOIN world AS w ON w.technology_id = r.technology_id
  LEFT JOIN sent AS s ON s.technology_id = r.technology_id AND s.country_code = r.country_code
),
share AS (
  SELECT technology_id, country_code, n, n_national, CAST(others_flow AS DOUBLE) AS n_effective,
    CASE WHEN others_flow > 0 THEN CAST(received_flow AS DOUBLE) / CAST(others_flow AS DOUBLE) END AS value
  FROM base
),
spread AS (
  SELECT share.*, cluster_df(n_effective, s.others_others) AS df,
    cluster_variance(value, n_effective, s.received_received, s.others_received, s.others_others) AS variance
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
SELECT technology_id, country_code, value, n, n_national, wilson_lo(value, n_interval) AS value_lo,
  wilson_hi(value, n_interval) AS value_hi, n_effective
FROM sized
ORDER BY technology_id, country_code

-- evidence
WITH total AS (
  SELECT SUM(credit) AS others_flow
  FROM core.citation_credit
  WHERE technology_id = $technology_id AND basis = $basis AND citing_country_code <> $country_code
    AND cited_country_code <> citing_country_code
)
-- Each row is one citing document of another country; its contribution is what it cites of the country. They
-- add up to the value.
SELECT raw_digest, raw_line, item_id, SUM(credit) / MAX(others_flow) AS contribution
FROM core.citation_credit
CROSS JOIN total
WHERE technology_id = $technology_id AND basis = $basis AND citing_country_code <> $country_code
  AND cited_country_code = $country_code
GROUP BY raw_digest, raw_line, item_id
ORDER BY contribution DESC, item_id
