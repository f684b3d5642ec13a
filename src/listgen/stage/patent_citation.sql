/*---
table: core.patent_citation
grain: {en: one publication cited by one family, ja: ファミリーが引用する公報1件}
inputs: [read_google_patent, read_google_patent_row, read_patentsview_g_us_patent_citation, read_patentsview_api, core.patent_publication]
---*/
CREATE TABLE core.patent_citation (
  citing_family_id VARCHAR NOT NULL,
  cited_family_id VARCHAR,
  cited_publication_number VARCHAR NOT NULL
);
COMMENT ON TABLE core.patent_citation IS 'Each row is one publication cited by one family; its own publications are left out / 各行はファミリーが引用する公報1件（自ファミリーの公報を除く）';
COMMENT ON COLUMN core.patent_citation.citing_family_id IS 'The family that cites / 引用するファミリー';
COMMENT ON COLUMN core.patent_citation.cited_family_id IS 'The family of the cited publication, NULL when not held / 引用された公報のファミリー（未保有はNULL）';
COMMENT ON COLUMN core.patent_citation.cited_publication_number IS 'The cited publication; a number held carries its kind / 引用された公報（保有するものは種別つき）';

INSERT INTO core.patent_citation
WITH reference AS (
  SELECT publication.family_id, unnest(record.cited_publication_numbers) AS cited_number
  FROM read_google_patent AS record JOIN core.patent_publication AS publication USING (publication_number)
  UNION ALL
  SELECT publication.family_id, unnest(record.cited_publication_numbers)
  FROM read_google_patent_row AS record JOIN core.patent_publication AS publication USING (publication_number)
  UNION ALL
  SELECT publication.family_id, 'US-' || record.cited_patent_id
  FROM read_patentsview_g_us_patent_citation AS record
  JOIN core.patent_publication AS publication ON publication.us_grant_number = record.patent_id
  UNION ALL
  SELECT publication.family_id, 'US-' || unnest(record.cited_patent_ids)
  FROM read_patentsview_api AS record JOIN core.patent_publication AS publication ON publication.us_grant_number = record.patent_id
),
cited AS (
  SELECT DISTINCT family_id, cited_number, split_part(cited_number, '-', 1) AS office_code, split_part(cited_number, '-', 2) AS document_number,
    nullif(split_part(cited_number, '-', 3), '') AS kind_code
  FROM reference
),
resolved AS (
  -- First by the whole number; a US number without kind (PatentsView) by the grant it names.
  SELECT cited.family_id, cited.office_code, cited.document_number, cited.cited_number,
    coalesce(whole.publication_number, granted.publication_number) AS publication_number,
    coalesce(whole.family_id, granted.family_id) AS cited_family_id
  FROM cited
  LEFT JOIN core.patent_publication AS whole ON whole.publication_number = cited.cited_number
  LEFT JOIN core.patent_publication AS granted
    ON cited.office_code = 'US' AND cited.kind_code IS NULL AND granted.us_grant_number = cited.document_number
),
distinct_document AS (
  -- The same document cited with and without its kind, or in two publications of the family, is one reference.
  SELECT family_id, max(cited_family_id) AS cited_family_id, coalesce(max(publication_number), max(cited_number)) AS cited_publication_number
  FROM resolved
  GROUP BY family_id, coalesce(publication_number, ''), CASE WHEN publication_number IS NULL THEN office_code || '-' || document_number END
)
SELECT family_id, cited_family_id, cited_publication_number
FROM distinct_document
WHERE cited_family_id IS DISTINCT FROM family_id
ORDER BY family_id, cited_publication_number;
