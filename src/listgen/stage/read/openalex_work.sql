/*---
form: openalex_work
record:
  en: One work object as OpenAlex serves it, one JSON object a line
  ja: OpenAlexが配信する論文レコード1件（1行に1つのJSONオブジェクト）
kind: works
layout: json_lines
then: openalex_parsed
key: work_id
updated: updated_date
---*/
SELECT row_number() OVER () AS raw_line, json
FROM read_ndjson_objects($path, ignore_errors = true, maximum_object_size = 33554432, compression = $compression)
