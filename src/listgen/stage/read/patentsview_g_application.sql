/*---
form: patentsview_g_application
record:
  en: The application behind one granted US patent, PatentsView table g_application
  ja: 米国登録特許1件の出願（PatentsViewの表g_application）
kind: families
layout: delimited
columns: [application_id, patent_id, filing_date]
key: patent_id
---*/
WITH record AS (
  SELECT row_number() OVER () AS raw_line, application_id, patent_id, filing_date
  FROM read_csv($path, delim = '\t', quote = '"', escape = '"', header = true, auto_detect = false,
    columns = $columns,
    nullstr = ['', '\N'], compression = $compression, store_rejects = true, rejects_table = 'reject_row',
    rejects_scan = 'reject_scan',
    rejects_limit = 0)
),
judged AS (
  -- The table holds impossible dates such as 1074-12-29; the row is set aside, the patent stays without a
  -- filing date.
  SELECT *, CASE
    WHEN NOT coalesce(regexp_full_match(patent_id, '(?:D|RE|PP|H|T|AI|X)?[0-9]{1,9}'), false)
      THEN ['patent_id', 'missing or not a US patent number', patent_id]
    WHEN filing_date IS NOT NULL AND coalesce(year(TRY_CAST(filing_date AS DATE)), 0) NOT BETWEEN 1790
      AND $as_of_year
      THEN ['filing_date', 'not a date within 1790 .. ' || $as_of_year, filing_date]
    END AS reject
  FROM record
)
SELECT raw_line, patent_id, nullif(regexp_replace(application_id, '[^0-9]', '', 'g'),
  '') AS application_number,
  TRY_CAST(filing_date AS DATE) AS filing_date,
  reject[1] AS reject_field, reject[2] AS reject_reason, left(reject[3], 80) AS reject_excerpt
FROM judged
