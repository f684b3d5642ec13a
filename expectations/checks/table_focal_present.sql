/*---
id: table_focal_present
gate: core
table: core.statistic
severity: warning
key: [source_id]
inputs: [core.statistic, core.statistic_series, core.supply]
expect:
  en: a table that names countries names the country of the list
  ja: 国名のある表には一覧の対象国がある
why:
  en: A name that is not recognised takes the country out of every comparison; legitimate for a table about
    other countries.
  ja: 国名が読み取れないと、対象国がすべての比較から外れる。他国だけを扱う表では正当。
---*/
WITH named AS (
  SELECT series.source_id, value.area_code
  FROM core.statistic AS value JOIN core.statistic_series AS series ON series.series_id = value.series_id
  UNION ALL
  SELECT source_id, country_code FROM core.supply
)
SELECT source_id, count(DISTINCT area_code) AS n_countries
FROM named
WHERE area_code <> 'WORLD'
GROUP BY source_id
HAVING count(*) FILTER (area_code = $focal_country) = 0
