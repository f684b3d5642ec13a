/*---
id: work_country_weight
gate: core
table: core.work_country
severity: critical
key: [work_id]
inputs: [core.work_country, core.authorship, core.work]
expect:
  en: the country weights of a work equal its authorship weights with a known country; those of a work of no
    declared technology, whose authorships are not kept, sum to at most 1
  ja: "論文の国別重みは、国が判明した著者の重みに等しい（著者を保持しない、\
    どの技術にも当たらない論文では合計1以下）"
why:
  en: A split must not lose or invent a part of a work.
  ja: 配分で論文の一部が失われたり生じたりしてはならない。
---*/
WITH authored AS (SELECT work_id, sum(weight) AS weight_sum FROM core.authorship
  WHERE country_code IS NOT NULL GROUP BY work_id),
counted AS (SELECT work_id, sum(weight) AS weight_sum FROM core.work_country GROUP BY work_id)
SELECT coalesce(authored.work_id, counted.work_id) AS work_id, counted.weight_sum AS country_weight,
  authored.weight_sum AS authorship_weight
FROM authored FULL JOIN counted ON counted.work_id = authored.work_id
LEFT JOIN core.work AS thin ON thin.work_id = counted.work_id AND thin.n_references IS NULL
WHERE CASE WHEN thin.work_id IS NOT NULL
  AND authored.work_id IS NULL THEN CAST(counted.weight_sum AS DOUBLE) > 1 + 1e-9
  ELSE abs(CAST(coalesce(authored.weight_sum, 0) - coalesce(counted.weight_sum, 0) AS DOUBLE)) > 1e-9 END
