/*---
id: commodity_without_supply
gate: core
table: core.technology_commodity
severity: info
key: [technology_id, commodity_id, stage_id]
inputs: [core.technology_commodity, core.supply]
expect:
  en: a commodity that a technology stands on has figures in a held supply table
  ja: 技術が拠って立つ品目には、保有する供給表の値がある
why:
  en: Legitimate where no table in use covers it; a slip in the commodity's id looks the same, and quietly
    takes the figure out of the score.
  ja: 利用中の表が扱わない品目なら正当。品目IDの誤記も同じに見え、得点からその値が黙って抜ける。
---*/
SELECT link.technology_id, link.commodity_id, link.stage_id
FROM core.technology_commodity AS link
WHERE NOT EXISTS (
  FROM core.supply AS held WHERE held.commodity_id = link.commodity_id AND held.stage_id = link.stage_id
    AND held.quantity IS NOT NULL
)
