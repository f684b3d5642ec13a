/*---
id: i3_removal_impact
name: {en: Impact of removal, ja: 欠落の影響}
definition:
  en: >-
    What the other countries could not replace if the country's knowledge fell away: for each partner max(0, p
    - g (1 - p)), where p is the country's share of the partner's foreign sources and g the share by which the
    remaining sources can expand (0.5: only a dependence above one third counts), averaged over the partners
    by their activity. The interval holds 95 % of the resampled worlds, moved back by twice their bias.
  ja: "その国の知識が失われたとき、他国が代替できない部分。相手国ごとに max(0, p - g (1 - p)) を求め、\
    この技術での活動量で平均する。pは相手国の\
    国外の引用元に占めるその国の割合、gは残りの引用元が拡大できる割合（0.5のとき、\
    3分の1を超える依存だけを数える）。\
    区間は再抽出した世界の95%を含む範囲を、偏りの2倍だけ戻したもの。"
unit: share
grain: technology x country
period: works
basis: works
variants: {"": {basis: works}, _families: {basis: families}}
variant_names: {"": {en: works, ja: 論文}, _families: {en: patent families, ja: 特許ファミリー}}
counting: fractional
inputs: [core.citation_flow, core.country_output, core.citation_credit, core.reference_coverage]
params: {expansion: 0.5}
min_n: 30
min_national: min_national_items
interval: resampled_centred
contribution: credit
caveats: [held_references_only, expansion_assumed]
references:
  - "Albert, Jeong & Barabasi (2000), Nature 406, 378-382: removal of a node from a network; the formulation
    is our own"
  - "Efron & Tibshirani (1993), An Introduction to the Bootstrap, ch. 10 and 13: bias and percentile interval"
since: "0.1.0"
---*/
WITH foreign_flow AS (
  SELECT technology_id, citing_country_code AS partner, cited_country_code AS country_code, flow, n_citations,
    SUM(flow) OVER (PARTITION BY technology_id, citing_country_code) AS total_flow,
    SUM(n_citations) OVER (PARTITION BY technology_id, citing_country_code) AS total_n
  FROM core.citation_flow
  WHERE basis = $basis AND cited_country_code <> citing_country_code AND flow > 0
),
partner AS (
  -- Other countries that cite abroad at all; one whose sources are unknown says nothing about anybody.
  SELECT f.technology_id, f.partner, MAX(f.total_flow) AS total_flow, MAX(f.total_n) AS total_n,
    MAX(a.output) AS activity
  FROM foreign_flow AS f
  JOIN core.country_output AS a ON a.technology_id = f.technology_id AND a.basis = $basis
    AND a.country_code = f.partner
  GROUP BY f.technology_id, f.partner
),
pair AS (
  -- Every partner stands beside every cited country, cited by it or not.
  SELECT p.technology_id, c.country_code, p.activity, p.total_n, COALESCE(f.n_citations, 0) AS n_received,
    CAST(COALESCE(f.flow, 0) AS DOUBLE) / CAST(p.total_flow AS DOUBLE) AS p
  FROM partner AS p
  JOIN (SELECT DISTINCT technology_id, country_code FROM foreign_flow) AS c
    ON c.technology_id = p.technology_id AND c.country_code <> p.partner
  LEFT JOIN foreign_flow AS f ON f.technology_id = p.technology_id AND f.partner = p.partner
    AND f.country_code = c.country_code
),
total AS (
  -- Added up as DECIMAL: exact, so the same in any order.
  SELECT technology_id, country_code, CAST(SUM(activity) AS DOUBLE) AS activity,
    CAST(SUM(total_n) AS BIGINT) AS n,
    CAST(SUM(n_received) AS BIGINT) AS n_national,
    CAST(SUM(CAST(CAST(activity AS DOUBLE) * greatest(CAST(0 AS DOUBLE), p - $expansion * (1 - p))
      AS DECIMAL(38, 12))) AS DOUBLE) AS gap
  FROM pair
  GROUP BY technology_id, country_code
)
SELECT technology_id, country_code, CASE WHEN activity > 0 THEN gap / activity END AS value, n, n_national
FROM total
ORDER BY technology_id, country_code

-- evidence
-- Each row is one citing document of one other country, with the fractional credit of what it cites of the
-- country.
SELECT raw_digest, raw_line, citing_country_code || ' ' || item_id AS item_id, SUM(credit) AS contribution
FROM core.citation_credit
WHERE technology_id = $technology_id AND basis = $basis AND citing_country_code <> $country_code
  AND cited_country_code = $country_code
GROUP BY raw_digest, raw_line, item_id, citing_country_code
ORDER BY contribution DESC, item_id
