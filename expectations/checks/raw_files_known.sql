/*---
id: raw_files_known
gate: core
table: core.raw_file
severity: critical
key: [table_name, source_id, raw_digest]
inputs: [core.raw_file, core.work, core.patent_publication, core.statistic, core.statistic_series,
  core.supply, core.trade_flow]
expect:
  en: every staged row names a raw file that is registered for its source
  ja: 全ての行が、その出典に登録された生ファイルを指す
why:
  en: A number whose bytes are not registered cannot be traced.
  ja: バイト列が登録されていない数値は追跡できない。
---*/
WITH used AS (
  SELECT DISTINCT 'core.work' AS table_name, source_id, raw_digest FROM core.work
  UNION ALL
  SELECT DISTINCT 'core.patent_publication', source_id, raw_digest FROM core.patent_publication
  UNION ALL
  SELECT DISTINCT 'core.statistic', series.source_id, value.raw_digest
  FROM core.statistic AS value JOIN core.statistic_series AS series ON series.series_id = value.series_id
  UNION ALL
  SELECT DISTINCT 'core.supply', source_id, raw_digest FROM core.supply
  UNION ALL
  SELECT DISTINCT 'core.trade_flow', source_id, raw_digest FROM core.trade_flow
)
SELECT used.table_name, used.source_id, used.raw_digest
FROM used
WHERE NOT EXISTS (SELECT 1 FROM core.raw_file AS file WHERE file.source_id = used.source_id
  AND file.raw_digest = used.raw_digest)
