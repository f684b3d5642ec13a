/*---
id: a7_supply_concentration
name: {en: Concentration of supply abroad, ja: 国外供給の集中度}
definition:
  en: >-
    How far the world supply outside the country of the materials this technology stands on lies with few
    countries: for each commodity the Herfindahl index of the other countries' shares of what is produced
    outside the country, rescaled to 0 (spread evenly over all possible suppliers) to 1 (a single supplier),
    averaged by importance over the commodities with data. Latest year. Possible suppliers are all countries
    named as producers of anything, less the country itself. What the table gives to no named country counts
    as spread. n is the number of published figures behind it.
  ja: "この技術が拠って立つ素材の国外での世界供給が、どれだけ少数の国に偏っているか。品目ごとに、\
    自国を除く世界供給に占める各国の割合の\
    ハーフィンダール指数を0（考えうるすべての供給国に均等）から1（単一の供給国）に換算し、\
    品目の重要度で平均する。データのある最新年。\
    考えうる供給国は、何らかの品目の生産国として記載された国から自国を除いたもの。\
    国名のない分は分散しているものとみなす。nは用いた公表値の数。"
unit: index (0 to 1)
grain: technology x country
period: supply
basis: supply
counting: none
inputs: [core.technology_commodity, core.supply, core.supply_position, core.statistic, core.work_country,
  core.patent_family_country]
params: {}
min_n: 1
min_national: 0
interval: none
contribution: credit
caveats: [no_sampling_interval, commodity_not_technology, world_supply_not_own_imports,
  unnamed_suppliers_spread]
references:
  - "European Commission, SWD(2021) 352: strategic dependencies and capacities (concentration of supply)"
  - "Hirschman (1964), The paternity of an index, American Economic Review 54(5), 761-762"
since: "0.1.0"
---*/
WITH world AS (
  SELECT DISTINCT commodity_id, stage_id, period_first_year, period_year, n_figures, world_quantity
  FROM core.supply_position
),
possible AS (
  SELECT CAST(COUNT(DISTINCT country_code) - 1 AS DOUBLE) AS m FROM core.supply WHERE country_code <> 'WORLD'
    AND quantity > 0
),
reader AS (
  -- Every country with any evidence: one that produces nothing depends on the others all the same.
  SELECT country_code FROM core.supply WHERE country_code <> 'WORLD'
  UNION SELECT area_code FROM core.statistic WHERE area_code <> 'WORLD'
  UNION SELECT country_code FROM core.work_country
  UNION SELECT country_code FROM core.patent_family_country
),
outside AS (
  SELECT t.technology_id, t.commodity_id, t.stage_id, t.importance, c.country_code, w.period_year,
    w.period_first_year,
    w.n_figures, w.world_quantity - COALESCE(own.quantity, 0) AS quantity
  FROM core.technology_commodity AS t
  JOIN world AS w ON w.commodity_id = t.commodity_id AND w.stage_id = t.stage_id
  CROSS JOIN reader AS c
  LEFT JOIN core.supply_position AS own ON own.commodity_id = t.commodity_id AND own.stage_id = t.stage_id
    AND own.country_code = c.country_code
),
concentration AS (
  SELECT o.technology_id, o.country_code, o.commodity_id, o.stage_id, o.importance, o.period_year,
    o.period_first_year,
    o.n_figures,
    CAST(SUM(CAST((p.quantity / o.quantity) * (p.quantity / o.quantity) AS DECIMAL(38, 15))) AS DOUBLE) AS hhi
  FROM outside AS o
  JOIN core.supply_position AS p ON p.commodity_id = o.commodity_id AND p.stage_id = o.stage_id
    AND p.country_code <> o.country_code
  WHERE o.quantity > 0
  GROUP BY o.technology_id, o.country_code, o.commodity_id, o.stage_id, o.importance, o.period_year,
    o.period_first_year, o.n_figures
),
scaled AS (
  SELECT c.*, CASE WHEN p.m > 1 THEN greatest(CAST(0 AS DOUBLE), (p.m * c.hhi - 1) / (p.m - 1)) END
    AS hhi_scaled
  FROM concentration AS c
  CROSS JOIN possible AS p
)
SELECT technology_id, country_code, CAST(SUM(CAST(importance * hhi_scaled AS DECIMAL(38, 15))) AS DOUBLE)
    / CAST(SUM(CAST(importance AS DECIMAL(38, 15))) AS DOUBLE) AS value, CAST(SUM(n_figures) AS BIGINT) AS n,
  MIN(period_first_year) AS period_first_year, MAX(period_year) AS period_last_year
FROM scaled
GROUP BY technology_id, country_code
ORDER BY technology_id, country_code

-- evidence
WITH figure AS (
  SELECT p.*, t.importance,
    p.world_quantity - MAX(CASE WHEN p.country_code = $country_code THEN p.quantity
      ELSE 0 END) OVER same AS outside
  FROM core.supply_position AS p
  JOIN core.technology_commodity AS t ON t.commodity_id = p.commodity_id AND t.stage_id = p.stage_id
  WHERE t.technology_id = $technology_id
  WINDOW same AS (PARTITION BY p.commodity_id, p.stage_id)
),
whole AS (
  SELECT SUM(importance) AS importance
  FROM (SELECT DISTINCT commodity_id, stage_id, importance FROM figure WHERE outside > 0)
)
-- Each row is one published figure of another country: its squared share, weighted; their sum is the index
-- before rescaling.
SELECT f.raw_digest, f.raw_line,
  f.commodity_id || ' ' || f.stage_id || ' ' || CAST(f.period_year AS VARCHAR) || ' ' || f.country_code
    AS item_id,
  f.importance * (f.quantity / f.outside) * (f.quantity / f.outside) / w.importance AS contribution
FROM figure AS f
CROSS JOIN whole AS w
WHERE f.country_code <> $country_code AND f.outside > 0
ORDER BY contribution DESC, item_id
