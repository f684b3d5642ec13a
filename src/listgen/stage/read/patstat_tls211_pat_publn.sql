/*---
form: patstat_tls211_pat_publn
record:
  en: One publication of PATSTAT Global, table tls211_pat_publn; 9999-12-31 is an unknown date, appln_id 0 a
    cited document without data
  ja: PATSTAT Globalの公報1件（表tls211_pat_publn。9999-12-31は日付不明、appln_id 0は書誌のない被引用文献）
kind: families
layout: delimited
delimiter: ","
columns: [pat_publn_id, publn_auth, publn_nr, publn_kind, appln_id, publn_date, publn_first_grant]
key: pat_publn_id
---*/
WITH record AS (
  SELECT row_number() OVER () AS raw_line, pat_publn_id, publn_auth, publn_nr, publn_kind, appln_id,
    publn_date, publn_first_grant
  FROM read_csv($path, delim = ',', quote = '"', escape = '"', header = true, auto_detect = false,
    columns = $columns,
    nullstr = '', compression = $compression, store_rejects = true, rejects_table = 'reject_row',
    rejects_scan = 'reject_scan',
    rejects_limit = 0)
),
judged AS (
  -- publn_first_grant was 0 or 1 in older editions and is N or Y now.
  SELECT *, CASE
    WHEN NOT coalesce(regexp_full_match(pat_publn_id, '[0-9]{1,18}'), false)
      THEN ['pat_publn_id', 'missing or not a whole number', pat_publn_id]
    WHEN NOT coalesce(regexp_full_match(appln_id, '[0-9]{1,18}'), false) THEN ['appln_id',
      'missing or not a whole number', appln_id]
    WHEN patent_number(publn_auth || publn_nr || coalesce(trim(publn_kind), '')) IS NULL
      THEN ['publn_nr', 'not a publication number', publn_nr]
    WHEN publn_date <> '9999-12-31' AND coalesce(year(TRY_CAST(publn_date AS DATE)), 0) NOT BETWEEN 1700
      AND $as_of_year + 1
      THEN ['publn_date', 'not a date within 1700 .. ' || ($as_of_year + 1), publn_date]
    WHEN publn_first_grant NOT IN ('0', '1', 'Y', 'N')
      THEN ['publn_first_grant', 'neither 0, 1 (editions to 2018) nor N, Y', publn_first_grant]
    END AS reject
  FROM record
)
SELECT raw_line, TRY_CAST(pat_publn_id AS BIGINT) AS pat_publn_id,
  patent_number(publn_auth || publn_nr || coalesce(trim(publn_kind), '')) AS publication_number,
  nullif(TRY_CAST(appln_id AS BIGINT), 0) AS appln_id,
  TRY_CAST(nullif(publn_date, '9999-12-31') AS DATE) AS publication_date,
  publn_first_grant IN ('Y', '1') AS is_first_grant,
  reject[1] AS reject_field, reject[2] AS reject_reason, left(reject[3], 80) AS reject_excerpt
FROM judged
