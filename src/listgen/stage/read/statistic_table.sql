/*---
form: statistic_table
record:
  en: One cell of a published table, found by the source's declaration; raw_line counts the rows below the
    header
  ja: 公表表の1セル（情報源の宣言に従って読む。raw_lineは見出しの下の行番号）
kind: statistics
layout: declared
excludes: true
cell: [area_text, year_text, value_text, series_text, unit_text, column_text, flag_text, multiplier_text]
---*/
WITH cell AS (
  -- Notes under a long table have neither year nor value; a block that ends before its neighbour has neither
  -- area nor value.
  SELECT raw_line, trim(series_text) AS series_key, trim(area_text) AS area_text,
    trim(year_text) AS year_text, trim(value_text) AS value_text,
    nullif(trim(unit_text), '') AS unit_text, column_text, period_year, is_blank, value, flag, CASE
      WHEN len($series_keys) > 0 AND NOT coalesce(list_contains($series_keys, trim(series_text)), false)
        THEN 'a series that is not declared'
      WHEN coalesce(trim(value_text), '') = ''
        AND (coalesce(trim(year_text), '') = '' OR coalesce(trim(area_text), '') = '') THEN 'a note, or empty'
      END AS excluded_by
  FROM declared_cell
),
left_out AS (
  -- A row is left out if every figure of it is.
  SELECT raw_line, min(excluded_by) AS excluded_by FROM cell GROUP BY raw_line HAVING count(excluded_by) = count(*)
),
judged AS (
  SELECT *, CASE
    WHEN coalesce(area_text, '') = '' THEN ['area', 'missing', value_text]
    WHEN period_year IS NULL THEN ['year', 'missing, a span or part of years, or no year', year_text]
    WHEN period_year NOT BETWEEN 1000 AND $as_of_year + 1 THEN ['year',
      'outside 1000 .. ' || ($as_of_year + 1), year_text]
    WHEN len($units) > 0 AND NOT list_contains($units, unit_text) THEN ['unit', 'another unit than declared',
      unit_text]
    WHEN value_text IS NULL THEN [column_text, 'the row ends before this column', area_text]
    WHEN NOT is_blank AND value IS NULL THEN [column_text, 'not a number and not a declared null value',
      value_text]
    WHEN NOT is_blank AND value < 0 THEN [column_text, 'negative', value_text]
    END AS reject
  FROM cell
  WHERE excluded_by IS NULL
)
SELECT raw_line, series_key, area_text, period_year, CASE WHEN NOT is_blank THEN value END AS value,
  nullif(value_text, '') AS value_text, flag,
  column_text,
  reject[1] AS reject_field, reject[2] AS reject_reason, left(reject[3], 80) AS reject_excerpt
FROM judged
UNION ALL BY NAME
SELECT excluded_by, count(*) AS n_excluded FROM left_out GROUP BY excluded_by
