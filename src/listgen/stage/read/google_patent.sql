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
-- Read with the types named here, a record in which a field is given twice stops the reading, and so does one
-- with a field of another type; a file with such a defect is read again, record by record.
WITH record AS (
  SELECT row_number() OVER () AS raw_line, json
  FROM read_ndjson_objects($path, ignore_errors = true, maximum_object_size = 33554432,
    compression = $compression)
  WHERE $has_defects
),
-- BigQuery exports whole numbers as strings, other tools as numbers: both become text here.
judged_alone AS (
  SELECT raw_line, json, from_json(json, '{"publication_number": "VARCHAR", "family_id": "VARCHAR",
    "priority_date": "VARCHAR",
      "filing_date": "VARCHAR", "publication_date": "VARCHAR", "grant_date": "VARCHAR",
      "inventor_harmonized": [{"country_code": "VARCHAR"}],
      "assignee_harmonized": [{"country_code": "VARCHAR"}],
      "priority_claim": [{"application_number": "VARCHAR", "filing_date": "VARCHAR"}],
      "cpc": [{"code": "VARCHAR"}],
      "citation": [{"publication_number": "VARCHAR", "npl_text": "VARCHAR"}]}') AS patent,
    field_twice([json_keys(json)] || json_keys(json, '$.inventor_harmonized[*]')
      || json_keys(json, '$.assignee_harmonized[*]') || json_keys(json, '$.priority_claim[*]')
      || json_keys(json, '$.cpc[*]') || json_keys(json, '$.citation[*]')) AS twice
  FROM record
)
SELECT raw_line, json, patent, coalesce(twice, '') AS defect_field,
  CASE WHEN json IS NULL THEN 'not a JSON object, or not UTF-8'
    WHEN patent.publication_number IS NULL AND json_type(json) <> 'OBJECT' THEN 'not a JSON object'
    WHEN twice <> '' THEN 'a field is given twice' END AS defect
FROM judged_alone
UNION ALL
SELECT row_number() OVER () AS raw_line, CAST(NULL AS JSON) AS json, {'publication_number': publication_number,
    'family_id': family_id, 'priority_date': priority_date, 'filing_date': filing_date,
    'publication_date': publication_date, 'grant_date': grant_date,
    'inventor_harmonized': inventor_harmonized, 'assignee_harmonized': assignee_harmonized,
    'priority_claim': priority_claim, 'cpc': cpc, 'citation': citation} AS patent,
  '' AS defect_field, CAST(NULL AS VARCHAR) AS defect
FROM read_json($path, format = 'newline_delimited', hive_partitioning = false, maximum_object_size = 33554432,
  compression = $compression,
  columns = {publication_number: 'VARCHAR', family_id: 'VARCHAR', priority_date: 'VARCHAR',
    filing_date: 'VARCHAR', publication_date: 'VARCHAR', grant_date: 'VARCHAR',
    inventor_harmonized: 'STRUCT(country_code VARCHAR)[]', assignee_harmonized: 'STRUCT(country_code VARCHAR)[]',
    priority_claim: 'STRUCT(application_number VARCHAR, filing_date VARCHAR)[]',
    cpc: 'STRUCT(code VARCHAR)[]', citation: 'STRUCT(publication_number VARCHAR, npl_text VARCHAR)[]'})
WHERE NOT $has_defects
