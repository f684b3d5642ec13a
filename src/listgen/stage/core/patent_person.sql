/*---
table: patent_person
grain: {en: one inventor or applicant of one document, ja: 文献の発明者または出願人1名}
inputs: [read_google_patent, read_google_patent_parquet, read_lens_patent_json, read_patstat_tls201_appln, read_patstat_tls206_person,
  read_patstat_tls207_pers_appln, read_patstat_tls211_pat_publn, read_patentsview_g_inventor_disambiguated,
  read_patentsview_g_assignee_disambiguated, read_patentsview_g_location_disambiguated, read_patentsview_pg_published_application,
  read_patentsview_pg_inventor_disambiguated, read_patentsview_pg_assignee_disambiguated, read_patentsview_pg_location_disambiguated,
  read_patentsview_api, read_patentsview_pgpub, core.patent_publication]
---*/
-- A temporary table on the way to core.patent_family_country and prov.unmapped. `preference` says which record speaks first for a family.
CREATE TEMP TABLE patent_person AS
WITH address AS (
  SELECT 1 AS preference, publication_number, inventor_country_codes, applicant_country_codes, source_id FROM read_google_patent
  UNION ALL
  SELECT 1, publication_number, inventor_country_codes, applicant_country_codes, source_id FROM read_google_patent_parquet
  UNION ALL
  SELECT 3, publication_number, inventor_country_codes, applicant_country_codes, source_id FROM read_lens_patent_json
),
applied AS (
  -- The persons of a PATSTAT application, for the family that its publications are in.
  SELECT publication.family_id, record.appln_id
  FROM read_patstat_tls211_pat_publn AS record JOIN core.patent_publication AS publication USING (publication_number)
  WHERE record.appln_id IS NOT NULL
  GROUP BY publication.family_id, record.appln_id
),
grant_person AS (
  SELECT 'inventor' AS role, patent_id, inventor_sequence AS person_sequence, location_id, source_id
  FROM read_patentsview_g_inventor_disambiguated
  UNION ALL
  SELECT 'applicant', patent_id, assignee_sequence, location_id, source_id FROM read_patentsview_g_assignee_disambiguated
),
pending_person AS (
  SELECT 'inventor' AS role, pgpub_id, inventor_sequence AS person_sequence, location_id, source_id
  FROM read_patentsview_pg_inventor_disambiguated
  UNION ALL
  SELECT 'applicant', pgpub_id, assignee_sequence, location_id, source_id FROM read_patentsview_pg_assignee_disambiguated
),
person AS (
  SELECT publication.family_id, 'inventor' AS role, record.preference, record.publication_number AS document_id,
    unnest(record.inventor_country_codes) AS country_code, record.source_id
  FROM address AS record JOIN core.patent_publication AS publication USING (publication_number)
  UNION ALL
  SELECT publication.family_id, 'applicant', record.preference, record.publication_number, unnest(record.applicant_country_codes),
    record.source_id
  FROM address AS record JOIN core.patent_publication AS publication USING (publication_number)
  UNION ALL
  SELECT applied.family_id, role.name, 2, 'PATSTAT ' || applied.appln_id, person.country_code, link.source_id
  FROM applied
  JOIN read_patstat_tls207_pers_appln AS link USING (appln_id)
  JOIN read_patstat_tls206_person AS person USING (person_id)
  JOIN (VALUES ('inventor'), ('applicant')) AS role (name)
    ON CASE role.name WHEN 'inventor' THEN link.inventor_sequence ELSE link.applicant_sequence END > 0
  UNION ALL
  SELECT publication.family_id, person.role, 4, person.patent_id, place.country_code, person.source_id
  FROM (SELECT DISTINCT * FROM grant_person) AS person
  JOIN core.patent_publication AS publication ON publication.us_grant_number = person.patent_id
  JOIN read_patentsview_g_location_disambiguated AS place USING (location_id)
  UNION ALL
  SELECT publication.family_id, 'inventor', 5, record.patent_id, unnest(record.inventor_country_codes), record.source_id
  FROM read_patentsview_api AS record JOIN core.patent_publication AS publication ON publication.us_grant_number = record.patent_id
  UNION ALL
  SELECT publication.family_id, 'applicant', 5, record.patent_id, unnest(record.applicant_country_codes), record.source_id
  FROM read_patentsview_api AS record JOIN core.patent_publication AS publication ON publication.us_grant_number = record.patent_id
  UNION ALL
  SELECT publication.family_id, person.role, 6, application.publication_number, place.country_code, person.source_id
  FROM (SELECT DISTINCT * FROM pending_person) AS person
  JOIN read_patentsview_pg_published_application AS application USING (pgpub_id)
  JOIN core.patent_publication AS publication USING (publication_number)
  JOIN read_patentsview_pg_location_disambiguated AS place USING (location_id)
  UNION ALL
  -- One assignee a publication is all these tables keep; the same publication stands once for each CPC symbol.
  SELECT DISTINCT publication.family_id, 'applicant', 7, record.publication_number, record.applicant_country_code, record.source_id
  FROM read_patentsview_pgpub AS record JOIN core.patent_publication AS publication USING (publication_number)
)
SELECT family_id, role, preference, document_id, country_code, source_id, count(*) AS n_persons
FROM person
WHERE country_code IS NOT NULL
GROUP BY ALL;
