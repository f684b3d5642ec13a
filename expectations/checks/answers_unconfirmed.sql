/*---
id: answers_unconfirmed
gate: core
table: prov.unconfirmed
severity: warning
key: [source_id, unit]
inputs: [prov.unconfirmed]
expect:
  en: the answers to every query came to the number the provider gave
  ja: どの照会も、応答の件数が提供者の示す件数と一致する
why:
  en: >-
    A provider under load answers in part without saying so, and its index changes while it is read. What did
    not add up when asked again
    is kept and may lack works. Legitimate where the number is small; otherwise run listgen acquire SOURCE
    --again on another day.
  ja: "混雑した提供者は断りなく一部だけを返すことがあり、読む間に索引も変わる。\
    再度問い合わせても合わない応答は保持するが、論文が欠けている おそれがある。少数なら正当。\
    そうでなければ日を改めて listgen acquire 情報源 --again を実行する。"
---*/
SELECT source_id, unit, n_answers, n_world
FROM prov.unconfirmed
