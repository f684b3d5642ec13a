/*---
table: core.work_topic
grain: {en: one topic of one work, ja: 論文とトピックの組1つ}
inputs: [work_record]
---*/
CREATE TABLE core.work_topic (
  work_id BIGINT NOT NULL,
  topic_id VARCHAR NOT NULL,
  topic_score DOUBLE
);
COMMENT ON TABLE core.work_topic IS
  'Each row is one topic the provider gives a work, at most three a work '
  '/ 各行は提供元が論文に付したトピック1つ（論文ごとに最大3つ）';
COMMENT ON COLUMN core.work_topic.work_id IS 'Work / 論文ID';
COMMENT ON COLUMN core.work_topic.topic_id IS 'OpenAlex topic / OpenAlexのトピックID';
COMMENT ON COLUMN core.work_topic.topic_score IS
  'How sure the provider is, 0 to 1 / 提供元の確信度（0から1）';

INSERT INTO core.work_topic
WITH link AS (
  SELECT work_id, unnest(topics) AS topic FROM work_record
)
SELECT work_id, topic.topic_id, max(topic.topic_score) AS topic_score
FROM link
WHERE topic.topic_id <> ''
GROUP BY ALL
ORDER BY work_id, topic.topic_id;
