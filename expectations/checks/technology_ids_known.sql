/*---
id: technology_ids_known
gate: core
table: core.technology
severity: critical
key: [table_name, technology_id]
inputs: [core.technology, core.technology_topic, core.technology_cpc, core.technology_series,
  core.technology_commodity,
  core.technology_work, core.technology_family, core.citation_flow, core.reference_coverage,
  core.technology_evidence, core.country_output, core.series_choice, core.technology_hs]
expect:
  en: every technology a table speaks of is in core.technology
  ja: 各表の技術は全てcore.technologyにある
why:
  en: Evidence of an undefined technology can be neither shown nor reviewed.
  ja: 定義のない技術の根拠は表示も検討もできない。
---*/
WITH used AS (
  SELECT 'core.technology_topic' AS table_name, technology_id FROM core.technology_topic
  UNION SELECT 'core.technology_cpc', technology_id FROM core.technology_cpc
  UNION SELECT 'core.technology_series', technology_id FROM core.technology_series
  UNION SELECT 'core.technology_commodity', technology_id FROM core.technology_commodity
  UNION SELECT 'core.technology_work', technology_id FROM core.technology_work
  UNION SELECT 'core.technology_family', technology_id FROM core.technology_family
  UNION SELECT 'core.citation_flow', technology_id FROM core.citation_flow
  UNION SELECT 'core.reference_coverage', technology_id FROM core.reference_coverage
  UNION SELECT 'core.technology_evidence', technology_id FROM core.technology_evidence
  UNION SELECT 'core.country_output', technology_id FROM core.country_output
  UNION SELECT 'core.series_choice', technology_id FROM core.series_choice
  UNION SELECT 'core.technology_hs', technology_id FROM core.technology_hs
)
SELECT used.table_name, used.technology_id
FROM used
WHERE NOT EXISTS (SELECT 1 FROM core.technology AS technology
  WHERE technology.technology_id = used.technology_id)
