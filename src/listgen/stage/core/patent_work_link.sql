/*---
table: core.patent_work_link
grain: {en: one work cited by one family, ja: ファミリーが引用する論文1件}
inputs: [patent_reference, work_record]
---*/
CREATE TABLE core.patent_work_link (
  family_id VARCHAR NOT NULL,
  work_id BIGINT NOT NULL,
  link_method VARCHAR NOT NULL CHECK (link_method IN ('doi', 'pmid', 'reference')),
  publication_number VARCHAR NOT NULL,
  reference_text VARCHAR CHECK (length(reference_text) <= 200)
);
COMMENT ON TABLE core.patent_work_link IS
  'Each row is one held work that a family of a technology cites '
  '/ 各行は技術に属するファミリーが引用する保有論文1件';
COMMENT ON COLUMN core.patent_work_link.family_id IS 'The family that cites / 引用するファミリー';
COMMENT ON COLUMN core.patent_work_link.work_id IS 'The work cited / 引用された論文';
COMMENT ON COLUMN core.patent_work_link.link_method IS
  'doi or pmid = printed or resolved by the provider, reference = same title in quotation marks, year and '
  'first author '
  '/ doi・pmid＝記載または提供元による同定、reference＝引用符内の題名・年・第一著者の一致';
COMMENT ON COLUMN core.patent_work_link.publication_number IS
  'The first publication that cites it / 最初に引用した公報';
COMMENT ON COLUMN core.patent_work_link.reference_text IS
  'The reference as printed, at most 200 characters / 印字された引用（200字以内）';

INSERT INTO core.patent_work_link
WITH npl AS (
  SELECT family_id, publication_number, reference_text FROM patent_reference WHERE reference_text IS NOT NULL
),
work AS (
  SELECT work_id, doi, pmid, title_key(title) AS title_key, publication_year, first_author_surname
    FROM work_record
),
titled AS (
  -- A title that two works bear names neither of them.
  SELECT title_key, any_value(work_id) AS work_id, any_value(publication_year) AS publication_year,
    any_value(first_author_surname) AS first_author_surname
  FROM work WHERE length(title_key) >= 25 GROUP BY title_key HAVING count(*) = 1
),
quoted AS (
  SELECT npl.*, unnest(reference_titles(reference_text)) AS title_key FROM npl
    WHERE reference_doi(reference_text) IS NULL
),
found AS (
  SELECT npl.family_id, work.work_id, 1 AS preference, 'doi' AS link_method, npl.publication_number,
    npl.reference_text
  FROM npl JOIN work ON work.doi = reference_doi(npl.reference_text)
  UNION ALL
  SELECT npl.family_id, work.work_id, 2, 'pmid', npl.publication_number, npl.reference_text
  FROM npl JOIN work ON work.pmid = reference_pmid(npl.reference_text)
  UNION ALL
  SELECT quoted.family_id, titled.work_id, 3, 'reference', quoted.publication_number, quoted.reference_text
  FROM quoted JOIN titled USING (title_key)
  -- A preprint and its article may be a year apart.
  WHERE length(titled.first_author_surname) >= 2
    AND regexp_matches(lower(strip_accents(quoted.reference_text)),
      '(^|[^a-z])' || titled.first_author_surname || '([^a-z]|$)')
    AND len([year FOR year IN [-1, 0, 1] IF contains(quoted.reference_text,
      CAST(titled.publication_year + year AS VARCHAR))]) > 0
)
SELECT family_id, work_id, arg_min(link_method, (preference, publication_number, reference_text))
  AS link_method,
  arg_min(publication_number, (preference, publication_number, reference_text)) AS publication_number,
  left(arg_min(reference_text, (preference, publication_number, reference_text)), 200) AS reference_text
FROM found
GROUP BY family_id, work_id
ORDER BY family_id, work_id;
