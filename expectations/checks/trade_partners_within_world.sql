/*---
id: trade_partners_within_world
gate: core
table: core.trade_flow
severity: warning
key: [source_id, hs_code, period_year, told_by, country_code]
inputs: [core.trade_flow]
expect:
  en: the partners of a reporter, code and year sum to at most 1.01 x its row of the world
  ja: 報告国・品目・年ごとの相手国の合計は世界計の1.01倍以下
why:
  en: Shares of imports divide by the row of the world; legitimate where the reporter revised one of the two.
  ja: 輸入の割合は世界計で割る。報告国が一方だけ改訂した場合は正当。
---*/
WITH side AS (
  SELECT source_id, hs_code, period_year, told_by, importer_country_code AS country_code,
    exporter_country_code AS partner_code, trade_value_usd
  FROM core.trade_flow WHERE told_by <> 'exporter' AND importer_country_code <> 'WORLD'
  UNION ALL
  SELECT source_id, hs_code, period_year, told_by, exporter_country_code, importer_country_code,
    trade_value_usd
  FROM core.trade_flow WHERE told_by = 'exporter' AND exporter_country_code <> 'WORLD'
)
SELECT source_id, hs_code, period_year, told_by, country_code,
  sum(CASE WHEN partner_code <> 'WORLD' THEN trade_value_usd END) AS partner_sum,
  max(CASE WHEN partner_code = 'WORLD' THEN trade_value_usd END) AS world_value
FROM side
GROUP BY source_id, hs_code, period_year, told_by, country_code
HAVING sum(CASE WHEN partner_code <> 'WORLD' THEN trade_value_usd END) > 1.01 * max(CASE
  WHEN partner_code = 'WORLD' THEN trade_value_usd END)
