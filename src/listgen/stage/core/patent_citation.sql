/*---
table: core.patent_citation
grain: {en: one publication cited by one family of a declared technology, ja: 宣言した技術のファミリーが引用する公報1件}
inputs: [read_google_patent, read_google_patent_parquet, read_google_patent_row, read_lens_patent_json, read_patstat_tls201_appln,
  read_patstat_tls211_pat_publn, read_patstat_tls212_citation, read_patstat_tls228_docdb_fam_citn, read_patentsview_g_us_patent_citation,
  read_patentsview_g_us_application_citation, read_patentsview_g_foreign_citation, read_patentsview_api, read_lens_patent, read_epo_ops, core.patent_publication, core.technology_family]
---*/
CREATE TABLE core.patent_citation (
  citing_family_id VARCHAR NOT NULL,
  cited_family_id VARCHAR,
  cited_publication_number VARCHAR NOT NULL
);
COMMENT ON TABLE core.patent_citation IS 'Each row is one publication cited by one family of a declared technology; its own publications are left out / 各行は宣言した技術のファミリーが引用する公報1件（自ファミリーの公報を除く）';
COMMENT ON COLUMN core.patent_citation.citing_family_id IS 'The family that cites / 引用するファミリー';
COMMENT ON COLUMN core.patent_citation.cited_family_id IS 'The family of the cited publication, NULL when not held / 引用された公報のファミリー（未保有はNULL）';
COMMENT ON COLUMN core.patent_citation.cited_publication_number IS 'The cited publication, a number held with its kind; "family 123" where only the cited DOCDB family is known and not held / 引用された公報（保有するものは種別つき。ファミリーしか分からず未保有なら「family 番号」）';

