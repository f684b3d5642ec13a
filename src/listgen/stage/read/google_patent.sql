/*---
form: google_patent
record:
  en: One publication of Google Patents Public Data, one JSON object a line; dates are numbers yyyymmdd, 0 =
    unknown
  ja: Google Patents Public Dataの公報1件（1行に1つのJSONオブジェクト。日付はyyyymmddの数値、0は不明）
kind: families
layout: json_lines
key: publication_number
then: google_judged
expects: [cpc_codes, inventor_country_codes, cited_publication_numbers]
---*/
WITH record AS (
  SELECT row_number() OVER () AS raw_line, json
  FROM read_ndjson_objects($path, ignore_errors = true, maximum_object_size = 33554432,
    compression = $compression)
)
-- BigQuery exports whole numbers as strings, other tools as numbers: both become text here.
SELECT raw_line, json, from_json(json, '{"publication_number": "VARCHAR", "family_id": "VARCHAR",
  "priority_date": "VARCHAR",
    "filing_date": "VARCHAR", "publication_date": "VARCHAR", "grant_date": "VARCHAR",
    "inventor_harmonized": [{"country_code": "VARCHAR"}],
    "assignee_harmonized": [{"country_code": "VARCHAR"}],
    "priority_claim": [{"application_number": "VARCHAR", "filing_date": "VARCHAR"}],
    "cpc": [{"code": "VARCHAR"}],
    "citation": [{"publication_number": "VARCHAR", "npl_text": "VARCHAR"}]}') AS patent
FROM record
