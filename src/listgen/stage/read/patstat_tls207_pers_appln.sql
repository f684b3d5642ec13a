/*---
form: patstat_tls207_pers_appln
record:
  en: One person on one application of PATSTAT Global, table tls207_pers_appln; a sequence number of 0 means
    not in that role
  ja: PATSTAT Globalの出願と人の組1つ（表tls207_pers_appln。順番0はその役割でないこと）
kind: families
layout: delimited
delimiter: ","
columns: [person_id, appln_id, applt_seq_nr, invt_seq_nr]
---*/
WITH record AS (
  SELECT row_number() OVER () AS raw_line, person_id, appln_id, applt_seq_nr, invt_seq_nr
  FROM read_csv($path, delim = ',', quote = '"', escape = '"', header = true, auto_detect = false,
    columns = $columns,
    nullstr = '', compression = $compression, store_rejects = true, rejects_table = 'reject_row',
    rejects_scan = 'reject_scan',
    rejects_limit = 0)
),
judged AS (
  SELECT *, CASE
    WHEN coalesce(regexp_full_match(person_id || ' ' || appln_id || ' ' || applt_seq_nr || ' ' || invt_seq_nr,
      '[0-9]{1,18} [0-9]{1,18} [0-9]{1,6} [0-9]{1,6}'), false)
      THEN NULL
    WHEN NOT coalesce(regexp_full_match(person_id, '[0-9]{1,18}'), false) THEN ['person_id',
      'missing or not a whole number', person_id]
    WHEN NOT coalesce(regexp_full_match(appln_id, '[0-9]{1,18}'), false) THEN ['appln_id',
      'missing or not a whole number', appln_id]
    WHEN NOT coalesce(regexp_full_match(applt_seq_nr, '[0-9]{1,18}'), false)
      THEN ['applt_seq_nr', 'missing or not a whole number', applt_seq_nr]
    WHEN NOT coalesce(regexp_full_match(invt_seq_nr, '[0-9]{1,18}'), false)
      THEN ['invt_seq_nr', 'missing or not a whole number', invt_seq_nr]
    END AS reject
  FROM record
)
SELECT raw_line, TRY_CAST(person_id AS BIGINT) AS person_id, TRY_CAST(appln_id AS BIGINT) AS appln_id,
  TRY_CAST(applt_seq_nr AS INTEGER) AS applicant_sequence,
  TRY_CAST(invt_seq_nr AS INTEGER) AS inventor_sequence,
  reject[1] AS reject_field, reject[2] AS reject_reason, left(reject[3], 80) AS reject_excerpt
FROM judged
