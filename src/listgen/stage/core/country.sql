/*---
table: core.country
grain: {en: one country or territory, ja: 国・地域1つ}
inputs: [config_country]
---*/
CREATE TABLE core.country (
  country_code VARCHAR PRIMARY KEY CHECK (regexp_full_match(country_code, '[A-Z]{2}')),
  name_en VARCHAR NOT NULL,
  name_ja VARCHAR NOT NULL,
  is_like_minded BOOLEAN
);
COMMENT ON TABLE core.country IS
  'Each row is one country or territory that may carry credit / 各行は計上の対象となる国・地域1つ';
COMMENT ON COLUMN core.country.country_code IS 'ISO 3166-1 alpha-2 code / ISO 3166-1の2文字コード';
COMMENT ON COLUMN core.country.name_en IS 'Name in English / 英語名';
COMMENT ON COLUMN core.country.name_ja IS 'Name in Japanese / 日本語名';
COMMENT ON COLUMN core.country.is_like_minded IS
  'Named like-minded in settings.yaml; NULL where the workspace names none '
  '/ settings.yamlで同志国とされた国（指定がなければNULL）';

INSERT INTO core.country
SELECT country_code, name_en, name_ja, is_like_minded FROM config_country ORDER BY country_code;
