/*---
table: prov.row_exclusion
grain: {en: one rule and the rows of one raw file that it leaves out, ja: 生ファイルと対象外とする規則の組1つ}
inputs: [excluded_record, row_state, work_left]
---*/
CREATE TABLE prov.row_exclusion (
  form_id VARCHAR NOT NULL,
  source_id VARCHAR NOT NULL,
  raw_digest VARCHAR NOT NULL,
  rule VARCHAR NOT NULL,
  n_rows BIGINT NOT NULL CHECK (n_rows >= 1),
  PRIMARY KEY (form_id, source_id, raw_digest, rule)
);
COMMENT ON TABLE prov.row_exclusion IS
  'Each row says how many rows of one raw file one rule leaves out / 各行は規則ごとの対象外の行数';
COMMENT ON COLUMN prov.row_exclusion.form_id IS 'Form / 形式';
COMMENT ON COLUMN prov.row_exclusion.source_id IS 'Source / 情報源';
COMMENT ON COLUMN prov.row_exclusion.raw_digest IS 'Raw file / 生ファイル';
COMMENT ON COLUMN prov.row_exclusion.rule IS
  'Why the rows are left out: what they are / 対象外とする理由（行の内容）';
COMMENT ON COLUMN prov.row_exclusion.n_rows IS 'Rows that the rule leaves out / 規則による対象外の行数';

INSERT INTO prov.row_exclusion
SELECT form_id, source_id, raw_digest, rule, sum(n) AS n_rows
FROM (
  SELECT form_id, source_id, raw_digest, rule, n FROM excluded_record
  UNION ALL
  SELECT form_id, source_id, raw_digest, rule, count(*) FROM row_state WHERE state = 'excluded' GROUP BY ALL
  UNION ALL
  SELECT form_id, source_id, raw_digest, 'a work that its provider deleted', count(*) FROM work_left
  WHERE is_deleted AND NOT is_elsewhere GROUP BY ALL
)
GROUP BY form_id, source_id, raw_digest, rule
HAVING sum(n) > 0
ORDER BY form_id, source_id, raw_digest, rule;
