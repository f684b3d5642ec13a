/*---
form: openalex_request
record:
  en: One request to OpenAlex, as listgen noted it beside the answers; says what each answer is about
  ja: OpenAlexへの要求1件（応答とともにlistgenが記録。各応答が何についてのものかを示す）
kind: requests
layout: json_lines
confirms: true
---*/
WITH record AS (
  SELECT row_number() OVER () AS raw_line, json
  FROM read_ndjson_objects($path, ignore_errors = true, compression = $compression)
),
parsed AS (
  SELECT raw_line, json, from_json(json, '{"unit": "VARCHAR", "page": "INTEGER", "status": "INTEGER",
    "address": "VARCHAR",
    "sha256": "VARCHAR", "count": "BIGINT", "is_unconfirmed": "BOOLEAN", "series_id": "VARCHAR",
    "publication_year": "INTEGER",
    "asked": "VARCHAR", "answered": "VARCHAR"}') AS request,
    field_twice([json_keys(json)]) AS twice
  FROM record
)
SELECT raw_line, request.unit AS unit, request.page AS page_number, request.status AS http_status,
  request.address AS address,
  request.sha256 AS answer_digest, request.count AS n_world,
  coalesce(request.is_unconfirmed, false) AS is_unconfirmed,
  request.series_id AS series_id, request.publication_year AS period_year,
  TRY_CAST(regexp_extract(request.asked, 'W([0-9]+)$', 1) AS BIGINT) AS asked_work_id,
  TRY_CAST(regexp_extract(request.answered, 'W([0-9]+)$', 1) AS BIGINT) AS answered_work_id,
  CASE WHEN json IS NULL THEN '' WHEN twice <> '' THEN twice WHEN request.unit IS NULL THEN 'unit' END
    AS reject_field,
  CASE WHEN json IS NULL THEN 'not a JSON object, or not UTF-8'
    WHEN twice <> '' THEN 'a field is given twice' WHEN request.unit IS NULL THEN 'missing' END AS reject_reason,
  CASE WHEN twice <> '' OR request.unit IS NULL THEN left(json, 80) END AS reject_excerpt
FROM parsed
