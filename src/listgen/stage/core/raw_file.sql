/*---
table: core.raw_file
grain: {en: one raw file of one source, ja: 情報源の生ファイル1つ}
inputs: [config_raw_file]
---*/
CREATE TABLE core.raw_file (
  raw_digest VARCHAR NOT NULL CHECK (regexp_full_match(raw_digest, '[0-9a-f]{64}')),
  source_id VARCHAR NOT NULL,
  file_name VARCHAR NOT NULL,
  form_id VARCHAR NOT NULL,
  n_bytes BIGINT NOT NULL CHECK (n_bytes >= 0),
  as_of_date DATE NOT NULL,
  PRIMARY KEY (source_id, file_name)
);
COMMENT ON TABLE core.raw_file IS
  'Each row is one raw file held of one source / 各行は情報源ごとに保有する生ファイル1つ';
COMMENT ON COLUMN core.raw_file.raw_digest IS
  'SHA-256 of the bytes, their place in the raw store / バイト列のSHA-256（生データ保管庫での位置）';
COMMENT ON COLUMN core.raw_file.source_id IS 'Source the file belongs to / ファイルの情報源';
COMMENT ON COLUMN core.raw_file.file_name IS 'Name under which the file was received / 受領時の名前';
COMMENT ON COLUMN core.raw_file.form_id IS
  'Form the file is read as, a file of stage/read / 読み取り形式（stage/readのファイル）';
COMMENT ON COLUMN core.raw_file.n_bytes IS 'Size in bytes / バイト数';
COMMENT ON COLUMN core.raw_file.as_of_date IS 'The date the file speaks for / ファイルが表す時点';

INSERT INTO core.raw_file
SELECT raw_digest, source_id, file_name, form_id, n_bytes, CAST(as_of_date AS DATE)
FROM config_raw_file
ORDER BY source_id, file_name;
