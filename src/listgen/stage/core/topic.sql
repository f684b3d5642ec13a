/*---
table: core.topic
grain: {en: one research topic of OpenAlex, ja: OpenAlexの研究トピック1つ}
inputs: [config_topic]
---*/
CREATE TABLE core.topic (
  topic_id VARCHAR PRIMARY KEY CHECK (regexp_full_match(topic_id, 'T[0-9]+')),
  topic_name VARCHAR NOT NULL,
  subfield_name VARCHAR NOT NULL,
  field_id SMALLINT NOT NULL,
  field_name VARCHAR NOT NULL,
  domain_name VARCHAR NOT NULL
);
COMMENT ON TABLE core.topic IS
  'Each row is one research topic of the OpenAlex classification / 各行はOpenAlex分類の研究トピック1つ';
COMMENT ON COLUMN core.topic.topic_id IS 'OpenAlex id such as T10001 / OpenAlexのID（例 T10001）';
COMMENT ON COLUMN core.topic.topic_name IS 'Name of the topic / トピック名';
COMMENT ON COLUMN core.topic.subfield_name IS 'Subfield the topic lies in / 属する小分野';
COMMENT ON COLUMN core.topic.field_id IS 'Number of the field the topic lies in / 属する分野の番号';
COMMENT ON COLUMN core.topic.field_name IS 'Field the topic lies in / 属する分野';
COMMENT ON COLUMN core.topic.domain_name IS 'Domain the topic lies in / 属する大分野';

INSERT INTO core.topic
SELECT topic_id, topic_name, subfield_name, field_id, field_name, domain_name FROM config_topic
  ORDER BY topic_id;
