/*---
table: institution_mention
grain: {en: one spelling of an institution as works print it, ja: 論文に現れる機関表記1つ}
inputs: [work_record]
---*/
-- A temporary table on the way to core.institution and prov.unmapped.
CREATE TEMP TABLE institution_mention AS
WITH author AS (
  SELECT source_id, unnest(authorships) AS places FROM work_record
),
affiliation AS (
  SELECT source_id, unnest(places) AS place FROM author
)
SELECT source_id, place.institution_id, place.institution_name, place.country_code, count(*) AS n_mentions
FROM affiliation
GROUP BY ALL;
