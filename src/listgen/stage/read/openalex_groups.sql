/*---
form: openalex_groups
record:
  en: One country in a count of works by the OpenAlex API; raw_line counts inside the list "group_by", the
    group of works without a country included
  ja: OpenAlex APIが国別に数えた論文数の1か国（raw_lineは"group_by"内の順番。国の分からない論文の組も含む）
kind: statistics
layout: json_document
list: group_by
is_page: true
---*/
WITH document AS (
  SELECT from_json(json, '{"meta": {"count": "BIGINT"}, "group_by": [{"key": "VARCHAR", "count": "JSON"}]}')
    AS page, from_json(json_extract(json, '$.group_by'), '["JSON"]') AS texts,
    field_twice(json_keys(json, ['$', '$.meta'])) AS twice_above
  FROM read_json_objects($path, format = 'unstructured', maximum_object_size = $n_text_bytes,
    compression = $compression)
),
listed AS (
  SELECT page.meta.count AS n_world, unnest(page.group_by) AS country, twice_above,
    field_twice([json_keys(unnest(texts))]) AS twice,
    generate_subscripts(page.group_by, 1) AS raw_line FROM document
),
typed AS (
  -- A key is an address such as https://openalex.org/countries/JP, or the bare code; works without a country
  -- are `unknown`.
  SELECT raw_line, n_world, coalesce(twice, twice_above) AS twice, upper(regexp_extract(country.key, '([^/]+)$', 1)) AS area_text,
    CASE WHEN regexp_full_match(CAST(country.count AS VARCHAR),
      '[0-9]{1,15}') THEN TRY_CAST(country.count AS BIGINT) END AS n_works
  FROM listed
),
judged AS (
  SELECT *, CASE
    WHEN twice <> '' THEN [twice, 'a field is given twice']
    WHEN coalesce(area_text, '') = '' THEN ['key', 'missing']
    WHEN n_works IS NULL THEN ['count', 'missing or not a whole number']
    WHEN n_world IS NULL THEN ['meta.count', 'missing or not a whole number']
    WHEN n_works > n_world THEN ['count', 'larger than the count of the world']
    END AS reject
  FROM typed
)
SELECT raw_line, area_text, n_works, n_world, reject[1] AS reject_field, reject[2] AS reject_reason,
  area_text AS reject_excerpt
FROM judged
