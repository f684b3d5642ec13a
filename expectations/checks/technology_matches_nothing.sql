/*---
id: technology_matches_nothing
gate: core
table: core.technology
severity: warning
key: [technology_id, basis]
inputs: [core.technology, core.technology_topic, core.technology_cpc, core.technology_work,
  core.technology_family, core.work,
  core.patent_family, core.source]
expect:
  en: every active technology's topics match at least one work held, and its CPC prefixes at least one patent
    family
  ja: 現行の全技術のトピックが論文1件以上に、CPC記号がファミリー1件以上に該当する
why:
  en: >-
    A definition that matches nothing is mistaken or its field is not held. Judged only where absence says
    something: on works of a source
    that compares countries and on families of a source that covers all fields. The sample covers 25
    technologies by design, so its records
    are left out; a basis that is not held is not judged; a technology without topics or prefixes is not
    judged on it. Legitimate for works
    that were gathered for other technologies.
  ja: "何にも該当しない定義は、誤っているか、その分野のデータを保有していない。\
    該当しないことに意味がある場合だけ判定する。論文は国際比較できる情報源、\
    \ 特許は全分野を覆う情報源に限る。サンプルは設計上25技術しか含まないため除く。保有しない根拠や、\
    トピック・記号のない技術は判定しない。 他の技術のために集めた論文なら正当。"
---*/
WITH held AS (
  SELECT 'works' AS basis, count(*) AS n_held
  FROM core.work AS work JOIN core.source AS source USING (source_id)
  WHERE source.is_comparable AND NOT source.is_sample
  UNION ALL
  SELECT 'families', count(*)
  FROM core.patent_family AS family JOIN core.source AS source USING (source_id)
  WHERE source.is_universe AND NOT source.is_sample
),
defined AS (
  SELECT technology_id, 'works' AS basis, count(*) AS n_defining FROM core.technology_topic
    GROUP BY technology_id
  UNION ALL
  SELECT technology_id, 'families', count(*) FROM core.technology_cpc GROUP BY technology_id
),
matched AS (
  SELECT DISTINCT technology_id, 'works' AS basis FROM core.technology_work
  UNION ALL
  SELECT DISTINCT technology_id, 'families' FROM core.technology_family
)
SELECT technology.technology_id, defined.basis, defined.n_defining, 0 AS n_matched, held.n_held
FROM core.technology AS technology
JOIN defined USING (technology_id)
JOIN held ON held.basis = defined.basis AND held.n_held > 0
WHERE technology.status = 'active'
  AND NOT EXISTS (SELECT 1 FROM matched WHERE matched.technology_id = defined.technology_id
    AND matched.basis = defined.basis)
