/*---
form: patentsview_g_inventor_disambiguated
record:
  en: One inventor of one granted US patent, PatentsView table g_inventor_disambiguated
  ja: 米国登録特許1件の発明者1名（PatentsViewの表g_inventor_disambiguated）
kind: families
layout: delimited
columns: [patent_id, inventor_sequence, location_id]
---*/
WITH record AS (
  SELECT row_number() OVER () AS raw_line, patent_id, inventor_sequence, location_id
  FROM read_csv($path, delim = '\t', quote = '"', escape = '"', header = true, auto_detect = false,
    columns = $columns,
    nullstr = ['', '\N'], compression = $compression, store_rejects = true, rejects_table = 'reject_row',
    rejects_scan = 'reject_scan',
    rejects_limit = 0)
),
judged AS (
  SELECT *, CASE
    WHEN contains(location_id, '"') THEN ['location_id', 'has a lone quote mark', location_id]
    WHEN coalesce(regexp_full_match(patent_id || ' ' || inventor_sequence,
      '(?:D|RE|PP|H|T|AI|X)?[0-9]{1,9} [0-9]{1,6}'), false)
      THEN NULL
    WHEN NOT coalesce(regexp_full_match(patent_id, '(?:D|RE|PP|H|T|AI|X)?[0-9]{1,9}'), false)
      THEN ['patent_id', 'missing or not a US patent number', patent_id]
    WHEN NOT coalesce(regexp_full_match(inventor_sequence, '[0-9]{1,6}'), false)
      THEN ['inventor_sequence', 'missing or not a whole number', inventor_sequence]
    END AS reject
  FROM record
)
SELECT raw_line, patent_id, TRY_CAST(inventor_sequence AS INTEGER) AS inventor_sequence, location_id,
  reject[1] AS reject_field, reject[2] AS reject_reason, left(reject[3], 80) AS reject_excerpt
FROM judged
