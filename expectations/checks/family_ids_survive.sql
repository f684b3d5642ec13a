/*---
id: family_ids_survive
gate: core
table: core.patent_family
severity: critical
key: [table_name, family_id]
inputs: [core.patent_family, core.patent_publication, core.patent_family_country, core.patent_family_cpc,
  core.patent_citation,
  core.technology_family, core.patent_work_link]
expect:
  en: every family a table speaks of is in core.patent_family, and every family has a publication
  ja: 各表のファミリーは全てcore.patent_familyにあり、どのファミリーにも公報がある
why:
  en: A row whose family is gone counts something nobody can look up.
  ja: ファミリーのない行は、誰も確かめられないものを数える。
---*/
WITH used AS (
  SELECT DISTINCT 'core.patent_publication' AS table_name, family_id FROM core.patent_publication
  UNION ALL
  SELECT DISTINCT 'core.patent_family_country', family_id FROM core.patent_family_country
  UNION ALL
  SELECT DISTINCT 'core.patent_family_cpc', family_id FROM core.patent_family_cpc
  UNION ALL
  SELECT DISTINCT 'core.patent_citation', citing_family_id FROM core.patent_citation
  UNION ALL
  SELECT DISTINCT 'core.patent_citation', cited_family_id FROM core.patent_citation
    WHERE cited_family_id IS NOT NULL
  UNION ALL
  SELECT DISTINCT 'core.technology_family', family_id FROM core.technology_family
  UNION ALL
  SELECT DISTINCT 'core.patent_work_link', family_id FROM core.patent_work_link
)
SELECT used.table_name, used.family_id
FROM used
WHERE NOT EXISTS (SELECT 1 FROM core.patent_family AS family WHERE family.family_id = used.family_id)
UNION ALL
SELECT 'core.patent_family', family.family_id
FROM core.patent_family AS family
WHERE NOT EXISTS (SELECT 1 FROM core.patent_publication AS publication
  WHERE publication.family_id = family.family_id)
