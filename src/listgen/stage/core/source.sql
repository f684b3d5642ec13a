/*---
table: core.source
grain: {en: one source of evidence, ja: 情報源1つ}
inputs: [config_source]
---*/
CREATE TABLE core.source (
  source_id VARCHAR PRIMARY KEY,
  title_en VARCHAR NOT NULL,
  title_ja VARCHAR NOT NULL,
  producer VARCHAR NOT NULL,
  grade VARCHAR NOT NULL CHECK (grade IN ('records', 'records_sampled', 'statistics', 'supply', 'decisions')),
  sampling_frame_en VARCHAR NOT NULL,
  sampling_frame_ja VARCHAR NOT NULL,
  is_sample BOOLEAN NOT NULL,
  is_comparable BOOLEAN NOT NULL,
  is_universe BOOLEAN NOT NULL,
  is_one_office BOOLEAN NOT NULL,
  licence_id VARCHAR NOT NULL,
  licence_class VARCHAR NOT NULL CHECK (licence_class IN ('A', 'B', 'C')),
  licence_text_en VARCHAR NOT NULL,
  licence_text_ja VARCHAR NOT NULL,
  citation VARCHAR NOT NULL,
  url VARCHAR NOT NULL,
  as_of_date DATE
);
COMMENT ON TABLE core.source IS
  'Each row is one source of evidence this build uses / 各行はこの版で用いた情報源1つ';
COMMENT ON COLUMN core.source.source_id IS
  'Id of the source, the name of its file in config/sources / 情報源ID（config/sourcesのファイル名）';
COMMENT ON COLUMN core.source.title_en IS 'Title in English / 英語の題名';
COMMENT ON COLUMN core.source.title_ja IS 'Title in Japanese / 日本語の題名';
COMMENT ON COLUMN core.source.producer IS 'Who made the data / 作成者';
COMMENT ON COLUMN core.source.grade IS
  'What the data can carry: records, records_sampled, statistics, supply or decisions / 証拠の等級';
COMMENT ON COLUMN core.source.sampling_frame_en IS
  'What the records are a sample of, in English / 標本の枠（英語）';
COMMENT ON COLUMN core.source.sampling_frame_ja IS
  'What the records are a sample of, in Japanese / 標本の枠（日本語）';
COMMENT ON COLUMN core.source.is_sample IS
  'The data are synthetic and no evidence / 合成データであり根拠資料ではない';
COMMENT ON COLUMN core.source.is_comparable IS 'Countries may be compared on it / 国際比較に用いてよい';
COMMENT ON COLUMN core.source.is_universe IS
  'It also covers everything outside our technologies / 対象技術以外も含む全体を覆う';
COMMENT ON COLUMN core.source.is_one_office IS
  'It holds documents of a single patent office / 単一の特許庁の文献のみ';
COMMENT ON COLUMN core.source.licence_id IS 'Licence under which the data are used / 利用許諾のID';
COMMENT ON COLUMN core.source.licence_class IS
  'A open, B with a condition, C unclear / A 公開、B 条件付き、C 不明確';
COMMENT ON COLUMN core.source.licence_text_en IS 'The terms in English / 利用条件（英語）';
COMMENT ON COLUMN core.source.licence_text_ja IS 'The terms in Japanese / 利用条件（日本語）';
COMMENT ON COLUMN core.source.citation IS 'How the source is to be cited / 引用の書き方';
COMMENT ON COLUMN core.source.url IS 'Where the source is published / 公開場所';
COMMENT ON COLUMN core.source.as_of_date IS
  'The newest date its held files speak for / 保有ファイルの最も新しい時点';

INSERT INTO core.source
SELECT source_id, title_en, title_ja, producer, grade, sampling_frame_en, sampling_frame_ja, is_sample,
  is_comparable, is_universe,
  is_one_office, licence_id, licence_class, licence_text_en, licence_text_ja, citation, url,
  CAST(as_of_date AS DATE)
FROM config_source
ORDER BY source_id;
