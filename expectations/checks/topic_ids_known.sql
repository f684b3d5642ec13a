/*---
id: topic_ids_known
gate: core
table: core.topic
severity: warning
key: [table_name, topic_id]
inputs: [core.topic, core.work_topic, core.technology_topic]
expect:
  en: every topic is in the topic table
  ja: 全てのトピックがトピック表にある
why:
  en: >-
    A topic missing from the table belongs to another vintage of the classification; legitimate for a few
    works until the table is renewed.
  ja: 表にないトピックは別の版の分類である。表を更新するまで少数の論文では正当。
---*/
WITH used AS (
  SELECT 'core.work_topic' AS table_name, topic_id FROM core.work_topic
  UNION SELECT 'core.technology_topic', topic_id FROM core.technology_topic
)
SELECT used.table_name, used.topic_id
FROM used
WHERE NOT EXISTS (SELECT 1 FROM core.topic AS topic WHERE topic.topic_id = used.topic_id)
