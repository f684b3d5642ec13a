/*---
takes: record
what: Work objects as JSON texts (raw_line, json), parsed as far as listgen uses them
then: openalex_judged
---*/
-- Numbers stay the JSON token they were, so that 1.6, "5" and true are not taken for whole numbers.
SELECT raw_line, CAST(json AS VARCHAR) AS json, coalesce(twice, '') AS defect_field,
  CASE WHEN json IS NULL OR json_type(json) <> 'OBJECT' THEN 'not the JSON object of a work'
    WHEN twice <> '' THEN 'a field is given twice' END AS defect,
  json_type(json, '$.concepts') IS NOT NULL AS is_legacy,
  from_json(json, '{"id": "VARCHAR", "doi": "VARCHAR", "ids": {"pmid": "VARCHAR"}, "title": "VARCHAR",
    "type": "VARCHAR", "publication_year": "JSON",
  "cited_by_count": "JSON", "is_retracted": "JSON", "updated_date": "VARCHAR",
  "citation_normalized_percentile": {"value": "DOUBLE", "is_in_top_10_percent": "BOOLEAN"},
  "primary_topic": {"id": "VARCHAR", "field": {"id": "VARCHAR"}},
  "topics": [{"id": "VARCHAR", "score": "DOUBLE"}],
  "authorships": [{"author": {"display_name": "VARCHAR"}, "institutions": [{"id": "VARCHAR",
  "display_name": "VARCHAR", "country_code": "VARCHAR"}], "countries": ["VARCHAR"]}],
  "referenced_works": ["VARCHAR"]}') AS work
FROM (SELECT *, field_twice(json_keys(json, ['$', '$.ids', '$.citation_normalized_percentile', '$.primary_topic',
      '$.primary_topic.field', '$.authorships[0].author'])
    || json_keys(json, '$.topics[*]') || json_keys(json, '$.authorships[*]')
    || json_keys(json, '$.authorships[*].institutions[*]')) AS twice FROM record)
