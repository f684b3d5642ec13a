/*---
table: core.technology_work
grain: {en: one work of one technology, ja: 技術と論文の組1つ}
inputs: [core.work, core.technology_topic]
references: ["Waltman & Schreiber 2013, J. Am. Soc. Inf. Sci. Technol. 64, 372-379"]
---*/
CREATE TABLE core.technology_work (
  technology_id VARCHAR NOT NULL,
  work_id BIGINT NOT NULL,
  publication_year SMALLINT NOT NULL,
  is_comparable BOOLEAN NOT NULL,
  top10_weight DECIMAL(18, 12) CHECK (top10_weight BETWEEN 0 AND 1)
);
COMMENT ON TABLE core.technology_work IS
  'Each row is one work that counts for one technology; retracted works do not '
  '/ 各行は技術に数える論文1件（撤回論文を除く）';
COMMENT ON COLUMN core.technology_work.technology_id IS 'Technology / 技術ID';
COMMENT ON COLUMN core.technology_work.work_id IS
  'Work: its first topic is a topic of the technology / 論文ID（第一トピックが技術のトピックと一致）';
COMMENT ON COLUMN core.technology_work.publication_year IS 'Year of publication / 発行年';
COMMENT ON COLUMN core.technology_work.is_comparable IS
  'Its source lets countries be compared / 国際比較に使える情報源か';
COMMENT ON COLUMN core.technology_work.top10_weight IS
  'Share of the work in the top 10 % most cited of technology and year, ties shared; a cell sums to '
  'exactly 10 % of its works; NULL when not comparable '
  '/ 技術×年の被引用上位10%への算入率（同順位は按分、合計は正確に論文数の10%、比較不可はNULL）';

INSERT INTO core.technology_work
WITH member AS (
  -- By the first topic: second and third ones mostly name a method or a setting (docs/decisions/0010).
  SELECT scope.technology_id, work.work_id, work.publication_year, work.is_comparable, work.cited_by_count
  FROM core.technology_topic AS scope
  JOIN core.work AS work ON work.primary_topic_id = scope.topic_id
  WHERE NOT work.is_retracted
),
level AS (
  SELECT technology_id, publication_year, cited_by_count, count(*) AS n_tied, min(work_id) AS first_work_id
  FROM member WHERE is_comparable
  GROUP BY ALL
),
ranked AS (
  SELECT *,
    sum(n_tied) OVER (PARTITION BY technology_id, publication_year) AS n_cell,
    sum(n_tied) OVER (PARTITION BY technology_id, publication_year
      ORDER BY cited_by_count DESC) - n_tied AS n_above
  FROM level
),
room AS (
  -- In units of 1e-12: what the 10 % still has room for below the more cited works, at most one whole work
  -- each.
  SELECT *, greatest(0, least(CAST(n_tied AS BIGINT) * 1000000000000,
    CAST(n_cell AS BIGINT) * 100000000000 - CAST(n_above AS BIGINT) * 1000000000000)) AS units
  FROM ranked
)
SELECT member.technology_id, member.work_id, member.publication_year, member.is_comparable,
  CASE WHEN member.is_comparable THEN
    CAST(room.units // room.n_tied + CASE
      WHEN member.work_id = room.first_work_id THEN room.units % room.n_tied ELSE 0 END
      AS DECIMAL(13, 0)) * 0.000000000001 END AS top10_weight
FROM member
LEFT JOIN room ON member.is_comparable AND room.technology_id = member.technology_id
  AND room.publication_year = member.publication_year AND room.cited_by_count = member.cited_by_count
ORDER BY member.technology_id, member.work_id;
