/*---
id: share_sum_within_world
gate: ind
table: ind.value
severity: critical
key: [indicator_id, technology_id]
inputs: [ind.value]
expect:
  en: the countries' shares of one technology sum to at most 1
  ja: 1技術の国別割合の合計は1以下
why:
  en: Fractional shares of one whole cannot add up to more than it.
  ja: 一つの全体に対する分数割合の合計は全体を超えない。
---*/
SELECT indicator_id, technology_id, sum(value) AS share_sum
FROM ind.value
WHERE indicator_id IN ('s1_top10_share', 's4_elite_institutions', 's5_international_family_share')
GROUP BY indicator_id, technology_id
HAVING sum(value) > 1 + 1e-9
