/*---
table: patent_person
grain: {en: one inventor or applicant of one document, ja: 文献の発明者または出願人1名}
inputs: [provider_person, core.patent_publication]
---*/
-- A temporary table on the way to core.patent_family_country and prov.unmapped. `preference` says which
-- record speaks first for a family.
CREATE TEMP TABLE patent_person AS
WITH person AS (
  SELECT publication.family_id, record.role, record.preference, record.document_id, record.country_code,
    record.source_id
  FROM provider_person AS record JOIN core.patent_publication AS publication USING (publication_number)
  WHERE record.publication_number IS NOT NULL
  UNION ALL
  SELECT publication.family_id, record.role, record.preference, record.document_id, record.country_code,
    record.source_id
  FROM provider_person AS record JOIN core.patent_publication AS publication USING (us_grant_number)
  WHERE record.us_grant_number IS NOT NULL
)
SELECT family_id, role, preference, document_id, country_code, source_id, count(*) AS n_persons
FROM person
WHERE country_code IS NOT NULL
GROUP BY ALL;
