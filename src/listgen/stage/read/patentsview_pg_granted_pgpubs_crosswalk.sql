/*---
form: patentsview_pg_granted_pgpubs_crosswalk
record:
  en: One published US application and the grant it led to, PatentsView table pg_granted_pgpubs_crosswalk
  ja: 米国公開出願とその登録特許の組1つ（PatentsViewの表pg_granted_pgpubs_crosswalk）
kind: families
layout: delimited
columns: [pgpub_id, patent_id]
---*/
WITH record AS (
  SELECT row_number() OVER () AS raw_line, pgpub_id, patent_id
  FROM read_csv($path, delim = '\t', quote = '"', escape = '"', header = true, auto_detect = false,
    columns = $columns,
    nullstr = ['', '\N'], compression = $compression, store_rejects = true, rejects_table = 'reject_row',
    rejects_scan = 'reject_scan',
    rejects_limit = 0)
),
judged AS (
  -- An application that led to no grant has no patent_id.
  SELECT *, CASE
    WHEN NOT coalesce(regexp_full_match(pgpub_id, '(?:19|20)[0-9]{9}'), false)
      THEN ['pgpub_id', 'missing or not a publication number of eleven digits', pgpub_id]
    WHEN patent_id IS NOT NULL AND NOT coalesce(regexp_full_match(patent_id,
      '(?:D|RE|PP|H|T|AI|X)?[0-9]{1,9}'), false)
      THEN ['patent_id', 'not a US patent number', patent_id]
    END AS reject
  FROM record
)
SELECT raw_line, pgpub_id, patent_id,
  reject[1] AS reject_field, reject[2] AS reject_reason, left(reject[3], 80) AS reject_excerpt
FROM judged
