/*---
inputs: [read_epo_ops]
---*/
SELECT publication_number, document_number, family_id, office_code, is_asked, raw_digest FROM read_epo_ops
