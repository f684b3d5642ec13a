/*---
inputs: [read_patstat_tls211_pat_publn, read_patstat_tls212_citation, read_patstat_tls214_npl_publn,
  read_patstat_tls228_docdb_fam_citn]
---*/
-- PATSTAT cites a publication, or an application of which the first publication stands here.
SELECT publication.publication_number, coalesce(cited.publication_number,
  applied.publication_number) AS cited_number
FROM read_patstat_tls212_citation AS reference
JOIN read_patstat_tls211_pat_publn AS publication USING (pat_publn_id)
LEFT JOIN read_patstat_tls211_pat_publn AS cited ON cited.pat_publn_id = reference.cited_pat_publn_id
LEFT JOIN (SELECT appln_id, min(publication_number) AS publication_number FROM read_patstat_tls211_pat_publn
  GROUP BY appln_id) AS applied
  ON applied.appln_id = reference.cited_appln_id
WHERE coalesce(cited.publication_number, applied.publication_number) IS NOT NULL
UNION ALL BY NAME
SELECT citing.publication_number, cited.npl_text AS reference_text
FROM read_patstat_tls212_citation AS reference
JOIN read_patstat_tls211_pat_publn AS citing USING (pat_publn_id)
JOIN read_patstat_tls214_npl_publn AS cited ON cited.npl_publn_id = reference.cited_npl_publn_id
UNION ALL BY NAME
SELECT family_id, cited_family_id FROM read_patstat_tls228_docdb_fam_citn
