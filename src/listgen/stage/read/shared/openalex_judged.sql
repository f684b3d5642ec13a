/*---
takes: parsed
what: Work objects (raw_line, json where an excerpt is to be had from it, defect and its field, is_legacy, work), judged one
  by one and flattened
---*/
-- Every work gets a thin row: year, field, topic, citations, countries. Title, topics, institutions and
-- references follow only where the work counts for a declared technology; elsewhere they are NULL. A work has
-- dozens of references and institutions, so their numbers are cut out by position, or by the address before
-- them where nearly all bear it: a regular expression there takes as long as all else here.
WITH typed AS (
  SELECT raw_line, json, defect, defect_field, is_legacy, work,
    TRY_CAST(regexp_extract(work.id, '^(?:https://openalex[.]org/)?W([1-9][0-9]{0,17})$', 1) AS BIGINT)
      AS work_id,
    CASE WHEN regexp_full_match(CAST(work.publication_year AS VARCHAR),
      '-?[0-9]{1,6}') THEN TRY_CAST(work.publication_year AS INTEGER) END
      AS publication_year,
    CASE WHEN regexp_full_match(CAST(work.cited_by_count AS VARCHAR),
      '-?[0-9]{1,15}') THEN TRY_CAST(work.cited_by_count AS BIGINT) END
      AS cited_by_count,
    work.citation_normalized_percentile.value AS field_percentile,
    nullif(regexp_extract(work.primary_topic.id, 'T[0-9]+$'), '') AS primary_topic_id
  FROM parsed
),
judged AS (
  SELECT *, coalesce(primary_topic_id IN (SELECT unnest($topics)), false) AS is_match, CASE
    WHEN defect IS NOT NULL THEN [defect_field, defect]
    WHEN work_id IS NULL THEN ['id', 'missing or not an OpenAlex work id']
    WHEN publication_year IS NULL THEN ['publication_year', 'missing or not a whole number']
    WHEN publication_year NOT BETWEEN 1000
      AND $as_of_year + 1 THEN ['publication_year', 'outside 1000 .. ' || ($as_of_year + 1)]
    WHEN cited_by_count IS NULL THEN ['cited_by_count', 'missing or not a whole number']
    WHEN cited_by_count < 0 THEN ['cited_by_count', 'negative']
    WHEN work.authorships IS NULL THEN ['authorships', 'missing or not a list']
    -- Releases before topics carry the legacy concepts, which are not used: such a work has no topic.
    WHEN work.topics IS NULL AND NOT is_legacy THEN ['topics', 'missing or not a list']
    WHEN work.referenced_works IS NULL THEN ['referenced_works', 'missing or not a list']
    WHEN field_percentile NOT BETWEEN 0 AND 1 THEN ['citation_normalized_percentile', 'value outside 0 .. 1']
    WHEN work.is_retracted NOT IN ('true', 'false') THEN ['is_retracted', 'neither true nor false']
    END AS reject
  FROM typed
)
SELECT raw_line, work_id, lower(regexp_extract(work.doi, '(10[.][0-9]{4,9}/.+)$', 1)) AS doi,
  regexp_extract(work.ids.pmid, '([0-9]+)$', 1) AS pmid,
  publication_year, work.type AS work_type, cited_by_count,
  TRY_CAST(left(work.updated_date, 10) AS DATE) AS updated_date,
  coalesce(work.is_retracted = 'true', false) AS is_retracted,
  field_percentile,
  work.citation_normalized_percentile.is_in_top_10_percent AS is_field_top10,
  primary_topic_id,
  TRY_CAST(regexp_extract(work.primary_topic.field.id, '[0-9]+$') AS SMALLINT) AS field_id,
  CASE WHEN is_match THEN work.title END AS title,
  -- Enough of the first author to recognise a reference by; names are kept nowhere.
  CASE WHEN is_match THEN lower(regexp_extract(strip_accents(work.authorships[1].author.display_name),
    '([A-Za-z-]+)[^A-Za-z]*$', 1)) END
    AS first_author_surname,
  CASE WHEN is_match THEN [{'topic_id': regexp_extract(topic.id, 'T[0-9]+$'),
    'topic_score': topic.score} FOR topic IN work.topics] END
    AS topics,
  -- The affiliations of each author, or the countries where no institution is named. Sorted, so that a work
  -- is shared out in the same way whichever row it gets; few authors have more than one.
  CASE WHEN is_match THEN [CASE
        WHEN len(author.institutions) = 1
          THEN [{'institution_id': TRY_CAST(substr(place.id, strpos(place.id, 'I') + 1) AS BIGINT),
          'institution_name': place.display_name,
          'country_code': upper(nullif(place.country_code, ''))} FOR place IN author.institutions]
        WHEN len(author.institutions) > 1
          THEN list_sort(list_distinct([{'institution_id': TRY_CAST(substr(place.id,
          strpos(place.id, 'I') + 1) AS BIGINT),
          'institution_name': place.display_name,
          'country_code': upper(nullif(place.country_code, ''))} FOR place IN author.institutions]))
        ELSE [{'institution_id': CAST(NULL AS BIGINT), 'institution_name': CAST(NULL AS VARCHAR),
        'country_code': code}
          FOR code IN list_sort(list_distinct([upper(code) FOR code IN author.countries IF code <> '']))] END
      FOR author IN work.authorships]
    ELSE [CASE
        WHEN len(author.institutions) = 1 THEN
          [{'institution_id': CAST(NULL AS BIGINT), 'institution_name': CAST(NULL AS VARCHAR),
          'country_code': upper(nullif(place.country_code, ''))}
          FOR place IN author.institutions]
        WHEN len(author.institutions) > 1 THEN
          [{'institution_id': CAST(NULL AS BIGINT), 'institution_name': CAST(NULL AS VARCHAR),
          'country_code': place.country_code}
          FOR place IN list_sort(list_distinct([{'institution_id': TRY_CAST(substr(place.id,
          strpos(place.id, 'I') + 1) AS BIGINT),
          'institution_name': place.display_name,
          'country_code': upper(nullif(place.country_code, ''))} FOR place IN author.institutions]))]
        ELSE [{'institution_id': CAST(NULL AS BIGINT), 'institution_name': CAST(NULL AS VARCHAR),
        'country_code': code}
          FOR code IN list_sort(list_distinct([upper(code) FOR code IN author.countries IF code <> '']))] END
      FOR author IN work.authorships] END AS authorships,
  -- Sorted, so that a work named twice stands beside itself and is met where references become rows; to look
  -- for it here takes twice as long.
  CASE WHEN is_match THEN list_sort([coalesce(TRY_CAST(replace(cited, 'https://openalex.org/W',
    '') AS BIGINT),
      TRY_CAST(substr(cited, strpos(cited, 'W') + 1) AS BIGINT)) FOR cited IN work.referenced_works]) END
        AS referenced_work_ids,
  reject[1] AS reject_field, reject[2] AS reject_reason,
  CASE WHEN reject[1] <> '' THEN substr(json, greatest(1, strpos(json, '"' || reject[1] || '"')), 80) END
    AS reject_excerpt
FROM judged
