/*---
form: comtrade_page
record:
  en: One row of an answer of UN Comtrade; raw_line counts inside the list "data"
  ja: UN Comtradeの応答の1行（raw_lineは"data"内の順番）
kind: trade
layout: json_document
list: data
sums_up: true
is_page: true
expects: [reporter_m49, partner_m49, hs_code]
---*/
WITH document AS (
  SELECT from_json(json, '{"data": [{"period": "VARCHAR", "reporterCode": "INTEGER",
    "partnerCode": "INTEGER", "flowCode": "VARCHAR",
    "cmdCode": "VARCHAR", "classificationCode": "VARCHAR", "partner2Code": "INTEGER", "motCode": "INTEGER",
    "customsCode": "VARCHAR",
    "primaryValue": "DOUBLE", "netWgt": "DOUBLE"}], "count": "BIGINT"}') AS page,
    from_json(json_extract(json, '$.data'), '["JSON"]') AS texts
  FROM read_json_objects($path, format = 'unstructured', maximum_object_size = $n_text_bytes,
    compression = $compression)
),
listed AS (
  SELECT unnest(page.data) AS flow, field_twice([json_keys(unnest(texts))]) AS twice,
    generate_subscripts(page.data, 1) AS raw_line FROM document
),
typed AS (
  SELECT raw_line, flow.reporterCode AS reporter_m49, flow.partnerCode AS partner_m49,
    flow.flowCode AS flow_code, flow.cmdCode AS hs_code,
    flow.classificationCode AS hs_revision, flow.period AS period_text,
    TRY_CAST(flow.period AS SMALLINT) AS period_year,
    flow.partner2Code AS partner2_code, flow.motCode AS mot_code, flow.customsCode AS customs_code,
    flow.primaryValue AS trade_value_usd,
    CASE WHEN flow.netWgt > 0 THEN flow.netWgt END AS net_weight_kg, twice
  FROM listed
),
judged AS (
  -- Means of transport, second partners and customs procedures are parts of a row that stands here too.
  SELECT *, CASE
    WHEN twice <> '' THEN [twice, 'a field is given twice', NULL]
    WHEN reporter_m49 IS NULL THEN ['reporterCode', 'missing', NULL]
    WHEN partner_m49 IS NULL THEN ['partnerCode', 'missing', NULL]
    WHEN flow_code NOT IN ('M', 'X') OR flow_code IS NULL THEN ['flowCode',
      'neither imports (M) nor exports (X)', flow_code]
    WHEN NOT coalesce(regexp_full_match(hs_code, '[0-9]{4}|[0-9]{6}|TOTAL'), false) THEN ['cmdCode',
      'no HS code of 4 or 6 digits', hs_code]
    WHEN NOT coalesce(regexp_full_match(hs_revision, 'H[0-9]'), false)
      THEN ['classificationCode', 'no revision of the Harmonized System', hs_revision]
    WHEN coalesce(partner2_code, 0) <> 0 THEN ['partner2Code', 'a part of another row, would count twice',
      CAST(partner2_code AS VARCHAR)]
    WHEN coalesce(mot_code, 0) <> 0 THEN ['motCode', 'a part of another row, would count twice',
      CAST(mot_code AS VARCHAR)]
    WHEN coalesce(customs_code, 'C00') <> 'C00' THEN ['customsCode',
      'a part of another row, would count twice', customs_code]
    WHEN period_year IS NULL OR period_year NOT BETWEEN 1962 AND $as_of_year
      THEN ['period', 'no year within 1962 .. ' || $as_of_year, period_text]
    WHEN trade_value_usd < 0 THEN ['primaryValue', 'negative', CAST(trade_value_usd AS VARCHAR)]
    END AS reject
  FROM typed
)
SELECT raw_line, false AS is_summary, reporter_m49, partner_m49, flow_code, hs_code, hs_revision, period_year, trade_value_usd,
  net_weight_kg,
  reject[1] AS reject_field, reject[2] AS reject_reason, left(reject[3], 80) AS reject_excerpt
FROM judged
UNION ALL BY NAME
-- A page says how many records it has; fewer means that a part was lost on the way.
SELECT len(page.data) + 1 AS raw_line, true AS is_summary, 'count' AS reject_field,
  'the answer has fewer records than it says' AS reject_reason,
  CAST(page.count AS VARCHAR) AS reject_excerpt
FROM document WHERE page.count > len(page.data)
