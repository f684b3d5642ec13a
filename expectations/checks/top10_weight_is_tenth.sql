/*---
id: top10_weight_is_tenth
gate: core
table: core.technology_work
severity: critical
key: [technology_id, publication_year]
inputs: [core.technology_work]
expect:
  en: the top 10 % weights of a technology and year sum to a tenth of its works
  ja: 技術と年ごとの上位10%の重みの合計は論文数の1割
why:
  en: Ties at the threshold are shared so that the top tenth is exactly a tenth.
  ja: 境の同点は分け合い、上位10%をちょうど1割にする。
---*/
SELECT technology_id, publication_year, sum(top10_weight) AS weight_sum,
  CAST(count(*) AS DOUBLE) / 10 AS weight_expected
FROM core.technology_work
WHERE is_comparable
GROUP BY technology_id, publication_year
HAVING abs(coalesce(CAST(sum(top10_weight) AS DOUBLE), 0) - CAST(count(*) AS DOUBLE) / 10) > 1e-9 * count(*)
