/*---
form: patentsview_g_foreign_citation
record:
  en: One reference of a granted US patent to a document of another office, PatentsView table
    g_foreign_citation
  ja: 米国登録特許1件から他庁の文献への引用1件（PatentsViewの表g_foreign_citation）
kind: families
layout: delimited
columns: [patent_id, citation_application_id, citation_country]
---*/
WITH record AS (
  SELECT row_number() OVER () AS raw_line, patent_id, citation_application_id, citation_country
  FROM read_csv($path, delim = '\t', quote = '"', escape = '"', header = true, auto_detect = false,
    columns = $columns,
    nullstr = ['', '\N'], compression = $compression, store_rejects = true, rejects_table = 'reject_row',
    rejects_scan = 'reject_scan',
    rejects_limit = 0)
),
judged AS (
  -- The column is called application, but what stands there is the number of the cited publication as
  -- printed.
  SELECT *, CASE
    WHEN coalesce(regexp_full_match(patent_id || ' ' || citation_application_id || ' ' || citation_country,
      '(?:D|RE|PP|H|T|AI|X)?[0-9]{1,9} [^0-9]*[0-9].* [A-Z]{2}'), false)
      THEN NULL
    WHEN NOT coalesce(regexp_full_match(patent_id, '(?:D|RE|PP|H|T|AI|X)?[0-9]{1,9}'), false)
      THEN ['patent_id', 'missing or not a US patent number', patent_id]
    WHEN NOT coalesce(regexp_full_match(citation_application_id, '(?s)[^0-9]*[0-9].*'), false)
      THEN ['citation_application_id', 'missing or without a digit', citation_application_id]
    WHEN NOT coalesce(regexp_full_match(citation_country, '[A-Z]{2}'), false)
      THEN ['citation_country', 'missing or not a two-letter office code', citation_country]
    END AS reject
  FROM record
)
SELECT raw_line, patent_id, citation_country AS cited_office_code,
  citation_application_id AS cited_number_text,
  reject[1] AS reject_field, reject[2] AS reject_reason, left(reject[3], 80) AS reject_excerpt
FROM judged
