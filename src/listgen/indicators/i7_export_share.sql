/*---
id: i7_export_share
name: {en: Share of world exports, ja: 世界輸出シェア}
definition:
  en: >-
    The country's share of what all reporting countries export to the world of the goods of this technology,
    all HS codes together. The year is the newest that most of the world has reported. A country that reported
    the year and none of the goods has 0; one that did not report has no value. The interval reaches from what
    the exporters say to what the importers say, where these were asked. n is the number of exporters' figures
    behind it.
  ja: "この技術に対応する品目（全HSコードの合計）について、報告した全ての国の世界への輸出額に占める、\
    その国の割合。年は世界の大半が報告済みの最新年。\
    その年を報告し当該品目の記載がない国は0、報告のない国には値を与えない。\
    区間は輸出国の報告と（調べた場合）輸入国の報告の間。nは用いた輸出国の値の数。"
unit: share
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
caveats: [goods_not_technology, reexports_included, size_dependent]
value_caveats: [mirror_interval, no_sampling_interval]
references:
  - "European Commission, SWD(2021) 352: strategic dependencies and capacities (reverse dependencies)"
since: "0.1.0"
---*/
WITH side AS (
  SELECT l.technology_id, e.country_code, e.is_mirror, CAST(SUM(e.n_figures) AS BIGINT) AS n,
    MIN(e.period_year) AS period_year,
    CAST(SUM(CAST(e.trade_value_usd AS DECIMAL(38, 6))) AS DOUBLE)
      / CAST(SUM(CAST(e.world_total_usd AS DECIMAL(38, 6))) AS DOUBLE) AS value
  FROM core.technology_hs AS l
  JOIN core.export_position AS e ON e.hs_code = l.hs_code
  GROUP BY l.technology_id, e.country_code, e.is_mirror
)
SELECT own.technology_id, own.country_code, own.value,
  CASE WHEN other.value IS NOT NULL THEN least(own.value, other.value) END AS value_lo,
  CASE WHEN other.value IS NOT NULL THEN greatest(own.value, least(other.value, 1)) END AS value_hi, own.n,
  own.period_year AS period_first_year, own.period_year AS period_last_year,
  [CASE WHEN other.value IS NOT NULL THEN 'mirror_interval' ELSE 'no_sampling_interval' END] AS caveats
FROM side AS own
LEFT JOIN side AS other ON other.technology_id = own.technology_id AND other.country_code = own.country_code
  AND other.is_mirror
WHERE NOT own.is_mirror
ORDER BY own.technology_id, own.country_code

-- evidence
WITH mine AS (
  SELECT e.* FROM core.technology_hs AS l JOIN core.export_position AS e ON e.hs_code = l.hs_code
  WHERE l.technology_id = $technology_id AND e.country_code = $country_code AND NOT e.is_mirror
)
-- Each row is the country's exports of one HS code; they add up to the value. A zero leads to the row by
-- which the country reported the year.
SELECT raw_digest, raw_line, hs_code || ' ' || CAST(period_year AS VARCHAR) AS item_id,
  trade_value_usd / (SELECT SUM(world_total_usd) FROM mine) AS contribution
FROM mine
ORDER BY contribution DESC, item_id
