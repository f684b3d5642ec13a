/*---
form: answer_index
record:
  en: One request to a provider, as listgen noted it beside the answers; says whether the answer may be a part
  ja: 提供者への要求1件（応答とともにlistgenが記録。応答が一部だけかもしれないかを示す）
kind: requests
layout: json_lines
confirms: true
---*/
WITH record AS (
  SELECT row_number() OVER () AS raw_line, json
  FROM read_ndjson_objects($path, ignore_errors = true, compression = $compression)
),
parsed AS (
  SELECT raw_line, json, from_json(json, '{"unit": "VARCHAR", "sha256": "VARCHAR", "n_records": "BIGINT",
    "is_unconfirmed": "BOOLEAN"}') AS request,
    field_twice([json_keys(json)]) AS twice
  FROM record
)
SELECT raw_line, request.unit AS unit, request.sha256 AS answer_digest,
  CAST(NULL AS BIGINT) AS n_world, coalesce(request.is_unconfirmed, false) AS is_unconfirmed,
  CASE WHEN json IS NULL THEN '' WHEN twice <> '' THEN twice WHEN request.unit IS NULL THEN 'unit' END
    AS reject_field,
  CASE WHEN json IS NULL THEN 'not a JSON object, or not UTF-8'
    WHEN twice <> '' THEN 'a field is given twice' WHEN request.unit IS NULL THEN 'missing' END AS reject_reason,
  CASE WHEN twice <> '' OR request.unit IS NULL THEN left(json, 80) END AS reject_excerpt
FROM parsed
