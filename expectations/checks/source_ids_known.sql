/*---
id: source_ids_known
gate: core
table: core.source
severity: critical
key: [table_name, source_id]
inputs: [core.source, core.raw_file, core.work, core.patent_publication, core.patent_family,
  core.statistic_series, core.supply, core.trade_flow, core.review_decision]
expect:
  en: every source a table speaks of is in core.source
  ja: 各表の出典は全てcore.sourceにある
why:
  en: Evidence of an undeclared source has no licence, no frame and no grade.
  ja: 宣言のない出典の根拠には利用条件も標本枠も等級もない。
---*/
WITH used AS (
  SELECT 'core.raw_file' AS table_name, source_id FROM core.raw_file
  UNION SELECT 'core.work', source_id FROM core.work
  UNION SELECT 'core.patent_publication', source_id FROM core.patent_publication
  UNION SELECT 'core.patent_family', source_id FROM core.patent_family
  UNION SELECT 'core.statistic_series', source_id FROM core.statistic_series
  UNION SELECT 'core.supply', source_id FROM core.supply
  UNION SELECT 'core.trade_flow', source_id FROM core.trade_flow
  UNION SELECT 'core.review_decision', source_id FROM core.review_decision
)
SELECT used.table_name, used.source_id
FROM used
WHERE NOT EXISTS (SELECT 1 FROM core.source AS source WHERE source.source_id = used.source_id)
