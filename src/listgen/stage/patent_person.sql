/*---
table: patent_person
grain: {en: one inventor or applicant of one document, ja: 文献の発明者または出願人1名}
inputs: [read_google_patent, read_patentsview_g_inventor_disambiguated, read_patentsview_g_location_disambiguated, read_patentsview_api,
  read_patentsview_pgpub, core.patent_publication]
---*/
-- A temporary table on the way to core.patent_family_country and prov.unmapped. `preference` says which record speaks first for a family.
CREATE TEMP TABLE patent_person AS
WITH person AS (
  SELECT publication.family_id, 'inventor' AS role, 1 AS preference, record.publication_number AS document_id,
    unnest(record.inventor_country_codes) AS country_code, record.source_id
  FROM read_google_patent AS record JOIN core.patent_publication AS publication USING (publication_number)
  UNION ALL
  SELECT publication.family_id, 'applicant', 1, record.publication_number, unnest(record.applicant_country_codes), record.source_id
  FROM read_google_patent AS record JOIN core.patent_publication AS publication USING (publication_number)
  UNION ALL
  SELECT publication.family_id, 'inventor', 2, inventor.patent_id, place.country_code, inventor.source_id
  FROM (SELECT DISTINCT patent_id, inventor_sequence, location_id, source_id FROM read_patentsview_g_inventor_disambiguated) AS inventor
  JOIN core.patent_publication AS publication ON publication.us_grant_number = inventor.patent_id
  LEFT JOIN read_patentsview_g_location_disambiguated AS place USING (location_id)
  UNION ALL
  SELECT publication.family_id, 'inventor', 3, record.patent_id, unnest(record.inventor_country_codes), record.source_id
  FROM read_patentsview_api AS record JOIN core.patent_publication AS publication ON publication.us_grant_number = record.patent_id
  UNION ALL
  SELECT publication.family_id, 'applicant', 3, record.patent_id, unnest(record.applicant_country_codes), record.source_id
  FROM read_patentsview_api AS record JOIN core.patent_publication AS publication ON publication.us_grant_number = record.patent_id
  UNION ALL
  -- One assignee a publication is all these tables keep; the same publication stands once for each CPC symbol.
  SELECT DISTINCT publication.family_id, 'applicant', 4, record.publication_number, record.applicant_country_code, record.source_id
  FROM read_patentsview_pgpub AS record JOIN core.patent_publication AS publication USING (publication_number)
)
SELECT family_id, role, preference, document_id, country_code, source_id, count(*) AS n_persons
FROM person
WHERE country_code IS NOT NULL
GROUP BY ALL;
