/*---
grain: {en: one country of one work of one technology, ja: 1技術の論文1件の1か国}
inputs: [core.technology_work, core.work, core.work_country]
---*/
-- A work without a known country keeps one row without one: it takes a place among the most cited.
SELECT md5_number_lower('W' || CAST(member.work_id AS VARCHAR)) AS item, member.publication_year AS year,
  work.cited_by_count AS cited_by, work.is_field_top10 AS is_flagged, credit.country_code,
  CAST(coalesce(credit.weight, 0) AS DOUBLE) AS weight
FROM core.technology_work AS member
JOIN core.work AS work ON work.work_id = member.work_id
LEFT JOIN core.work_country AS credit ON credit.work_id = member.work_id
WHERE member.technology_id = $technology_id AND member.is_comparable
  AND member.publication_year BETWEEN $first_year AND $last_year
ORDER BY member.work_id, credit.country_code
