/*---
table: core.technology_cpc
grain: {en: one CPC prefix of one technology, ja: 技術とCPC前方一致記号の組1つ}
inputs: [config_technology_cpc]
---*/
CREATE TABLE core.technology_cpc (
  technology_id VARCHAR NOT NULL,
  cpc_prefix VARCHAR NOT NULL,
  PRIMARY KEY (technology_id, cpc_prefix)
);
COMMENT ON TABLE core.technology_cpc IS
  'Each row is one CPC prefix whose families count for one technology '
  '/ 各行は技術に数える特許のCPC前方一致記号1つ';
COMMENT ON COLUMN core.technology_cpc.technology_id IS 'Technology / 技術ID';
COMMENT ON COLUMN core.technology_cpc.cpc_prefix IS
  'Beginning of a CPC symbol without blanks / CPC記号の先頭部分（空白なし）';

INSERT INTO core.technology_cpc
SELECT DISTINCT technology_id, cpc_prefix FROM config_technology_cpc ORDER BY technology_id, cpc_prefix;
