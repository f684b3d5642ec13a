/*---
form: patentsview_pg_cpc_current
record:
  en: One CPC symbol of one published US application, PatentsView table pg_cpc_current
  ja: 米国公開出願1件のCPC記号1つ（PatentsViewの表pg_cpc_current）
kind: families
layout: delimited
columns: [pgpub_id, cpc_group]
---*/
WITH record AS (
  SELECT row_number() OVER () AS raw_line, pgpub_id, cpc_group
  FROM read_csv($path, delim = '\t', quote = '"', escape = '"', header = true, auto_detect = false,
    columns = $columns,
    nullstr = ['', '\N'], compression = $compression, store_rejects = true, rejects_table = 'reject_row',
    rejects_scan = 'reject_scan',
    rejects_limit = 0)
),
judged AS (
  SELECT *, CASE
    WHEN coalesce(regexp_full_match(pgpub_id || ' ' || cpc_group,
      '(?:19|20)[0-9]{9} [A-HY][0-9]{2}[A-Z][0-9]{1,4}/[0-9]{2,6}'), false)
      THEN NULL
    WHEN NOT coalesce(regexp_full_match(pgpub_id, '(?:19|20)[0-9]{9}'), false)
      THEN ['pgpub_id', 'missing or not a publication number of eleven digits', pgpub_id]
    WHEN NOT coalesce(regexp_full_match(upper(replace(cpc_group, ' ', '')),
      '[A-HY][0-9]{2}[A-Z][0-9]{1,4}/[0-9]{2,6}'), false)
      THEN ['cpc_group', 'missing or not a CPC symbol', cpc_group]
    END AS reject
  FROM record
)
SELECT raw_line, pgpub_id, upper(replace(cpc_group, ' ', '')) AS cpc_code,
  reject[1] AS reject_field, reject[2] AS reject_reason, left(reject[3], 80) AS reject_excerpt
FROM judged
