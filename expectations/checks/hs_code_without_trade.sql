/*---
id: hs_code_without_trade
gate: core
table: core.technology_hs
severity: info
key: [technology_id, hs_code]
inputs: [core.technology_hs, core.trade_flow]
expect:
  en: where trade is held, every HS code a technology names has flows
  ja: 貿易統計を保有する場合、技術が挙げる各HSコードに値がある
why:
  en: Legitimate where nobody trades the goods or reporters still use an older revision; a slip in the code
    looks the same.
  ja: 取引がない品目や、旧改訂版の報告だけの場合は正当。コードの誤記も同じに見える。
---*/
SELECT link.technology_id, link.hs_code
FROM core.technology_hs AS link
WHERE EXISTS (FROM core.trade_flow) AND NOT EXISTS (
  FROM core.trade_flow AS flow WHERE flow.hs_code = link.hs_code AND flow.hs_revision >= link.first_revision
)
