/*---
table: core.citation_credit
grain:
  en: one citation between two items and two countries in one technology
  ja: 技術における2文献・2か国間の引用1つ
inputs: [core.period, core.technology_work, core.work_reference, core.work_country, core.work,
  core.technology_family, core.patent_citation,
  core.patent_family_country, core.patent_family, core.patent_publication]
---*/
-- A view: what core.citation_flow adds up, citation by citation, for the walk from a value back to its
-- documents. Never stored.
CREATE VIEW core.citation_credit AS
SELECT member.technology_id, 'works' AS basis, work.raw_digest, work.raw_line,
  'W' || CAST(work.work_id AS VARCHAR) AS item_id,
  citing.country_code AS citing_country_code, cited.country_code AS cited_country_code,
  CAST(citing.weight * cited.weight AS DOUBLE) AS credit
FROM core.technology_work AS member
JOIN core.period AS period ON period.period_id = 'works' AND member.publication_year BETWEEN period.first_year
  AND period.last_year
JOIN core.work_reference AS reference ON reference.citing_work_id = member.work_id
JOIN core.work_country AS citing ON citing.work_id = reference.citing_work_id
JOIN core.work_country AS cited ON cited.work_id = reference.cited_work_id
JOIN core.work AS work ON work.work_id = member.work_id
WHERE member.is_comparable
UNION ALL
-- A family's citation belongs to all of its publications alike.
SELECT member.technology_id, 'families', publication.raw_digest, publication.raw_line,
  publication.publication_number,
  citing.country_code, cited.country_code,
  CAST(citing.weight * cited.weight AS DOUBLE) / CAST(family.n_publications AS DOUBLE)
FROM core.technology_family AS member
JOIN core.period AS period ON period.period_id = 'families' AND member.priority_year BETWEEN period.first_year
  AND period.last_year
JOIN (SELECT DISTINCT citing_family_id, cited_family_id FROM core.patent_citation) AS citation
  ON citation.citing_family_id = member.family_id
JOIN core.patent_family_country AS citing ON citing.family_id = citation.citing_family_id
  AND citing.role = 'inventor'
JOIN core.patent_family_country AS cited ON cited.family_id = citation.cited_family_id
  AND cited.role = 'inventor'
JOIN core.patent_family AS family ON family.family_id = member.family_id
JOIN core.patent_publication AS publication ON publication.family_id = member.family_id
WHERE member.is_comparable;
COMMENT ON VIEW core.citation_credit IS
  'Each row is one citation as core.citation_flow counts it, with the raw row of the citing item '
  '/ 各行はcore.citation_flowが数える引用1件（引用側の原データの行つき）';
COMMENT ON COLUMN core.citation_credit.technology_id IS 'Technology of the citing item / 引用する側の技術';
COMMENT ON COLUMN core.citation_credit.basis IS 'works or families / 論文か特許ファミリーか';
COMMENT ON COLUMN core.citation_credit.raw_digest IS 'Raw file of the citing item / 引用側の原ファイル';
COMMENT ON COLUMN core.citation_credit.raw_line IS 'Record within the file / ファイル内の記録番号';
COMMENT ON COLUMN core.citation_credit.item_id IS 'Work or publication that cites / 引用する論文または公報';
COMMENT ON COLUMN core.citation_credit.citing_country_code IS 'Country that cites / 引用する国';
COMMENT ON COLUMN core.citation_credit.cited_country_code IS 'Country that is cited / 引用される国';
COMMENT ON COLUMN core.citation_credit.credit IS
  'Citing share x cited share; a family divides it over its publications '
  '/ 引用側按分×被引用側按分（ファミリーは公報数で等分）';
