/*---
form: patentsview_g_other_reference
record:
  en: One reference of a granted US patent to something that is no patent, as printed, PatentsView table
    g_other_reference
  ja: 米国登録特許1件の非特許文献引用1件（印字のまま。PatentsViewの表g_other_reference）
kind: families
layout: delimited
columns: [patent_id, other_reference_text]
---*/
WITH record AS (
  SELECT row_number() OVER () AS raw_line, patent_id, other_reference_text
  FROM read_csv($path, delim = '\t', quote = '"', escape = '"', header = true, auto_detect = false,
    columns = $columns,
    nullstr = ['', '\N'], compression = $compression, store_rejects = true, rejects_table = 'reject_row',
    rejects_scan = 'reject_scan',
    rejects_limit = 0)
),
judged AS (
  SELECT *, CASE
    WHEN NOT coalesce(regexp_full_match(patent_id, '(?:D|RE|PP|H|T|AI|X)?[0-9]{1,9}'), false)
      THEN ['patent_id', 'missing or not a US patent number', patent_id]
    WHEN other_reference_text IS NULL THEN ['other_reference_text', 'missing', other_reference_text]
    END AS reject
  FROM record
)
SELECT raw_line, patent_id, other_reference_text AS npl_text,
  reject[1] AS reject_field, reject[2] AS reject_reason, left(reject[3], 80) AS reject_excerpt
FROM judged
