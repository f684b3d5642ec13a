/*---
table: patent_record
grain: {en: one publication as one form of records has it, ja: 形式ごとの公報レコード1件}
inputs: [provider_publication]
---*/
-- A temporary table on the way to core.patent_publication: the same publication may stand in several forms.
-- `preference` says which one speaks first where they differ; one form has a publication once. A provider
-- that knows US grants by their number gives that number.
CREATE TEMP TABLE patent_record AS
WITH parted AS (
  SELECT *, split_part(publication_number, '-', 1) AS office_code,
    split_part(publication_number, '-', 2) AS document_number,
    nullif(split_part(publication_number, '-', 3), '') AS kind_code
  FROM provider_publication
),
graded AS (
  -- US grants before 2001 have kind A: their publication date is their grant date.
  SELECT *, coalesce(regexp_matches(kind_code, '^(B|E|S|P[23])')
    OR grant_date = publication_date, false) AS is_grant FROM parted
),
us_grant AS (
  -- A US grant has one number whatever its kind; re-examinations of it come later.
  SELECT document_number, arg_min(publication_number, (kind_code IS NULL, publication_date, preference))
    AS publication_number
  FROM graded WHERE office_code = 'US' AND is_grant GROUP BY document_number
)
SELECT graded.* EXCLUDE (publication_number, kind_code, us_grant_number),
  CASE WHEN graded.us_grant_number IS NOT NULL THEN us_grant.publication_number
    ELSE graded.publication_number END AS publication_number,
  nullif(split_part(CASE WHEN graded.us_grant_number IS NOT NULL THEN us_grant.publication_number
    ELSE graded.publication_number END, '-', 3), '')
    AS kind_code,
  CASE WHEN graded.us_grant_number IS NOT NULL
    OR graded.publication_number = us_grant.publication_number THEN graded.document_number END
    AS us_grant_number
FROM graded LEFT JOIN us_grant ON graded.office_code = 'US' AND graded.is_grant
  AND us_grant.document_number = graded.document_number;
