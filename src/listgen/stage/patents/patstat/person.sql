/*---
inputs: [read_patstat_tls206_person, read_patstat_tls207_pers_appln, read_patstat_tls211_pat_publn,
  core.patent_publication]
---*/
-- PATSTAT names the persons of an application: one of its publications in a family stands for it there.
WITH applied AS (
  SELECT record.appln_id, min(record.publication_number) AS publication_number
  FROM read_patstat_tls211_pat_publn AS record
    JOIN core.patent_publication AS publication USING (publication_number)
  WHERE record.appln_id IS NOT NULL
  GROUP BY publication.family_id, record.appln_id
)
SELECT 2 AS preference, 'PATSTAT ' || applied.appln_id AS document_id, applied.publication_number,
  role.name AS role,
  person.country_code, link.source_id
FROM applied
JOIN read_patstat_tls207_pers_appln AS link USING (appln_id)
JOIN read_patstat_tls206_person AS person USING (person_id)
JOIN (VALUES ('inventor'), ('applicant')) AS role (name)
  ON CASE role.name WHEN 'inventor' THEN link.inventor_sequence ELSE link.applicant_sequence END > 0
