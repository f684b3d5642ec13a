/*---
table: work_left
grain: {en: one record of a work that core.work does not use, ja: core.workが用いない論文レコード1件}
inputs: [staged_file, read_openalex_work, read_openalex_page, read_openalex_parquet, read_openalex_deleted,
  core.work]
---*/
-- A temporary table on the way to prov.row_account and prov.row_exclusion. Only files of which core.work has
-- fewer works than they contain are looked at: of a work in files of two forms one record is used.
CREATE TEMP TABLE work_left AS
WITH used AS (
  SELECT source_id, raw_digest, count(*) AS n FROM core.work GROUP BY source_id, raw_digest
),
short AS (
  SELECT file.source_id, file.raw_digest
  FROM staged_file AS file
  LEFT JOIN used ON used.source_id = file.source_id AND used.raw_digest = file.raw_digest
  WHERE file.form_id IN ('openalex_work', 'openalex_page', 'openalex_parquet')
    AND coalesce(used.n, 0) < file.n_records - file.n_rejected
)
SELECT record.form_id, record.source_id, record.raw_digest, gone.work_id IS NOT NULL AS is_deleted,
  other.work_id IS NOT NULL AS is_elsewhere
FROM (
  SELECT 'openalex_work' AS form_id, source_id, raw_digest, raw_line, work_id FROM read_openalex_work
  UNION ALL
  SELECT 'openalex_page', source_id, raw_digest, raw_line, work_id FROM read_openalex_page
  UNION ALL
  SELECT 'openalex_parquet', source_id, raw_digest, raw_line, work_id FROM read_openalex_parquet
) AS record
SEMI JOIN short ON short.source_id = record.source_id AND short.raw_digest = record.raw_digest
LEFT JOIN (SELECT DISTINCT work_id FROM read_openalex_deleted) AS gone ON gone.work_id = record.work_id
LEFT JOIN core.work AS other ON other.work_id = record.work_id
  AND (other.raw_digest <> record.raw_digest OR other.raw_line <> record.raw_line
    OR other.source_id <> record.source_id);
