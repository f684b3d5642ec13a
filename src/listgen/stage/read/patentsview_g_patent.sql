/*---
form: patentsview_g_patent
record:
  en: One granted US patent of the PatentsView table g_patent; patent_id is text (D345393, RE35312)
  ja: PatentsViewの表g_patentの米国登録特許1件（patent_idは文字列）
kind: families
layout: delimited
columns: [patent_id, patent_date, wipo_kind]
key: patent_id
---*/
WITH record AS (
  SELECT row_number() OVER () AS raw_line, patent_id, patent_date, wipo_kind
  FROM read_csv($path, delim = '\t', quote = '"', escape = '"', header = true, auto_detect = false,
    columns = $columns,
    nullstr = ['', '\N'], compression = $compression, store_rejects = true, rejects_table = 'reject_row',
    rejects_scan = 'reject_scan',
    rejects_limit = 0)
),
typed AS (
  SELECT *, TRY_CAST(patent_date AS DATE) AS grant_date FROM record
),
judged AS (
  SELECT *, CASE
    WHEN NOT coalesce(regexp_full_match(patent_id, '(?:D|RE|PP|H|T|AI|X)?[0-9]{1,9}'), false)
      THEN ['patent_id', 'missing or not a US patent number', patent_id]
    WHEN grant_date IS NULL OR year(grant_date) NOT BETWEEN 1790 AND $as_of_year + 1
      THEN ['patent_date', 'missing or not a date within 1790 .. ' || ($as_of_year + 1), patent_date]
    END AS reject
  FROM typed
)
SELECT raw_line, patent_id, grant_date, wipo_kind AS kind_code,
  reject[1] AS reject_field, reject[2] AS reject_reason, left(reject[3], 80) AS reject_excerpt
FROM judged
