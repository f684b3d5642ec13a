/*---
inputs: [read_patentsview_g_patent, read_patentsview_g_application, read_patentsview_g_other_reference,
  read_patentsview_api,
  read_patentsview_pg_published_application, read_patentsview_pg_granted_pgpubs_crosswalk,
  read_patentsview_pgpub]
---*/
WITH other_reference AS (
  SELECT patent_id, count(*) AS n_npl_citations FROM read_patentsview_g_other_reference GROUP BY patent_id
),
other_sort AS (
  SELECT count(*) > 0 AS is_held FROM (FROM read_patentsview_g_other_reference LIMIT 1)
),
crossing AS (
  SELECT link.patent_id, min(application.application_number) AS application_number
  FROM read_patentsview_pg_granted_pgpubs_crosswalk AS link
    JOIN read_patentsview_pg_published_application AS application USING (pgpub_id)
  WHERE link.patent_id IS NOT NULL
  GROUP BY link.patent_id
),
pending AS (
  -- This form has a row for each CPC symbol of a publication.
  SELECT publication_number, min(application_number) AS application_number, min(filing_date) AS filing_date,
    min(publication_date) AS publication_date, min((raw_digest, raw_line, source_id)) AS origin
  FROM read_patentsview_pgpub GROUP BY publication_number
)
SELECT 7 AS preference, us_patent_number(patent.patent_id) || coalesce('-' || patent.kind_code,
  '') AS publication_number,
  coalesce(application.application_number, crossing.application_number) AS application_number,
  application.filing_date,
  patent.grant_date AS publication_date, patent.grant_date, patent.patent_id AS us_grant_number,
  CASE WHEN other_sort.is_held THEN coalesce(other.n_npl_citations, 0) END AS n_npl_citations,
  patent.source_id, patent.raw_digest, patent.raw_line
FROM read_patentsview_g_patent AS patent
CROSS JOIN other_sort
LEFT JOIN read_patentsview_g_application AS application USING (patent_id)
LEFT JOIN crossing USING (patent_id)
LEFT JOIN other_reference AS other USING (patent_id)
UNION ALL BY NAME
SELECT 8 AS preference, us_patent_number(patent_id) AS publication_number,
  list_min(application_numbers) AS application_number, filing_date,
  grant_date AS publication_date, grant_date, patent_id AS us_grant_number, source_id, raw_digest, raw_line
FROM read_patentsview_api
UNION ALL BY NAME
SELECT 9 AS preference, publication_number, application_number, filing_date, publication_date, source_id,
  raw_digest, raw_line
FROM read_patentsview_pg_published_application
UNION ALL BY NAME
SELECT 10 AS preference, publication_number, application_number, filing_date, publication_date,
  origin[3] AS source_id,
  origin[1] AS raw_digest, origin[2] AS raw_line
FROM pending
