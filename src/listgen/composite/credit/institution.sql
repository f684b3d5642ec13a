/*---
grain: {en: one institution of one top 10 % work of one technology, ja: 1技術の上位10%論文1件の1機関}
inputs: [core.technology_work, core.authorship, core.institution]
---*/
SELECT tw.work_id, a.institution_id, i.country_code, CAST(SUM(tw.top10_weight * a.weight) AS DOUBLE) AS credit
FROM core.technology_work AS tw
JOIN core.authorship AS a ON a.work_id = tw.work_id
JOIN core.institution AS i ON i.institution_id = a.institution_id
WHERE tw.technology_id = $technology_id AND tw.is_comparable AND tw.top10_weight > 0
  AND tw.publication_year BETWEEN $first_year AND $last_year
GROUP BY tw.work_id, a.institution_id, i.country_code
ORDER BY tw.work_id, a.institution_id
