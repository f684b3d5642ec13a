/*---
table: core.authorship
grain: {en: one affiliation of one author of one work, ja: 論文の著者1名の所属1つ}
inputs: [work_record, core.country]
---*/
CREATE TABLE core.authorship (
  work_id BIGINT NOT NULL,
  author_seq INTEGER NOT NULL CHECK (author_seq >= 1),
  institution_id BIGINT,
  country_code VARCHAR,
  weight DECIMAL(18, 12) NOT NULL CHECK (weight > 0 AND weight <= 1)
);
COMMENT ON TABLE core.authorship IS 'Each row is one affiliation of one author of one work / 各行は論文の著者1名の所属1つ';
COMMENT ON COLUMN core.authorship.work_id IS 'Work / 論文ID';
COMMENT ON COLUMN core.authorship.author_seq IS 'Place of the author in the author list, from 1 / 著者順（1から）';
COMMENT ON COLUMN core.authorship.institution_id IS 'Institution, NULL when only a country or nothing is known / 機関ID（不明はNULL）';
COMMENT ON COLUMN core.authorship.country_code IS 'Country of the affiliation, NULL when unknown / 所属の国（不明はNULL）';
COMMENT ON COLUMN core.authorship.weight IS 'Fraction of the work: 1 / (authors x affiliations of the author); a work sums to exactly 1 / 論文の按分: 1/(著者数×その著者の所属数)、論文ごとの合計は正確に1';

INSERT INTO core.authorship
WITH placed AS (
  -- An author without an institution is placed by the countries of the authorship; without these the country is unknown.
  SELECT work_id, [CASE
      WHEN len(author.institutions) > 0 THEN [{'institution_id': place.institution_id, 'country_code': place.country_code}
        FOR place IN author.institutions]
      WHEN len(author.country_codes) > 0 THEN [{'institution_id': CAST(NULL AS BIGINT), 'country_code': code}
        FOR code IN author.country_codes]
      ELSE [{'institution_id': CAST(NULL AS BIGINT), 'country_code': CAST(NULL AS VARCHAR)}] END
    FOR author IN authorships] AS authors
  FROM work_record
),
shared AS (
  -- In units of 1e-12: every share is cut to whole units, and what is left of the work goes to its first row.
  SELECT work_id, authors, len(authors) AS n_authors,
    1000000000000 - list_sum([len(places) * (1000000000000 // (len(authors) * len(places))) FOR places IN authors]) AS rest
  FROM placed
),
author AS (
  SELECT work_id, n_authors, rest, unnest(authors) AS places, generate_subscripts(authors, 1) AS author_seq FROM shared
),
affiliation AS (
  SELECT work_id, author_seq, unnest(places) AS place, generate_subscripts(places, 1) AS place_seq,
    1000000000000 // (n_authors * len(places)) AS share, rest
  FROM author
)
SELECT work_id, author_seq, place.institution_id, country.country_code,
  CAST(share + CASE WHEN author_seq = 1 AND place_seq = 1 THEN rest ELSE 0 END AS DECIMAL(13, 0)) * 0.000000000001 AS weight
FROM affiliation LEFT JOIN core.country AS country ON country.country_code = affiliation.place.country_code
ORDER BY work_id, author_seq, place_seq;
