/*---
table: prov.row_account
grain: {en: one raw file of one source and form, ja: 情報源・形式・生ファイルの組1つ}
inputs: [staged_file, used_record, duplicate_record, row_state, work_left, core.work, prov.row_exclusion]
---*/
CREATE TABLE prov.row_account (
  form_id VARCHAR NOT NULL,
  source_id VARCHAR NOT NULL,
  raw_digest VARCHAR NOT NULL,
  file_name VARCHAR NOT NULL,
  n_rows BIGINT NOT NULL CHECK (n_rows >= 0),
  n_used BIGINT NOT NULL CHECK (n_used >= 0),
  n_merged BIGINT NOT NULL CHECK (n_merged >= 0),
  n_set_aside BIGINT NOT NULL CHECK (n_set_aside >= 0),
  n_excluded BIGINT NOT NULL CHECK (n_excluded >= 0),
  is_cut BOOLEAN NOT NULL
);
COMMENT ON TABLE prov.row_account IS
  'Each row says where the rows of one raw file went: rows = used + merged + set aside + excluded by rule. '
  'Each of the five is counted by itself: the rows by the bytes of the file, the others by what was done with '
  'them; prov.row_exclusion names the rules '
  '/ 各行は生ファイル1件の行の行方（行数＝利用＋統合＋除外＋規則による対象外）。五つはそれぞれ別に数える。'
  '行数は生ファイルから、ほかは処理の結果から数え、対象外とする規則はprov.row_exclusionに示す';
COMMENT ON COLUMN prov.row_account.form_id IS 'Form / 形式';
COMMENT ON COLUMN prov.row_account.source_id IS 'Source / 情報源';
COMMENT ON COLUMN prov.row_account.raw_digest IS 'Raw file / 生ファイル';
COMMENT ON COLUMN prov.row_account.file_name IS 'Name under which the file was received / 受領時のファイル名';
COMMENT ON COLUMN prov.row_account.n_rows IS
  'Rows of the file below its header, lines of JSON, elements of its list of records, or publications that an '
  'answer in XML lists '
  '/ 見出しより下の行、JSONの行、レコードの配列の要素、またはXMLの応答に含まれる公報の数';
COMMENT ON COLUMN prov.row_account.n_used IS 'Rows with at least one figure or record in use / 利用した行';
COMMENT ON COLUMN prov.row_account.n_merged IS
  'Rows that say what another row says, or an older state of it / 他の行と同じ、または古い状態の行';
COMMENT ON COLUMN prov.row_account.n_set_aside IS 'Rows in prov.quarantine / prov.quarantineにある行';
COMMENT ON COLUMN prov.row_account.n_excluded IS
  'Rows left out by rule: notes, areas that are not countries, series and goods not declared, older '
  'releases, counter-examples, works their provider deleted '
  '/ 規則による対象外の行（注、国でない地域、宣言外の系列・品目、古い版、反例、提供元が削除した論文）';
COMMENT ON COLUMN prov.row_account.is_cut IS
  'No line end follows the last figure of the file: it may have been cut '
  '/ 最後の数値の後に改行がなく、途中で切れた可能性がある';

INSERT INTO prov.row_account
WITH excluded AS (
  SELECT form_id, source_id, raw_digest, sum(n_rows) AS n FROM prov.row_exclusion GROUP BY ALL
),
stated AS (
  SELECT form_id, source_id, raw_digest, count(*) FILTER (state = 'used') AS n_used,
    count(*) FILTER (state = 'merged') AS n_merged, count(*) FILTER (state = 'set aside') AS n_set_aside
  FROM row_state GROUP BY ALL
),
again AS (
  SELECT form_id, source_id, raw_digest, count(*) FILTER (outcome <> 'conflicting') AS n_merged,
    count(*) FILTER (outcome = 'conflicting') AS n_conflicting
  FROM duplicate_record GROUP BY ALL
),
work_used AS (
  SELECT source_id, raw_digest, count(*) AS n FROM core.work GROUP BY ALL
),
work_merged AS (
  SELECT form_id, source_id, raw_digest, count(*) AS n FROM work_left WHERE is_elsewhere GROUP BY ALL
)
SELECT file.form_id, file.source_id, file.raw_digest, file.file_name, file.n_rows,
  coalesce(CASE WHEN file.form_id IN ('statistic_table', 'supply_table', 'baci', 'comtrade_page')
      THEN stated.n_used
    WHEN file.form_id IN ('openalex_work', 'openalex_page', 'openalex_parquet') THEN work_used.n
    ELSE used.n END, 0) AS n_used,
  CASE WHEN file.form_id IN ('statistic_table', 'supply_table', 'baci', 'comtrade_page')
      THEN coalesce(stated.n_merged, 0)
    ELSE coalesce(again.n_merged, 0) + coalesce(work_merged.n, 0) END AS n_merged,
  CASE WHEN file.form_id IN ('statistic_table', 'supply_table', 'baci', 'comtrade_page')
      THEN coalesce(stated.n_set_aside, 0)
    ELSE file.n_rejected + coalesce(again.n_conflicting, 0) END AS n_set_aside,
  coalesce(excluded.n, 0) AS n_excluded, file.is_cut
FROM staged_file AS file
LEFT JOIN excluded USING (form_id, source_id, raw_digest)
LEFT JOIN stated USING (form_id, source_id, raw_digest)
LEFT JOIN again USING (form_id, source_id, raw_digest)
LEFT JOIN work_merged USING (form_id, source_id, raw_digest)
LEFT JOIN work_used USING (source_id, raw_digest)
LEFT JOIN used_record AS used USING (form_id, source_id, raw_digest)
ORDER BY file.form_id, file.source_id, file.file_name, file.raw_digest;
