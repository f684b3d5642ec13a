/*---
form: toy_page
record:
  en: One country in the answer of the toy
  ja: おもちゃの応答の1か国
kind: toy
layout: json_document
list: rows
---*/
WITH document AS (
  SELECT from_json(json, '{"rows": [{"country": "VARCHAR", "n": "BIGINT"}]}') AS page
  FROM read_json_objects($path, format = 'unstructured', maximum_object_size = $n_text_bytes,
    compression = $compression)
),
listed AS (
  SELECT unnest(page.rows) AS counted, generate_subscripts(page.rows, 1) AS raw_line FROM document
)
SELECT raw_line, counted.country AS country_code, counted.n AS n_toys,
  CASE WHEN counted.n < 0 THEN 'n' END AS reject_field,
  CASE WHEN counted.n < 0 THEN 'negative' END AS reject_reason,
  CASE WHEN counted.n < 0 THEN CAST(counted.n AS VARCHAR) END AS reject_excerpt
FROM listed
