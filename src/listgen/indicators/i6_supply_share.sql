/*---
id: i6_supply_share
name: {en: Share of world supply, ja: 世界供給シェア}
definition:
  en: >-
    The country's share of the world supply of the materials this technology stands on, averaged by the importance declared for each
    commodity. Latest year with data; the table's own world row is the whole. Where the table names the country for some of the
    commodities, those in which it is not named count as nothing; a country named nowhere has no value. n is the number of published
    figures behind it.
  ja: "この技術が拠って立つ素材の世界供給に占める、その国の割合を、品目ごとの重要度で平均した値。データのある最新年で、統計表の世界計を分母とする。\
    一部の品目にその国の記載がある場合、記載のない品目はないものとして数え、どこにも記載のない国には値を与えない。nは用いた公表値の数。"
unit: share
grain: technology x country
period: supply
basis: supply
counting: none
inputs: [core.technology_commodity, core.supply, core.source]
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
WITH newest AS (
  -- One source and one year per commodity and stage: the latest year; of two sources the first by id. Sources are never mixed.
  SELECT s.commodity_id, s.stage_id, s.source_id, s.period_year,
    ROW_NUMBER() OVER (PARTITION BY s.commodity_id, s.stage_id ORDER BY s.period_year DESC, s.source_id) AS place
  FROM core.supply AS s
  JOIN core.source AS o ON o.source_id = s.source_id
  WHERE s.quantity IS NOT NULL AND s.country_code <> 'WORLD' AND o.is_comparable
  GROUP BY s.commodity_id, s.stage_id, s.source_id, s.period_year
),
producer AS (
  SELECT s.commodity_id, s.stage_id, s.country_code, s.period_year, s.period_year - s.years_covered + 1 AS first_year, s.quantity
  FROM core.supply AS s
  JOIN newest AS n ON n.commodity_id = s.commodity_id AND n.stage_id = s.stage_id AND n.source_id = s.source_id
    AND n.period_year = s.period_year AND n.place = 1
  WHERE s.quantity IS NOT NULL
),
world AS (
  -- The table's own world row, unless the named countries exceed it.
  SELECT commodity_id, stage_id, period_year, MIN(first_year) AS first_year, COUNT(*) FILTER (WHERE country_code <> 'WORLD') AS n_figures,
    greatest(COALESCE(MAX(CASE WHEN country_code = 'WORLD' THEN quantity END), 0),
      CAST(SUM(CASE WHEN country_code <> 'WORLD' THEN CAST(quantity AS DECIMAL(38, 6)) ELSE 0 END) AS DOUBLE)) AS quantity
  FROM producer
  GROUP BY commodity_id, stage_id, period_year
),
whole AS (
  SELECT t.technology_id, SUM(CAST(t.importance AS DECIMAL(38, 15))) AS importance, CAST(SUM(w.n_figures) AS BIGINT) AS n,
    MIN(w.first_year) AS period_first_year, MAX(w.period_year) AS period_last_year
  FROM core.technology_commodity AS t
  JOIN world AS w ON w.commodity_id = t.commodity_id AND w.stage_id = t.stage_id
  WHERE w.quantity > 0
  GROUP BY t.technology_id
),
part AS (
  SELECT t.technology_id, p.country_code, SUM(CAST(t.importance * p.quantity / w.quantity AS DECIMAL(38, 15))) AS weighted_share
  FROM core.technology_commodity AS t
  JOIN world AS w ON w.commodity_id = t.commodity_id AND w.stage_id = t.stage_id
  JOIN producer AS p ON p.commodity_id = t.commodity_id AND p.stage_id = t.stage_id
  WHERE p.country_code <> 'WORLD' AND w.quantity > 0
  GROUP BY t.technology_id, p.country_code
)
SELECT p.technology_id, p.country_code, CAST(p.weighted_share AS DOUBLE) / CAST(w.importance AS DOUBLE) AS value, w.n,
  w.period_first_year, w.period_last_year
FROM part AS p
JOIN whole AS w ON w.technology_id = p.technology_id
ORDER BY p.technology_id, p.country_code

-- evidence
WITH newest AS (
  SELECT s.commodity_id, s.stage_id, s.source_id, s.period_year, t.importance,
    ROW_NUMBER() OVER (PARTITION BY s.commodity_id, s.stage_id ORDER BY s.period_year DESC, s.source_id) AS place
  FROM core.supply AS s
  JOIN core.technology_commodity AS t ON t.commodity_id = s.commodity_id AND t.stage_id = s.stage_id
  JOIN core.source AS o ON o.source_id = s.source_id
  WHERE t.technology_id = $technology_id AND s.quantity IS NOT NULL AND s.country_code <> 'WORLD' AND o.is_comparable
  GROUP BY s.commodity_id, s.stage_id, s.source_id, s.period_year, t.importance
),
figure AS (
  SELECT s.*, n.importance, greatest(MAX(CASE WHEN s.country_code = 'WORLD' THEN s.quantity ELSE 0 END) OVER same,
      SUM(CASE WHEN s.country_code <> 'WORLD' THEN s.quantity ELSE 0 END) OVER same) AS whole
  FROM core.supply AS s
  JOIN newest AS n ON n.commodity_id = s.commodity_id AND n.stage_id = s.stage_id AND n.source_id = s.source_id
    AND n.period_year = s.period_year AND n.place = 1
  WINDOW same AS (PARTITION BY s.commodity_id, s.stage_id)
)
-- Each row is one published figure of the country; the contributions add up to the value.
SELECT raw_digest, raw_line, commodity_id || ' ' || stage_id || ' ' || CAST(period_year AS VARCHAR) AS item_id,
  importance * quantity / whole / (SELECT SUM(importance) FROM newest WHERE place = 1) AS contribution
FROM figure
WHERE country_code = $country_code AND quantity IS NOT NULL AND whole > 0
ORDER BY contribution DESC, item_id
