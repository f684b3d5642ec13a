/*---
table: prov.duplicate
grain: {en: one form of one source with repeated records, ja: 重複レコードのある情報源と形式の組1つ}
inputs: [duplicate_record]
---*/
CREATE TABLE prov.duplicate (
  source_id VARCHAR NOT NULL,
  form_id VARCHAR NOT NULL,
  n_identical BIGINT NOT NULL CHECK (n_identical >= 0),
  n_superseded BIGINT NOT NULL CHECK (n_superseded >= 0),
  PRIMARY KEY (source_id, form_id)
);
COMMENT ON TABLE prov.duplicate IS
  'Each row counts the repeated records of one form of one source that were left out '
  '/ 各行は除いた重複レコードの数（情報源と形式ごと）';
COMMENT ON COLUMN prov.duplicate.source_id IS 'Source / 情報源';
COMMENT ON COLUMN prov.duplicate.form_id IS 'Form / 読み取り形式';
COMMENT ON COLUMN prov.duplicate.n_identical IS
  'Records equal to the one kept in every field used / 採用したレコードと同一のもの';
COMMENT ON COLUMN prov.duplicate.n_superseded IS
  'Records of the same id that another state replaced / 別の状態に置き換えられたもの';

INSERT INTO prov.duplicate
SELECT source_id, form_id, count(*) FILTER (WHERE outcome = 'identical') AS n_identical,
  count(*) FILTER (WHERE outcome <> 'identical') AS n_superseded
FROM duplicate_record
GROUP BY source_id, form_id
ORDER BY source_id, form_id;
