/*---
form: patstat_tls201_appln
record:
  en: One patent application of PATSTAT Global, table tls201_appln; 9999-12-31 is an unknown date, a family id
    of 0 no family
  ja: PATSTAT Globalの出願1件（表tls201_appln。9999-12-31は日付不明、ファミリー番号0はなし）
kind: families
layout: delimited
delimiter: ","
columns: [appln_id, appln_auth, appln_kind, appln_filing_date, earliest_filing_date, earliest_filing_id,
  docdb_family_id, inpadoc_family_id]
key: appln_id
---*/
WITH record AS (
  SELECT row_number() OVER () AS raw_line, appln_id, appln_auth, appln_kind, appln_filing_date,
    earliest_filing_date, earliest_filing_id, docdb_family_id, inpadoc_family_id
  FROM read_csv($path, delim = ',', quote = '"', escape = '"', header = true, auto_detect = false,
    columns = $columns,
    nullstr = '', compression = $compression, store_rejects = true, rejects_table = 'reject_row',
    rejects_scan = 'reject_scan',
    rejects_limit = 0)
),
judged AS (
  SELECT *, CASE
    WHEN NOT coalesce(regexp_full_match(appln_id, '[0-9]{1,18}'), false) THEN ['appln_id',
      'missing or not a whole number', appln_id]
    WHEN NOT coalesce(regexp_full_match(appln_auth, '[A-Z]{2}'), false)
      THEN ['appln_auth', 'missing or not a two-letter office code', appln_auth]
    WHEN NOT coalesce(regexp_full_match(docdb_family_id, '[0-9]{1,18}'), false)
      THEN ['docdb_family_id', 'missing or not a whole number', docdb_family_id]
    WHEN coalesce(inpadoc_family_id, '0') <> '0'
      AND NOT coalesce(regexp_full_match(inpadoc_family_id, '[0-9]{1,18}'), false)
      THEN ['inpadoc_family_id', 'not a whole number', inpadoc_family_id]
    WHEN appln_filing_date <> '9999-12-31'
      AND coalesce(year(TRY_CAST(appln_filing_date AS DATE)), 0) NOT BETWEEN 1700 AND $as_of_year
      THEN ['appln_filing_date', 'not a date within 1700 .. ' || $as_of_year, appln_filing_date]
    WHEN earliest_filing_date <> '9999-12-31'
      AND coalesce(year(TRY_CAST(earliest_filing_date AS DATE)), 0) NOT BETWEEN 1700 AND $as_of_year
      THEN ['earliest_filing_date', 'not a date within 1700 .. ' || $as_of_year, earliest_filing_date]
    END AS reject
  FROM record
)
SELECT raw_line, TRY_CAST(appln_id AS BIGINT) AS appln_id, appln_auth AS office_code, appln_kind,
  TRY_CAST(nullif(appln_filing_date, '9999-12-31') AS DATE) AS filing_date,
  TRY_CAST(nullif(earliest_filing_date, '9999-12-31') AS DATE) AS priority_date,
  TRY_CAST(earliest_filing_id AS BIGINT) AS earliest_filing_id,
  nullif(docdb_family_id, '0') AS family_id, nullif(inpadoc_family_id, '0') AS inpadoc_family_id,
  reject[1] AS reject_field, reject[2] AS reject_reason, left(reject[3], 80) AS reject_excerpt
FROM judged
