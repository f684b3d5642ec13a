/*---
table: citing_publication
grain: {en: one publication whose references count, ja: 引用を数える公報1件}
inputs: [core.patent_publication, core.technology_family]
---*/
-- A temporary table on the way to patent_reference. Indicators ask what families of a technology cite; what
-- all others cite is most of the providers' tables and is not kept, as with works.
CREATE TEMP TABLE citing_publication AS
SELECT publication_number, us_grant_number, family_id
FROM core.patent_publication WHERE family_id IN (SELECT family_id FROM core.technology_family);
