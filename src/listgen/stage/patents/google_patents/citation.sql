/*---
inputs: [read_google_patent, read_google_patent_parquet, read_google_patent_row]
---*/
SELECT publication_number, unnest(cited_publication_numbers) AS cited_number FROM read_google_patent
UNION ALL BY NAME
SELECT publication_number, unnest(cited_publication_numbers) AS cited_number FROM read_google_patent_parquet
UNION ALL BY NAME
SELECT publication_number, unnest(cited_publication_numbers) AS cited_number FROM read_google_patent_row
UNION ALL BY NAME
SELECT publication_number, unnest(npl_texts) AS reference_text FROM read_google_patent
UNION ALL BY NAME
SELECT publication_number, unnest(npl_texts) AS reference_text FROM read_google_patent_parquet
