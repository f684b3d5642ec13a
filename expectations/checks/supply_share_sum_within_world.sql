/*---
id: supply_share_sum_within_world
gate: ind
table: ind.value
severity: warning
key: [indicator_id, technology_id]
inputs: [ind.value]
expect:
  en: the countries' shares of supply of one technology sum to at most 1.01
  ja: 1技術の国別供給割合の合計は1.01以下
why:
  en: Shares of one world supply cannot add up to more than it; legitimate where the publisher rounds the
    total.
  ja: 一つの世界供給に対する割合の合計は全体を超えない。公表者が世界計を丸めた場合は正当。
---*/
SELECT indicator_id, technology_id, sum(value) AS share_sum
FROM ind.value
WHERE indicator_id IN ('i6_supply_share', 'i7_export_share')
GROUP BY indicator_id, technology_id
HAVING sum(value) > 1.01
