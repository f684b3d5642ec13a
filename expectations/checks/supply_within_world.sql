/*---
id: supply_within_world
gate: core
table: core.supply
severity: warning
key: [source_id, commodity_id, stage_id, period_year]
inputs: [core.supply]
expect:
  en: in one source the countries of a commodity stage and year sum to at most 1.01 x WORLD
  ja: 情報源・品目・段階・年ごとの国の合計は世界計の1.01倍以下
why:
  en: >-
    Shares of supply divide by the printed world total; legitimate where the publisher rounds the total or
    revises one of the two.
  ja: 供給の割合は印刷された世界計で割る。公表者が世界計を丸めたり一方だけ改訂した場合は正当。
---*/
SELECT source_id, commodity_id, stage_id, period_year, unit,
  sum(CASE WHEN country_code <> 'WORLD' THEN quantity END) AS country_sum,
  max(CASE WHEN country_code = 'WORLD' THEN quantity END) AS world_quantity
FROM core.supply
GROUP BY source_id, commodity_id, stage_id, period_year, unit
HAVING sum(CASE WHEN country_code <> 'WORLD' THEN quantity END) > 1.01 * max(CASE
  WHEN country_code = 'WORLD' THEN quantity END)
