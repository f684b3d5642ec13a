/*---
table: core.technology_commodity
grain: {en: one commodity a technology stands on, ja: 技術が依存する物資1つ}
inputs: [config_technology_commodity]
---*/
CREATE TABLE core.technology_commodity (
  technology_id VARCHAR NOT NULL,
  commodity_id VARCHAR NOT NULL,
  stage_id VARCHAR NOT NULL,
  importance DOUBLE NOT NULL CHECK (importance > 0 AND importance <= 1),
  PRIMARY KEY (technology_id, commodity_id, stage_id)
);
COMMENT ON TABLE core.technology_commodity IS
  'Each row is one commodity at one stage that a technology stands on '
  '/ 各行は技術が依存する物資と工程の組1つ';
COMMENT ON COLUMN core.technology_commodity.technology_id IS 'Technology / 技術ID';
COMMENT ON COLUMN core.technology_commodity.commodity_id IS 'Commodity / 物資ID';
COMMENT ON COLUMN core.technology_commodity.stage_id IS
  'Stage of production, such as mine or refined / 生産工程（mine、refinedなど）';
COMMENT ON COLUMN core.technology_commodity.importance IS
  'Judged importance, 0 to 1, from config / 設定された重要度（0から1）';

INSERT INTO core.technology_commodity
SELECT technology_id, commodity_id, stage_id, importance
FROM config_technology_commodity
ORDER BY technology_id, commodity_id, stage_id;
