/*---
id: i8_export_specialisation
name: {en: Export specialisation, ja: 輸出特化度}
definition:
  en: >-
    Revealed comparative advantage: the country's share of world exports of the goods of this technology,
    divided by its share of world exports of all goods. One is the country's own average. Year, interval and
    what counts as zero are as for the share of world exports. n is the number of exporters' figures behind
    the share in the goods.
  ja: "顕示比較優位。この技術に対応する品目の世界輸出シェアを、全品目の世界輸出シェアで割った値。\
    1がその国の平均。年・区間・ゼロの扱いは世界輸出シェアと同じ。\
    nは品目の側で用いた輸出国の値の数。"
unit: ratio (world = 1)
grain: technology x country
period: trade
basis: trade
counting: none
inputs: [core.technology_hs, core.export_position]
params: {}
min_n: 1
min_national: 0
interval: mirror
contribution: value_part
caveats: [goods_not_technology, reexports_included, relative_to_own_portfolio]
value_caveats: [mirror_interval, no_sampling_interval]
references:
  - "Balassa (1965), Trade liberalisation and revealed comparative advantage, The Manchester School 33(2),
    99-123"
  - "Laursen (2015), Revealed comparative advantage and the alternatives as measures of international
    specialization, Eurasian Business Review 5, 99-115"
since: "0.1.0"
---*/
WITH side AS (
  SELECT l.technology_id, e.country_code, e.is_mirror, CAST(SUM(e.n_figures) AS BIGINT) AS n,
    MIN(e.period_year) AS period_year,
    CAST(SUM(CAST(e.trade_value_usd AS DECIMAL(38, 6))) AS DOUBLE)
      / CAST(SUM(CAST(e.world_total_usd AS DECIMAL(38, 6))) AS DOUBLE) AS share
  FROM core.technology_hs AS l
  JOIN core.export_position AS e ON e.hs_code = l.hs_code
  GROUP BY l.technology_id, e.country_code, e.is_mirror
),
advantage AS (
  SELECT s.technology_id, s.country_code, s.is_mirror, s.n, s.period_year,
    CASE WHEN t.trade_value_usd > 0 THEN s.share / (t.trade_value_usd / t.world_total_usd) END AS value
  FROM side AS s
  JOIN core.export_position AS t ON t.hs_code = 'TOTAL' AND t.country_code = s.country_code
    AND t.is_mirror = s.is_mirror
)
SELECT own.technology_id, own.country_code, own.value,
  CASE WHEN other.value IS NOT NULL THEN least(own.value, other.value) END AS value_lo,
  CASE WHEN other.value IS NOT NULL THEN greatest(own.value, other.value) END AS value_hi, own.n,
    own.period_year AS period_first_year,
  own.period_year AS period_last_year, [CASE WHEN other.value IS NOT NULL THEN 'mirror_interval'
    ELSE 'no_sampling_interval' END] AS caveats
FROM advantage AS own
LEFT JOIN advantage AS other ON other.technology_id = own.technology_id
  AND other.country_code = own.country_code AND other.is_mirror
WHERE NOT own.is_mirror
ORDER BY own.technology_id, own.country_code

-- evidence
WITH mine AS (
  SELECT e.* FROM core.technology_hs AS l JOIN core.export_position AS e ON e.hs_code = l.hs_code
  WHERE l.technology_id = $technology_id AND e.country_code = $country_code AND NOT e.is_mirror
),
whole AS (
  SELECT trade_value_usd / world_total_usd AS share
  FROM core.export_position WHERE hs_code = 'TOTAL' AND country_code = $country_code AND NOT is_mirror
    AND trade_value_usd > 0
)
-- Each row is the country's exports of one HS code: their part of the ratio; the row of all goods is the
-- divisor of each.
SELECT raw_digest, raw_line, hs_code || ' ' || CAST(period_year AS VARCHAR) AS item_id,
  trade_value_usd / (SELECT SUM(world_total_usd) FROM mine) / (SELECT share FROM whole) AS contribution
FROM mine
WHERE EXISTS (FROM whole)
ORDER BY contribution DESC, item_id
