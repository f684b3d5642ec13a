/*---
inputs: [read_patstat_tls201_appln, read_patstat_tls211_pat_publn, read_patstat_tls212_citation]
---*/
WITH reference AS (
  SELECT pat_publn_id, count(cited_npl_publn_id) AS n_npl_citations FROM read_patstat_tls212_citation
    GROUP BY pat_publn_id
)
SELECT 4 AS preference, publication.publication_number, application.family_id AS docdb_family_id,
  application.inpadoc_family_id,
  earliest.office_code AS first_filing_office_code, application.priority_date, application.filing_date,
  publication.publication_date,
  CASE WHEN publication.is_first_grant THEN publication.publication_date END AS grant_date,
  CASE WHEN (SELECT count(*) FROM reference) > 0 THEN coalesce(reference.n_npl_citations, 0) END
    AS n_npl_citations,
  publication.source_id, publication.raw_digest, publication.raw_line
FROM read_patstat_tls211_pat_publn AS publication
JOIN read_patstat_tls201_appln AS application USING (appln_id)
LEFT JOIN read_patstat_tls201_appln AS earliest ON earliest.appln_id = application.earliest_filing_id
LEFT JOIN reference USING (pat_publn_id)
WHERE publication.publication_date IS NOT NULL
