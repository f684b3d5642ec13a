/*---
form: patentsview_api
record:
  en: One patent in the answer of the former PatentsView API, a JSON object with a list "patents"; raw_line
    counts inside the list
  ja: 旧PatentsView APIの応答に含まれる特許1件（"patents"の配列を持つJSON。raw_lineは配列内の順番）
kind: families
layout: json_document
list: patents
key: patent_id
---*/
WITH document AS (
  SELECT json, from_json(json, '{"patents": ["JSON"]}').patents AS patents
  FROM read_json_objects($path, format = 'unstructured', maximum_object_size = $n_text_bytes,
    compression = $compression)
),
record AS (
  SELECT unnest(patents) AS json, generate_subscripts(patents, 1) AS raw_line FROM document
),
parsed AS (
  SELECT raw_line, json, from_json(json, '{"patent_number": "VARCHAR", "patent_date": "VARCHAR",
    "inventors": [{"inventor_country": "VARCHAR"}], "assignees": [{"assignee_country": "VARCHAR"}],
    "applications": [{"app_date": "VARCHAR", "app_number": "VARCHAR"}],
    "cited_patents": [{"cited_patent_number": "VARCHAR"}],
    "cpcs": [{"cpc_subgroup_id": "VARCHAR"}]}') AS patent,
    field_twice([json_keys(json)] || json_keys(json, '$.inventors[*]') || json_keys(json, '$.assignees[*]')
      || json_keys(json, '$.applications[*]') || json_keys(json, '$.cited_patents[*]')
      || json_keys(json, '$.cpcs[*]')) AS twice
  FROM record
),
typed AS (
  SELECT *, TRY_CAST(patent.patent_date AS DATE) AS grant_date,
    list_min([TRY_CAST(application.app_date AS DATE) FOR application IN patent.applications]) AS filing_date
  FROM parsed
),
judged AS (
  SELECT *, CASE
    WHEN json_type(json) <> 'OBJECT' THEN ['', 'not a JSON object']
    WHEN twice <> '' THEN [twice, 'a field is given twice']
    WHEN NOT coalesce(regexp_full_match(patent.patent_number, '(?:D|RE|PP|H|T|AI|X)?[0-9]{1,9}'), false)
      THEN ['patent_number', 'missing or not a US patent number']
    WHEN grant_date IS NULL OR year(grant_date) NOT BETWEEN 1790 AND $as_of_year + 1
      THEN ['patent_date', 'missing or not a date within 1790 .. ' || ($as_of_year + 1)]
    WHEN filing_date IS NOT NULL AND year(filing_date) NOT BETWEEN 1790 AND $as_of_year
      THEN ['app_date', 'outside 1790 .. ' || $as_of_year]
    WHEN patent.inventors IS NULL THEN ['inventors', 'missing or not a list']
    WHEN patent.cited_patents IS NULL THEN ['cited_patents', 'missing or not a list']
    WHEN patent.cpcs IS NULL THEN ['cpcs', 'missing or not a list']
    END AS reject
  FROM typed
)
SELECT raw_line, patent.patent_number AS patent_id, filing_date, grant_date,
  [upper(nullif(trim(person.inventor_country), '')) FOR person IN patent.inventors] AS inventor_country_codes,
  [upper(nullif(trim(person.assignee_country), '')) FOR person IN patent.assignees]
    AS applicant_country_codes,
  [upper(replace(symbol.cpc_subgroup_id, ' ', '')) FOR symbol IN patent.cpcs IF symbol.cpc_subgroup_id <> '']
    AS cpc_codes,
  [application.app_number FOR application IN patent.applications IF application.app_number <> '']
    AS application_numbers,
  [cited.cited_patent_number FOR cited IN patent.cited_patents IF cited.cited_patent_number <> '']
    AS cited_patent_ids,
  reject[1] AS reject_field, reject[2] AS reject_reason,
  CASE WHEN reject IS NOT NULL THEN substr(json, greatest(1, strpos(json, '"' || reject[1] || '"')), 80) END
    AS reject_excerpt
FROM judged
