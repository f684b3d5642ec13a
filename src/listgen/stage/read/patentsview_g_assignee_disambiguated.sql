/*---
form: patentsview_g_assignee_disambiguated
record:
  en: One assignee of one granted US patent, PatentsView table g_assignee_disambiguated
  ja: 米国登録特許1件の権利者1名（PatentsViewの表g_assignee_disambiguated）
kind: families
layout: delimited
columns: [patent_id, assignee_sequence, location_id]
---*/
WITH record AS (
  SELECT row_number() OVER () AS raw_line, patent_id, assignee_sequence, location_id
  FROM read_csv($path, delim = '\t', quote = '"', escape = '"', header = true, auto_detect = false,
    columns = $columns,
    nullstr = ['', '\N'], compression = $compression, store_rejects = true, rejects_table = 'reject_row',
    rejects_scan = 'reject_scan',
    rejects_limit = 0)
),
judged AS (
  SELECT *, CASE
    WHEN contains(location_id, '"') THEN ['location_id', 'has a lone quote mark', location_id]
    WHEN coalesce(regexp_full_match(patent_id || ' ' || assignee_sequence,
      '(?:D|RE|PP|H|T|AI|X)?[0-9]{1,9} [0-9]{1,6}'), false)
      THEN NULL
    WHEN NOT coalesce(regexp_full_match(patent_id, '(?:D|RE|PP|H|T|AI|X)?[0-9]{1,9}'), false)
      THEN ['patent_id', 'missing or not a US patent number', patent_id]
    WHEN NOT coalesce(regexp_full_match(assignee_sequence, '[0-9]{1,6}'), false)
      THEN ['assignee_sequence', 'missing or not a whole number', assignee_sequence]
    END AS reject
  FROM record
)
SELECT raw_line, patent_id, TRY_CAST(assignee_sequence AS INTEGER) AS assignee_sequence, location_id,
  reject[1] AS reject_field, reject[2] AS reject_reason, left(reject[3], 80) AS reject_excerpt
FROM judged
