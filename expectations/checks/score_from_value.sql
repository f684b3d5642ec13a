/*---
id: score_from_value
gate: score
table: score.normalised
severity: critical
key: [technology_id, indicator_id]
inputs: [score.normalised, ind.value]
expect:
  en: a scored indicator has its value in ind.value, unchanged
  ja: 採点した指標の値はind.valueにあり、変わらない
why:
  en: A score must lead back to the value it came from.
  ja: 得点は元の値までたどれなければならない。
---*/
SELECT score.technology_id, score.indicator_id, score.value AS value_scored, value.value AS value_measured
FROM score.normalised AS score
LEFT JOIN ind.value AS value ON value.technology_id = score.technology_id
  AND value.indicator_id = score.indicator_id
  AND value.country_code = score.country_code
WHERE score.value IS NOT NULL AND (value.value IS NULL OR abs(value.value - score.value) > 1e-12)
