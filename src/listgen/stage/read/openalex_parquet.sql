/*---
form: openalex_parquet
record:
  en: One work in the Parquet form of the OpenAlex snapshot
  ja: OpenAlexスナップショットのParquet形式による論文レコード1件
kind: works
layout: parquet
empty_as: openalex_work
then: openalex_judged
key: work_id
updated: updated_date
---*/
SELECT file_row_number + 1 AS raw_line, CAST(NULL AS VARCHAR) AS json, CAST(NULL AS VARCHAR) AS defect,
  '' AS defect_field, false AS is_legacy,
  {'id': id, 'doi': doi, 'ids': {'pmid': CAST(NULL AS VARCHAR)}, 'title': title, 'type': type,
  'publication_year': publication_year,
    'cited_by_count': cited_by_count, 'is_retracted': CAST(is_retracted AS VARCHAR),
    'updated_date': CAST(updated_date AS VARCHAR),
    'citation_normalized_percentile': citation_normalized_percentile, 'primary_topic': primary_topic,
    'topics': topics,
    'authorships': authorships, 'referenced_works': referenced_works} AS work
FROM read_parquet($path, file_row_number = true, hive_partitioning = false)
