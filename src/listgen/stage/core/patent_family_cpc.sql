/*---
table: core.patent_family_cpc
grain: {en: one CPC symbol of one family, ja: ファミリーとCPC記号の組1つ}
inputs: [provider_cpc, core.patent_publication]
---*/
CREATE TABLE core.patent_family_cpc (
  family_id VARCHAR NOT NULL,
  cpc_code VARCHAR NOT NULL
);
COMMENT ON TABLE core.patent_family_cpc IS
  'Each row is one CPC symbol carried by any publication of a family '
  '/ 各行はファミリーのいずれかの公報に付されたCPC記号1つ';
COMMENT ON COLUMN core.patent_family_cpc.family_id IS 'Patent family / ファミリーID';
COMMENT ON COLUMN core.patent_family_cpc.cpc_code IS
  'Full CPC symbol without blanks, such as H01L29/1608 / 空白なしの完全なCPC記号';

INSERT INTO core.patent_family_cpc
WITH symbol AS (
  SELECT publication.family_id, record.cpc_code
  FROM provider_cpc AS record JOIN core.patent_publication AS publication USING (publication_number)
  WHERE record.publication_number IS NOT NULL
  UNION ALL
  SELECT publication.family_id, record.cpc_code
  FROM provider_cpc AS record JOIN core.patent_publication AS publication USING (us_grant_number)
  WHERE record.us_grant_number IS NOT NULL
)
SELECT DISTINCT family_id, cpc_code FROM symbol ORDER BY family_id, cpc_code;
