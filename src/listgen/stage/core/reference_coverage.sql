/*---
table: core.reference_coverage
grain: {en: one technology on one basis, ja: 技術と根拠の組1つ}
inputs: [core.period, core.technology, core.technology_work, core.work_reference, core.work_country,
  core.technology_family,
  core.patent_citation, core.patent_family_country]
---*/
CREATE TABLE core.reference_coverage (
  technology_id VARCHAR NOT NULL,
  basis VARCHAR NOT NULL CHECK (basis IN ('works', 'families')),
  n_references BIGINT NOT NULL CHECK (n_references >= 0),
  n_resolved BIGINT NOT NULL CHECK (n_resolved BETWEEN 0 AND n_references),
  coverage DOUBLE CHECK (coverage BETWEEN 0 AND 1),
  PRIMARY KEY (technology_id, basis)
);
COMMENT ON TABLE core.reference_coverage IS
  'Each row says how many references of a technology lead to a held item whose country is known '
  '/ 各行は技術の引用のうち国の分かる保有文献に届く割合';
COMMENT ON COLUMN core.reference_coverage.technology_id IS 'Technology / 技術ID';
COMMENT ON COLUMN core.reference_coverage.basis IS 'works or families / 論文か特許ファミリーか';
COMMENT ON COLUMN core.reference_coverage.n_references IS
  'References made by its comparable items in the window / 期間内の比較可能な文献による引用の数';
COMMENT ON COLUMN core.reference_coverage.n_resolved IS
  'Those whose cited item is held and has a known country / うち被引用側を保有し国が分かるもの';
COMMENT ON COLUMN core.reference_coverage.coverage IS
  'n_resolved / n_references; NULL when there is no reference / 解決率（引用がなければNULL）';

INSERT INTO core.reference_coverage
WITH reference AS (
  SELECT member.technology_id, 'works' AS basis, reference.cited_work_id IN (SELECT work_id
    FROM core.work_country) AS is_resolved
  FROM core.technology_work AS member
  JOIN core.period AS period ON period.period_id = 'works'
    AND member.publication_year BETWEEN period.first_year AND period.last_year
  JOIN core.work_reference AS reference ON reference.citing_work_id = member.work_id
  WHERE member.is_comparable
  UNION ALL
  SELECT member.technology_id, 'families',
    coalesce(citation.cited_family_id IN (SELECT family_id FROM core.patent_family_country
      WHERE role = 'inventor'), false)
  FROM core.technology_family AS member
  JOIN core.period AS period ON period.period_id = 'families'
    AND member.priority_year BETWEEN period.first_year AND period.last_year
  JOIN core.patent_citation AS citation ON citation.citing_family_id = member.family_id
  WHERE member.is_comparable
),
counted AS (
  SELECT technology_id, basis, count(*) AS n_references, count(*) FILTER (WHERE is_resolved) AS n_resolved
  FROM reference
  GROUP BY technology_id, basis
)
SELECT technology.technology_id, basis.basis, coalesce(counted.n_references, 0) AS n_references,
  coalesce(counted.n_resolved, 0) AS n_resolved,
  CASE WHEN counted.n_references > 0 THEN CAST(counted.n_resolved AS DOUBLE) / counted.n_references END
    AS coverage
FROM core.technology AS technology
CROSS JOIN (VALUES ('works'), ('families')) AS basis (basis)
LEFT JOIN counted ON counted.technology_id = technology.technology_id AND counted.basis = basis.basis
ORDER BY technology.technology_id, basis.basis;
