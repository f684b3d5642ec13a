/*---
inputs: [read_google_patent, read_google_patent_parquet, read_google_patent_row]
---*/
SELECT publication_number, unnest(cpc_codes) AS cpc_code FROM read_google_patent
UNION ALL
SELECT publication_number, unnest(cpc_codes) FROM read_google_patent_parquet
UNION ALL
SELECT publication_number, unnest(cpc_codes) FROM read_google_patent_row
