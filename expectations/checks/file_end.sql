/*---
id: file_end
gate: core
table: prov.row_account
severity: warning
key: [source_id, file_name]
inputs: [prov.row_account]
expect:
  en: a text file ends with the end of a line
  ja: テキストファイルは改行で終わる
why:
  en: A file cut on its way ends inside a row, and its last figure may lack digits; legitimate where the
    publisher writes no last line end.
  ja: "途中で切れたファイルは行の途中で終わり、最後の数値の桁が欠けていることがある。\
    公表元が最後の改行を書かない場合は正当。"
---*/
SELECT source_id, file_name FROM prov.row_account WHERE is_cut
