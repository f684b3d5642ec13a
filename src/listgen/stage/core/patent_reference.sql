/*---
table: patent_reference
grain: {en: one reference of one publication of a declared technology, ja: 宣言した技術の公報による引用1件}
inputs: [provider_citation, citing_publication]
---*/
-- A temporary view on the way to core.patent_citation and core.patent_work_link.
CREATE TEMP VIEW patent_reference AS
SELECT citing.family_id, citing.publication_number, record.cited_number, record.cited_us_grant_number,
  record.reference_text
FROM provider_citation AS record JOIN citing_publication AS citing USING (publication_number)
WHERE record.publication_number IS NOT NULL
UNION ALL
SELECT citing.family_id, citing.publication_number, record.cited_number, record.cited_us_grant_number,
  record.reference_text
FROM provider_citation AS record JOIN citing_publication AS citing USING (us_grant_number)
WHERE record.us_grant_number IS NOT NULL;
