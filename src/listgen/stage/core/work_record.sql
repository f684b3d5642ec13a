/*---
table: work_record
grain: {en: one scholarly work as received, ja: 受領した論文1件}
inputs: [read_openalex_work, read_openalex_page, read_openalex_parquet, read_openalex_deleted]
---*/
-- A temporary view on the way to core.work and what hangs on it: works of all forms, each id once. The newest
-- state stands; of the same state the one in a file stands before the one in a page. Works their provider
-- deleted are left out.
CREATE TEMP VIEW work_record AS
WITH filed AS (
  SELECT * FROM read_openalex_work
  UNION ALL BY NAME
  SELECT record.* FROM read_openalex_parquet AS record
  WHERE NOT EXISTS (SELECT 1 FROM read_openalex_work AS other WHERE other.work_id = record.work_id)
)
SELECT filed.* FROM filed
WHERE NOT EXISTS (SELECT 1 FROM read_openalex_page AS other WHERE other.work_id = filed.work_id
  AND other.updated_date > filed.updated_date)
  AND NOT EXISTS (SELECT 1 FROM read_openalex_deleted AS gone WHERE gone.work_id = filed.work_id)
UNION ALL BY NAME
SELECT page.* FROM read_openalex_page AS page
WHERE NOT EXISTS (SELECT 1 FROM filed AS other WHERE other.work_id = page.work_id
  AND NOT coalesce(page.updated_date > other.updated_date, false));
