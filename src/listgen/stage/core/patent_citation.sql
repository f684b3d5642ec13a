/*---
table: core.patent_citation
grain:
  en: one publication cited by one family of a declared technology
  ja: 宣言した技術のファミリーが引用する公報1件
inputs: [patent_reference, provider_citation, provider_member, core.patent_publication,
  core.technology_family]
---*/
CREATE TABLE core.patent_citation (
  citing_family_id VARCHAR NOT NULL,
  cited_family_id VARCHAR,
  cited_publication_number VARCHAR NOT NULL
);
COMMENT ON TABLE core.patent_citation IS
  'Each row is one publication cited by one family of a declared technology; its own publications are left '
  'out '
  '/ 各行は宣言した技術のファミリーが引用する公報1件（自ファミリーの公報を除く）';
COMMENT ON COLUMN core.patent_citation.citing_family_id IS 'The family that cites / 引用するファミリー';
COMMENT ON COLUMN core.patent_citation.cited_family_id IS
  'The family of the cited publication, NULL when not held / 引用された公報のファミリー（未保有はNULL）';
COMMENT ON COLUMN core.patent_citation.cited_publication_number IS
  'The cited publication, a number held with its kind; "family 123" where only the cited DOCDB family is '
  'known and not held '
  '/ 引用された公報（保有するものは種別つき。ファミリーしか分からず未保有なら「family 番号」）';

INSERT INTO core.patent_citation
WITH told AS (
  -- A member that only a list names is still the family that is held: most offices are known from such lists
  -- alone.
  SELECT number, min(family_id) AS family_id
  FROM (
    SELECT publication_number AS number, family_id FROM provider_member
    UNION ALL
    SELECT document_number, family_id FROM provider_member
    UNION ALL
    SELECT member.number, publication.family_id
    FROM (SELECT publication_number, unnest(member_numbers) AS number FROM provider_member) AS member
    JOIN core.patent_publication AS publication USING (publication_number))
  WHERE family_id IN (SELECT family_id FROM core.patent_publication)
  GROUP BY number
),
resolved AS (
  SELECT reference.family_id, granted.family_id AS cited_family_id,
    coalesce(granted.publication_number, 'US-' || reference.cited_us_grant_number)
      AS cited_publication_number,
    coalesce(granted.publication_number, 'US-' || reference.cited_us_grant_number) AS document_id
  FROM patent_reference AS reference
  LEFT JOIN core.patent_publication AS granted ON granted.us_grant_number = reference.cited_us_grant_number
  WHERE reference.cited_us_grant_number IS NOT NULL
  UNION ALL
  -- First by the whole number; a US number without kind by the grant it names.
  SELECT reference.family_id, coalesce(whole.family_id, granted.family_id, told.family_id),
    coalesce(whole.publication_number, granted.publication_number, reference.cited_number),
    coalesce(whole.publication_number, granted.publication_number,
    regexp_replace(reference.cited_number, '^([^-]*-[^-]*)-.*', '\1'))
  FROM patent_reference AS reference
  LEFT JOIN core.patent_publication AS whole ON whole.publication_number = reference.cited_number
  LEFT JOIN core.patent_publication AS granted ON 'US-' || granted.us_grant_number = reference.cited_number
  LEFT JOIN told ON told.number = reference.cited_number
  WHERE reference.cited_number IS NOT NULL
),
distinct_document AS (
  -- The same document cited with and without its kind, or in two publications of the family, is one
  -- reference.
  SELECT family_id, max(cited_family_id) AS cited_family_id,
    max(cited_publication_number) AS cited_publication_number
  FROM resolved
  GROUP BY family_id, document_id
)
SELECT family_id, cited_family_id, cited_publication_number
FROM distinct_document
WHERE cited_family_id IS DISTINCT FROM family_id
ORDER BY ALL;

-- Citations between families name no publication. They are used only for families without any other citation.
INSERT INTO core.patent_citation
SELECT DISTINCT between_families.family_id, cited.family_id,
  coalesce(cited.publication_number, 'family ' || between_families.cited_family_id)
FROM provider_citation AS between_families
JOIN (SELECT DISTINCT family_id FROM core.technology_family) AS citing USING (family_id)
LEFT JOIN (SELECT family_id, min(publication_number) AS publication_number FROM core.patent_publication
  GROUP BY family_id) AS cited
  ON cited.family_id = between_families.cited_family_id
WHERE between_families.cited_family_id <> between_families.family_id
  AND between_families.family_id NOT IN (SELECT citing_family_id FROM core.patent_citation)
ORDER BY ALL;
