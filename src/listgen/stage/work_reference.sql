/*---
table: core.work_reference
grain: {en: one reference of one work to another, ja: 論文間の引用1件}
inputs: [read_openalex_work]
---*/
CREATE TABLE core.work_reference (
  citing_work_id BIGINT NOT NULL,
  cited_work_id BIGINT NOT NULL
);
COMMENT ON TABLE core.work_reference IS 'Each row is one work in the reference list of another, held here or not / 各行は参考文献に挙げられた論文1件（当方の保有を問わない）';
COMMENT ON COLUMN core.work_reference.citing_work_id IS 'The work that cites / 引用する論文';
COMMENT ON COLUMN core.work_reference.cited_work_id IS 'The work that is cited / 引用される論文';

INSERT INTO core.work_reference
WITH reference AS (
  SELECT work_id AS citing_work_id, unnest(referenced_work_ids) AS cited_work_id FROM read_openalex_work
)
SELECT citing_work_id, cited_work_id
FROM reference
ORDER BY citing_work_id, cited_work_id;
