/*---
grain: {en: one institution of one work of one technology, ja: 1技術の論文1件の1機関}
inputs: [core.technology_work, core.authorship, core.institution]
---*/
SELECT md5_number_lower('W' || CAST(member.work_id AS VARCHAR)) AS item, author.institution_id,
  place.country_code, CAST(sum(author.weight) AS DOUBLE) AS weight
FROM core.technology_work AS member
JOIN core.authorship AS author ON author.work_id = member.work_id
JOIN core.institution AS place ON place.institution_id = author.institution_id
WHERE member.technology_id = $technology_id AND member.is_comparable
  AND member.publication_year BETWEEN $first_year AND $last_year
GROUP BY member.work_id, author.institution_id, place.country_code
ORDER BY member.work_id, author.institution_id
