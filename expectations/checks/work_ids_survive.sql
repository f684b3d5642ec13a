/*---
id: work_ids_survive
gate: core
table: core.work
severity: critical
key: [table_name, work_id]
inputs: [core.work, core.authorship, core.work_country, core.work_topic, core.work_reference,
  core.technology_work, core.patent_work_link]
expect:
  en: every work a table speaks of is in core.work
  ja: 各表の論文は全てcore.workにある
why:
  en: A row whose work is gone counts something nobody can look up.
  ja: 論文のない行は、誰も確かめられないものを数える。
---*/
WITH used AS (
  SELECT DISTINCT 'core.authorship' AS table_name, work_id FROM core.authorship
  UNION ALL
  SELECT DISTINCT 'core.work_country', work_id FROM core.work_country
  UNION ALL
  SELECT DISTINCT 'core.work_topic', work_id FROM core.work_topic
  UNION ALL
  SELECT DISTINCT 'core.work_reference', citing_work_id FROM core.work_reference
  UNION ALL
  SELECT DISTINCT 'core.technology_work', work_id FROM core.technology_work
  UNION ALL
  SELECT DISTINCT 'core.patent_work_link', work_id FROM core.patent_work_link
)
SELECT used.table_name, used.work_id
FROM used
WHERE NOT EXISTS (SELECT 1 FROM core.work AS work WHERE work.work_id = used.work_id)
