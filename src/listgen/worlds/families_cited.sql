/*---
grain: {en: one country that one patent family of one technology cites, ja: 1技術の特許ファミリー1件が引用する1か国}
inputs: [core.technology_family, core.patent_citation, core.patent_family_country]
---*/
WITH pair AS (
  SELECT DISTINCT member.family_id, citation.cited_family_id
  FROM core.technology_family AS member
  JOIN core.patent_citation AS citation ON citation.citing_family_id = member.family_id
  WHERE member.technology_id = $technology_id AND member.is_comparable
    AND member.priority_year BETWEEN $first_year AND $last_year AND citation.cited_family_id IS NOT NULL
)
SELECT md5_number_lower('F' || pair.family_id) AS item, cited.country_code,
  CAST(sum(cited.weight) AS DOUBLE) AS weight
FROM pair
JOIN core.patent_family_country AS cited ON cited.family_id = pair.cited_family_id
  AND cited.role = 'inventor'
GROUP BY pair.family_id, cited.country_code
ORDER BY pair.family_id, cited.country_code
