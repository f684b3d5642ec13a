/*---
table: provider_citation
grain: {en: one reference made by one publication or family, ja: 公報またはファミリーによる引用1件}
columns:
  publication_number: The publication that cites; this, us_grant_number or family_id says which document does
  us_grant_number: The US grant that cites, by its number
  family_id: The family that cites, where only citations between families are known
  cited_number: The publication cited, as patent_number() writes it; the kind may lack
  cited_us_grant_number: The US grant cited, by its number
  cited_family_id: The family cited, where only that is known
  reference_text: A reference that is not a patent, as printed, or its DOI or PubMed id
---*/
SELECT CAST(NULL AS VARCHAR) AS publication_number, CAST(NULL AS VARCHAR) AS us_grant_number,
  CAST(NULL AS VARCHAR) AS family_id,
  CAST(NULL AS VARCHAR) AS cited_number, CAST(NULL AS VARCHAR) AS cited_us_grant_number,
  CAST(NULL AS VARCHAR) AS cited_family_id,
  CAST(NULL AS VARCHAR) AS reference_text
WHERE false
