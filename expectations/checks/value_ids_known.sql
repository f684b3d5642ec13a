/*---
id: value_ids_known
gate: ind
table: ind.value
severity: critical
key: [id_name, id]
inputs: [ind.value, ind.definition, core.technology, core.country]
expect:
  en: every indicator, technology and country of a value is defined
  ja: 値の指標・技術・国は全て定義されている
why:
  en: A value of something undefined can be neither shown nor traced.
  ja: 定義のないものの値は表示も追跡もできない。
---*/
WITH used AS (
  SELECT 'indicator_id' AS id_name, indicator_id AS id FROM ind.value
  UNION SELECT 'technology_id', technology_id FROM ind.value
  UNION SELECT 'country_code', country_code FROM ind.value
),
known AS (
  SELECT 'indicator_id' AS id_name, indicator_id AS id FROM ind.definition
  UNION SELECT 'technology_id', technology_id FROM core.technology
  UNION SELECT 'country_code', country_code FROM core.country
)
SELECT used.id_name, used.id
FROM used
WHERE NOT EXISTS (SELECT 1 FROM known WHERE known.id_name = used.id_name AND known.id = used.id)
