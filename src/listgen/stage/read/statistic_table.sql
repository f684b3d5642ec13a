/*---
form: statistic_table
record:
  en: One cell of a published table, found by the source's declaration; raw_line counts the rows below the header
  ja: 公表表の1セル（情報源の宣言に従って読む。raw_lineは見出しの下の行番号）
kind: statistics
layout: declared
cell: [area_text, year_text, value_text, series_text]
---*/
WITH cell AS (
  -- Notes under a long table have neither year nor value.
  SELECT raw_line, trim(series_text) AS series_key, trim(area_text) AS area_text, trim(year_text) AS year_text, trim(value_text) AS value_text
  FROM declared_cell
  WHERE (len($series_keys) = 0 OR list_contains($series_keys, trim(series_text)))
    AND NOT (coalesce(trim(year_text), '') = '' AND coalesce(trim(value_text), '') = '')
),
typed AS (
  SELECT *, TRY_CAST(regexp_extract(year_text, '(?:^|[^0-9])([0-9]{4})(?:[^0-9]|$)', 1) AS INTEGER) AS period_year,
    value_text IS NULL OR list_contains($null_values, value_text) AS is_blank,
    CASE WHEN regexp_full_match(value_text, '[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)([eE][+-]?[0-9]{1,2})?') THEN CAST(value_text AS DOUBLE) END AS value
  FROM cell
),
judged AS (
  SELECT *, CASE
    WHEN coalesce(area_text, '') = '' THEN ['area', 'missing', value_text]
    WHEN period_year IS NULL THEN ['year', 'missing or without a four-digit year', year_text]
    WHEN period_year NOT BETWEEN 1000 AND $as_of_year + 1 THEN ['year', 'outside 1000 .. ' || ($as_of_year + 1), year_text]
    WHEN NOT is_blank AND value IS NULL THEN ['value', 'not a number and not a declared null value', value_text]
    WHEN NOT is_blank AND value < 0 THEN ['value', 'negative', value_text]
    END AS reject
  FROM typed
)
SELECT raw_line, series_key, area_text, period_year, CASE WHEN NOT is_blank THEN value END AS value,
  reject[1] AS reject_field, reject[2] AS reject_reason, left(reject[3], 80) AS reject_excerpt
FROM judged
