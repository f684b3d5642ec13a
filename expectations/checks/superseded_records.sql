/*---
id: superseded_records
gate: core
table: prov.duplicate
severity: info
key: [source_id, form_id]
inputs: [prov.duplicate]
expect:
  en: no record is delivered twice
  ja: 二度届いたレコードがない
why:
  en: Providers repeat records; identical ones are dropped and older ones superseded, and the count shows how
    many.
  ja: 提供元は同じ記録を繰り返す。同一のものは除き、古いものは置き換え、その数を示す。
---*/
SELECT source_id, form_id, n_identical, n_superseded
FROM prov.duplicate
WHERE n_identical + n_superseded > 0
