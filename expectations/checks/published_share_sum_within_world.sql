/*---
id: published_share_sum_within_world
gate: ind
table: ind.value
severity: critical
key: [indicator_id, technology_id]
inputs: [ind.value, core.series_choice, core.statistic_series]
expect:
  en: the countries' shares of a printed world total sum to at most 1.01
  ja: 印刷された世界計に対する国別割合の合計は1.01以下
why:
  en: Printed totals are rounded, so 1 % is left; more means a wrong denominator. Whole counting counts an
    item for each of its countries, so there each share alone is held against 1.
  ja: "印刷値は丸めてあるため1%を残す。超えれば分母の誤り。整数カウントは国ごとに1件と数えるため、\
    割合を国ごとに1と比べる。"
---*/
WITH counted AS (
  SELECT choice.technology_id, bool_or(series.counting = 'full') AS is_full
  FROM core.series_choice AS choice
  JOIN core.statistic_series AS series ON series.series_id = choice.series_id
  WHERE choice.is_used AND choice.measure = 'count'
  GROUP BY choice.technology_id
)
SELECT measured.indicator_id, measured.technology_id, sum(measured.value) AS share_sum,
  max(measured.value) AS largest_share
FROM ind.value AS measured
LEFT JOIN counted ON counted.technology_id = measured.technology_id
WHERE measured.indicator_id = 'st_share'
GROUP BY measured.indicator_id, measured.technology_id, counted.is_full
HAVING CASE WHEN coalesce(counted.is_full, false) THEN max(measured.value) ELSE sum(measured.value) END > 1.01
