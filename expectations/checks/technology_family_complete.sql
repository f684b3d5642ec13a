/*---
id: technology_family_complete
gate: core
table: core.technology_family
severity: critical
key: [technology_id, family_id]
inputs: [core.technology_family, core.technology_cpc, core.patent_family_cpc, core.patent_family]
expect:
  en: a technology's families are exactly those whose CPC begins with one of its prefixes, with their year and
    frame
  ja: 技術のファミリーは、CPCが前方一致するものと一致し、年と標本枠も同じ
why:
  en: A family lost or carried along between the tables would move every share of its technology.
  ja: 表の間でファミリーが失われたり紛れ込んだりすると、技術の割合が全て動く。
---*/
WITH prefix AS (
  -- G06N10/00 and G06N10 both stand for the main group G06N10/..., and never for G06N100/...
  SELECT technology_id, regexp_replace(cpc_prefix, '/00$', '') AS stem FROM core.technology_cpc
),
start AS (
  SELECT technology_id, CASE WHEN regexp_full_match(stem, '[A-Z][0-9]+[A-Z][0-9]+') THEN stem || '/'
    ELSE stem END AS symbol_start FROM prefix
),
matched AS (
  SELECT DISTINCT start.technology_id, symbol.cpc_code
  FROM start JOIN (SELECT DISTINCT cpc_code FROM core.patent_family_cpc) AS symbol
    ON starts_with(symbol.cpc_code, start.symbol_start)
),
expected AS (
  SELECT DISTINCT matched.technology_id, family.family_id, family.priority_year, family.is_comparable
  FROM matched
  JOIN core.patent_family_cpc AS code ON code.cpc_code = matched.cpc_code
  JOIN core.patent_family AS family ON family.family_id = code.family_id
)
SELECT coalesce(expected.technology_id, found.technology_id) AS technology_id,
  coalesce(expected.family_id, found.family_id) AS family_id,
  found.priority_year AS year_here, expected.priority_year AS year_expected
FROM expected
FULL JOIN core.technology_family AS found ON found.technology_id = expected.technology_id
  AND found.family_id = expected.family_id
WHERE found.family_id IS NULL OR expected.family_id IS NULL OR found.priority_year IS DISTINCT
  FROM expected.priority_year
  OR found.is_comparable <> expected.is_comparable
