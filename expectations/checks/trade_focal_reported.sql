/*---
id: trade_focal_reported
gate: core
table: core.trade_year
severity: warning
key: [source_id, period_year]
inputs: [core.trade_year, core.trade_flow]
expect:
  en: the country of the list reported its imports of the year that is measured
  ja: 計測年について対象国が輸入を報告している
why:
  en: Not reported is not zero; legitimate where the country reports later than most of the world.
  ja: 未報告はゼロではない。対象国の公表が他国より遅い場合は正当。
---*/
SELECT used.source_id, used.period_year
FROM core.trade_year AS used
WHERE used.is_used AND NOT EXISTS (
  FROM core.trade_flow AS flow
  WHERE flow.source_id = used.source_id AND flow.period_year = used.period_year AND flow.hs_code = 'TOTAL'
    AND flow.importer_country_code = $focal_country AND flow.told_by <> 'exporter'
)
