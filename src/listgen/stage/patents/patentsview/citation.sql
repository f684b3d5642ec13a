/*---
inputs: [read_patentsview_g_us_patent_citation, read_patentsview_g_us_application_citation,
  read_patentsview_g_foreign_citation,
  read_patentsview_g_other_reference, read_patentsview_api, citing_publication, core.patent_publication]
---*/
-- A US grant is named by its number alone, which needs no parsing and no second look.
SELECT patent_id AS us_grant_number, cited_patent_id AS cited_us_grant_number
  FROM read_patentsview_g_us_patent_citation
UNION ALL BY NAME
SELECT patent_id AS us_grant_number, unnest(cited_patent_ids) AS cited_us_grant_number
  FROM read_patentsview_api
UNION ALL BY NAME
-- Numbers are parsed only where the citation counts. Digits alone need no care, but for the offices that
-- spell a number in several ways.
SELECT record.patent_id AS us_grant_number, CASE
    WHEN record.cited_office_code NOT IN ('US', 'EP', 'WO', 'JP', 'KR')
      AND regexp_full_match(record.cited_number_text, '[0-9]+')
      THEN record.cited_office_code || '-' || record.cited_number_text
    ELSE coalesce(patent_number(record.cited_office_code || record.cited_number_text),
      record.cited_office_code || '-' || record.cited_number_text) END AS cited_number
FROM read_patentsview_g_foreign_citation AS record
WHERE record.patent_id IN (SELECT us_grant_number FROM citing_publication)
UNION ALL BY NAME
-- Nearly every application is published as A1; one that was corrected (A9) is the same by its number.
SELECT record.patent_id AS us_grant_number,
  coalesce(applied.publication_number, us_patent_number(record.cited_pgpub_text)) AS cited_number
FROM read_patentsview_g_us_application_citation AS record
LEFT JOIN (
  SELECT regexp_replace(publication_number, '-[A-Z][0-9]?$', '') AS number,
    min(publication_number) AS publication_number
  FROM core.patent_publication WHERE office_code = 'US' AND NOT is_grant GROUP BY number
) AS applied ON applied.number = us_patent_number(record.cited_pgpub_text)
WHERE record.patent_id IN (SELECT us_grant_number FROM citing_publication)
UNION ALL BY NAME
SELECT patent_id AS us_grant_number, npl_text AS reference_text FROM read_patentsview_g_other_reference
