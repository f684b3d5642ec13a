/*---
id: clusters_complete
gate: list
table: cluster.member
severity: critical
key: [technology_id]
inputs: [cluster.member, core.technology]
expect:
  en: every active technology has one cluster place, and no other
  ja: 現行の全技術に所属が一つあり、それ以外にはない
why:
  en: A technology without a place and without a reason has been lost.
  ja: 所属も理由もない技術は失われている。
---*/
WITH expected AS (SELECT technology_id FROM core.technology WHERE status = 'active')
SELECT coalesce(expected.technology_id, member.technology_id) AS technology_id,
  expected.technology_id IS NOT NULL AS is_active
FROM expected FULL JOIN cluster.member AS member ON member.technology_id = expected.technology_id
WHERE expected.technology_id IS NULL OR member.technology_id IS NULL
