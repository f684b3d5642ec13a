/*---
id: trade_older_revision
gate: core
table: core.trade_flow
severity: info
key: [source_id, hs_code, period_year, hs_revision]
inputs: [core.trade_flow, core.technology_hs]
expect:
  en: flows are told in a revision in which the code has its present meaning
  ja: 品目コードが現在の意味を持つ改訂版で報告されている
why:
  en: Flows of an older revision are kept and not measured; legitimate where a country has not yet taken over
    the new one.
  ja: 古い改訂版の値は保管し計測には用いない。その国がまだ新版に移行していない場合は正当。
---*/
SELECT flow.source_id, flow.hs_code, flow.period_year, flow.hs_revision, count(*) AS n_flows
FROM core.trade_flow AS flow
JOIN (SELECT DISTINCT hs_code, first_revision FROM core.technology_hs) AS code ON code.hs_code = flow.hs_code
WHERE flow.hs_revision < code.first_revision
GROUP BY flow.source_id, flow.hs_code, flow.period_year, flow.hs_revision
