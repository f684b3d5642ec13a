/*---
inputs: [read_patentsview_g_cpc_current, read_patentsview_api, read_patentsview_pg_published_application,
  read_patentsview_pg_cpc_current,
  read_patentsview_pgpub]
---*/
SELECT patent_id AS us_grant_number, cpc_code FROM read_patentsview_g_cpc_current
UNION ALL BY NAME
SELECT patent_id AS us_grant_number, unnest(cpc_codes) AS cpc_code FROM read_patentsview_api
UNION ALL BY NAME
SELECT application.publication_number, symbol.cpc_code
FROM read_patentsview_pg_cpc_current AS symbol
  JOIN read_patentsview_pg_published_application AS application USING (pgpub_id)
UNION ALL BY NAME
SELECT publication_number, cpc_code FROM read_patentsview_pgpub WHERE cpc_code IS NOT NULL
