/*---
form: patstat_tls212_citation
record:
  en: One reference of one publication of PATSTAT Global, table tls212_citation; an id of 0 means the
    reference is of another sort
  ja: PATSTAT Globalの公報からの引用1件（表tls212_citation。番号0は別種の引用）
kind: families
layout: delimited
delimiter: ","
columns: [pat_publn_id, cited_pat_publn_id, cited_appln_id, cited_npl_publn_id]
---*/
WITH record AS (
  SELECT row_number() OVER () AS raw_line, pat_publn_id, cited_pat_publn_id, cited_appln_id,
    cited_npl_publn_id
  FROM read_csv($path, delim = ',', quote = '"', escape = '"', header = true, auto_detect = false,
    columns = $columns,
    nullstr = '', compression = $compression, store_rejects = true, rejects_table = 'reject_row',
    rejects_scan = 'reject_scan',
    rejects_limit = 0)
),
judged AS (
  -- npl_publn_id is text since edition 2018b and was a number before.
  SELECT *, CASE
    WHEN coalesce(regexp_full_match(pat_publn_id || ' ' || cited_pat_publn_id || ' ' || cited_appln_id,
      '[0-9]{1,18} [0-9]{1,18} [0-9]{1,18}'), false)
      THEN NULL
    WHEN NOT coalesce(regexp_full_match(pat_publn_id, '[0-9]{1,18}'), false)
      THEN ['pat_publn_id', 'missing or not a whole number', pat_publn_id]
    WHEN NOT coalesce(regexp_full_match(cited_pat_publn_id, '[0-9]{1,18}'), false)
      THEN ['cited_pat_publn_id', 'missing or not a whole number', cited_pat_publn_id]
    WHEN NOT coalesce(regexp_full_match(cited_appln_id, '[0-9]{1,18}'), false)
      THEN ['cited_appln_id', 'missing or not a whole number', cited_appln_id]
    END AS reject
  FROM record
)
SELECT raw_line, TRY_CAST(pat_publn_id AS BIGINT) AS pat_publn_id,
  nullif(TRY_CAST(cited_pat_publn_id AS BIGINT), 0) AS cited_pat_publn_id,
  nullif(TRY_CAST(cited_appln_id AS BIGINT), 0) AS cited_appln_id,
  nullif(nullif(cited_npl_publn_id, '0'), '') AS cited_npl_publn_id,
  reject[1] AS reject_field, reject[2] AS reject_reason, left(reject[3], 80) AS reject_excerpt
FROM judged
