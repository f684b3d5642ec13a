/*---
table: provider_publication
grain: {en: one publication as one form of a provider has it, ja: 提供元の形式ごとの公報レコード1件}
columns:
  preference: Which record speaks first where several have one publication; the smallest number does
  publication_number: Office, number and kind (US-10123456-B2), as patent_number() writes it
  us_grant_number: Number of a US grant where the provider knows grants by that number; the publication of the
    grant is then looked up
  application_number: Number of the application at its office, where documents of one application share it
  docdb_family_id: Family by the number of the EPO (DOCDB)
  inpadoc_family_id: The wider family of the EPO; nothing is counted by it
  first_filing_office_code: Office of the first filing
  grant_date: NULL where the record is not of a grant
  n_npl_citations: References that are not patents; NULL where the provider does not give them
---*/
SELECT CAST(NULL AS INTEGER) AS preference, CAST(NULL AS VARCHAR) AS publication_number,
  CAST(NULL AS VARCHAR) AS us_grant_number,
  CAST(NULL AS VARCHAR) AS application_number, CAST(NULL AS VARCHAR) AS docdb_family_id,
  CAST(NULL AS VARCHAR) AS inpadoc_family_id,
  CAST(NULL AS VARCHAR) AS first_filing_office_code, CAST(NULL AS DATE) AS priority_date,
  CAST(NULL AS DATE) AS filing_date,
  CAST(NULL AS DATE) AS publication_date, CAST(NULL AS DATE) AS grant_date,
  CAST(NULL AS BIGINT) AS n_npl_citations,
  CAST(NULL AS VARCHAR) AS source_id, CAST(NULL AS VARCHAR) AS raw_digest, CAST(NULL AS BIGINT) AS raw_line
WHERE false
