/*---
table: core.technology_topic
grain: {en: one topic of one technology, ja: 技術とトピックの組1つ}
inputs: [config_technology_topic]
---*/
CREATE TABLE core.technology_topic (
  technology_id VARCHAR NOT NULL,
  topic_id VARCHAR NOT NULL,
  PRIMARY KEY (technology_id, topic_id)
);
COMMENT ON TABLE core.technology_topic IS
  'Each row is one topic whose works count for one technology / 各行は技術に数える論文のトピック1つ';
COMMENT ON COLUMN core.technology_topic.technology_id IS 'Technology / 技術ID';
COMMENT ON COLUMN core.technology_topic.topic_id IS 'OpenAlex topic / OpenAlexのトピックID';

INSERT INTO core.technology_topic
SELECT DISTINCT technology_id, topic_id FROM config_technology_topic ORDER BY technology_id, topic_id;
