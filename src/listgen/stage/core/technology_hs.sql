/*---
table: core.technology_hs
grain: {en: one HS code a technology names, ja: 技術が挙げるHSコード1つ}
inputs: [config_technology_hs]
---*/
CREATE TABLE core.technology_hs (
  technology_id VARCHAR NOT NULL,
  hs_code VARCHAR NOT NULL CHECK (regexp_full_match(hs_code, '[0-9]{4}|[0-9]{6}')),
  first_revision VARCHAR NOT NULL CHECK (regexp_full_match(first_revision, 'H[0-9]')),
  PRIMARY KEY (technology_id, hs_code)
);
COMMENT ON TABLE core.technology_hs IS
  'Each row is one heading or subheading of the Harmonized System whose goods stand for a technology '
  '/ 各行は技術に対応するHSコード1つ';
COMMENT ON COLUMN core.technology_hs.technology_id IS 'Technology / 技術ID';
COMMENT ON COLUMN core.technology_hs.hs_code IS
  'Heading (4 digits) or subheading (6 digits) / HSコード（4桁または6桁）';
COMMENT ON COLUMN core.technology_hs.first_revision IS
  'First revision in which the code has its present meaning, H0 1988 to H6 2022 '
  '/ 現在の意味となった最初の改訂版（H0は1988年、H6は2022年）';

INSERT INTO core.technology_hs
SELECT technology_id, hs_code, first_revision FROM config_technology_hs ORDER BY technology_id, hs_code;
