/*---
inputs: [read_lens_patent, read_lens_patent_json]
---*/
SELECT 5 AS preference, publication_number, first_filing_office_code, priority_date, filing_date,
  publication_date, grant_date,
  n_npl_citations, source_id, raw_digest, raw_line
FROM read_lens_patent_json
UNION ALL BY NAME
SELECT 6 AS preference, publication_number, first_filing_office_code, priority_date, filing_date,
  publication_date, grant_date,
  n_npl_citations, source_id, raw_digest, raw_line
FROM read_lens_patent
