/*---
form: patstat_tls224_appln_cpc
record:
  en: One CPC symbol of one application of PATSTAT Global, table tls224_appln_cpc; blanks inside the symbol
    are taken out
  ja: PATSTAT Globalの出願のCPC記号1つ（表tls224_appln_cpc。記号内の空白は除く）
kind: families
layout: delimited
delimiter: ","
columns: [appln_id, cpc_class_symbol]
---*/
WITH record AS (
  SELECT row_number() OVER () AS raw_line, appln_id, cpc_class_symbol
  FROM read_csv($path, delim = ',', quote = '"', escape = '"', header = true, auto_detect = false,
    columns = $columns,
    nullstr = '', compression = $compression, store_rejects = true, rejects_table = 'reject_row',
    rejects_scan = 'reject_scan',
    rejects_limit = 0)
),
judged AS (
  SELECT *, CASE
    WHEN coalesce(regexp_full_match(appln_id || ' ' || cpc_class_symbol,
      '[0-9]{1,18} [A-HY][0-9]{2}[A-Z] {0,4}[0-9]{1,4}/[0-9]{2,6}'), false)
      THEN NULL
    WHEN NOT coalesce(regexp_full_match(appln_id, '[0-9]{1,18}'), false) THEN ['appln_id',
      'missing or not a whole number', appln_id]
    WHEN NOT coalesce(regexp_full_match(upper(replace(cpc_class_symbol, ' ', '')),
      '[A-HY][0-9]{2}[A-Z][0-9]{1,4}/[0-9]{2,6}'), false)
      THEN ['cpc_class_symbol', 'missing or not a CPC symbol', cpc_class_symbol]
    END AS reject
  FROM record
)
SELECT raw_line, TRY_CAST(appln_id AS BIGINT) AS appln_id,
  upper(replace(cpc_class_symbol, ' ', '')) AS cpc_code,
  reject[1] AS reject_field, reject[2] AS reject_reason, left(reject[3], 80) AS reject_excerpt
FROM judged
