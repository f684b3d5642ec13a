/*---
table: prov.quarantine
grain: {en: one record set aside, ja: 除外したレコード1件}
inputs: [rejected_record, duplicate_record, statistic_cell, supply_cell, trade_cell, config_raw_file]
---*/
CREATE TABLE prov.quarantine (
  source_id VARCHAR NOT NULL,
  raw_digest VARCHAR NOT NULL,
  file_name VARCHAR NOT NULL,
  raw_line BIGINT NOT NULL,
  field VARCHAR NOT NULL,
  reason VARCHAR NOT NULL,
  excerpt VARCHAR CHECK (length(excerpt) <= 80)
);
COMMENT ON TABLE prov.quarantine IS
  'Each row is one raw record that was set aside and counts nowhere '
  '/ 各行は除外され集計に入らない生レコード1件';
COMMENT ON COLUMN prov.quarantine.source_id IS 'Source / 情報源';
COMMENT ON COLUMN prov.quarantine.raw_digest IS 'Raw file / 生ファイル';
COMMENT ON COLUMN prov.quarantine.file_name IS 'Name under which the file was received / 受領時のファイル名';
COMMENT ON COLUMN prov.quarantine.raw_line IS
  'Number of the record in the file, from 1 / ファイル内のレコード番号（1から）';
COMMENT ON COLUMN prov.quarantine.field IS
  'Field that is wrong, empty for the whole record / 誤りのある項目（レコード全体なら空）';
COMMENT ON COLUMN prov.quarantine.reason IS 'What is wrong with it / 理由';
COMMENT ON COLUMN prov.quarantine.excerpt IS
  'What stands there, control and direction marks escaped, at most 80 characters '
  '/ 該当部分の抜粋（制御文字は表示可能な形に置換、80字以内）';

INSERT INTO prov.quarantine
WITH record AS (
  SELECT source_id, raw_digest, raw_line, reject_field AS field, reject_reason AS reason,
    reject_excerpt AS excerpt FROM rejected_record
  UNION ALL
  SELECT source_id, raw_digest, raw_line, key_field, 'duplicate id with different content', key_text
  FROM duplicate_record WHERE outcome = 'conflicting'
  UNION ALL
  SELECT source_id, raw_digest, raw_line, column_text,
    'another value is printed for the same series, country and year',
    concat_ws(' ', series_id, area_code, period_year, value)
  FROM statistic_cell WHERE is_conflicting
  UNION ALL
  SELECT source_id, raw_digest, raw_line, column_text,
    'another value is printed for the same commodity, stage, country and year',
    concat_ws(' ', commodity_id, stage_id, country_code, period_year, quantity, unit)
  FROM supply_cell WHERE is_conflicting
  UNION ALL
  SELECT source_id, raw_digest, raw_line, 'trade_value_usd',
    'another amount, or another revision, is told for the same flow',
    concat_ws(' ', hs_code, period_year, exporter_country_code, importer_country_code, told_by, hs_revision,
    trade_value_usd)
  FROM trade_cell WHERE is_conflicting
),
named AS (
  SELECT source_id, raw_digest, min(file_name) AS file_name FROM config_raw_file
    GROUP BY source_id, raw_digest
)
SELECT record.source_id, record.raw_digest, named.file_name, record.raw_line, record.field, record.reason,
  left(array_to_string([CASE
    WHEN regexp_full_match(letter,
      '[\x{00}-\x{1f}\x{7f}-\x{9f}\x{61c}\x{200b}-\x{200f}\x{2028}-\x{202e}\x{2060}-\x{206f}\x{feff}]')
      THEN '\u' || lpad(lower(to_hex(unicode(letter))), 4, '0')
    ELSE letter END FOR letter IN string_split(record.excerpt, '')], ''), 80) AS excerpt
FROM record JOIN named USING (source_id, raw_digest)
ORDER BY record.source_id, named.file_name, record.raw_digest, record.raw_line, record.field, record.reason,
  excerpt;
