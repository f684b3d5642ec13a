/*---
form: openalex_page
record:
  en: One work object in an answer of the OpenAlex API, a JSON object with a list "results" or one work alone;
    raw_line counts inside the list
  ja: "OpenAlex APIの応答に含まれる論文レコード1件（\"results\"の配列を持つJSON、または論文1件。\
    raw_lineは配列内の順番）"
kind: works
layout: json_document
list: results
then: openalex_parsed
is_page: true
key: work_id
updated: updated_date
---*/
SELECT unnest(records) AS json, generate_subscripts(records, 1) AS raw_line
FROM (
  SELECT coalesce(from_json(json, '{"results": ["JSON"]}').results, [json]) AS records
  FROM read_json_objects($path, format = 'unstructured', maximum_object_size = $n_text_bytes,
    compression = $compression)
)
