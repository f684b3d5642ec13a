/*---
inputs: [read_patentsview_g_inventor_disambiguated, read_patentsview_g_assignee_disambiguated,
  read_patentsview_g_location_disambiguated,
  read_patentsview_pg_published_application, read_patentsview_pg_inventor_disambiguated,
  read_patentsview_pg_assignee_disambiguated, read_patentsview_pg_location_disambiguated,
  read_patentsview_api, read_patentsview_pgpub]
---*/
WITH grant_person AS (
  SELECT 'inventor' AS role, patent_id, inventor_sequence AS person_sequence, location_id, source_id
  FROM read_patentsview_g_inventor_disambiguated
  UNION ALL
  SELECT 'applicant', patent_id, assignee_sequence, location_id, source_id
    FROM read_patentsview_g_assignee_disambiguated
),
pending_person AS (
  SELECT 'inventor' AS role, pgpub_id, inventor_sequence AS person_sequence, location_id, source_id
  FROM read_patentsview_pg_inventor_disambiguated
  UNION ALL
  SELECT 'applicant', pgpub_id, assignee_sequence, location_id, source_id
    FROM read_patentsview_pg_assignee_disambiguated
)
SELECT 4 AS preference, person.patent_id AS document_id, person.patent_id AS us_grant_number, person.role,
  place.country_code, person.source_id
FROM (SELECT DISTINCT * FROM grant_person) AS person
  JOIN read_patentsview_g_location_disambiguated AS place USING (location_id)
UNION ALL BY NAME
SELECT 5 AS preference, patent_id AS document_id, patent_id AS us_grant_number, 'inventor' AS role,
  unnest(inventor_country_codes) AS country_code, source_id
FROM read_patentsview_api
UNION ALL BY NAME
SELECT 5 AS preference, patent_id AS document_id, patent_id AS us_grant_number, 'applicant' AS role,
  unnest(applicant_country_codes) AS country_code, source_id
FROM read_patentsview_api
UNION ALL BY NAME
SELECT 6 AS preference, application.publication_number AS document_id, application.publication_number,
  person.role, place.country_code,
  person.source_id
FROM (SELECT DISTINCT * FROM pending_person) AS person
JOIN read_patentsview_pg_published_application AS application USING (pgpub_id)
JOIN read_patentsview_pg_location_disambiguated AS place USING (location_id)
UNION ALL BY NAME
-- One assignee a publication is all these tables keep; the same publication stands once for each CPC symbol.
SELECT DISTINCT 7 AS preference, publication_number AS document_id, publication_number, 'applicant' AS role,
  applicant_country_code AS country_code, source_id
FROM read_patentsview_pgpub
