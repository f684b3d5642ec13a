/*---
table: prov.row_account
grain: {en: one raw file of one source and form, ja: 情報源・形式・生ファイルの組1つ}
inputs: [staged_file, duplicate_record, rejected_record, read_statistic_table, read_supply_table, read_baci,
  read_comtrade_page,
  read_openalex_work, read_openalex_page, read_openalex_parquet, read_openalex_deleted, core.work,
  statistic_cell, core.statistic, core.statistic_series, supply_cell, core.supply, trade_cell,
  core.trade_flow, config_m49]
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
  'Rows excluded from tables, BACI and Comtrade are what remains of the rows; those of all other forms are '
  'counted by their own rule. Rows of tables of patents with quoted cells, and of Comtrade, are those of '
  'the parse '
  '/ 各行は生ファイル1件の行の行方（行数＝利用＋統合＋除外＋規則による対象外）。統計・供給の表、BACI、'
  'Comtradeの対象外の行は残りの行数、ほかの形式では規則ごとに数える。'
  '引用符付きの特許の表とComtradeの行数は解析した行数';
COMMENT ON COLUMN prov.row_account.form_id IS 'Form / 形式';
COMMENT ON COLUMN prov.row_account.source_id IS 'Source / 情報源';
COMMENT ON COLUMN prov.row_account.raw_digest IS 'Raw file / 生ファイル';
COMMENT ON COLUMN prov.row_account.file_name IS 'Name under which the file was received / 受領時のファイル名';
COMMENT ON COLUMN prov.row_account.n_rows IS
  'Rows of the file below its header, lines of JSON, or elements of its list of records '
  '/ 見出しより下の行、JSONの行、またはレコードの配列の要素の数';
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
WITH trade_row AS (
  SELECT raw_digest, source_id, raw_line, exporter_m49, importer_m49, hs_code, period_year FROM read_baci
    WHERE hs_code <> 'TOTAL'
),
traded AS (
  -- A flow of BACI is used if both sides are countries; sums of several flows name their first row only, so
  -- flows are looked up by their own key.
  SELECT record.raw_digest, record.source_id, record.raw_line,
    count(*) OVER flow > 1 AND record.raw_line > min(record.raw_line) OVER flow AS is_again,
    NOT EXISTS (FROM config_m49 AS place WHERE place.m49_code = record.exporter_m49)
      OR NOT EXISTS (FROM config_m49 AS place WHERE place.m49_code = record.importer_m49) AS is_elsewhere,
    EXISTS (FROM trade_cell AS cell WHERE cell.is_conflicting AND cell.source_id = record.source_id
      AND cell.period_year = record.period_year
      AND cell.hs_code IN (record.hs_code, left(record.hs_code, 4))
        AND cell.exporter_country_code = exporter.country_code
      AND cell.importer_country_code = importer.country_code) AS is_contradicted
  FROM trade_row AS record
  LEFT JOIN config_m49 AS exporter ON exporter.m49_code = record.exporter_m49
  LEFT JOIN config_m49 AS importer ON importer.m49_code = record.importer_m49
  WINDOW flow AS (PARTITION BY record.raw_digest, record.source_id, record.period_year, record.exporter_m49,
  record.importer_m49, record.hs_code)
),
said AS (
  SELECT source_id, raw_digest, raw_line, 'merged' AS state FROM statistic_cell
    WHERE NOT coalesce(is_conflicting, false)
  UNION ALL
  SELECT source_id, raw_digest, raw_line, 'set aside' FROM statistic_cell WHERE is_conflicting
  UNION ALL
  SELECT series.source_id, value.raw_digest, value.raw_line, 'used'
  FROM core.statistic AS value JOIN core.statistic_series AS series ON series.series_id = value.series_id
  UNION ALL
  SELECT source_id, raw_digest, raw_line, CASE WHEN is_conflicting THEN 'set aside' ELSE 'merged' END
    FROM supply_cell
  UNION ALL
  SELECT source_id, raw_digest, raw_line, 'used' FROM core.supply
  UNION ALL
  SELECT source_id, raw_digest, raw_line, CASE WHEN is_conflicting THEN 'set aside' ELSE 'merged' END
    FROM trade_cell
  WHERE source_id IN (SELECT source_id FROM staged_file WHERE form_id = 'comtrade_page')
  UNION ALL
  SELECT source_id, raw_digest, raw_line, 'used' FROM core.trade_flow
    WHERE source_id IN (SELECT source_id FROM staged_file WHERE form_id = 'comtrade_page')
  UNION ALL
  SELECT source_id, raw_digest, raw_line, CASE WHEN is_elsewhere THEN 'excluded'
    WHEN is_contradicted THEN 'set aside' WHEN is_again THEN 'merged'
    ELSE 'used' END
  FROM traded
  UNION ALL
  SELECT source_id, CAST(raw_digest AS VARCHAR), raw_line, 'set aside' FROM rejected_record
),
placed AS (
  -- A row with several figures counts once: as used if any of them is.
  SELECT source_id, raw_digest, raw_line, CASE WHEN bool_or(state = 'used') THEN 'used'
    WHEN bool_or(state = 'set aside') THEN 'set aside'
    WHEN bool_or(state = 'merged') THEN 'merged' ELSE 'excluded' END AS state
  FROM said
  GROUP BY source_id, raw_digest, raw_line
),
counted AS (
  SELECT file.form_id, file.source_id, file.raw_digest, any_value(file.file_name) AS file_name,
    any_value(file.n_rows) AS n_rows,
    count(*) FILTER (placed.state = 'used') AS n_used, count(*) FILTER (placed.state = 'merged') AS n_merged,
    count(*) FILTER (placed.state = 'set aside') AS n_set_aside, any_value(file.is_cut) AS is_cut
  FROM staged_file AS file
  LEFT JOIN placed ON placed.source_id = file.source_id AND placed.raw_digest = file.raw_digest
  WHERE file.form_id IN ('statistic_table', 'supply_table', 'baci', 'comtrade_page')
  GROUP BY file.form_id, file.source_id, file.raw_digest
),
again AS (
  SELECT form_id, source_id, raw_digest, count(*) AS n,
    count(*) FILTER (outcome = 'conflicting') AS n_conflicting
  FROM duplicate_record GROUP BY form_id, source_id, raw_digest
),
recorded AS (
  -- Other forms have a record for each row that is accepted, set aside or excluded.
  SELECT file.form_id, file.source_id, file.raw_digest, file.file_name, file.n_rows,
    file.n_records - file.n_rejected - coalesce(again.n, 0) AS n_standing,
    coalesce(again.n, 0) - coalesce(again.n_conflicting, 0) AS n_repeated,
    file.n_rejected + coalesce(again.n_conflicting, 0) AS n_set_aside, file.n_excluded, file.is_cut
  FROM staged_file AS file
  LEFT JOIN again ON again.form_id = file.form_id AND again.source_id = file.source_id
    AND again.raw_digest = file.raw_digest
  WHERE file.form_id NOT IN ('statistic_table', 'supply_table', 'baci', 'comtrade_page')
),
work_used AS (
  SELECT source_id, raw_digest, count(*) AS n FROM core.work GROUP BY source_id, raw_digest
),
short AS (
  -- Files of which core.work has fewer works than the files contain: of a work in files of two forms one
  -- record is used.
  SELECT file.source_id, file.raw_digest
  FROM recorded AS file LEFT JOIN work_used AS used ON used.source_id = file.source_id
    AND used.raw_digest = file.raw_digest
  WHERE file.form_id IN ('openalex_work', 'openalex_page', 'openalex_parquet')
    AND coalesce(used.n, 0) < file.n_standing
),
work_left AS (
  SELECT record.source_id, record.raw_digest, gone.work_id IS NOT NULL AS is_deleted,
    other.work_id IS NOT NULL AS is_elsewhere
  FROM (
    SELECT source_id, raw_digest, raw_line, work_id FROM read_openalex_work
    UNION ALL
    SELECT source_id, raw_digest, raw_line, work_id FROM read_openalex_page
    UNION ALL
    SELECT source_id, raw_digest, raw_line, work_id FROM read_openalex_parquet
  ) AS record
  SEMI JOIN short ON short.source_id = record.source_id AND short.raw_digest = record.raw_digest
  LEFT JOIN (SELECT DISTINCT work_id FROM read_openalex_deleted) AS gone ON gone.work_id = record.work_id
  LEFT JOIN core.work AS other ON other.work_id = record.work_id
    AND (other.raw_digest <> record.raw_digest OR other.raw_line <> record.raw_line
      OR other.source_id <> record.source_id)
),
work_counted AS (
  SELECT source_id, raw_digest, count(*) FILTER (is_elsewhere) AS n_merged, count(*) FILTER (is_deleted
    AND NOT is_elsewhere) AS n_deleted
  FROM work_left GROUP BY source_id, raw_digest
),
summed AS (
  SELECT file.form_id, file.source_id, file.raw_digest, file.file_name, file.n_rows,
    CASE WHEN file.form_id IN ('openalex_work', 'openalex_page', 'openalex_parquet') THEN coalesce(used.n, 0)
      ELSE file.n_standing END AS n_used,
    file.n_repeated + coalesce(left_out.n_merged, 0) AS n_merged, file.n_set_aside,
    file.n_excluded + coalesce(left_out.n_deleted, 0) AS n_excluded, file.is_cut
  FROM recorded AS file
  LEFT JOIN work_used AS used ON used.source_id = file.source_id AND used.raw_digest = file.raw_digest
  LEFT JOIN work_counted AS left_out ON left_out.source_id = file.source_id
    AND left_out.raw_digest = file.raw_digest
    AND file.form_id IN ('openalex_work', 'openalex_page', 'openalex_parquet')
)
SELECT form_id, source_id, raw_digest, file_name, n_rows, n_used, n_merged, n_set_aside,
  greatest(0, n_rows - n_used - n_merged - n_set_aside) AS n_excluded, is_cut
FROM counted
UNION ALL BY NAME
FROM summed
ORDER BY form_id, source_id, file_name, raw_digest;
