/*---
table: counted_cell
grain: {en: one number of works counted by the provider, ja: 提供元が数えた論文数1つ}
inputs: [read_openalex_groups, read_openalex_request, config_series, config_country]
---*/
-- A temporary table on the way to core.statistic: what OpenAlex counted by country, and its count of the
-- whole as the world.
CREATE TEMP TABLE counted_cell AS
WITH answer AS (
  SELECT DISTINCT request.series_id, request.period_year, request.page_number, groups.*
  FROM read_openalex_groups AS groups
  JOIN read_openalex_request AS request ON request.source_id = groups.source_id
    AND request.answer_digest = groups.raw_digest
  JOIN config_series AS series ON series.source_id = request.source_id
    AND series.series_id = request.series_id
),
known AS (
  SELECT answer.*, country.country_code FROM answer JOIN config_country AS country
    ON country.country_code = answer.area_text
),
place AS (
  -- An answer lists every country that has a work, so a country it does not list has none: a zero that was
  -- measured. It is kept for the countries that the series has in another year, and stands on the answer's
  -- first line.
  SELECT whole.*, country.country_code
  FROM (SELECT * FROM answer WHERE page_number = 1 AND raw_line = 1) AS whole
  JOIN (SELECT DISTINCT series_id, country_code FROM known) AS country ON country.series_id = whole.series_id
)
SELECT place.series_id, place.country_code AS area_code, place.period_year,
  CAST(coalesce(known.n_works, 0) AS DOUBLE) AS value, 'count' AS column_text,
  place.source_id, coalesce(known.raw_digest, place.raw_digest) AS raw_digest,
  coalesce(known.raw_line, place.raw_line) AS raw_line
FROM place
LEFT JOIN known ON known.series_id = place.series_id AND known.period_year = place.period_year
  AND known.country_code = place.country_code
UNION ALL
SELECT series_id, 'WORLD', period_year, CAST(n_world AS DOUBLE), 'meta.count', source_id, raw_digest, raw_line
FROM answer WHERE page_number = 1 AND raw_line = 1;
