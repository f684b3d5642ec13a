/*---
id: work_country_known
gate: core
table: core.work_country
severity: warning
key: [technology_id]
inputs: [core.technology_work, core.work_country]
expect:
  en: at least half of a technology's comparable works have a known country
  ja: 技術の比較可能な論文の半数以上で国が判明している
why:
  en: >-
    Where most countries are unknown, shares describe the minority that is known; legitimate in fields whose
    venues print no addresses.
  ja: 国の大半が不明なら、割合は判明した少数だけを表す。住所を載せない媒体の多い分野では正当。
---*/
SELECT work.technology_id, count(*) AS n_works, count(country.work_id) AS n_known
FROM core.technology_work AS work
LEFT JOIN (SELECT DISTINCT work_id FROM core.work_country) AS country ON country.work_id = work.work_id
WHERE work.is_comparable
GROUP BY work.technology_id
HAVING 2 * count(country.work_id) < count(*)
