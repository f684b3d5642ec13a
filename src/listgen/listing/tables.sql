/*---
tables: [list.candidate, list.reason, list.decided]
grain:
  en: "one assessed technology in list.candidate, one rule for one technology in list.reason"
  ja: "list.candidateは評価した1技術、list.reasonは1技術についての1規則"
inputs: [core.technology, score.technology, score.draw, score.normalised, ind.value, ind.definition,
  core.source, core.technology_evidence,
  core.technology_family, core.patent_family, core.period, core.review_decision]
---*/
CREATE OR REPLACE TABLE list.candidate (
  technology_id VARCHAR NOT NULL PRIMARY KEY,
  status VARCHAR NOT NULL CHECK (status IN ('listed', 'near_miss', 'not_listed', 'partly_judged',
    'insufficient_evidence')),
  rules_judged INTEGER NOT NULL CHECK (rules_judged BETWEEN 0 AND rules_of),
  rules_of INTEGER NOT NULL,
  pareto_front INTEGER CHECK (pareto_front >= 1),
  best_rule_id VARCHAR,
  best_rule_p DOUBLE CHECK (best_rule_p BETWEEN 0 AND 1),
  caveats VARCHAR[] NOT NULL,
  CHECK ((status = 'insufficient_evidence') = (best_rule_p IS NULL)),
  CHECK (status <> 'partly_judged' OR rules_judged < rules_of),
  CHECK (status <> 'not_listed' OR rules_judged = rules_of),
  CHECK ((best_rule_id IS NOT NULL) = (coalesce(best_rule_p, 0) > 0))
);
COMMENT ON TABLE list.candidate IS
  'Each row is one assessed technology and whether the rules propose it for the list '
  '/ 評価した1技術と、規則による掲載の提案';
COMMENT ON COLUMN list.candidate.technology_id IS 'Technology / 技術';
COMMENT ON COLUMN list.candidate.status IS
  'listed, near_miss, not_listed, partly_judged (not listed as far as judged) or insufficient_evidence '
  '/ 掲載・次点・非掲載・一部のみ判定（判定できた範囲で非掲載）・根拠不足';
COMMENT ON COLUMN list.candidate.rules_judged IS
  'How many rules could be judged / 判定できた規則の数';
COMMENT ON COLUMN list.candidate.rules_of IS 'How many rules there are / 規則の総数';
COMMENT ON COLUMN list.candidate.pareto_front IS
  '1 = no other technology is at least as high on all three axes and higher on one; NULL unless all three '
  'have a score '
  '/ パレート面（1が最前面）。3軸の得点がそろわなければNULL';
COMMENT ON COLUMN list.candidate.best_rule_id IS
  'Rule that holds in most draws; NULL when none holds in any '
  '/ 最も多くの試行で成り立つ規則（どれも成り立たなければNULL）';
COMMENT ON COLUMN list.candidate.best_rule_p IS
  'Share of draws in which that rule holds; NULL when no rule can be judged '
  '/ その規則が成り立つ試行の割合（判定できる規則がなければNULL）';
COMMENT ON COLUMN list.candidate.caveats IS
  'Keys of caveats.yaml the reader must know / 読み手が知るべき注意事項（caveats.yamlの見出し）';

CREATE OR REPLACE TABLE list.reason (
  technology_id VARCHAR NOT NULL,
  rule_id VARCHAR NOT NULL,
  p DOUBLE CHECK (p BETWEEN 0 AND 1),
  margin DOUBLE,
  is_evaluable BOOLEAN NOT NULL,
  is_met BOOLEAN,
  inputs JSON NOT NULL,
  text_en VARCHAR NOT NULL,
  text_ja VARCHAR NOT NULL,
  CHECK (is_evaluable = (p IS NOT NULL)),
  CHECK (is_evaluable = (margin IS NOT NULL)),
  CHECK (is_evaluable = (is_met IS NOT NULL)),
  PRIMARY KEY (technology_id, rule_id)
);
COMMENT ON TABLE list.reason IS
  'Each row is one rule judged for one technology, met or not, with the values it was judged on '
  '/ 1技術について判定した1規則（成立・不成立とも）と判定に用いた値';
COMMENT ON COLUMN list.reason.technology_id IS 'Technology / 技術';
COMMENT ON COLUMN list.reason.rule_id IS 'Rule of scoring.yaml / 規則（scoring.yaml）';
COMMENT ON COLUMN list.reason.p IS
  'Share of draws in which all conditions hold; NULL when an axis has no score '
  '/ すべての条件が成り立つ試行の割合。得点のない軸があればNULL';
COMMENT ON COLUMN list.reason.margin IS
  'Points by which the weakest condition is passed, mean over the draws; below 0 it is missed '
  '/ 最も弱い条件が基準を上回る点数（試行の平均）。負なら下回る';
COMMENT ON COLUMN list.reason.is_evaluable IS
  'Every axis of the rule has a score / 規則のすべての軸に得点がある';
COMMENT ON COLUMN list.reason.is_met IS
  'p reaches the share needed for listing / pが掲載に必要な割合に達する';
COMMENT ON COLUMN list.reason.inputs IS
  'Conditions with bar, value, interval, coverage and the share of draws, or why a value is missing '
  '/ 各条件の基準・値・区間・充足率・成立割合、または値がない理由';
COMMENT ON COLUMN list.reason.text_en IS 'The judgement in plain words, English / 判定の説明（英語）';
COMMENT ON COLUMN list.reason.text_ja IS 'The judgement in plain words, Japanese / 判定の説明（日本語）';

CREATE OR REPLACE TABLE list.decided (
  technology_id VARCHAR NOT NULL PRIMARY KEY,
  machine_status VARCHAR NOT NULL,
  status VARCHAR NOT NULL CHECK (status IN ('listed', 'near_miss', 'not_listed', 'partly_judged',
    'insufficient_evidence',
  'merged', 'deferred')),
  decision VARCHAR,
  into_technology_id VARCHAR,
  event_digest VARCHAR,
  is_overtaken BOOLEAN,
  CHECK (decision IS NOT NULL OR status = machine_status)
);
COMMENT ON TABLE list.decided IS
  'Each row is one technology after the decisions of the expert review, beside what the rules propose '
  '/ 専門家評価の決定を反映した1技術と、規則による提案';
COMMENT ON COLUMN list.decided.technology_id IS 'Technology / 技術';
COMMENT ON COLUMN list.decided.machine_status IS 'What the rules propose / 規則による提案';
COMMENT ON COLUMN list.decided.status IS
  'What was decided; without a decision, what the rules propose / 決定後の扱い（決定がなければ規則の提案）';
COMMENT ON COLUMN list.decided.decision IS 'accept, reject, merge or defer / 決定';
COMMENT ON COLUMN list.decided.into_technology_id IS 'Technology merged into / 統合先の技術';
COMMENT ON COLUMN list.decided.event_digest IS 'Approval in the review log / 評価記録における承認';
COMMENT ON COLUMN list.decided.is_overtaken IS
  'The rules now propose something else than what the panel saw / 評価時と規則の提案が異なる';
