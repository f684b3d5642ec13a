/*---
table: prov.query_yield
grain: {en: one kind of query sent to one source, ja: 情報源と照会の種類の組1つ}
inputs: [read_openalex_page, read_openalex_request, duplicate_record, core.technology_topic]
---*/
CREATE TABLE prov.query_yield (
  source_id VARCHAR NOT NULL,
  query_kind VARCHAR NOT NULL,
  n_works BIGINT NOT NULL CHECK (n_works >= 1),
  n_counted BIGINT NOT NULL CHECK (n_counted BETWEEN 0 AND n_works),
  PRIMARY KEY (source_id, query_kind)
);
COMMENT ON TABLE prov.query_yield IS
  'Each row is one kind of query sent to one source and the works it brought '
  '/ 各行は情報源と照会の種類の組1つと、それで得た論文の数';
COMMENT ON COLUMN prov.query_yield.source_id IS 'Source / 情報源';
COMMENT ON COLUMN prov.query_yield.query_kind IS
  'What was asked by: topics, keywords, text or cited / 照会の種類（トピック、キーワード、語句、引用先）';
COMMENT ON COLUMN prov.query_yield.n_works IS
  'Works it brought that no kind before it did, in this order / この順で、前の種類では得られなかった論文の数';
COMMENT ON COLUMN prov.query_yield.n_counted IS
  'Of these, works whose first topic a technology declares; the others serve as cited works '
  '/ うち第一トピックがいずれかの技術に当たる論文の数（ほかは引用先としてのみ使う）';

INSERT INTO prov.query_yield
WITH received AS (
  SELECT source_id, raw_digest, work_id FROM read_openalex_page
  UNION ALL
  SELECT source_id, raw_digest, CAST(key_text AS BIGINT) FROM duplicate_record WHERE form_id = 'openalex_page'
),
asked AS (
  SELECT received.source_id, received.work_id,
    min(CASE regexp_extract(request.unit, '^(?:works/)?([a-z]+)', 1) WHEN 'topics' THEN 1
      WHEN 'keywords' THEN 2 WHEN 'text' THEN 3 ELSE 4 END) AS kind
  FROM received
  JOIN read_openalex_request AS request ON request.source_id = received.source_id
    AND request.answer_digest = received.raw_digest
  GROUP BY ALL
),
topic AS (
  SELECT work_id, min(primary_topic_id) AS topic_id FROM read_openalex_page GROUP BY work_id
)
SELECT source_id, CASE kind WHEN 1 THEN 'topics' WHEN 2 THEN 'keywords' WHEN 3 THEN 'text'
  ELSE 'cited' END AS query_kind, count(*) AS n_works,
  count(*) FILTER (topic_id IN (SELECT topic_id FROM core.technology_topic)) AS n_counted
FROM asked JOIN topic USING (work_id)
GROUP BY ALL
ORDER BY source_id, min(kind);
