/*---
table: core.authorship
grain: {en: one affiliation of one author of one work, ja: 論文の著者1名の所属1つ}
inputs: [affiliation]
---*/
CREATE TABLE core.authorship (
  work_id BIGINT NOT NULL,
  author_seq INTEGER NOT NULL CHECK (author_seq >= 1),
  institution_id BIGINT,
  country_code VARCHAR,
  weight DECIMAL(18, 12) NOT NULL CHECK (weight > 0 AND weight <= 1)
);
COMMENT ON TABLE core.authorship IS
  'Each row is one affiliation of one author of one work of a declared technology '
  '/ 各行は技術に当たる論文の著者1名の所属1つ';
COMMENT ON COLUMN core.authorship.work_id IS 'Work / 論文ID';
COMMENT ON COLUMN core.authorship.author_seq IS
  'Place of the author in the author list, from 1 / 著者順（1から）';
COMMENT ON COLUMN core.authorship.institution_id IS
  'Institution, NULL when only a country or nothing is known / 機関ID（不明はNULL）';
COMMENT ON COLUMN core.authorship.country_code IS
  'Country of the affiliation, NULL when unknown / 所属の国（不明はNULL）';
COMMENT ON COLUMN core.authorship.weight IS
  'Fraction of the work: 1 / (authors x affiliations of the author); a work sums to exactly 1 '
  '/ 論文の按分: 1/(著者数×その著者の所属数)、論文ごとの合計は正確に1';

INSERT INTO core.authorship
SELECT work_id, author_seq, institution_id, country_code, weight FROM affiliation WHERE is_full
  ORDER BY work_id, author_seq, place_seq;
