/*---
id: statistic_year_gap
gate: core
table: core.statistic
severity: warning
key: [series_id, period_year]
inputs: [core.statistic]
expect:
  en: every year between the first and the last of a series has a row
  ja: 系列の初年から末年までの各年に行がある
why:
  en: >-
    A window with a year that is not printed has no sum, so its figures are missing; a lost year column looks
    like this. Legitimate where the publisher counts every second or fifth year.
  ja: "印字のない年を含む期間は合計できず、値が欠ける。年の列が失われた場合もこうなる。\
    公表者が隔年・5年ごとに集計する場合は正当。"
---*/
WITH span AS (
  SELECT series_id, unnest(range(min(period_year), max(period_year) + 1)) AS period_year FROM core.statistic
    GROUP BY series_id
)
SELECT span.series_id, span.period_year
FROM span
WHERE NOT EXISTS (SELECT 1 FROM core.statistic AS cell WHERE cell.series_id = span.series_id
  AND cell.period_year = span.period_year)
