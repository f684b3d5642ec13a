/*---
inputs: [read_lens_patent, read_lens_patent_json]
---*/
SELECT publication_number, member_numbers, n_family_documents FROM read_lens_patent
UNION ALL
SELECT publication_number, member_numbers, n_family_documents FROM read_lens_patent_json
