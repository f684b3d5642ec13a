/*---
form: supply_table
record:
  en: One quantity of a supply table, found by the source's declaration; raw_line counts the rows below the
    header
  ja: 供給表の数量1つ（情報源の宣言に従って読む。raw_lineは見出しの下の行番号）
kind: supply
layout: declared
excludes: true
cell: [area_text, year_text, value_text, commodity_text, stage_text, unit_text, wanted_unit, column_text,
  flag_text, multiplier_text]
---*/
WITH cell AS (
  SELECT raw_line, trim(area_text) AS area_text, trim(year_text) AS year_text, trim(value_text) AS value_text,
    trim(regexp_replace(lower(commodity_text), '[^a-z0-9]+', '_', 'g'), '_') AS commodity_id,
    trim(regexp_replace(lower(stage_text), '[^a-z0-9]+', '_', 'g'), '_') AS stage_id,
    nullif(trim(unit_text), '') AS unit, nullif(wanted_unit, '') AS wanted_unit, column_text, period_year,
    is_blank, value, flag,
    CASE WHEN coalesce(trim(year_text), '') = '' AND coalesce(trim(value_text), '') = '' THEN 'a note, or empty'
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
    WHEN coalesce(commodity_id, '') = '' THEN ['commodity', 'missing', area_text]
    WHEN coalesce(stage_id, '') = '' THEN ['stage', 'missing', area_text]
    WHEN period_year IS NULL THEN ['year', 'missing, a span or part of years, or no year', year_text]
    WHEN period_year NOT BETWEEN 1000 AND $as_of_year + 1 THEN ['year',
      'outside 1000 .. ' || ($as_of_year + 1), year_text]
    WHEN (len($units) > 0 AND NOT list_contains($units, unit))
      OR coalesce(unit, '') <> coalesce(wanted_unit, unit, '')
      THEN ['unit', 'another unit than declared', unit]
    WHEN value_text IS NULL THEN [column_text, 'the row ends before this column', area_text]
    WHEN NOT is_blank AND value IS NULL THEN [column_text, 'not a number and not a declared null value',
      value_text]
    WHEN NOT is_blank AND value < 0 THEN [column_text, 'negative', value_text]
    END AS reject
  FROM cell
  WHERE excluded_by IS NULL
)
SELECT raw_line, commodity_id, stage_id, area_text, period_year,
  CASE WHEN NOT is_blank THEN value END AS value, unit, nullif(value_text, '') AS value_text, flag,
  column_text,
  reject[1] AS reject_field, reject[2] AS reject_reason, left(reject[3], 80) AS reject_excerpt
FROM judged
UNION ALL BY NAME
SELECT excluded_by, count(*) AS n_excluded FROM left_out GROUP BY excluded_by
