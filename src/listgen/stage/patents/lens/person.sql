/*---
inputs: [read_lens_patent_json]
---*/
-- The table exports name no countries of persons.
SELECT 3 AS preference, publication_number AS document_id, publication_number, 'inventor' AS role,
  unnest(inventor_country_codes) AS country_code, source_id
FROM read_lens_patent_json
UNION ALL
SELECT 3, publication_number, publication_number, 'applicant', unnest(applicant_country_codes), source_id
FROM read_lens_patent_json
