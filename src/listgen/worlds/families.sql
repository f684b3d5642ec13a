/*---
grain: {en: one inventor country of one patent family of one technology, ja: 1技術の特許ファミリー1件の発明者の1か国}
inputs: [core.technology_family, core.patent_family, core.patent_family_country]
---*/
SELECT md5_number_lower('F' || member.family_id) AS item, member.priority_year AS year,
  CAST(0 AS BIGINT) AS cited_by,
  family.is_international AND family.family_kind = 'docdb' AS is_flagged, member.is_universe,
  credit.country_code,
  CAST(coalesce(credit.weight, 0) AS DOUBLE) AS weight
FROM core.technology_family AS member
JOIN core.patent_family AS family ON family.family_id = member.family_id
LEFT JOIN core.patent_family_country AS credit ON credit.family_id = member.family_id
  AND credit.role = 'inventor'
WHERE member.technology_id = $technology_id AND member.is_comparable
  AND member.priority_year BETWEEN $first_year AND $last_year
ORDER BY member.family_id, credit.country_code
