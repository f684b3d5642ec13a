/*---
table: core.review_decision
grain: {en: one technology judged by the expert review, ja: 専門家が評価した技術1つ}
inputs: [read_review_decision]
---*/
CREATE TABLE core.review_decision (
  technology_id VARCHAR PRIMARY KEY,
  review_id VARCHAR NOT NULL,
  judged_run_id VARCHAR NOT NULL,
  machine_status VARCHAR NOT NULL,
  round_number INTEGER,
  n_votes INTEGER CHECK (n_votes >= 0),
  n_votes_with_conflicted INTEGER CHECK (n_votes_with_conflicted >= n_votes),
  n_conflicted INTEGER CHECK (n_conflicted >= 0),
  median_rating DOUBLE,
  iqr_rating DOUBLE,
  outcome VARCHAR,
  is_bimodal BOOLEAN,
  decision VARCHAR CHECK (decision IN ('accept', 'reject', 'merge', 'defer')),
  into_technology_id VARCHAR,
  rationale VARCHAR,
  decider_name VARCHAR,
  approver_name VARCHAR,
  approved_date DATE,
  event_digest VARCHAR,
  log_digest VARCHAR,
  source_id VARCHAR NOT NULL,
  raw_digest VARCHAR NOT NULL,
  raw_line BIGINT NOT NULL,
  CHECK (decision IS NULL OR approver_name <> decider_name)
);
COMMENT ON TABLE core.review_decision IS
  'Each row is one technology the panel judged, with its result and the approved decision '
  '/ 各行は専門家が評価した1技術（結果と承認された決定）';
COMMENT ON COLUMN core.review_decision.technology_id IS 'Technology / 技術ID';
COMMENT ON COLUMN core.review_decision.review_id IS 'Review / 評価のID';
COMMENT ON COLUMN core.review_decision.judged_run_id IS
  'Build whose cards were judged / 評価の対象となった版';
COMMENT ON COLUMN core.review_decision.machine_status IS
  'What the rules proposed in that build / その版での規則による提案';
COMMENT ON COLUMN core.review_decision.round_number IS 'Last closed round / 締め切った最後のラウンド';
COMMENT ON COLUMN core.review_decision.n_votes IS 'Ratings that count / 集計した評価の数';
COMMENT ON COLUMN core.review_decision.n_votes_with_conflicted IS
  'Ratings if those of experts with a conflict of interest counted / 利益相反のある評価も数えた場合の数';
COMMENT ON COLUMN core.review_decision.n_conflicted IS
  'Experts who declared a conflict of interest / 利益相反を申告した専門家の数';
COMMENT ON COLUMN core.review_decision.median_rating IS
  'Median, NULL for too few votes / 中央値（票数不足ならNULL）';
COMMENT ON COLUMN core.review_decision.iqr_rating IS
  'Interquartile range, NULL for too few votes / 四分位範囲（票数不足ならNULL）';
COMMENT ON COLUMN core.review_decision.outcome IS
  'for, against, undecided, disagreement or too_few / 賛成・反対・結論なし・対立・票数不足';
COMMENT ON COLUMN core.review_decision.is_bimodal IS
  'The panel stands in two camps / 意見が二つに分かれている';
COMMENT ON COLUMN core.review_decision.decision IS
  'accept, reject, merge or defer; NULL while nothing is approved / 決定（未承認ならNULL）';
COMMENT ON COLUMN core.review_decision.into_technology_id IS 'Technology merged into / 統合先の技術';
COMMENT ON COLUMN core.review_decision.rationale IS 'Why, in the words of the decider / 決定の理由';
COMMENT ON COLUMN core.review_decision.decider_name IS 'Who drafted the decision / 起案者';
COMMENT ON COLUMN core.review_decision.approver_name IS
  'Who approved it, another person / 承認者（起案者とは別人）';
COMMENT ON COLUMN core.review_decision.approved_date IS 'Day of approval / 承認日';
COMMENT ON COLUMN core.review_decision.event_digest IS
  'Digest of the approval in the review log / 評価記録における承認のダイジェスト';
COMMENT ON COLUMN core.review_decision.log_digest IS
  'Digest of the last close of a round in the review log / 評価記録における締切のダイジェスト';
COMMENT ON COLUMN core.review_decision.source_id IS 'Source / 情報源';
COMMENT ON COLUMN core.review_decision.raw_digest IS 'Raw file / 生ファイル';
COMMENT ON COLUMN core.review_decision.raw_line IS 'Record in the file / ファイル内のレコード';

INSERT INTO core.review_decision
SELECT technology_id, review_id, judged_run_id, machine_status, round_number, n_votes,
  n_votes_with_conflicted, n_conflicted, median_rating, iqr_rating,
  outcome, is_bimodal, decision, into_technology_id, rationale, decider_name, approver_name, approved_date,
  event_digest, log_digest,
  source_id, raw_digest, raw_line
FROM read_review_decision
ORDER BY technology_id;
