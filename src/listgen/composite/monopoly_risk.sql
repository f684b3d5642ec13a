/*---
table: score.monopoly_risk
grain: {en: "one technology", ja: "1技術"}
inputs: [core.technology_work, core.authorship, core.work_country]
---*/
CREATE OR REPLACE TABLE score.monopoly_risk (
  technology_id VARCHAR NOT NULL PRIMARY KEY,
  leader_country_code VARCHAR,
  second_country_code VARCHAR,
  k INTEGER,
  ratio DOUBLE,
  ratio_lo DOUBLE,
  ratio_hi DOUBLE,
  risk_class VARCHAR CHECK (risk_class IN ('high', 'medium', 'low')),
  p_high DOUBLE CHECK (p_high BETWEEN 0 AND 1),
  p_medium DOUBLE CHECK (p_medium BETWEEN 0 AND 1),
  p_low DOUBLE CHECK (p_low BETWEEN 0 AND 1),
  n BIGINT,
  status VARCHAR NOT NULL
);
COMMENT ON TABLE score.monopoly_risk IS
  'Each row is the technology monopoly risk of one technology / 1技術の技術独占リスク';
COMMENT ON COLUMN score.monopoly_risk.technology_id IS 'Technology / 技術';
COMMENT ON COLUMN score.monopoly_risk.leader_country_code IS
  'Country with the largest share of the top 10 % works / 上位10%論文の割合が最大の国';
COMMENT ON COLUMN score.monopoly_risk.second_country_code IS
  'Country with the second largest share / 同じく2番目の国';
COMMENT ON COLUMN score.monopoly_risk.k IS
  'Institutions of the leader among the world''s top ten / 世界上位10機関に占める首位国の機関数';
COMMENT ON COLUMN score.monopoly_risk.ratio IS
  'Share of the leader over share of the second, unrounded / 首位国と2位国の割合の比（丸めない）';
COMMENT ON COLUMN score.monopoly_risk.ratio_lo IS
  'Lower end of the 95 % interval of the ratio / 比の95%区間の下限';
COMMENT ON COLUMN score.monopoly_risk.ratio_hi IS
  'Upper end of the 95 % interval of the ratio / 比の95%区間の上限';
COMMENT ON COLUMN score.monopoly_risk.risk_class IS
  'high, medium or low: the class of most draws; NULL where too few agree or the evidence is too thin '
  '/ 区分（高・中・低）：最も多くの試行が入る区分。一致が少ないとき、根拠不足のときはNULL';
COMMENT ON COLUMN score.monopoly_risk.p_high IS 'Probability of class high / 区分「高」の確率';
COMMENT ON COLUMN score.monopoly_risk.p_medium IS 'Probability of class medium / 区分「中」の確率';
COMMENT ON COLUMN score.monopoly_risk.p_low IS 'Probability of class low / 区分「低」の確率';
COMMENT ON COLUMN score.monopoly_risk.n IS 'Top 10 % works behind it / 根拠となる上位10%論文の数';
COMMENT ON COLUMN score.monopoly_risk.status IS 'ok, or why there is no class; not_determinable keeps its probabilities '
  '/ okまたは区分がない理由。not_determinableでは確率を示す';
