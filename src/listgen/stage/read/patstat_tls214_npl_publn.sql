/*---
form: patstat_tls214_npl_publn
record:
  en: One cited document of PATSTAT Global that is no patent, table tls214_npl_publn
  ja: PATSTAT Globalの被引用非特許文献1件（表tls214_npl_publn）
kind: families
layout: delimited
delimiter: ","
columns: [npl_publn_id, npl_biblio]
key: npl_publn_id
---*/
WITH record AS (
  SELECT row_number() OVER () AS raw_line, npl_publn_id, npl_biblio
  FROM read_csv($path, delim = ',', quote = '"', escape = '"', header = true, auto_detect = false,
    columns = $columns,
    nullstr = '', compression = $compression, store_rejects = true, rejects_table = 'reject_row',
    rejects_scan = 'reject_scan',
    rejects_limit = 0)
),
judged AS (
  SELECT *, CASE
    WHEN npl_publn_id IS NULL THEN ['npl_publn_id', 'missing', npl_publn_id]
    END AS reject
  FROM record
)
SELECT raw_line, npl_publn_id, npl_biblio AS npl_text,
  reject[1] AS reject_field, reject[2] AS reject_reason, left(reject[3], 80) AS reject_excerpt
FROM judged
