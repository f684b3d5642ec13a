/*---
table: core.technology_series
grain: {en: one published series of one technology, ja: 技術と公表系列の組1つ}
inputs: [config_technology_series]
---*/
CREATE TABLE core.technology_series (
  technology_id VARCHAR NOT NULL,
  series_id VARCHAR NOT NULL,
  relation VARCHAR NOT NULL CHECK (relation IN ('exact', 'narrower', 'broader', 'overlaps')),
  PRIMARY KEY (technology_id, series_id)
);
COMMENT ON TABLE core.technology_series IS
  'Each row is one series of a source in use that says something about a technology '
  '/ 各行は技術に関する公表系列1つ（利用中の情報源のみ）';
COMMENT ON COLUMN core.technology_series.technology_id IS 'Technology / 技術ID';
COMMENT ON COLUMN core.technology_series.series_id IS 'Series / 系列ID';
COMMENT ON COLUMN core.technology_series.relation IS
  'What the series is to the technology: only exact is scored as its own '
  '/ 系列と技術の関係（exactのみ技術自身の値として採点）';

INSERT INTO core.technology_series
SELECT technology_id, series_id, relation FROM config_technology_series ORDER BY technology_id, series_id;
