/*---
inputs: [read_google_patent, read_google_patent_parquet]
---*/
WITH record AS (
  SELECT publication_number, inventor_country_codes, applicant_country_codes, source_id
    FROM read_google_patent
  UNION ALL
  SELECT publication_number, inventor_country_codes, applicant_country_codes, source_id
    FROM read_google_patent_parquet
)
SELECT 1 AS preference, publication_number AS document_id, publication_number, 'inventor' AS role,
  unnest(inventor_country_codes) AS country_code, source_id
FROM record
UNION ALL
SELECT 1, publication_number, publication_number, 'applicant', unnest(applicant_country_codes), source_id
FROM record
