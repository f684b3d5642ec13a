/*---
id: cluster_sizes
gate: list
table: cluster.label
severity: critical
key: [cluster_id]
inputs: [cluster.label, cluster.member]
expect:
  en: every cluster is labelled and n_members counts its members
  ja: 全ての群に名称があり、n_membersは構成員数
why:
  en: A label of a cluster that is not there, or the other way round, misleads.
  ja: 存在しない群の名称、名称のない群は誤解を招く。
---*/
WITH found AS (SELECT cluster_id, count(*) AS n_found FROM cluster.member WHERE cluster_id IS NOT NULL
  GROUP BY cluster_id)
SELECT coalesce(label.cluster_id, found.cluster_id) AS cluster_id, label.n_members,
  coalesce(found.n_found, 0) AS n_found
FROM cluster.label AS label FULL JOIN found ON found.cluster_id = label.cluster_id
WHERE label.cluster_id IS NULL OR found.cluster_id IS NULL OR label.n_members <> found.n_found
