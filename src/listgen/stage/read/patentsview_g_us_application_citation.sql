/*---
form: patentsview_g_us_application_citation
record:
  en: One reference of a granted US patent to a published US application, PatentsView table
    g_us_application_citation
  ja: 米国登録特許1件から米国公開出願への引用1件（PatentsViewの表g_us_application_citation）
kind: families
layout: delimited
columns: [patent_id, citation_document_number]
---*/
WITH record AS (
  SELECT row_number() OVER () AS raw_line, patent_id, citation_document_number
  FROM read_csv($path, delim = '\t', quote = '"', escape = '"', header = true, auto_detect = false,
    columns = $columns,
    nullstr = ['', '\N'], compression = $compression, store_rejects = true, rejects_table = 'reject_row',
    rejects_scan = 'reject_scan',
    rejects_limit = 0)
),
judged AS (
  SELECT *, CASE
    WHEN coalesce(regexp_full_match(patent_id || ' ' || citation_document_number,
      '(?:D|RE|PP|H|T|AI|X)?[0-9]{1,9} [0-9/]{11,14}'), false)
      THEN NULL
    WHEN NOT coalesce(regexp_full_match(patent_id, '(?:D|RE|PP|H|T|AI|X)?[0-9]{1,9}'), false)
      THEN ['patent_id', 'missing or not a US patent number', patent_id]
    WHEN NOT coalesce(regexp_full_match(citation_document_number, '[0-9/]{11,14}'), false)
      THEN ['citation_document_number', 'missing or not a US patent number', citation_document_number]
    END AS reject
  FROM record
)
SELECT raw_line, patent_id, citation_document_number AS cited_pgpub_text,
  reject[1] AS reject_field, reject[2] AS reject_reason, left(reject[3], 80) AS reject_excerpt
FROM judged
