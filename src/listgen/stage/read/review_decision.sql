/*---
form: review_decision
record:
  en: One technology judged by the expert review, one JSON object a line, as listgen review close writes it
  ja: 専門家評価の1技術（1行に1つのJSONオブジェクト。listgen review closeが書く形）
kind: decisions
layout: json_lines
key: technology_id
---*/
WITH record AS (
  SELECT row_number() OVER () AS raw_line, json
  FROM read_ndjson_objects($path, ignore_errors = true, maximum_object_size = 1048576,
    compression = $compression)
),
parsed AS (
  SELECT raw_line, json, from_json(json, '{"technology_id": "VARCHAR", "review_id": "VARCHAR",
    "run_id": "VARCHAR", "machine_status": "VARCHAR",
    "round": "INTEGER", "panel": {"n": "INTEGER", "n_with_conflicted": "INTEGER", "n_conflict": "INTEGER",
    "median": "DOUBLE", "iqr": "DOUBLE",
    "outcome": "VARCHAR", "is_bimodal": "BOOLEAN"}, "decision": "VARCHAR", "into_technology_id": "VARCHAR",
    "rationale": "VARCHAR",
    "decider": "VARCHAR", "approver": "VARCHAR", "approved_on": "VARCHAR", "event_digest": "VARCHAR",
    "log_digest": "VARCHAR"}') AS row, field_twice(json_keys(json, ['$', '$.panel'])) AS twice
  FROM record
),
judged AS (
  SELECT *, CASE
    WHEN json IS NULL THEN ['', 'not a JSON object, or not UTF-8']
    WHEN twice <> '' THEN [twice, 'a field is given twice']
    WHEN NOT coalesce(regexp_full_match(row.technology_id, '[a-z][a-z0-9_]{1,63}'),
      false) THEN ['technology_id', 'missing or no id']
    WHEN row.review_id IS NULL OR row.run_id IS NULL THEN ['review_id',
      'missing: which review and build was judged']
    WHEN row.decision NOT IN ('accept', 'reject', 'merge', 'defer') THEN ['decision',
      'not accept, reject, merge or defer']
    WHEN row.decision IS NOT NULL AND (row.approver IS NULL OR row.approver = row.decider) THEN ['approver',
      'missing, or the decider']
    WHEN (row.decision IS NOT DISTINCT FROM 'merge') <> (row.into_technology_id IS NOT NULL)
      THEN ['into_technology_id', 'there with merge and only with it']
    END AS reject
  FROM parsed
)
SELECT raw_line, row.technology_id AS technology_id, row.review_id AS review_id, row.run_id AS judged_run_id,
  row.machine_status AS machine_status,
  row.round AS round_number, row.panel.n AS n_votes, row.panel.n_with_conflicted AS n_votes_with_conflicted,
  row.panel.n_conflict AS n_conflicted,
  row.panel.median AS median_rating, row.panel.iqr AS iqr_rating, row.panel.outcome AS outcome,
  row.panel.is_bimodal AS is_bimodal,
  row.decision AS decision, row.into_technology_id AS into_technology_id, row.rationale AS rationale,
  row.decider AS decider_name,
  row.approver AS approver_name, TRY_CAST(row.approved_on AS DATE) AS approved_date,
  row.event_digest AS event_digest, row.log_digest AS log_digest,
  reject[1] AS reject_field, reject[2] AS reject_reason,
  CASE WHEN reject[1] <> '' THEN substr(json, greatest(1, strpos(json, '"' || reject[1] || '"')), 80) END
    AS reject_excerpt
FROM judged
