/*---
id: evidence_complete
gate: core
table: core.technology_evidence
severity: critical
key: [technology_id, basis]
inputs: [core.technology_evidence, core.technology, core.technology_work, core.technology_family, core.period]
expect:
  en: every technology has one row on each of the five bases, and counts its works and families inside the
    window
  ja: 全技術に5根拠の行があり、期間内の論文とファミリーを数えている
why:
  en: The counts say what the list stands on; a technology without evidence says 0, it is not absent.
  ja: 件数は一覧の根拠を示す。根拠のない技術は欠落させず0と示す。
---*/
WITH item AS (
  SELECT member.technology_id, 'works' AS basis, count(*) AS n_items
  FROM core.technology_work AS member
  JOIN core.period AS period ON period.period_id = 'works'
    AND member.publication_year BETWEEN period.first_year AND period.last_year
  GROUP BY member.technology_id
  UNION ALL
  SELECT member.technology_id, 'families', count(*)
  FROM core.technology_family AS member
  JOIN core.period AS period ON period.period_id = 'families'
    AND member.priority_year BETWEEN period.first_year AND period.last_year
  GROUP BY member.technology_id
),
expected AS (
  SELECT technology.technology_id, basis.basis, coalesce(item.n_items, 0) AS n_items
  FROM core.technology AS technology
  CROSS JOIN (SELECT unnest(['works', 'families', 'statistics', 'supply', 'trade']) AS basis) AS basis
  LEFT JOIN item ON item.technology_id = technology.technology_id AND item.basis = basis.basis
)
SELECT expected.technology_id, expected.basis, found.n_items, expected.n_items AS n_expected
FROM expected
LEFT JOIN core.technology_evidence AS found ON found.technology_id = expected.technology_id
  AND found.basis = expected.basis
WHERE found.technology_id IS NULL OR (expected.basis IN ('works', 'families')
  AND found.n_items <> expected.n_items)
