/*---
table: patent_family_member
grain: {en: one publication and its family, ja: 公報とそのファミリーの組1つ}
inputs: [patent_record, provider_member]
---*/
-- A temporary table on the way to core.patent_publication. Three statements say that documents are one
-- invention, in this order: the EPO's number of the DOCDB family; a list of the members of the same family by
-- the same rule; one application number of one office. A later statement adds documents to a family, it never
-- joins two families. INPADOC families, which are wider, are no statement here.
CREATE TEMP TABLE patent_family_member AS
WITH looked_up AS (
  -- The EPO's word on a document that no file gives the family of; without a kind the number is enough. An
  -- answer about it comes first.
  SELECT publication_number, arg_min(family_id, (NOT is_asked, family_id)) AS family_id,
    arg_min(raw_digest, (NOT is_asked, family_id, raw_digest)) AS raw_digest
  FROM (SELECT * FROM provider_member UNION ALL SELECT * REPLACE (document_number AS publication_number)
    FROM provider_member)
  WHERE family_id IS NOT NULL
  GROUP BY publication_number
),
publication AS (
  SELECT publication_number, coalesce(arg_min(docdb_family_id, preference), any_value(looked_up.family_id))
    AS docdb_family_id,
    CASE WHEN count(patent_record.docdb_family_id) = 0 THEN any_value(looked_up.raw_digest) END
      AS family_raw_digest,
    min(application_number) AS application_number, any_value(us_grant_number) AS us_grant_number
  FROM patent_record LEFT JOIN looked_up USING (publication_number) GROUP BY publication_number
),
list AS (
  SELECT list_distinct(list_append(coalesce(member_numbers, []), publication_number)) AS numbers
  FROM provider_member
  WHERE len(member_numbers) > 0 OR n_family_documents = 1
),
member AS (
  SELECT DISTINCT list_min(numbers) AS list_id, unnest(numbers) AS publication_number FROM list
),
listed_family AS (
  SELECT member.list_id, coalesce(min(publication.docdb_family_id), 'list-' || member.list_id) AS family_id
  FROM member JOIN publication USING (publication_number)
  GROUP BY member.list_id
),
listed AS (
  SELECT member.publication_number, min(listed_family.family_id) AS family_id
  FROM member JOIN listed_family USING (list_id)
  GROUP BY member.publication_number
),
known AS (
  SELECT publication.*, coalesce(publication.docdb_family_id, listed.family_id) AS family_id
  FROM publication LEFT JOIN listed USING (publication_number)
),
application AS (
  SELECT application_number, min(family_id) AS family_id,
    arg_min(family_raw_digest, family_id) AS family_raw_digest, min(us_grant_number) AS us_grant_number
  FROM known WHERE application_number IS NOT NULL GROUP BY application_number
)
SELECT known.publication_number,
  coalesce(known.family_id, application.family_id, 'US-' || coalesce(application.us_grant_number,
  known.us_grant_number),
    'US-application-' || known.application_number, known.publication_number) AS family_id,
  CASE WHEN coalesce(known.family_id, application.family_id) IS NULL THEN 'single_document'
    ELSE 'docdb' END AS family_kind,
  coalesce(known.family_raw_digest, CASE WHEN known.family_id IS NULL THEN application.family_raw_digest END)
    AS family_raw_digest
FROM known LEFT JOIN application USING (application_number);
