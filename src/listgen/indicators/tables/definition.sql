/*---
table: ind.definition
grain: {en: one indicator, ja: 1指標}
inputs: []
---*/
CREATE OR REPLACE TABLE ind.definition (
  indicator_id VARCHAR NOT NULL PRIMARY KEY,
  name_en VARCHAR NOT NULL,
  name_ja VARCHAR NOT NULL,
  definition_en VARCHAR NOT NULL,
  definition_ja VARCHAR NOT NULL,
  unit VARCHAR NOT NULL,
  basis VARCHAR NOT NULL CHECK (basis IN ('works', 'families', 'statistics', 'supply', 'trade')),
  counting VARCHAR NOT NULL CHECK (counting IN ('full', 'fractional', 'none')),
  interval_method VARCHAR NOT NULL CHECK (interval_method IN ('wilson', 'log_ratio', 'delta', 'half_unit',
  'mirror', 'resampled', 'resampled_centred', 'none')),
  min_n BIGINT NOT NULL,
  min_national BIGINT NOT NULL,
  caveats VARCHAR[] NOT NULL,
  "references" VARCHAR[] NOT NULL
);
COMMENT ON TABLE ind.definition IS
  'Each row is the definition of one indicator, from the header of its SQL file '
  '/ 1指標の定義（SQLファイルの見出しによる）';
COMMENT ON COLUMN ind.definition.indicator_id IS
  'Indicator; the id never changes its meaning / 指標ID（意味は変わらない）';
COMMENT ON COLUMN ind.definition.name_en IS 'Name in English / 英語名';
COMMENT ON COLUMN ind.definition.name_ja IS 'Name in Japanese / 日本語名';
COMMENT ON COLUMN ind.definition.definition_en IS 'What is measured, in English / 定義（英語）';
COMMENT ON COLUMN ind.definition.definition_ja IS 'What is measured, in Japanese / 定義（日本語）';
COMMENT ON COLUMN ind.definition.unit IS 'Unit of the value / 値の単位';
COMMENT ON COLUMN ind.definition.basis IS 'Kind of evidence / 根拠の種類';
COMMENT ON COLUMN ind.definition.counting IS
  'full, fractional or none (published counts as they are) / 計数方法（整数・分数・なし＝公表値のまま）';
COMMENT ON COLUMN ind.definition.interval_method IS 'How the interval is made / 区間の求め方';
COMMENT ON COLUMN ind.definition.min_n IS
  'Below this much evidence the status is too_few / これを下回るとtoo_fewとする件数';
COMMENT ON COLUMN ind.definition.min_national IS
  'Below this many items of the country itself the status is too_few '
  '/ 当該国の件数がこれを下回るとtoo_fewとする';
COMMENT ON COLUMN ind.definition.caveats IS
  'Keys of the caveats every value carries / すべての値に付く留保のキー';
COMMENT ON COLUMN ind.definition.references IS 'Literature the method rests on / 方法の出典';
