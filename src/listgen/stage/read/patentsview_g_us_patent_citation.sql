/*---
form: patentsview_g_us_patent_citation
record:
  en: One reference of a granted US patent to another US patent, PatentsView table g_us_patent_citation
  ja: 米国登録特許1件から別の米国特許への引用1件（PatentsViewの表g_us_patent_citation）
kind: families
layout: delimited
columns: [patent_id, citation_patent_id]
---*/
WITH record AS (
  SELECT row_number() OVER () AS raw_line, patent_id, citation_patent_id
  FROM read_csv($path, delim = '\t', quote = '"', escape = '"', header = true, auto_detect = false,
    columns = $columns,
    nullstr = ['', '\N'], compression = $compression, store_rejects = true, rejects_table = 'reject_row',
    rejects_scan = 'reject_scan',
    rejects_limit = 0)
),
judged AS (
  SELECT *, CASE
    WHEN coalesce(regexp_full_match(patent_id || ' ' || citation_patent_id,
      '(?:D|RE|PP|H|T|AI|X)?[0-9]{1,9} [A-Z]{0,2}[0-9/]{1,14}'), false)
      THEN NULL
    WHEN NOT coalesce(regexp_full_match(patent_id, '(?:D|RE|PP|H|T|AI|X)?[0-9]{1,9}'), false)
      THEN ['patent_id', 'missing or not a US patent number', patent_id]
    WHEN NOT coalesce(regexp_full_match(citation_patent_id, '[A-Z]{0,2}[0-9/]{1,14}'), false)
      THEN ['citation_patent_id', 'missing or not a US patent number', citation_patent_id]
    END AS reject
  FROM record
)
SELECT raw_line, patent_id, citation_patent_id AS cited_patent_id,
  reject[1] AS reject_field, reject[2] AS reject_reason, left(reject[3], 80) AS reject_excerpt
FROM judged
