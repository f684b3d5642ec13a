/*---
table: core.technology
grain: {en: one technology assessed, ja: 評価対象の技術1つ}
inputs: [config_technology]
---*/
CREATE TABLE core.technology (
  technology_id VARCHAR PRIMARY KEY,
  name_en VARCHAR NOT NULL,
  name_ja VARCHAR NOT NULL,
  domain_id VARCHAR NOT NULL,
  status VARCHAR NOT NULL CHECK (status IN ('proposed', 'active', 'merged', 'retired'))
);
COMMENT ON TABLE core.technology IS
  'Each row is one technology of config/technologies / 各行はconfig/technologiesの技術1つ';
COMMENT ON COLUMN core.technology.technology_id IS
  'Id of the technology, never reused / 技術ID（再利用しない）';
COMMENT ON COLUMN core.technology.name_en IS 'Name in English / 英語名';
COMMENT ON COLUMN core.technology.name_ja IS 'Name in Japanese / 日本語名';
COMMENT ON COLUMN core.technology.domain_id IS 'Domain it is sorted into / 属する領域';
COMMENT ON COLUMN core.technology.status IS 'proposed, active, merged or retired / 状態';

INSERT INTO core.technology
SELECT technology_id, name_en, name_ja, domain_id, status FROM config_technology ORDER BY technology_id;
