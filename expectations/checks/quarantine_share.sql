/*---
id: quarantine_share
gate: core
table: prov.quarantine
severity: critical
key: [source_id, file_name]
inputs: [prov.quarantine, core.work, core.patent_publication, core.statistic, core.supply]
expect:
  en: at most 5 % of a file's records are set aside
  ja: ファイルの記録のうち隔離は5%以下
why:
  en: A few broken records are the provider's; one in twenty means that the file or our reading of it is
    wrong.
  ja: 少数の破損は提供元のもの。20件に1件を超えれば、ファイルか読み方が誤っている。
---*/
WITH placed AS (
  -- Records are numbered from 1, so the highest number seen is how many the file has.
  SELECT raw_digest, max(raw_line) AS last_line FROM core.work GROUP BY raw_digest
  UNION ALL SELECT raw_digest, max(raw_line) FROM core.patent_publication GROUP BY raw_digest
  UNION ALL SELECT raw_digest, max(raw_line) FROM core.statistic GROUP BY raw_digest
  UNION ALL SELECT raw_digest, max(raw_line) FROM core.supply GROUP BY raw_digest
),
kept AS (SELECT raw_digest, max(last_line) AS last_line FROM placed GROUP BY raw_digest),
rejected AS (
  SELECT source_id, file_name, raw_digest, count(DISTINCT raw_line) AS n_rejected, max(raw_line) AS last_line
  FROM prov.quarantine
  GROUP BY source_id, file_name, raw_digest
)
SELECT rejected.source_id, rejected.file_name, rejected.n_rejected,
  greatest(rejected.last_line, kept.last_line) AS n_records
FROM rejected JOIN kept ON kept.raw_digest = rejected.raw_digest
WHERE rejected.n_rejected > 0.05 * greatest(rejected.last_line, kept.last_line)
