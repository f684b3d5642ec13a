/*---
form: baci
record:
  en: One flow of CEPII's BACI (t year, i exporter, j importer, k product, v thousand dollars, q tonnes), of
    declared products and in all
  ja: CEPIIのBACIの1行（t年、i輸出国、j輸入国、k品目、v千ドル、qトン）。対象品目と全品目の合計
kind: trade
layout: delimited
excludes: true
sums_up: true
delimiter: ","
columns: [t, i, j, k, v, q]
---*/
WITH record AS (
  SELECT row_number() OVER () AS raw_line, t, i, j, k, v, q
  FROM read_csv($path, delim = ',', quote = '"', escape = '"', header = true, auto_detect = false,
    columns = $columns,
    compression = $compression, store_rejects = true, rejects_table = 'reject_row',
    rejects_scan = 'reject_scan', rejects_limit = 0)
),
typed AS (
  -- A product code that lost its leading zero to a spreadsheet gets it back. Numbers may have blanks around
  -- them.
  SELECT raw_line, t, k, v, TRY_CAST(t AS SMALLINT) AS period_year, TRY_CAST(i AS INTEGER) AS exporter_m49,
    TRY_CAST(j AS INTEGER) AS importer_m49, CASE WHEN length(k) = 6 AND NOT contains(k, ' ') THEN k
      WHEN length(trim(k)) = 5 THEN lpad(trim(k), 6, '0') ELSE trim(k) END AS hs_code,
    1000 * TRY_CAST(v AS DOUBLE) AS trade_value_usd, q
  FROM record
),
judged AS (
  SELECT raw_line, period_year, exporter_m49, importer_m49, hs_code, trade_value_usd, q, CASE
    WHEN exporter_m49 IS NULL OR exporter_m49 NOT BETWEEN 1
      AND 999 THEN ['i', 'missing or no number of a country', NULL]
    WHEN importer_m49 IS NULL OR importer_m49 NOT BETWEEN 1
      AND 999 THEN ['j', 'missing or no number of a country', NULL]
    WHEN NOT coalesce(regexp_full_match(hs_code, '[0-9]{6}'), false) THEN ['k', 'no HS code of 6 digits', k]
    WHEN period_year IS NULL OR period_year NOT BETWEEN 1962
      AND $as_of_year THEN ['t', 'no year within 1962 .. ' || $as_of_year, t]
    WHEN trade_value_usd IS NULL OR trade_value_usd < 0 THEN ['v', 'no amount', v]
    END AS reject
  FROM typed
),
marked AS (
  SELECT *, reject IS NOT NULL OR hs_code IN (SELECT unnest($hs_codes))
    OR left(hs_code, 4) IN (SELECT unnest($hs_codes)) AS is_kept FROM judged
),
good AS (
  -- One look at millions of rows. A row printed twice counts once; two amounts of one flow contradict each
  -- other, and so does the sum of all goods.
  SELECT period_year, exporter_m49, importer_m49, hs_code,
    min(raw_line) FILTER (reject IS NULL) AS first_line,
    min(trade_value_usd) FILTER (reject IS NULL) AS usd,
    max(trade_value_usd) FILTER (reject IS NULL) AS most_usd,
    count(*) FILTER (NOT is_kept) AS n_other,
    list({'raw_line': raw_line, 'usd': trade_value_usd, 'kg': CASE
      WHEN TRY_CAST(q AS DOUBLE) > 0 THEN 1000 * TRY_CAST(q AS DOUBLE) END, 'reject': reject})
      FILTER (is_kept) AS kept
  FROM marked
  GROUP BY period_year, exporter_m49, importer_m49, hs_code
),
wanted AS (
  SELECT item.raw_line, period_year, exporter_m49, importer_m49, hs_code, item.usd AS trade_value_usd,
    item.kg AS net_weight_kg, item.reject, false AS is_summary, NULL AS excluded_by, NULL AS n_excluded
  FROM (SELECT period_year, exporter_m49, importer_m49, hs_code, unnest(kept) AS item FROM good)
  UNION ALL
  -- What everybody sends and what everybody takes in all: the whole that a share of trade stands in.
  SELECT min(first_line), period_year, coalesce(exporter_m49, 0), coalesce(importer_m49, 0), 'TOTAL',
    CAST(sum(CAST(usd AS DECIMAL(18, 3))) AS DOUBLE), NULL, CASE WHEN bool_or(most_usd > usd)
      THEN ['k', 'a product is given with two amounts, so the sum of all is not known', NULL] END,
    true, NULL, NULL
  FROM good
  WHERE usd IS NOT NULL
  GROUP BY GROUPING SETS ((period_year, exporter_m49), (period_year, importer_m49))
  UNION ALL
  -- The rows of goods that no technology names, counted and not kept.
  SELECT NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, true, 'goods that no technology names', sum(n_other)
  FROM good
  HAVING sum(n_other) > 0
)
SELECT raw_line, is_summary, excluded_by, CAST(n_excluded AS BIGINT) AS n_excluded, period_year, exporter_m49, importer_m49, hs_code, trade_value_usd, net_weight_kg,
  reject[1] AS reject_field, reject[2] AS reject_reason, left(reject[3], 80) AS reject_excerpt
FROM wanted
ORDER BY raw_line, hs_code, exporter_m49, importer_m49
