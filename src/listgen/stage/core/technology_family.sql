/*---
table: core.technology_family
grain: {en: one patent family of one technology, ja: 技術とファミリーの組1つ}
inputs: [core.technology_cpc, core.patent_family_cpc, core.patent_family]
---*/
CREATE TABLE core.technology_family (
  technology_id VARCHAR NOT NULL,
  family_id VARCHAR NOT NULL,
  priority_year SMALLINT,
  is_comparable BOOLEAN NOT NULL,
  is_universe BOOLEAN NOT NULL
);
COMMENT ON TABLE core.technology_family IS
  'Each row is one patent family that counts for one technology by its CPC symbols '
  '/ 各行はCPC記号により技術に数えるファミリー1つ';
COMMENT ON COLUMN core.technology_family.technology_id IS 'Technology / 技術ID';
COMMENT ON COLUMN core.technology_family.family_id IS 'Patent family / ファミリーID';
COMMENT ON COLUMN core.technology_family.priority_year IS 'Year of its earliest priority / 最先の優先年';
COMMENT ON COLUMN core.technology_family.is_comparable IS
  'Its source lets countries be compared / 国際比較に使える情報源か';
COMMENT ON COLUMN core.technology_family.is_universe IS
  'Its source also covers all other technologies / 全技術を覆う情報源か';

INSERT INTO core.technology_family
WITH start AS (
  -- A main group written G06N10/00 or G06N10 stands for all of G06N10/..., and never for G06N100/...
  SELECT technology_id, CASE
      WHEN regexp_full_match(cpc_prefix, '[A-HY][0-9]{2}[A-Z][0-9]{1,4}/00') THEN left(cpc_prefix,
        length(cpc_prefix) - 2)
      WHEN regexp_full_match(cpc_prefix, '[A-HY][0-9]{2}[A-Z][0-9]{1,4}') THEN cpc_prefix || '/'
      ELSE cpc_prefix END AS symbol_start
  FROM core.technology_cpc
),
symbol AS (
  SELECT DISTINCT cpc_code FROM core.patent_family_cpc
),
link AS (
  -- Every prefix names a CPC class at least, so only symbols of its class are looked at.
  SELECT DISTINCT start.technology_id, symbol.cpc_code
  FROM start JOIN symbol ON left(symbol.cpc_code, 3) = left(start.symbol_start, 3)
    AND starts_with(symbol.cpc_code, start.symbol_start)
),
member AS (
  SELECT DISTINCT link.technology_id, carried.family_id FROM link
    JOIN core.patent_family_cpc AS carried USING (cpc_code)
)
SELECT member.technology_id, family.family_id, family.priority_year, family.is_comparable, family.is_universe
FROM member JOIN core.patent_family AS family USING (family_id)
ORDER BY member.technology_id, family.family_id;
