/*---
grain: {en: one country of one top 10 % work of one technology, ja: 1技術の上位10%論文1件の1か国}
inputs: [core.technology_work, core.work_country]
---*/
SELECT tw.work_id, wc.country_code, tw.top10_weight, CAST(tw.top10_weight * wc.weight AS DOUBLE) AS credit
FROM core.technology_work AS tw
JOIN core.work_country AS wc ON wc.work_id = tw.work_id
WHERE tw.technology_id = $technology_id AND tw.is_comparable AND tw.top10_weight > 0
  AND tw.publication_year BETWEEN $first_year AND $last_year
ORDER BY tw.work_id, wc.country_code
