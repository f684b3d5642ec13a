/*---
table: ind.value
grain: {en: one indicator of one technology and country, ja: 1指標の1技術1か国}
inputs: []
---*/
CREATE OR REPLACE TABLE ind.value (
  indicator_id VARCHAR NOT NULL,
  technology_id VARCHAR NOT NULL,
  country_code VARCHAR NOT NULL,
  basis VARCHAR NOT NULL CHECK (basis IN ('works', 'families', 'statistics', 'supply', 'trade')),
  grade VARCHAR NOT NULL CHECK (grade IN ('records', 'records_sampled', 'statistics', 'supply')),
  period_first_year SMALLINT,
  period_last_year SMALLINT,
  value DOUBLE,
  value_lo DOUBLE,
  value_hi DOUBLE,
  n BIGINT CHECK (n >= 0),
  n_national BIGINT CHECK (n_national >= 0),
  status VARCHAR NOT NULL CHECK (status IN ('ok', 'too_few', 'low_coverage', 'not_comparable',
  'not_applicable', 'missing')),
  caveats VARCHAR[] NOT NULL,
  CHECK ((status = 'ok') = (value IS NOT NULL)),
  CHECK (value IS NOT NULL OR (value_lo IS NULL AND value_hi IS NULL)),
  CHECK (period_first_year <= period_last_year),
  PRIMARY KEY (indicator_id, technology_id, country_code)
);
COMMENT ON TABLE ind.value IS
  'Each row is one indicator of one technology and country: all countries with evidence, and always the '
  'focal country '
  '/ 1指標の1技術1か国の値（根拠のあるすべての国と、必ず自国）';
COMMENT ON COLUMN ind.value.indicator_id IS 'Indicator, see ind.definition / 指標（ind.definition参照）';
COMMENT ON COLUMN ind.value.technology_id IS 'Technology / 技術';
COMMENT ON COLUMN ind.value.country_code IS 'Country the value is about / 値の対象国';
COMMENT ON COLUMN ind.value.basis IS
  'Kind of evidence: works, families, statistics, supply or trade '
  '/ 根拠の種類（論文・特許ファミリー・公表統計・供給・貿易）';
COMMENT ON COLUMN ind.value.grade IS
  'Grade of the evidence; sampled records cannot compare countries '
  '/ 根拠の等級（標本の個票では国を比較できない）';
COMMENT ON COLUMN ind.value.period_first_year IS 'First year of the window / 期間の初年';
COMMENT ON COLUMN ind.value.period_last_year IS 'Last year of the window / 期間の末年';
COMMENT ON COLUMN ind.value.value IS
  'The value, NULL unless the status is ok; never 0 for unknown '
  '/ 値（statusがok以外はNULL。不明を0としない）';
COMMENT ON COLUMN ind.value.value_lo IS
  'Lower end of the 95 % interval, NULL where there is none / 95%区間の下限（ない場合はNULL）';
COMMENT ON COLUMN ind.value.value_hi IS
  'Upper end of the 95 % interval, NULL where there is none / 95%区間の上限（ない場合はNULL）';
COMMENT ON COLUMN ind.value.n IS
  'Evidence behind the value, as the definition says / 値の根拠の件数（数え方は定義による）';
COMMENT ON COLUMN ind.value.n_national IS
  'Part of the evidence that is the country''s own / うち当該国の件数';
COMMENT ON COLUMN ind.value.status IS
  'ok, or why there is no value: too_few, low_coverage (references not resolved), not_comparable '
  '(sampled), not_applicable, missing '
  '/ okまたは値がない理由（件数不足・参照充足率不足・標本のため比較不可・適用外・根拠なし）';
COMMENT ON COLUMN ind.value.caveats IS
  'Keys of the caveats this value carries beside those of its indicator '
  '/ 指標に共通のものに加え、この値だけに付く留保のキー';
