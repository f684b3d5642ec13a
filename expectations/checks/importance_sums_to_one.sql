/*---
id: importance_sums_to_one
gate: score
table: score.normalised
severity: critical
key: [technology_id, axis_id, branch]
inputs: [score.normalised]
expect:
  en: the importance of a branch's indicators sums to 1
  ja: 系統内の指標の重要度の合計は1
why:
  en: Coverage and scores are shares of the branch; a lost indicator would raise them all.
  ja: 被覆率も得点も系統に対する割合。指標が欠けると全てが上がる。
---*/
SELECT technology_id, axis_id, branch, sum(importance) AS importance_sum
FROM score.normalised
GROUP BY technology_id, axis_id, branch
HAVING abs(sum(importance) - 1) > 1e-9
