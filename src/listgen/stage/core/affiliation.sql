/*---
table: affiliation
grain: {en: one affiliation of one author of one work, ja: 論文の著者1名の所属1つ}
inputs: [work_record, core.country]
---*/
-- A temporary table on the way to core.authorship, which holds the works that are read in full, and
-- core.work_country, which holds all.
CREATE TEMP TABLE affiliation AS
WITH placed AS (
  -- An author without any affiliation counts as one of an unknown country.
  SELECT work_id, referenced_work_ids IS NOT NULL AS is_full, [CASE
      WHEN len(places) > 0 THEN [{'institution_id': place.institution_id,
        'country_code': place.country_code} FOR place IN places]
      ELSE [{'institution_id': CAST(NULL AS BIGINT), 'country_code': CAST(NULL AS VARCHAR)}] END
    FOR places IN authorships] AS authors
  FROM work_record
),
shared AS (
  -- In units of 1e-12: every share is cut to whole units, and what is left of the work goes to its first row.
  SELECT work_id, is_full, authors, len(authors) AS n_authors,
    1000000000000 - list_sum([len(places) * (1000000000000 // (len(authors) * len(places))) FOR places IN
      authors]) AS rest
  FROM placed
),
author AS (
  SELECT work_id, is_full, n_authors, rest, unnest(authors) AS places,
    generate_subscripts(authors, 1) AS author_seq FROM shared
),
affiliation AS (
  SELECT work_id, is_full, author_seq, unnest(places) AS place, generate_subscripts(places, 1) AS place_seq,
    1000000000000 // (n_authors * len(places)) AS share, rest
  FROM author
)
SELECT work_id, is_full, author_seq, place_seq, place.institution_id, country.country_code,
  CAST(share + CASE WHEN author_seq = 1 AND place_seq = 1 THEN rest ELSE 0 END AS DECIMAL(13, 0))
    * 0.000000000001 AS weight
FROM affiliation LEFT JOIN core.country AS country ON country.country_code = affiliation.place.country_code;
