/*---
table: core.patent_family_cpc
grain: {en: one CPC symbol of one family, ja: ファミリーとCPC記号の組1つ}
inputs: [read_google_patent, read_google_patent_parquet, read_google_patent_row, read_lens_patent, read_lens_patent_json,
  read_patstat_tls211_pat_publn, read_patstat_tls224_appln_cpc, read_patentsview_g_cpc_current, read_patentsview_api,
  read_patentsview_pg_published_application, read_patentsview_pg_cpc_current, read_patentsview_pgpub, core.patent_publication]
---*/
CREATE TABLE core.patent_family_cpc (
  family_id VARCHAR NOT NULL,
  cpc_code VARCHAR NOT NULL
);
COMMENT ON TABLE core.patent_family_cpc IS 'Each row is one CPC symbol carried by any publication of a family / 各行はファミリーのいずれかの公報に付されたCPC記号1つ';
COMMENT ON COLUMN core.patent_family_cpc.family_id IS 'Patent family / ファミリーID';
COMMENT ON COLUMN core.patent_family_cpc.cpc_code IS 'Full CPC symbol without blanks, such as H01L29/1608 / 空白なしの完全なCPC記号';

INSERT INTO core.patent_family_cpc
WITH carried AS (
  SELECT publication_number, unnest(cpc_codes) AS cpc_code FROM read_google_patent
  UNION ALL
  SELECT publication_number, unnest(cpc_codes) FROM read_google_patent_parquet
  UNION ALL
  SELECT publication_number, unnest(cpc_codes) FROM read_google_patent_row
  UNION ALL
  SELECT publication_number, unnest(cpc_codes) FROM read_lens_patent
  UNION ALL
  SELECT publication_number, unnest(cpc_codes) FROM read_lens_patent_json
  UNION ALL
  SELECT publication.publication_number, symbol.cpc_code
  FROM read_patstat_tls224_appln_cpc AS symbol JOIN read_patstat_tls211_pat_publn AS publication USING (appln_id)
  UNION ALL
  SELECT application.publication_number, symbol.cpc_code
  FROM read_patentsview_pg_cpc_current AS symbol JOIN read_patentsview_pg_published_application AS application USING (pgpub_id)
  UNION ALL
  SELECT publication_number, cpc_code FROM read_patentsview_pgpub WHERE cpc_code IS NOT NULL
),
symbol AS (
  SELECT publication.family_id, carried.cpc_code FROM carried JOIN core.patent_publication AS publication USING (publication_number)
  UNION ALL
  SELECT publication.family_id, record.cpc_code
  FROM read_patentsview_g_cpc_current AS record JOIN core.patent_publication AS publication ON publication.us_grant_number = record.patent_id
  UNION ALL
  SELECT publication.family_id, unnest(record.cpc_codes)
  FROM read_patentsview_api AS record JOIN core.patent_publication AS publication ON publication.us_grant_number = record.patent_id
)
SELECT DISTINCT family_id, cpc_code FROM symbol ORDER BY family_id, cpc_code;
