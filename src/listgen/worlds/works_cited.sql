/*---
grain: {en: one country that one work of one technology cites, ja: 1技術の論文1件が引用する1か国}
inputs: [core.technology_work, core.work_reference, core.work_country]
---*/
SELECT md5_number_lower('W' || CAST(member.work_id AS VARCHAR)) AS item, cited.country_code,
  CAST(sum(cited.weight) AS DOUBLE) AS weight
FROM core.technology_work AS member
JOIN core.work_reference AS reference ON reference.citing_work_id = member.work_id
JOIN core.work_country AS cited ON cited.work_id = reference.cited_work_id
WHERE member.technology_id = $technology_id AND member.is_comparable
  AND member.publication_year BETWEEN $first_year AND $last_year
GROUP BY member.work_id, cited.country_code
ORDER BY member.work_id, cited.country_code
