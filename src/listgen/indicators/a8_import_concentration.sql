/*---
id: a8_import_concentration
name: {en: Concentration of imports, ja: 輸入元の集中度}
definition:
  en: >-
    How far the country's imports of the goods of this technology come from few countries: for each HS code
    the Herfindahl index of the origins' shares (1/N evenly from N origins, 1 from a single one), averaged by
    the value imported. What came back to the country is left out; what comes from areas that are no country
    counts as spread, and a code of which no origin is known is left out. The year is the newest that most of
    the world has reported. The interval reaches from what the country says to what the origins say. n is the
    number of origins named, over all codes.
  ja: "この技術に対応する品目の輸入が、どれだけ少数の国に偏っているか。\
    HSコードごとに輸入元の割合のハーフィンダール指数（N国に均等なら1/N、\
    1国のみなら1）を求め、輸入額で平均する。自国への戻り品は除き、\
    国でない地域からの輸入は分散しているものとみなし、\
    輸入元が全く分からないコードは除く。年は世界の大半が報告済みの最新年。\
    区間は輸入国の報告と輸出国の報告の間。nは全コードの輸入元の数。"
unit: index (0 to 1)
grain: technology x country
period: trade
basis: trade
counting: none
inputs: [core.technology_hs, core.import_origin]
params: {}
min_n: 1
min_national: 0
interval: mirror
contribution: value_part
caveats: [goods_not_technology, value_not_need, unnamed_origins_spread]
value_caveats: [mirror_interval, no_sampling_interval]
references:
  - "European Commission, SWD(2021) 352: strategic dependencies and capacities (import concentration above
    0.4)"
  - "Hirschman (1964), The paternity of an index, American Economic Review 54(5), 761-762"
since: "0.1.0"
---*/
WITH code AS (
  SELECT l.technology_id, o.importer_country_code AS country_code, o.is_mirror, o.hs_code, o.import_total_usd,
    MIN(o.period_year) AS period_year,
    COUNT(*) AS n_origins,
    SUM(CAST((o.trade_value_usd / o.import_total_usd) * (o.trade_value_usd / o.import_total_usd)
      AS DECIMAL(38, 15))) AS hhi
  FROM core.technology_hs AS l
  JOIN core.import_origin AS o ON o.hs_code = l.hs_code
  GROUP BY l.technology_id, o.importer_country_code, o.is_mirror, o.hs_code, o.import_total_usd
),
side AS (
  SELECT technology_id, country_code, is_mirror, CAST(SUM(n_origins) AS BIGINT) AS n,
    MIN(period_year) AS period_year,
    CAST(SUM(CAST(import_total_usd * CAST(hhi AS DOUBLE) AS DECIMAL(38, 6))) AS DOUBLE)
      / CAST(SUM(CAST(import_total_usd AS DECIMAL(38, 6))) AS DOUBLE) AS value
  FROM code
  GROUP BY technology_id, country_code, is_mirror
)
SELECT own.technology_id, own.country_code, own.value,
  CASE WHEN other.value IS NOT NULL THEN least(own.value, other.value) END AS value_lo,
  CASE WHEN other.value IS NOT NULL THEN greatest(own.value, other.value) END AS value_hi, own.n,
    own.period_year AS period_first_year,
  own.period_year AS period_last_year, [CASE WHEN other.value IS NOT NULL THEN 'mirror_interval'
    ELSE 'no_sampling_interval' END] AS caveats
FROM side AS own
LEFT JOIN side AS other ON other.technology_id = own.technology_id AND other.country_code = own.country_code
  AND other.is_mirror
WHERE NOT own.is_mirror
ORDER BY own.technology_id, own.country_code

-- evidence
WITH mine AS (
  SELECT o.* FROM core.technology_hs AS l JOIN core.import_origin AS o ON o.hs_code = l.hs_code
  WHERE l.technology_id = $technology_id AND o.importer_country_code = $country_code AND NOT o.is_mirror
),
whole AS (
  SELECT SUM(import_total_usd) AS usd FROM (SELECT DISTINCT hs_code, import_total_usd FROM mine) AS code
)
-- Each row is one origin of one HS code: its squared share, weighted by what is imported of the code; they
-- add up to the value.
SELECT raw_digest, raw_line, hs_code || ' ' || CAST(period_year AS VARCHAR) || ' ' || exporter_country_code
  AS item_id,
  (trade_value_usd / import_total_usd) * (trade_value_usd / import_total_usd) * import_total_usd / (SELECT usd
    FROM whole) AS contribution
FROM mine
ORDER BY contribution DESC, item_id
