/*---
table: ind.world
grain:
  en: "one indicator of one technology and the focal country, over all resampled worlds"
  ja: "対象国について、1技術の1指標の、再抽出したすべての世界での順位"
inputs: [core.technology_work, core.technology_family]
---*/
CREATE OR REPLACE TABLE ind.world (
  indicator_id VARCHAR NOT NULL,
  technology_id VARCHAR NOT NULL,
  country_code VARCHAR NOT NULL,
  place INTEGER[] NOT NULL,
  PRIMARY KEY (indicator_id, technology_id, country_code)
);
COMMENT ON TABLE ind.world IS
  'Each row is the order of the resampled worlds by one indicator of the focal country '
  '/ 対象国の1指標による、再抽出した世界の順位';
COMMENT ON COLUMN ind.world.indicator_id IS 'Indicator, see ind.definition / 指標（ind.definition参照）';
COMMENT ON COLUMN ind.world.technology_id IS 'Technology / 技術';
COMMENT ON COLUMN ind.world.country_code IS 'The focal country / 対象国';
COMMENT ON COLUMN ind.world.place IS
  'Rank of each world among all by this indicator, 0 the lowest; the first entry is draw 0 '
  '/ この指標による各世界の順位（0が最低）。先頭が試行0';
