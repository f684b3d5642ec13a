/*---
id: works_found_by_words
gate: core
table: prov.query_yield
severity: info
key: [source_id, query_kind]
inputs: [prov.query_yield]
expect:
  en: every work that keywords or text found counts for a technology by its first topic
  ja: キーワードや語句で見つかった論文は全て、第一トピックによりいずれかの技術に数えられる
why:
  en: >-
    A technology counts the works of its topics; works that only its words find serve as cited works. Many of
    them say that a topic is missing
    from the definitions, or that the words are too wide.
  ja: "技術に数えるのはトピックの論文であり、語句だけで見つかった論文は引用先としてのみ使う。\
    その数が多ければ、定義にトピックが足りないか、 語句が広すぎる。"
---*/
SELECT source_id, query_kind, n_works, n_works - n_counted AS n_uncounted
FROM prov.query_yield
WHERE query_kind IN ('keywords', 'text') AND n_counted < n_works
