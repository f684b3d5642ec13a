/*---
table: core.work
grain: {en: one scholarly work, ja: 論文1件}
inputs: [work_record, core.source, core.work_country, core.work_reference]
---*/
CREATE TABLE core.work (
  work_id BIGINT NOT NULL,
  source_id VARCHAR NOT NULL,
  raw_digest VARCHAR NOT NULL,
  raw_line BIGINT NOT NULL CHECK (raw_line >= 1),
  title VARCHAR,
  publication_year SMALLINT NOT NULL CHECK (publication_year >= 1000),
  work_type VARCHAR,
  primary_topic_id VARCHAR,
  field_id SMALLINT,
  cited_by_count BIGINT NOT NULL CHECK (cited_by_count >= 0),
  field_percentile DOUBLE CHECK (field_percentile BETWEEN 0 AND 1),
  is_field_top10 BOOLEAN,
  is_retracted BOOLEAN NOT NULL,
  is_comparable BOOLEAN NOT NULL,
  n_authors INTEGER NOT NULL CHECK (n_authors >= 0),
  n_countries INTEGER NOT NULL CHECK (n_countries >= 0),
  n_references INTEGER CHECK (n_references >= 0),
  is_author_list_capped BOOLEAN NOT NULL
);
COMMENT ON TABLE core.work IS
  'Each row is one scholarly work, retracted ones included / 各行は論文1件（撤回されたものを含む）';
COMMENT ON COLUMN core.work.work_id IS 'OpenAlex id without its letter W / OpenAlexのID（先頭のWを除く）';
COMMENT ON COLUMN core.work.source_id IS 'Source / 情報源';
COMMENT ON COLUMN core.work.raw_digest IS 'Raw file the record came from / 出典の生ファイル';
COMMENT ON COLUMN core.work.raw_line IS
  'Number of the record in that file, from 1 / ファイル内のレコード番号（1から）';
COMMENT ON COLUMN core.work.title IS
  'Title; NULL where the work is of no declared technology / 題名（どの技術にも当たらない論文はNULL）';
COMMENT ON COLUMN core.work.publication_year IS 'Year of publication / 発行年';
COMMENT ON COLUMN core.work.work_type IS 'Type as the provider has it / 種別（提供元の値）';
COMMENT ON COLUMN core.work.primary_topic_id IS
  'The topic the provider ranks first / 提供元が第一とするトピック';
COMMENT ON COLUMN core.work.field_id IS 'Field of the primary topic / 第一トピックの分野';
COMMENT ON COLUMN core.work.cited_by_count IS
  'Citations received, by the provider''s count / 被引用数（提供元の計数）';
COMMENT ON COLUMN core.work.field_percentile IS
  'Citation percentile in field, year and type, by the provider, 0 to 1 '
  '/ 分野・年・種別内の被引用百分位（0から1）';
COMMENT ON COLUMN core.work.is_field_top10 IS
  'In the provider''s top 10 % of field, year and type / 提供元による分野内上位10%か';
COMMENT ON COLUMN core.work.is_retracted IS 'Retracted / 撤回されたか';
COMMENT ON COLUMN core.work.is_comparable IS
  'Its source lets countries be compared / 国際比較に使える情報源か';
COMMENT ON COLUMN core.work.n_authors IS 'Authors listed / 記載された著者数';
COMMENT ON COLUMN core.work.n_countries IS 'Known countries among the affiliations / 判明した所属国の数';
COMMENT ON COLUMN core.work.n_references IS
  'Distinct works in the reference list; NULL where the work is of no declared technology '
  '/ 参考文献の論文数（重複を除く。どの技術にも当たらない論文はNULL）';
COMMENT ON COLUMN core.work.is_author_list_capped IS
  'The provider cut the author list at 100 / 著者一覧が100名で打ち切られているか';

INSERT INTO core.work
WITH breadth AS (
  SELECT work_id, count(*) AS n_countries FROM core.work_country GROUP BY work_id
),
depth AS (
  SELECT citing_work_id AS work_id, count(*) AS n_references FROM core.work_reference GROUP BY citing_work_id
)
SELECT record.work_id, record.source_id, record.raw_digest, record.raw_line, record.title,
  record.publication_year, record.work_type,
  record.primary_topic_id, record.field_id, record.cited_by_count, record.field_percentile,
  record.is_field_top10, record.is_retracted,
  source.is_comparable,
  len(record.authorships) AS n_authors,
  coalesce(breadth.n_countries, 0) AS n_countries,
  CASE WHEN record.referenced_work_ids IS NOT NULL THEN coalesce(depth.n_references, 0) END AS n_references,
  len(record.authorships) = 100 AS is_author_list_capped
FROM work_record AS record
JOIN core.source AS source USING (source_id)
LEFT JOIN breadth USING (work_id)
LEFT JOIN depth USING (work_id)
ORDER BY record.work_id;
