/*---
table: patent_record
grain: {en: one publication as one form of records has it, ja: 形式ごとの公報レコード1件}
inputs: [read_google_patent, read_google_patent_parquet, read_google_patent_row, read_patstat_tls201_appln, read_patstat_tls211_pat_publn,
  read_patstat_tls212_citation, read_lens_patent, read_lens_patent_json, read_patentsview_g_patent, read_patentsview_g_application,
  read_patentsview_g_other_reference, read_patentsview_api, read_patentsview_pg_published_application,
  read_patentsview_pg_granted_pgpubs_crosswalk, read_patentsview_pgpub]
---*/
-- A temporary table on the way to core.patent_publication: the same publication may stand in several forms. `preference` says which one
-- speaks first where they differ; one form has a publication once.
CREATE TEMP TABLE patent_record AS
WITH patstat_reference AS (
  SELECT pat_publn_id, CAST(count(cited_npl_publn_id) AS INTEGER) AS n_npl_citations FROM read_patstat_tls212_citation GROUP BY pat_publn_id
),
other_reference AS (
  SELECT patent_id, CAST(count(*) AS INTEGER) AS n_npl_citations FROM read_patentsview_g_other_reference GROUP BY patent_id
),
other_sort AS (
  SELECT count(*) > 0 AS is_held FROM (FROM read_patentsview_g_other_reference LIMIT 1)
),
crossing AS (
  SELECT link.patent_id, min(application.application_number) AS application_number
  FROM read_patentsview_pg_granted_pgpubs_crosswalk AS link JOIN read_patentsview_pg_published_application AS application USING (pgpub_id)
  WHERE link.patent_id IS NOT NULL
  GROUP BY link.patent_id
),
pending AS (
  -- This form has a row for each CPC symbol of a publication.
  SELECT publication_number, min(application_number) AS application_number, min(filing_date) AS filing_date,
    min(publication_date) AS publication_date, min((raw_digest, raw_line, source_id)) AS origin
  FROM read_patentsview_pgpub GROUP BY publication_number
),
record AS (
  SELECT 1 AS preference, publication_number, family_id AS docdb_family_id, first_filing_office_code, priority_date, filing_date,
    publication_date, grant_date, n_npl_citations, source_id, raw_digest, raw_line
  FROM read_google_patent
  UNION ALL BY NAME
  SELECT 2 AS preference, publication_number, family_id AS docdb_family_id, first_filing_office_code, priority_date, filing_date,
    publication_date, grant_date, n_npl_citations, source_id, raw_digest, raw_line
  FROM read_google_patent_parquet
  UNION ALL BY NAME
  SELECT 3 AS preference, publication_number, family_id AS docdb_family_id, publication_date, source_id, raw_digest, raw_line
  FROM read_google_patent_row
  UNION ALL BY NAME
  SELECT 4 AS preference, publication.publication_number, application.family_id AS docdb_family_id, application.inpadoc_family_id,
    earliest.office_code AS first_filing_office_code, application.priority_date, application.filing_date, publication.publication_date,
    CASE WHEN publication.is_first_grant THEN publication.publication_date END AS grant_date,
    CASE WHEN (SELECT count(*) FROM patstat_reference) > 0 THEN coalesce(reference.n_npl_citations, 0) END AS n_npl_citations,
    publication.source_id, publication.raw_digest, publication.raw_line
  FROM read_patstat_tls211_pat_publn AS publication
  JOIN read_patstat_tls201_appln AS application USING (appln_id)
  LEFT JOIN read_patstat_tls201_appln AS earliest ON earliest.appln_id = application.earliest_filing_id
  LEFT JOIN patstat_reference AS reference USING (pat_publn_id)
  WHERE publication.publication_date IS NOT NULL
  UNION ALL BY NAME
  SELECT 5 AS preference, publication_number, first_filing_office_code, priority_date, filing_date, publication_date, grant_date,
    n_npl_citations, source_id, raw_digest, raw_line
  FROM read_lens_patent_json
  UNION ALL BY NAME
  SELECT 6 AS preference, publication_number, first_filing_office_code, priority_date, filing_date, publication_date, grant_date,
    n_npl_citations, source_id, raw_digest, raw_line
  FROM read_lens_patent
  UNION ALL BY NAME
  SELECT 7 AS preference, us_patent_number(patent.patent_id) || coalesce('-' || patent.kind_code, '') AS publication_number,
    coalesce(application.application_number, crossing.application_number) AS application_number, application.filing_date,
    patent.grant_date AS publication_date, patent.grant_date, patent.patent_id,
    CASE WHEN other_sort.is_held THEN coalesce(other.n_npl_citations, 0) END AS n_npl_citations,
    patent.source_id, patent.raw_digest, patent.raw_line
  FROM read_patentsview_g_patent AS patent
  CROSS JOIN other_sort
  LEFT JOIN read_patentsview_g_application AS application USING (patent_id)
  LEFT JOIN crossing USING (patent_id)
  LEFT JOIN other_reference AS other USING (patent_id)
  UNION ALL BY NAME
  SELECT 8 AS preference, us_patent_number(patent_id) AS publication_number, list_min(application_numbers) AS application_number, filing_date,
    grant_date AS publication_date, grant_date, patent_id, source_id, raw_digest, raw_line
  FROM read_patentsview_api
  UNION ALL BY NAME
  SELECT 9 AS preference, publication_number, application_number, filing_date, publication_date, source_id, raw_digest, raw_line
  FROM read_patentsview_pg_published_application
  UNION ALL BY NAME
  SELECT 10 AS preference, publication_number, application_number, filing_date, publication_date, origin[3] AS source_id,
    origin[1] AS raw_digest, origin[2] AS raw_line
  FROM pending
),
parted AS (
  SELECT *, split_part(publication_number, '-', 1) AS office_code, split_part(publication_number, '-', 2) AS document_number,
    nullif(split_part(publication_number, '-', 3), '') AS kind_code
  FROM record
),
graded AS (
  -- US grants before 2001 have kind A: their publication date is their grant date.
  SELECT *, coalesce(regexp_matches(kind_code, '^(B|E|S|P[23])') OR grant_date = publication_date, false) AS is_grant FROM parted
),
us_grant AS (
  -- A US grant has one number whatever its kind; re-examinations of it come later.
  SELECT document_number, arg_min(publication_number, (kind_code IS NULL, publication_date, preference)) AS publication_number
  FROM graded WHERE office_code = 'US' AND is_grant GROUP BY document_number
)
SELECT graded.* EXCLUDE (publication_number, kind_code, patent_id),
  CASE WHEN graded.patent_id IS NOT NULL THEN us_grant.publication_number ELSE graded.publication_number END AS publication_number,
  nullif(split_part(CASE WHEN graded.patent_id IS NOT NULL THEN us_grant.publication_number ELSE graded.publication_number END, '-', 3), '')
    AS kind_code,
  CASE WHEN graded.patent_id IS NOT NULL OR graded.publication_number = us_grant.publication_number THEN graded.document_number END
    AS us_grant_number
FROM graded LEFT JOIN us_grant ON graded.office_code = 'US' AND graded.is_grant AND us_grant.document_number = graded.document_number;
