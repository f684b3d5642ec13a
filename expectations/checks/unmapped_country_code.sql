/*---
id: unmapped_country_code
gate: core
table: prov.unmapped
severity: warning
key: [source_id, field, area_text]
inputs: [prov.unmapped]
expect:
  en: every country code printed with an institution or person is in countries.yaml
  ja: 機関や人に印刷された国コードは全てcountries.yamlにある
why:
  en: An unknown code makes its items count as country unknown; legitimate for codes of international
    organisations.
  ja: 未知のコードは国不明として数えられる。国際機関のコードでは正当。
---*/
SELECT source_id, field, area_text, n_mentions
FROM prov.unmapped
WHERE field IN ('institution', 'person')
