/*---
form: patentsview_pgpub
record:
  en: One published US application with one CPC symbol and its first located assignee, PatentsView pre-grant
    tables joined; a publication may stand several times
  ja: 米国公開出願1件とCPC記号1つ（PatentsViewの公開出願の表を結合したCSV。同じ公報が複数回現れうる）
kind: families
layout: delimited
delimiter: ","
columns: [pgpub_id, cpc_group, application_id, filing_date, published_date, wipo_kind, disambig_country]
key: record_id
expects: [application_number, cpc_code]
---*/
WITH record AS (
  -- "NA" is the text of a missing cell in these files, so Namibia cannot be told from unknown and counts as
  -- unknown.
  SELECT row_number() OVER () AS raw_line, pgpub_id, cpc_group, application_id, filing_date, published_date,
    wipo_kind, disambig_country
  FROM read_csv($path, delim = ',', quote = '"', escape = '"', header = true, auto_detect = false,
    columns = $columns,
    nullstr = ['', 'NA'], compression = $compression, store_rejects = true, rejects_table = 'reject_row',
    rejects_scan = 'reject_scan',
    rejects_limit = 0)
),
typed AS (
  SELECT *, TRY_CAST(filing_date AS DATE) AS filed, TRY_CAST(published_date AS DATE) AS published FROM record
),
judged AS (
  SELECT *, CASE
    WHEN NOT coalesce(regexp_full_match(pgpub_id, '(?:19|20)[0-9]{9}'), false)
      THEN ['pgpub_id', 'missing or not a publication number of eleven digits', pgpub_id]
    WHEN NOT coalesce(regexp_full_match(wipo_kind, 'A[0-9]'), false) THEN ['wipo_kind',
      'missing or not the kind of an application', wipo_kind]
    WHEN published IS NULL OR year(published) NOT BETWEEN 2000 AND $as_of_year + 1
      THEN ['published_date', 'missing or not a date within 2000 .. ' || ($as_of_year + 1), published_date]
    WHEN filing_date IS NOT NULL AND coalesce(year(filed), 0) NOT BETWEEN 1790 AND $as_of_year
      THEN ['filing_date', 'not a date within 1790 .. ' || $as_of_year, filing_date]
    END AS reject
  FROM typed
)
SELECT raw_line, pgpub_id || '/' || coalesce(cpc_group, '') AS record_id,
  us_patent_number(pgpub_id || wipo_kind) AS publication_number, wipo_kind AS kind_code,
  nullif(regexp_replace(application_id, '[^0-9]', '', 'g'), '') AS application_number, filed AS filing_date,
  published AS publication_date,
  upper(replace(cpc_group, ' ', '')) AS cpc_code, upper(disambig_country) AS applicant_country_code,
  reject[1] AS reject_field, reject[2] AS reject_reason, left(reject[3], 80) AS reject_excerpt
FROM judged
