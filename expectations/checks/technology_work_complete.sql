/*---
id: technology_work_complete
gate: core
table: core.technology_work
severity: critical
key: [technology_id, work_id]
inputs: [core.technology_work, core.technology_topic, core.work]
expect:
  en: a technology's works are exactly the unretracted works whose first topic is one of its topics, with
    their year and frame
  ja: 技術の論文は、第一トピックがその技術のトピックである撤回されていない論文と一致し、年と標本枠も同じ
why:
  en: A work lost or carried along between the tables would move every share of its technology.
  ja: 表の間で論文が失われたり紛れ込んだりすると、技術の割合が全て動く。
---*/
WITH expected AS (
  SELECT link.technology_id, work.work_id, work.publication_year, work.is_comparable
  FROM core.technology_topic AS link
  JOIN core.work AS work ON work.primary_topic_id = link.topic_id
  WHERE NOT coalesce(work.is_retracted, false)
)
SELECT coalesce(expected.technology_id, found.technology_id) AS technology_id,
  coalesce(expected.work_id, found.work_id) AS work_id,
  found.publication_year AS year_here, expected.publication_year AS year_expected
FROM expected
FULL JOIN core.technology_work AS found ON found.technology_id = expected.technology_id
  AND found.work_id = expected.work_id
WHERE found.work_id IS NULL OR expected.work_id IS NULL OR found.publication_year <> expected.publication_year
  OR found.is_comparable <> expected.is_comparable
