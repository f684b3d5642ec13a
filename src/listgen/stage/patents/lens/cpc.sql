/*---
inputs: [read_lens_patent, read_lens_patent_json]
---*/
SELECT publication_number, unnest(cpc_codes) AS cpc_code FROM read_lens_patent
UNION ALL
SELECT publication_number, unnest(cpc_codes) FROM read_lens_patent_json
