/*---
inputs: [read_lens_patent, read_lens_patent_json]
---*/
WITH record AS (
  SELECT publication_number, npl_texts, npl_ids FROM read_lens_patent
  UNION ALL
  SELECT publication_number, npl_texts, npl_ids FROM read_lens_patent_json
)
SELECT publication_number, unnest(cited_publication_numbers) AS cited_number FROM read_lens_patent_json
UNION ALL BY NAME
SELECT publication_number, unnest(npl_texts) AS reference_text FROM record
UNION ALL BY NAME
-- What Lens resolved is a bare id: a DOI, or digits of PubMed.
SELECT publication_number, CASE WHEN regexp_full_match(id, '[0-9]{5,8}') THEN 'PMID ' || id
  ELSE id END AS reference_text
FROM (SELECT publication_number, unnest(npl_ids) AS id FROM record)
