/*---
id: trade_mirror_asymmetry
gate: core
table: core.import_origin
severity: info
key: [hs_code, importer_country_code]
inputs: [core.import_origin]
expect:
  en: what an importer tells of its origins and what these tell differ by less than half of both together
  ja: 輸入国と輸出国の報告の差は両者の合計の半分未満
why:
  en: Legitimate for goods in transit, re-exports and secret trade; then neither side's shares should be
    trusted alone.
  ja: 通過貿易・再輸出・秘匿では正当。その場合、どちらの側の割合も単独では信頼できない。
---*/
WITH pair AS (
  SELECT hs_code, importer_country_code, exporter_country_code,
    coalesce(max(CASE WHEN NOT is_mirror THEN trade_value_usd END), 0) AS told_usd,
    coalesce(max(CASE WHEN is_mirror THEN trade_value_usd END), 0) AS mirror_usd
  FROM core.import_origin
  GROUP BY hs_code, importer_country_code, exporter_country_code
)
SELECT hs_code, importer_country_code, round(sum(abs(told_usd - mirror_usd)) / sum(told_usd + mirror_usd),
  3) AS asymmetry
FROM pair
GROUP BY hs_code, importer_country_code
HAVING sum(told_usd) > 0 AND sum(mirror_usd) > 0
  AND sum(abs(told_usd - mirror_usd)) >= 0.5 * sum(told_usd + mirror_usd)
