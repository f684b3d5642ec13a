/*---
id: i6_supply_share
name: {en: Share of world supply, ja: 世界供給シェア}
definition:
  en: >-
    The country's share of the world supply of the materials this technology stands on, averaged by the
    importance declared for each commodity. Latest year with data; the table's own world row is the whole.
    Where the table names the country for some of the commodities, those in which it is not named count as
    nothing; a country named nowhere has no value. n is the number of published figures behind it.
  ja: "この技術が拠って立つ素材の世界供給に占める、その国の割合を、品目ごとの重要度で平均した値。\
    データのある最新年で、統計表の世界計を分母とする。\
    一部の品目にその国の記載がある場合、記載のない品目はないものとして数え、\
    どこにも記載のない国には値を与えない。nは用いた公表値の数。"
unit: share
grain: technology x country
period: supply
basis: supply
counting: none
inputs: [core.technology_commodity, core.supply_position]
params: {}
min_n: 1
min_national: 0
interval: none
contribution: value_part
caveats: [no_sampling_interval, commodity_not_technology, unnamed_counts_as_nothing]
references:
  - "European Commission, SWD(2021) 352: strategic dependencies and capacities"
since: "0.1.0"
---*/
WITH world AS (
  SELECT DISTINCT commodity_id, stage_id, period_first_year, period_year, n_figures, world_quantity
  FROM core.supply_position
  WHERE world_quantity > 0
),
whole AS (
  SELECT t.technology_id, SUM(CAST(t.importance AS DECIMAL(38, 15))) AS importance,
    CAST(SUM(w.n_figures) AS BIGINT) AS n,
    MIN(w.period_first_year) AS period_first_year, MAX(w.period_year) AS period_last_year
  FROM core.technology_commodity AS t
  JOIN world AS w ON w.commodity_id = t.commodity_id AND w.stage_id = t.stage_id
  GROUP BY t.technology_id
),
part AS (
  SELECT t.technology_id, p.country_code,
    SUM(CAST(t.importance * p.quantity / p.world_quantity AS DECIMAL(38, 15))) AS weighted_share
  FROM core.technology_commodity AS t
  JOIN core.supply_position AS p ON p.commodity_id = t.commodity_id AND p.stage_id = t.stage_id
  WHERE p.world_quantity > 0
  GROUP BY t.technology_id, p.country_code
)
SELECT p.technology_id, p.country_code,
  CAST(p.weighted_share AS DOUBLE) / CAST(w.importance AS DOUBLE) AS value, w.n,
  w.period_first_year, w.period_last_year
FROM part AS p
JOIN whole AS w ON w.technology_id = p.technology_id
ORDER BY p.technology_id, p.country_code

-- evidence
WITH figure AS (
  SELECT p.*, t.importance
  FROM core.supply_position AS p
  JOIN core.technology_commodity AS t ON t.commodity_id = p.commodity_id AND t.stage_id = p.stage_id
  WHERE t.technology_id = $technology_id AND p.world_quantity > 0
),
whole AS (
  SELECT SUM(importance) AS importance
  FROM (SELECT DISTINCT commodity_id, stage_id, importance FROM figure)
)
-- Each row is one published figure of the country; the contributions add up to the value.
SELECT f.raw_digest, f.raw_line,
  f.commodity_id || ' ' || f.stage_id || ' ' || CAST(f.period_year AS VARCHAR) AS item_id,
  f.importance * f.quantity / f.world_quantity / w.importance AS contribution
FROM figure AS f
CROSS JOIN whole AS w
WHERE f.country_code = $country_code
ORDER BY contribution DESC, item_id
