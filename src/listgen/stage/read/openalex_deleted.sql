/*---
form: openalex_deleted
record:
  en: One work that OpenAlex deleted, a row of deleted_ids.csv beside the snapshot
  ja: OpenAlexが削除した論文1件（スナップショットに添えられたdeleted_ids.csvの1行）
kind: requests
layout: delimited
delimiter: ","
columns: [work_id, deleted_date]
---*/
WITH record AS (
  SELECT row_number() OVER () AS raw_line, work_id AS id_text, TRY_CAST(deleted_date AS DATE) AS deleted_date,
    regexp_extract(work_id, '^(?:https://openalex[.]org/)?W?([1-9][0-9]{0,17})$', 1) AS digits
  FROM read_csv($path, delim = ',', quote = '"', escape = '"', header = true, auto_detect = false,
    columns = $columns,
    compression = $compression, store_rejects = true, rejects_table = 'reject_row',
    rejects_scan = 'reject_scan', rejects_limit = 0)
)
SELECT raw_line, TRY_CAST(digits AS BIGINT) AS work_id, deleted_date,
  CASE WHEN coalesce(digits, '') = '' THEN 'work_id' END AS reject_field,
  CASE WHEN coalesce(digits, '') = '' THEN 'missing or not an OpenAlex work id' END AS reject_reason,
  CASE WHEN coalesce(digits, '') = '' THEN left(id_text, 80) END AS reject_excerpt
FROM record
