/*---
id: rows_add_up
gate: core
table: prov.row_account
severity: critical
key: [source_id, file_name]
inputs: [prov.row_account]
expect:
  en: the rows of a raw file are used, merged, set aside or excluded by rule, each once
  ja: 生ファイルの各行は、利用・統合・除外・規則による対象外のいずれか1つに数えられる
why:
  en: A row that is counted nowhere was lost while the file was read; a row that is counted twice stands in
    two results.
  ja: どこにも数えられない行は読み取り中に失われた行であり、2度数えられた行は2つの結果に入っている。
---*/
SELECT source_id, file_name, n_rows, n_used + n_merged + n_set_aside + n_excluded AS n_accounted
FROM prov.row_account
WHERE n_rows IS DISTINCT FROM n_used + n_merged + n_set_aside + n_excluded
