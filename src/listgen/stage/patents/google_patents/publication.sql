/*---
inputs: [read_google_patent, read_google_patent_parquet, read_google_patent_row]
---*/
SELECT 1 AS preference, publication_number, family_id AS docdb_family_id, first_filing_office_code,
  priority_date, filing_date,
  publication_date, grant_date, n_npl_citations, source_id, raw_digest, raw_line
FROM read_google_patent
UNION ALL BY NAME
SELECT 2 AS preference, publication_number, family_id AS docdb_family_id, first_filing_office_code,
  priority_date, filing_date,
  publication_date, grant_date, n_npl_citations, source_id, raw_digest, raw_line
FROM read_google_patent_parquet
UNION ALL BY NAME
SELECT 3 AS preference, publication_number, family_id AS docdb_family_id, publication_date, source_id,
  raw_digest, raw_line
FROM read_google_patent_row
