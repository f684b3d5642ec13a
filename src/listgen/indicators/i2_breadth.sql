/*---
id: i2_breadth
name: {en: Breadth of reliance, ja: 被依存の広がり}
definition:
  en: >-
    Share of the other countries, weighted by their activity in the technology (fractional works or families),
    for which the country is among the three foreign sources they cite most. A tie for the third place (to one
    millionth of a citation) counts for both. The interval holds 95 % of the resampled worlds.
  ja: "他国のうち、その国が国外の引用元の上位3か国に入る国の割合。\
    各国はこの技術での活動量（論文またはファミリーの分数カウント）で重み付け\
    する。3位が同順位（引用の100万分の1まで等しい）の場合は双方を数える。区間は再抽出した世界の95%を含む。"
unit: share
grain: technology x country
period: works
basis: works
variants: {"": {basis: works}, _families: {basis: families}}
variant_names: {"": {en: works, ja: 論文}, _families: {en: patent families, ja: 特許ファミリー}}
counting: fractional
inputs: [core.citation_flow, core.country_output, core.citation_credit, core.reference_coverage]
params: {top_sources: 3}
min_n: 30
min_national: min_national_items
interval: resampled
contribution: credit
caveats: [held_references_only, cutoff_at_three]
references:
  - "Conijn (2025), as A1; chokepoint logic of Farrell & Newman (2019), Weaponized interdependence,
    International Security 44(1), 42-79"
  - "Efron (1979), Bootstrap methods: another look at the jackknife, Ann. Statist. 7, 1-26: the interval"
since: "0.1.0"
---*/
WITH foreign_flow AS (
  SELECT technology_id, citing_country_code AS partner, cited_country_code AS country_code, flow, n_citations,
    SUM(flow) OVER (PARTITION BY technology_id, citing_country_code) AS total_flow,
    SUM(n_citations) OVER (PARTITION BY technology_id, citing_country_code) AS total_n, ROW_NUMBER() OVER (
      PARTITION BY technology_id, citing_country_code ORDER BY round(flow, 6) DESC, cited_country_code)
      AS place
  FROM core.citation_flow
  WHERE basis = $basis AND cited_country_code <> citing_country_code AND flow > 0
),
partner AS (
  -- Other countries that cite abroad at all; one whose sources are unknown says nothing about anybody.
  SELECT f.technology_id, f.partner, MAX(f.total_flow) AS total_flow, MAX(f.total_n) AS total_n,
    MAX(a.output) AS activity,
    MAX(CASE WHEN f.place = $top_sources THEN f.flow END) AS third_flow
  FROM foreign_flow AS f
  JOIN core.country_output AS a ON a.technology_id = f.technology_id AND a.basis = $basis
    AND a.country_code = f.partner
  GROUP BY f.technology_id, f.partner
),
judged AS (
  -- Every partner stands beside every cited country, cited by it or not.
  SELECT p.technology_id, c.country_code, p.activity, p.total_n, COALESCE(f.n_citations, 0) AS n_received,
    -- Thirds leave a remainder of 1e-12, which must not break a tie.
    CASE WHEN f.place <= $top_sources OR round(f.flow, 6) >= round(p.third_flow, 6) THEN p.activity ELSE 0 END
      AS reached
  FROM partner AS p
  JOIN (SELECT DISTINCT technology_id, country_code FROM foreign_flow) AS c
    ON c.technology_id = p.technology_id AND c.country_code <> p.partner
  LEFT JOIN foreign_flow AS f ON f.technology_id = p.technology_id AND f.partner = p.partner
    AND f.country_code = c.country_code
),
total AS (
  SELECT technology_id, country_code, CAST(SUM(activity) AS DOUBLE) AS activity,
    CAST(SUM(total_n) AS BIGINT) AS n,
    CAST(SUM(n_received) AS BIGINT) AS n_national, CAST(SUM(reached) AS DOUBLE) AS reached
  FROM judged
  GROUP BY technology_id, country_code
)
SELECT technology_id, country_code, CASE WHEN activity > 0 THEN reached / activity END AS value, n, n_national
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
