/*---
id: source_has_files
gate: core
table: core.raw_file
severity: critical
key: [source_id]
inputs: [core.source, core.raw_file]
expect:
  en: every source of settings.yaml is staged with at least one raw file
  ja: settings.yamlの全出典に生ファイルが一つ以上ある
why:
  en: A source that is expected and absent would read as a country without activity.
  ja: あるはずの出典がないと、活動のない国に見えてしまう。
---*/
WITH expected AS (SELECT unnest(CAST($source_ids AS VARCHAR[])) AS source_id),
-- Decisions of a review are taken in when there are any; nobody expects them.
staged AS (SELECT source_id FROM core.source WHERE grade <> 'decisions'),
held AS (SELECT source_id, count(*) AS n_files FROM core.raw_file GROUP BY source_id)
SELECT coalesce(expected.source_id, staged.source_id) AS source_id, staged.source_id IS NOT NULL AS is_staged,
  coalesce(held.n_files, 0) AS n_files
FROM expected FULL JOIN staged ON staged.source_id = expected.source_id
LEFT JOIN held ON held.source_id = coalesce(expected.source_id, staged.source_id)
WHERE expected.source_id IS NULL OR staged.source_id IS NULL OR held.n_files IS NULL
