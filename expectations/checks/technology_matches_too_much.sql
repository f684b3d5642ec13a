/*---
id: technology_matches_too_much
gate: core
table: core.technology_work
severity: warning
key: [technology_id]
inputs: [core.technology, core.technology_work, core.work]
expect:
  en: no active technology's topics match more than 20 % of all works held
  ja: どの現行の技術のトピックも、保有する全論文の20%を超えて該当しない
why:
  en: >-
    A definition that takes in a fifth of everything is no technology but a field. Retracted works count on
    neither side; fewer than 1,000
    works are not judged. Legitimate where the works were gathered for this one technology.
  ja: "全体の2割に該当する定義は、技術ではなく分野である。撤回論文は分子にも分母にも含めず、\
    論文が1,000件に満たない場合は判定しない。 その技術のために集めた論文なら正当。"
---*/
WITH held AS (SELECT count(*) AS n_held FROM core.work WHERE NOT is_retracted),
matched AS (SELECT technology_id, count(*) AS n_matched FROM core.technology_work GROUP BY technology_id)
SELECT matched.technology_id, matched.n_matched, held.n_held,
  round(CAST(matched.n_matched AS DOUBLE) / held.n_held, 4) AS matched_share
FROM matched
JOIN core.technology AS technology ON technology.technology_id = matched.technology_id
  AND technology.status = 'active'
CROSS JOIN held
WHERE held.n_held >= 1000 AND CAST(matched.n_matched AS DOUBLE) > 0.2 * held.n_held
