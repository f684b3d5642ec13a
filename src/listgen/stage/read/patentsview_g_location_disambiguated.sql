/*---
form: patentsview_g_location_disambiguated
record:
  en: One place of PatentsView, table g_location_disambiguated
  ja: PatentsViewの所在地1件（表g_location_disambiguated）
kind: families
layout: delimited
columns: [location_id, disambig_country]
key: location_id
---*/
WITH record AS (
  SELECT row_number() OVER () AS raw_line, location_id, disambig_country
  FROM read_csv($path, delim = '\t', quote = '"', escape = '"', header = true, auto_detect = false,
    columns = $columns,
    nullstr = ['', '\N'], compression = $compression, store_rejects = true, rejects_table = 'reject_row',
    rejects_scan = 'reject_scan',
    rejects_limit = 0)
),
judged AS (
  SELECT *, CASE
    WHEN contains(location_id, '"') THEN ['location_id', 'has a lone quote mark', location_id]
    WHEN location_id IS NULL THEN ['location_id', 'missing', '']
    WHEN disambig_country IS NOT NULL AND NOT regexp_full_match(disambig_country, '[A-Za-z]{2}')
      THEN ['disambig_country', 'not a two-letter country code', disambig_country]
    END AS reject
  FROM record
)
SELECT raw_line, location_id, upper(disambig_country) AS country_code,
  reject[1] AS reject_field, reject[2] AS reject_reason, left(reject[3], 80) AS reject_excerpt
FROM judged
