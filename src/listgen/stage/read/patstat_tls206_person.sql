/*---
form: patstat_tls206_person
record:
  en: One person or firm of PATSTAT Global, table tls206_person; the country is often blank
  ja: PATSTAT Globalの人・法人1件（表tls206_person。国は空欄が多い）
kind: families
layout: delimited
delimiter: ","
columns: [person_id, person_ctry_code]
key: person_id
---*/
WITH record AS (
  SELECT row_number() OVER () AS raw_line, person_id, person_ctry_code
  FROM read_csv($path, delim = ',', quote = '"', escape = '"', header = true, auto_detect = false,
    columns = $columns,
    nullstr = '', compression = $compression, store_rejects = true, rejects_table = 'reject_row',
    rejects_scan = 'reject_scan',
    rejects_limit = 0)
),
judged AS (
  SELECT *, CASE
    WHEN NOT coalesce(regexp_full_match(person_id, '[0-9]{1,18}'), false) THEN ['person_id',
      'missing or not a whole number', person_id]
    WHEN trim(person_ctry_code) <> '' AND NOT coalesce(regexp_full_match(trim(person_ctry_code),
      '[A-Za-z]{2}'), false)
      THEN ['person_ctry_code', 'not a two-letter country code', person_ctry_code]
    END AS reject
  FROM record
)
SELECT raw_line, TRY_CAST(person_id AS BIGINT) AS person_id,
  nullif(upper(trim(person_ctry_code)), '') AS country_code,
  reject[1] AS reject_field, reject[2] AS reject_reason, left(reject[3], 80) AS reject_excerpt
FROM judged
