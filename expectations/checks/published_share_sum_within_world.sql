/*---
id: published_share_sum_within_world
gate: ind
table: ind.value
severity: critical
key: [indicator_id, technology_id]
inputs: [ind.value]
expect:
  en: the countries' shares of a printed world total sum to at most 1.01
  ja: 印刷された世界計に対する国別割合の合計は1.01以下
why:
  en: Printed totals are rounded, so 1 % is left; more means a wrong denominator.
  ja: 印刷値は丸めてあるため1%を残す。超えれば分母の誤り。
---*/
SELECT indicator_id, technology_id, sum(value) AS share_sum
FROM ind.value
WHERE indicator_id = 'st_share'
GROUP BY indicator_id, technology_id
HAVING sum(value) > 1.01