-- Indicators ask what families of a technology cite; what all others cite is most of the tables and is not kept, as with works.
INSERT INTO core.patent_citation
WITH citing AS (
  SELECT publication_number, us_grant_number, family_id
  FROM core.patent_publication WHERE family_id IN (SELECT family_id FROM core.technology_family)
),
listed AS (
  SELECT publication_number, unnest(cited_publication_numbers) AS cited_number FROM read_google_patent
  UNION ALL
  SELECT publication_number, unnest(cited_publication_numbers) FROM read_google_patent_parquet
  UNION ALL
  SELECT publication_number, unnest(cited_publication_numbers) FROM read_google_patent_row
  UNION ALL
  SELECT publication_number, unnest(cited_publication_numbers) FROM read_lens_patent_json
  UNION ALL
  -- PATSTAT cites a publication, or an application of which the first publication stands here.
  SELECT publication.publication_number, coalesce(cited.publication_number, applied.publication_number)
  FROM read_patstat_tls212_citation AS reference
  JOIN read_patstat_tls211_pat_publn AS publication USING (pat_publn_id)
  LEFT JOIN read_patstat_tls211_pat_publn AS cited ON cited.pat_publn_id = reference.cited_pat_publn_id
  LEFT JOIN (SELECT appln_id, min(publication_number) AS publication_number FROM read_patstat_tls211_pat_publn GROUP BY appln_id) AS applied
    ON applied.appln_id = reference.cited_appln_id
  WHERE coalesce(cited.publication_number, applied.publication_number) IS NOT NULL
),
reference AS (
  SELECT citing.family_id, listed.cited_number FROM listed JOIN citing USING (publication_number)
  UNION ALL
  -- Digits alone need no care, but for the offices that spell a number in several ways.
  SELECT citing.family_id, CASE
    WHEN record.cited_office_code NOT IN ('US', 'EP', 'WO', 'JP', 'KR') AND regexp_full_match(record.cited_number_text, '[0-9]+')
      THEN record.cited_office_code || '-' || record.cited_number_text
    ELSE coalesce(patent_number(record.cited_office_code || record.cited_number_text),
      record.cited_office_code || '-' || record.cited_number_text) END
  FROM read_patentsview_g_foreign_citation AS record JOIN citing ON citing.us_grant_number = record.patent_id
  UNION ALL
  -- Nearly every application is published as A1; one that was corrected (A9) is the same by its number.
  SELECT citing.family_id, coalesce(applied.publication_number, us_patent_number(record.cited_pgpub_text))
  FROM read_patentsview_g_us_application_citation AS record JOIN citing ON citing.us_grant_number = record.patent_id
  LEFT JOIN (
    SELECT regexp_replace(publication_number, '-[A-Z][0-9]?$', '') AS number, min(publication_number) AS publication_number
    FROM core.patent_publication WHERE office_code = 'US' AND NOT is_grant GROUP BY number
  ) AS applied ON applied.number = us_patent_number(record.cited_pgpub_text)
),
numbered AS (
  -- PatentsView names a US grant by its number alone, which needs no parsing and no second look.
  SELECT patent_id, cited_patent_id FROM read_patentsview_g_us_patent_citation
  UNION ALL
  SELECT patent_id, unnest(cited_patent_ids) FROM read_patentsview_api
),
told AS (
  -- A member that only a list names is still the family that is held: most offices are known from such lists alone.
  SELECT number, min(family_id) AS family_id
  FROM (
    SELECT publication_number AS number, family_id FROM read_epo_ops
    UNION ALL
    SELECT document_number, family_id FROM read_epo_ops
    UNION ALL
    SELECT member.number, publication.family_id
    FROM (SELECT publication_number, unnest(member_numbers) AS number FROM read_lens_patent
      UNION ALL SELECT publication_number, unnest(member_numbers) FROM read_lens_patent_json) AS member
    JOIN core.patent_publication AS publication USING (publication_number))
  WHERE family_id IN (SELECT family_id FROM core.patent_publication)
  GROUP BY number
),
resolved AS (
  SELECT citing.family_id, granted.family_id AS cited_family_id,
    coalesce(granted.publication_number, 'US-' || numbered.cited_patent_id) AS cited_publication_number,
    coalesce(granted.publication_number, 'US-' || numbered.cited_patent_id) AS document_id
  FROM numbered
  JOIN citing ON citing.us_grant_number = numbered.patent_id
  LEFT JOIN core.patent_publication AS granted ON granted.us_grant_number = numbered.cited_patent_id
  UNION ALL
  -- First by the whole number; a US number without kind by the grant it names.
  SELECT reference.family_id, coalesce(whole.family_id, granted.family_id, told.family_id),
    coalesce(whole.publication_number, granted.publication_number, reference.cited_number),
    coalesce(whole.publication_number, granted.publication_number, regexp_replace(reference.cited_number, '^([^-]*-[^-]*)-.*', '\1'))
  FROM reference
  LEFT JOIN core.patent_publication AS whole ON whole.publication_number = reference.cited_number
  LEFT JOIN core.patent_publication AS granted ON 'US-' || granted.us_grant_number = reference.cited_number
  LEFT JOIN told ON told.number = reference.cited_number
),
distinct_document AS (
  -- The same document cited with and without its kind, or in two publications of the family, is one reference.
  SELECT family_id, max(cited_family_id) AS cited_family_id, max(cited_publication_number) AS cited_publication_number
  FROM resolved
  GROUP BY family_id, document_id
)
SELECT family_id, cited_family_id, cited_publication_number
FROM distinct_document
WHERE cited_family_id IS DISTINCT FROM family_id
ORDER BY ALL;

-- PATSTAT's citations between families say the same again, without the publication: they speak for families nothing else speaks for.
INSERT INTO core.patent_citation
SELECT DISTINCT between_families.family_id, cited.family_id, coalesce(cited.publication_number, 'family ' || between_families.cited_family_id)
FROM read_patstat_tls228_docdb_fam_citn AS between_families
JOIN (SELECT DISTINCT family_id FROM core.technology_family) AS citing USING (family_id)
LEFT JOIN (SELECT family_id, min(publication_number) AS publication_number FROM core.patent_publication GROUP BY family_id) AS cited
  ON cited.family_id = between_families.cited_family_id
WHERE between_families.cited_family_id <> between_families.family_id
  AND between_families.family_id NOT IN (SELECT citing_family_id FROM core.patent_citation)
ORDER BY ALL;
