/*---
id: a9_import_dependence
name: {en: Dependence of imports, ja: 輸入の依存度}
definition:
  en: >-
    Share of the country's imports of the goods of this technology that comes from one place it could not do
    without: from each HS code's largest single origin, averaged by the value imported; or, as a second
    measure, from countries outside the like-minded group that settings.yaml names (nothing is measured where
    it names none). What comes from areas that are no country, or from nowhere named, is never the largest
    origin and never outside the group: it stays below the line, so both measures are rather too small. Year,
    interval and what is left out are as for the concentration. n is the number of origins named, over all
    codes.
  ja: "この技術に対応する品目の輸入のうち、失えば困る一箇所に由来する割合。\
    HSコードごとの最大の輸入元1国の割合を輸入額で平均する。第二の尺度は、\
    settings.yamlで指定した同志国以外からの割合（指定がなければ計測しない）。\
    国でない地域や輸入元不明の分は、最大の輸入元にも同志国以外にも数えず分母にだけ残るため、\
    いずれの値も小さめに出る。年・区間・除外するものは輸入元の集中度と同じ。nは全コードの輸入元の数。"
unit: share
grain: technology x country
period: trade
basis: trade
counting: none
inputs: [core.technology_hs, core.import_origin, core.country]
params: {}
variants: {"": {is_exposed: false}, _exposed: {is_exposed: true}}
variant_names:
  "": {en: largest single origin, ja: 最大の輸入元1国}
  _exposed: {en: outside the like-minded group, ja: 同志国以外}
min_n: 1
min_national: 0
interval: mirror
contribution: value_part
caveats: [goods_not_technology, value_not_need, unnamed_origins_spread]
value_caveats: [mirror_interval, no_sampling_interval]
references:
  - "European Commission, SWD(2021) 352: strategic dependencies and capacities (share of imports from
    outside)"
  - "Kroll (2024), Assessing open strategic autonomy, JRC, doi 10.2760/767279 (only dependence outside the
    group counts)"
since: "0.1.0"
---*/
WITH origin AS (
  SELECT l.technology_id, o.importer_country_code AS country_code, o.is_mirror, o.hs_code, o.period_year,
    o.trade_value_usd, o.import_total_usd,
    c.is_like_minded, ROW_NUMBER() OVER (PARTITION BY l.technology_id, o.importer_country_code, o.is_mirror,
    o.hs_code
      ORDER BY o.trade_value_usd DESC, o.exporter_country_code) AS place
  FROM core.technology_hs AS l
  JOIN core.import_origin AS o ON o.hs_code = l.hs_code
  JOIN core.country AS c ON c.country_code = o.exporter_country_code
),
side AS (
  SELECT technology_id, country_code, is_mirror, COUNT(*) AS n, MIN(period_year) AS period_year,
    COUNT(is_like_minded) > 0 OR NOT $is_exposed AS is_known,
    CAST(SUM(CAST(CASE WHEN place = 1 THEN import_total_usd ELSE 0 END AS DECIMAL(38, 6))) AS DOUBLE)
      AS total_usd,
    CAST(SUM(CAST(CASE WHEN ($is_exposed AND NOT is_like_minded)
      OR (NOT $is_exposed AND place = 1) THEN trade_value_usd ELSE 0 END
      AS DECIMAL(38, 6))) AS DOUBLE) AS part_usd
  FROM origin
  GROUP BY technology_id, country_code, is_mirror
),
share AS (
  SELECT technology_id, country_code, is_mirror, n, period_year,
    CASE WHEN is_known THEN part_usd / total_usd END AS value FROM side
)
SELECT own.technology_id, own.country_code, own.value,
  CASE WHEN other.value IS NOT NULL THEN least(own.value, other.value) END AS value_lo,
  CASE WHEN other.value IS NOT NULL THEN greatest(own.value, other.value) END AS value_hi, own.n,
    own.period_year AS period_first_year,
  own.period_year AS period_last_year, [CASE WHEN other.value IS NOT NULL THEN 'mirror_interval'
    ELSE 'no_sampling_interval' END] AS caveats
FROM share AS own
LEFT JOIN share AS other ON other.technology_id = own.technology_id AND other.country_code = own.country_code
  AND other.is_mirror
WHERE NOT own.is_mirror
ORDER BY own.technology_id, own.country_code

-- evidence
WITH mine AS (
  SELECT o.*, c.is_like_minded, ROW_NUMBER() OVER (PARTITION BY o.hs_code
    ORDER BY o.trade_value_usd DESC, o.exporter_country_code) AS place
  FROM core.technology_hs AS l
  JOIN core.import_origin AS o ON o.hs_code = l.hs_code
  JOIN core.country AS c ON c.country_code = o.exporter_country_code
  WHERE l.technology_id = $technology_id AND o.importer_country_code = $country_code AND NOT o.is_mirror
)
-- Each row is one origin that counts: its part of all imports of the goods; they add up to the value.
SELECT raw_digest, raw_line, hs_code || ' ' || CAST(period_year AS VARCHAR) || ' ' || exporter_country_code
  AS item_id,
  trade_value_usd / (SELECT SUM(import_total_usd) FROM mine WHERE place = 1) AS contribution
FROM mine
WHERE ($is_exposed AND NOT is_like_minded) OR (NOT $is_exposed AND place = 1)
ORDER BY contribution DESC, item_id
