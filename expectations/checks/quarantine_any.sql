/*---
id: quarantine_any
gate: core
table: prov.quarantine
severity: warning
key: [source_id, file_name]
inputs: [prov.quarantine]
expect:
  en: no raw record is set aside
  ja: 隔離された生レコードがない
why:
  en: >-
    Records that could not be read are missing from every figure; legitimate when the provider's file itself
    is damaged and the share is small.
  ja: 読めない記録は全ての数値から欠ける。提供元のファイル自体が壊れており割合が小さければ正当。
---*/
SELECT source_id, file_name, field, reason, count(*) AS n_rows, min(raw_line) AS first_line
FROM prov.quarantine
GROUP BY source_id, file_name, field, reason
