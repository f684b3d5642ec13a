/*---
id: family_one_kind
gate: core
table: core.patent_publication
severity: critical
key: [family_id]
inputs: [core.patent_publication, core.patent_family]
expect:
  en: all publications of a family are in it by one rule, the family's own
  ja: 一つのファミリーの公報はすべて同じ基準、すなわちそのファミリーの種類による
why:
  en: A DOCDB family, a document alone and an INPADOC family count different things; one id that means two of
    them counts neither.
  ja: "DOCDBファミリー、単独文献、INPADOCファミリーは数える対象が異なる。一つのIDが二つを指すと、\
    どちらも数えられない。"
---*/
SELECT publication.family_id, count(DISTINCT publication.family_kind) AS n_kinds,
  max(family.family_kind) AS family_kind
FROM core.patent_publication AS publication
JOIN core.patent_family AS family USING (family_id)
GROUP BY publication.family_id
HAVING count(DISTINCT publication.family_kind) > 1 OR max(family.family_kind) <> min(publication.family_kind)
