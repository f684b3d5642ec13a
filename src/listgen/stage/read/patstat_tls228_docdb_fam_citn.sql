/*---
form: patstat_tls228_docdb_fam_citn
record:
  en: One citation between two DOCDB families, PATSTAT Global table tls228_docdb_fam_citn
  ja: DOCDBファミリー間の引用1件（PATSTAT Globalの表tls228_docdb_fam_citn）
kind: families
layout: delimited
delimiter: ","
columns: [docdb_family_id, cited_docdb_family_id]
---*/
WITH record AS (
  SELECT row_number() OVER () AS raw_line, docdb_family_id, cited_docdb_family_id
  FROM read_csv($path, delim = ',', quote = '"', escape = '"', header = true, auto_detect = false,
    columns = $columns,
    nullstr = '', compression = $compression, store_rejects = true, rejects_table = 'reject_row',
    rejects_scan = 'reject_scan',
    rejects_limit = 0)
),
judged AS (
  SELECT *, CASE
    WHEN coalesce(regexp_full_match(docdb_family_id || ' ' || cited_docdb_family_id,
      '[0-9]{1,18} [0-9]{1,18}'), false)
      THEN NULL
    WHEN NOT coalesce(regexp_full_match(docdb_family_id, '[0-9]{1,18}'), false)
      THEN ['docdb_family_id', 'missing or not a whole number', docdb_family_id]
    WHEN NOT coalesce(regexp_full_match(cited_docdb_family_id, '[0-9]{1,18}'), false)
      THEN ['cited_docdb_family_id', 'missing or not a whole number', cited_docdb_family_id]
    END AS reject
  FROM record
)
SELECT raw_line, docdb_family_id AS family_id, cited_docdb_family_id AS cited_family_id,
  reject[1] AS reject_field, reject[2] AS reject_reason, left(reject[3], 80) AS reject_excerpt
FROM judged
