/*---
table: prov.unmapped
grain: {en: one area name or code that is no country of ours, ja: 国に対応しない地域名・コード1つ}
inputs: [institution_mention, patent_person, read_statistic_table, read_supply_table, read_openalex_groups,
  read_comtrade_page, read_baci, config_m49,
  config_area, core.country]
---*/
CREATE TABLE prov.unmapped (
  source_id VARCHAR NOT NULL,
  field VARCHAR NOT NULL,
  area_text VARCHAR NOT NULL,
  n_mentions BIGINT NOT NULL CHECK (n_mentions >= 1)
);
COMMENT ON TABLE prov.unmapped IS
  'Each row is one area name or code of a source that config/countries.yaml does not know: it counts as a '
  'region or as unknown '
  '/ 各行はcountries.yamlにない地域名・コード1つ（地域または不明として扱う）';
COMMENT ON COLUMN prov.unmapped.source_id IS 'Source / 情報源';
COMMENT ON COLUMN prov.unmapped.field IS
  'Where it stands: institution, person, statistic, supply or trade / 出現箇所';
COMMENT ON COLUMN prov.unmapped.area_text IS 'The name or code as printed / 印字された名称・コード';
COMMENT ON COLUMN prov.unmapped.n_mentions IS 'How often it stands there / 出現回数';

INSERT INTO prov.unmapped
WITH mention AS (
  SELECT source_id, 'institution' AS field, country_code AS area_text, n_mentions FROM institution_mention
  WHERE country_code NOT IN (SELECT country_code FROM core.country)
  UNION ALL
  SELECT source_id, 'person', country_code, n_persons FROM patent_person
  WHERE country_code NOT IN (SELECT country_code FROM core.country)
  UNION ALL
  SELECT source_id, 'statistic', area_text, 1 FROM read_statistic_table
  WHERE (source_id, area_text) NOT IN (SELECT (source_id, area_text) FROM config_area)
  UNION ALL
  SELECT source_id, 'statistic', area_text, 1 FROM read_openalex_groups
  WHERE area_text <> 'UNKNOWN' AND area_text NOT IN (SELECT country_code FROM core.country)
  UNION ALL
  SELECT source_id, 'supply', area_text, 1 FROM read_supply_table
  WHERE (source_id, area_text) NOT IN (SELECT (source_id, area_text) FROM config_area)
  UNION ALL
  SELECT source_id, 'trade', CAST(m49_code AS VARCHAR), 1
  FROM (SELECT source_id, unnest([reporter_m49, partner_m49]) AS m49_code FROM read_comtrade_page
    UNION ALL SELECT source_id, unnest([exporter_m49, importer_m49]) FROM read_baci)
  WHERE m49_code <> 0 AND m49_code NOT IN (SELECT m49_code FROM config_m49)
)
SELECT source_id, field, area_text, sum(n_mentions) AS n_mentions
FROM mention
GROUP BY source_id, field, area_text
ORDER BY source_id, field, area_text;
