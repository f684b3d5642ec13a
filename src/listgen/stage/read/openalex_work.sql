/*---
form: openalex_work
record:
  en: One work object as OpenAlex serves it, one JSON object a line
  ja: OpenAlexが配信する論文レコード1件（1行に1つのJSONオブジェクト）
kind: works
layout: json_lines
then: openalex_judged
key: work_id
updated: updated_date
---*/
-- A field given twice is refused by the first reading; the second one, of a file with defects, would take the
-- first of the two.
WITH twice AS (
  SELECT raw_line, field_twice(json_keys(json, ['$', '$.ids', '$.citation_normalized_percentile', '$.primary_topic',
      '$.primary_topic.field', '$.authorships[0].author'])
    || json_keys(json, '$.topics[*]') || json_keys(json, '$.authorships[*]')
    || json_keys(json, '$.authorships[*].institutions[*]')) AS field FROM (
    SELECT row_number() OVER () AS raw_line, json
    FROM read_ndjson_objects($path, ignore_errors = true, maximum_object_size = $n_line_bytes,
      compression = $compression)
  ) WHERE $has_defects AND field <> ''
)
-- Parsed once, fields that are not named skipped. In a file with defects, what is not of the type named here
-- becomes NULL and is judged below, and a line that is no JSON object, or not UTF-8, is NULL throughout.
SELECT row_number() OVER () AS raw_line, CAST(NULL AS VARCHAR) AS json,
  CASE WHEN id IS NULL AND title IS NULL AND publication_year IS NULL AND authorships IS NULL
    AND referenced_works IS NULL
    THEN 'not the JSON object of a work, or not UTF-8'
    WHEN raw_line IN (SELECT raw_line FROM twice) THEN 'a field is given twice' END AS defect,
  CASE WHEN raw_line IN (SELECT raw_line FROM twice)
    THEN (SELECT map_from_entries(list((raw_line, field))) FROM twice)[raw_line] ELSE '' END AS defect_field,
  concepts IS NOT NULL AS is_legacy,
  {'id': id, 'doi': doi, 'ids': ids, 'title': title, 'type': type, 'publication_year': publication_year,
    'cited_by_count': cited_by_count,
    'is_retracted': is_retracted, 'updated_date': updated_date,
      'citation_normalized_percentile': citation_normalized_percentile,
    'primary_topic': primary_topic, 'topics': topics, 'authorships': authorships,
      'referenced_works': referenced_works} AS work
FROM read_json($path, format = 'newline_delimited', ignore_errors = $has_defects, hive_partitioning = false,
  maximum_object_size = $n_line_bytes, compression = $compression,
  columns = {id: 'VARCHAR', doi: 'VARCHAR', ids: 'STRUCT(pmid VARCHAR)', title: 'VARCHAR', type: 'VARCHAR',
    publication_year: 'JSON', cited_by_count: 'JSON', is_retracted: 'JSON',
    updated_date: 'VARCHAR',
    citation_normalized_percentile: 'STRUCT(value DOUBLE, is_in_top_10_percent BOOLEAN)',
    primary_topic: 'STRUCT(id VARCHAR, field STRUCT(id VARCHAR))',
    topics: 'STRUCT(id VARCHAR, score DOUBLE)[]',
    authorships: 'STRUCT(author STRUCT(display_name VARCHAR),
      institutions STRUCT(id VARCHAR, display_name VARCHAR, country_code VARCHAR)[], countries VARCHAR[])[]',
    referenced_works: 'VARCHAR[]', concepts: 'STRUCT(id VARCHAR)[]'})
