/*---
id: country_codes_known
gate: core
table: core.country
severity: critical
key: [table_name, country_code]
inputs: [core.country, core.authorship, core.work_country, core.patent_family_country, core.citation_flow,
  core.country_output, core.statistic, core.supply, core.trade_flow]
expect:
  en: every country code is in countries.yaml
  ja: 全ての国コードがcountries.yamlにある
why:
  en: A code without a country is a region, a typing slip or a new state; it must be decided in
    countries.yaml, not guessed.
  ja: 国に当たらないコードは地域・誤記・新国家のいずれか。推測せずcountries.yamlで決める。
---*/
WITH used AS (
  SELECT 'core.work_country' AS table_name, country_code FROM core.work_country
  UNION SELECT 'core.authorship', country_code FROM core.authorship WHERE country_code IS NOT NULL
  UNION SELECT 'core.patent_family_country', country_code FROM core.patent_family_country
  UNION SELECT 'core.citation_flow', citing_country_code FROM core.citation_flow
  UNION SELECT 'core.citation_flow', cited_country_code FROM core.citation_flow
  UNION SELECT 'core.country_output', country_code FROM core.country_output
  UNION SELECT 'core.statistic', area_code FROM core.statistic WHERE area_code <> 'WORLD'
  UNION SELECT 'core.supply', country_code FROM core.supply WHERE country_code <> 'WORLD'
  UNION SELECT 'core.trade_flow', exporter_country_code FROM core.trade_flow
    WHERE exporter_country_code <> 'WORLD'
  UNION SELECT 'core.trade_flow', importer_country_code FROM core.trade_flow
    WHERE importer_country_code <> 'WORLD'
)
SELECT used.table_name, used.country_code
FROM used
WHERE NOT EXISTS (SELECT 1 FROM core.country AS country WHERE country.country_code = used.country_code)
