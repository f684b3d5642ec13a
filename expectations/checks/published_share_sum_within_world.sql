/*---
id: published_share_sum_within_world
gate: ind
table: ind.value
severity: critical
key: [indicator_id, technology_id]
inputs: [ind.value, core.technology_series, core.statistic_series]
expect:
  en: the countries' shares of a printed world total sum to at most 1.01
  ja: 印刷された世界計に対する国別割合の合計は1.01以下
why:
  en: Printed totals are rounded, so 1 % is left; more means a wrong denominator. Full counts overlap and are left out.
  ja: 印刷値は丸めてあるため1%を残す。超えれば分母の誤り。整数カウントは重なるため対象外。
---*/
SELECT indicator_id, technology_id, sum(value) AS share_sum
FROM ind.value
WHERE indicator_id = 'st_share' AND technology_id NOT IN (
  SELECT link.technology_id FROM core.technology_series AS link JOIN core.statistic_series AS series ON series.series_id = link.series_id
  WHERE series.counting = 'full' AND link.relation IN ('exact', 'narrower'))
GROUP BY indicator_id, technology_id
HAVING sum(value) > 1.01
