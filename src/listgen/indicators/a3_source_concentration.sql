/*---
id: a3_source_concentration
name: {en: Concentration of foreign sources, ja: 国外の引用元の集中度}
definition:
  en: >-
    How far the foreign knowledge the country cites in this technology comes from few countries: the
    Herfindahl index of the shares of the foreign sources, rescaled to 0 (spread evenly over all possible
    sources) to 1 (a single source). Possible sources are all countries cited anywhere in the same matrix,
    over all technologies, less the country itself.
  ja: "その国がこの技術で引用する国外の知識が、どれだけ少数の国に偏っているか。\
    国外の引用元の割合のハーフィンダール指数を、0（考えうる\
    すべての引用元に均等）から1（単一の引用元）に換算した値。考えうる引用元は、\
    同じ行列（全技術）で引用されたすべての国から自国を除いたもの。"
unit: index (0 to 1)
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
interval: delta
contribution: credit
caveats: [held_references_only, source_count_fixed, small_sample_bias_up, citations_not_independent]
references:
  - "Hirschman (1964), The paternity of an index, American Economic Review 54(5), 761-762"
  - "Conijn (2025), master's thesis, Utrecht University, studenttheses.uu.nl/handle/20.500.12932/49237:
    diversity of sources"
  - "Oehlert (1992), A note on the delta method, The American Statistician 46(1), 27-29"
  - "Rao & Scott (1992), A simple method for the analysis of clustered binary data, Biometrics 48, 577-585"
since: "0.1.0"
---*/
WITH possible AS (
  -- Fixed for the whole matrix: a technology with few citations must not shrink its own yardstick.
  SELECT CAST(COUNT(DISTINCT cited_country_code) - 1 AS DOUBLE) AS m FROM core.citation_flow
    WHERE basis = $basis
),
foreign_flow AS (
  SELECT technology_id, citing_country_code AS country_code, cited_country_code, flow, n_citations,
    SUM(flow) OVER (PARTITION BY technology_id, citing_country_code) AS total_flow
  FROM core.citation_flow
  WHERE basis = $basis AND cited_country_code <> citing_country_code AND flow > 0
),
source AS (
  SELECT *, CAST(flow AS DOUBLE) / CAST(total_flow AS DOUBLE) AS p FROM foreign_flow
),
powers AS (
  -- Added up as DECIMAL: exact, so the same in any order.
  SELECT technology_id, country_code, CAST(MAX(total_flow) AS DOUBLE) AS n_effective,
    CAST(SUM(n_citations) AS BIGINT) AS n,
    COUNT(*) AS n_sources, CAST(SUM(CAST(p * p AS DECIMAL(38, 15))) AS DOUBLE) AS s2,
    CAST(SUM(CAST(p * p * p AS DECIMAL(38, 15))) AS DOUBLE) AS s3
  FROM source
  GROUP BY technology_id, country_code
),
clustered AS (
  -- The references of one document resemble one another: both variances are summed over citing documents.
  -- quadratic is p'Vp, trace the sum of the shares' variances; without documents those of independent
  -- citations.
  SELECT powers.*,
    cluster_df(n_effective, s.abroad_abroad) AS df,
    greatest(0.1, 1 - coalesce(s.abroad_abroad, 0) / (n_effective * n_effective)) AS room,
    CASE WHEN s.abroad_abroad > 0 THEN greatest(0, s.mean_mean - 2 * s2 * s.abroad_mean
      + s2 * s2 * s.abroad_abroad) / (n_effective * n_effective) END AS quadratic,
    CASE WHEN s.abroad_abroad > 0 THEN greatest(0, s.source_source - 2 * s.abroad_mean
      + s2 * s.abroad_abroad) / (n_effective * n_effective) END AS trace
  FROM powers
  LEFT JOIN core.citation_spread AS s ON s.technology_id = powers.technology_id AND s.basis = $basis
    AND s.country_code = powers.country_code
),
variance AS (
  SELECT *, coalesce(quadratic / room, (s3 - s2 * s2) / n_effective) AS first_order,
    greatest(1, coalesce(trace / room * n_effective / nullif(1 - s2, 0), 1)) AS design_effect
  FROM clustered
),
spread AS (
  -- Delta method to second order: the first-order term alone is zero when the sources are equal.
  SELECT *, sqrt(coalesce(student_factor(df), 1)) * 1.959963984540054
    * sqrt(greatest(CAST(0 AS DOUBLE), 4 * first_order + 2 * (s2 - 2 * s3 + s2 * s2)
      * (design_effect / n_effective) * (design_effect / n_effective))) AS half_width
  FROM variance
),
ends AS (
  -- With one source only no spread is left to differentiate: the lower end is then the square of Wilson's for
  -- that source.
  SELECT *, CASE WHEN n_sources = 1 THEN wilson_lo(s2, n_effective / design_effect)
    * wilson_lo(s2, n_effective / design_effect)
    -- The index of a sample is too large by the sum of the variances, so the lower end reaches further.
    ELSE s2 - half_width - (1 - s2) * design_effect / n_effective END AS s2_lo,
    s2 + half_width AS s2_hi
  FROM spread
)
SELECT e.technology_id, e.country_code,
  CASE WHEN p.m > 1 THEN greatest(CAST(0 AS DOUBLE), (p.m * e.s2 - 1) / (p.m - 1)) END AS value, e.n,
    e.n AS n_national,
  CASE WHEN p.m > 1 THEN least(CAST(1 AS DOUBLE),
    greatest(CAST(0 AS DOUBLE), (p.m * e.s2_lo - 1) / (p.m - 1))) END AS value_lo,
  CASE WHEN p.m > 1 THEN least(CAST(1 AS DOUBLE),
    greatest(CAST(0 AS DOUBLE), (p.m * e.s2_hi - 1) / (p.m - 1))) END AS value_hi,
  e.n_effective
FROM ends AS e
CROSS JOIN possible AS p
ORDER BY e.technology_id, e.country_code

-- evidence
-- Each row is one citing document of the country and one foreign source; contributions of a source add up to
-- its credit D.
SELECT raw_digest, raw_line, item_id || ' > ' || cited_country_code AS item_id, SUM(credit) AS contribution
FROM core.citation_credit
WHERE technology_id = $technology_id AND basis = $basis AND citing_country_code = $country_code
  AND cited_country_code <> $country_code
GROUP BY raw_digest, raw_line, item_id, cited_country_code
ORDER BY contribution DESC, item_id
