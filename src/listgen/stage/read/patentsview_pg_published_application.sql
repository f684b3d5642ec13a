/*---
form: patentsview_pg_published_application
record:
  en: One published US application, PatentsView table pg_published_application
  ja: 米国公開出願1件（PatentsViewの表pg_published_application）
kind: families
layout: delimited
columns: [pgpub_id, application_id, filing_date, published_date, wipo_kind]
key: pgpub_id
---*/
WITH record AS (
  SELECT row_number() OVER () AS raw_line, pgpub_id, application_id, filing_date, published_date, wipo_kind
  FROM read_csv($path, delim = '\t', quote = '"', escape = '"', header = true, auto_detect = false,
    columns = $columns,
    nullstr = ['', '\N'], compression = $compression, store_rejects = true, rejects_table = 'reject_row',
    rejects_scan = 'reject_scan',
    rejects_limit = 0)
),
judged AS (
  SELECT *, CASE
    WHEN NOT coalesce(regexp_full_match(pgpub_id, '(?:19|20)[0-9]{9}'), false)
      THEN ['pgpub_id', 'missing or not a publication number of eleven digits', pgpub_id]
    WHEN NOT coalesce(regexp_full_match(wipo_kind, '[APS][0-9]'), false)
      THEN ['wipo_kind', 'missing or not the kind of an application', wipo_kind]
    WHEN coalesce(year(TRY_CAST(published_date AS DATE)), 0) NOT BETWEEN 2000 AND $as_of_year + 1
      THEN ['published_date', 'missing or not a date within 2000 .. ' || ($as_of_year + 1), published_date]
    WHEN filing_date IS NOT NULL AND coalesce(year(TRY_CAST(filing_date AS DATE)), 0) NOT BETWEEN 1790
      AND $as_of_year
      THEN ['filing_date', 'not a date within 1790 .. ' || $as_of_year, filing_date]
    END AS reject
  FROM record
)
SELECT raw_line, us_patent_number(pgpub_id || wipo_kind) AS publication_number, pgpub_id,
  wipo_kind AS kind_code,
  nullif(regexp_replace(application_id, '[^0-9]', '', 'g'), '') AS application_number,
  TRY_CAST(filing_date AS DATE) AS filing_date,
  TRY_CAST(published_date AS DATE) AS publication_date,
  reject[1] AS reject_field, reject[2] AS reject_reason, left(reject[3], 80) AS reject_excerpt
FROM judged
