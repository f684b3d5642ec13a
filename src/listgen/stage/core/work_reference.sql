/*---
table: core.work_reference
grain: {en: one reference of one work to another, ja: 論文間の引用1件}
inputs: [work_record, read_openalex_request]
---*/
CREATE TABLE core.work_reference (
  citing_work_id BIGINT NOT NULL,
  cited_work_id BIGINT NOT NULL
);
COMMENT ON TABLE core.work_reference IS
  'Each row is one work in the reference list of another, held here or not '
  '/ 各行は参考文献に挙げられた論文1件（当方の保有を問わない）';
COMMENT ON COLUMN core.work_reference.citing_work_id IS 'The work that cites / 引用する論文';
COMMENT ON COLUMN core.work_reference.cited_work_id IS 'The work that is cited / 引用される論文';

INSERT INTO core.work_reference
WITH reference AS (
  -- A list is sorted: a work that is listed twice stands beside itself.
  SELECT citing_work_id, cited_work_id FROM (SELECT work_id AS citing_work_id,
    unnest(referenced_work_ids) AS cited_work_id,
    unnest(referenced_work_ids[2:]) AS next_work_id FROM work_record)
  WHERE cited_work_id IS NOT NULL AND cited_work_id IS DISTINCT FROM next_work_id
),
renamed AS (
  -- Works the provider merged: a reference to the old name is one to the new, unless that one is cited too.
  SELECT reference.citing_work_id, reference.cited_work_id, request.answered_work_id
  FROM reference
  JOIN (SELECT asked_work_id, min(answered_work_id) AS answered_work_id FROM read_openalex_request
    WHERE answered_work_id <> asked_work_id GROUP BY asked_work_id) AS request
      ON request.asked_work_id = reference.cited_work_id
)
SELECT citing_work_id, cited_work_id FROM reference WHERE cited_work_id NOT IN (SELECT cited_work_id
  FROM renamed)
UNION ALL
SELECT DISTINCT citing_work_id, answered_work_id FROM renamed
WHERE NOT EXISTS (SELECT 1 FROM reference AS other
  WHERE other.citing_work_id = renamed.citing_work_id AND other.cited_work_id = renamed.answered_work_id)
ORDER BY citing_work_id, cited_work_id;
