/*---
table: core.patent_publication
grain: {en: one publication of a patent document, ja: 特許公報1件}
inputs: [read_google_patent, read_google_patent_row, read_patentsview_g_patent, read_patentsview_g_application, read_patentsview_api,
  read_patentsview_pgpub, read_epo_ops]
---*/
CREATE TABLE core.patent_publication (
  publication_number VARCHAR NOT NULL,
  family_id VARCHAR NOT NULL,
  family_kind VARCHAR NOT NULL CHECK (family_kind IN ('docdb', 'single_document')),
  office_code VARCHAR NOT NULL,
  kind_code VARCHAR,
  us_grant_number VARCHAR,
  priority_date DATE,
  filing_date DATE,
  publication_date DATE NOT NULL,
  is_grant BOOLEAN NOT NULL,
  n_npl_citations INTEGER CHECK (n_npl_citations >= 0),
  source_id VARCHAR NOT NULL,
  raw_digest VARCHAR NOT NULL,
  raw_line BIGINT NOT NULL CHECK (raw_line >= 1)
);
COMMENT ON TABLE core.patent_publication IS 'Each row is one publication of a patent document by one office / 各行は特許庁による公報1件';
COMMENT ON COLUMN core.patent_publication.publication_number IS 'Office, number and kind such as US-10123456-B2; without kind where the source gives none / 公報番号（例 US-10123456-B2。種別のない情報源では種別なし）';
COMMENT ON COLUMN core.patent_publication.family_id IS 'Patent family / パテントファミリーID';
COMMENT ON COLUMN core.patent_publication.family_kind IS 'docdb = simple family of the EPO, single_document = family unknown, the document stands alone / ファミリーの種類';
COMMENT ON COLUMN core.patent_publication.office_code IS 'Publishing office: EP and WO are offices, not countries / 公報を発行した庁（EP・WOは国ではない）';
COMMENT ON COLUMN core.patent_publication.kind_code IS 'Kind of document, NULL when the source gives none / 文献種別（ない場合はNULL）';
COMMENT ON COLUMN core.patent_publication.us_grant_number IS 'Number of a US grant without office and kind, the key PatentsView uses; else NULL / 米国登録番号（PatentsViewのキー）';
COMMENT ON COLUMN core.patent_publication.priority_date IS 'Earliest priority / 最先の優先日';
COMMENT ON COLUMN core.patent_publication.filing_date IS 'Filing at this office / 出願日';
COMMENT ON COLUMN core.patent_publication.publication_date IS 'Publication / 公報発行日';
COMMENT ON COLUMN core.patent_publication.is_grant IS 'The publication of a granted right / 登録公報か';
COMMENT ON COLUMN core.patent_publication.n_npl_citations IS 'References that are not patents; NULL when the source has none to give / 非特許文献の引用数（情報源にない場合はNULL）';
COMMENT ON COLUMN core.patent_publication.source_id IS 'Source / 情報源';
COMMENT ON COLUMN core.patent_publication.raw_digest IS 'Raw file the record came from / 出典の生ファイル';
COMMENT ON COLUMN core.patent_publication.raw_line IS 'Number of the record in that file, from 1 / ファイル内のレコード番号（1から）';

INSERT INTO core.patent_publication
WITH held AS (
  SELECT publication_number, family_id, priority_date, filing_date, publication_date, grant_date, n_npl_citations, source_id, raw_digest, raw_line
  FROM read_google_patent
  UNION ALL BY NAME
  SELECT publication_number, family_id, publication_date, source_id, raw_digest, raw_line
  FROM read_google_patent_row WHERE publication_number NOT IN (SELECT publication_number FROM read_google_patent)
),
google AS (
  SELECT *, split_part(publication_number, '-', 1) AS office_code, split_part(publication_number, '-', 2) AS document_number,
    split_part(publication_number, '-', 3) AS kind_code
  FROM held
),
graded AS (
  -- US grants before 2001 have kind A: their publication date is their grant date.
  SELECT *, coalesce(regexp_matches(kind_code, '^(B|E|S|P[23])') OR grant_date = publication_date, false) AS is_grant FROM google
),
numbered AS (
  SELECT *, CASE WHEN office_code = 'US' AND is_grant AND row_number() OVER (
    PARTITION BY office_code, document_number, is_grant ORDER BY publication_date, kind_code) = 1 THEN document_number END AS us_grant_number
  FROM graded
),
patentsview AS (
  SELECT patent.patent_id, patent.kind_code, application.filing_date, patent.grant_date, patent.source_id, patent.raw_digest, patent.raw_line
  FROM read_patentsview_g_patent AS patent
  LEFT JOIN read_patentsview_g_application AS application USING (patent_id)
  UNION ALL
  SELECT patent_id, NULL, filing_date, grant_date, source_id, raw_digest, raw_line
  FROM read_patentsview_api
  WHERE patent_id NOT IN (SELECT patent_id FROM read_patentsview_g_patent)
),
granted AS (
  SELECT unnest(application_numbers) AS application_number, min(patent_id) AS patent_id FROM read_patentsview_api GROUP BY application_number
),
pending AS (
  -- A published application is one invention with the grant it led to, where that is held; else with other publications of its own.
  SELECT application.publication_number, coalesce('US-' || min(granted.patent_id), 'US-application-' || min(application.application_number),
      application.publication_number) AS family_id, min(application.kind_code) AS kind_code, min(application.filing_date) AS filing_date,
    min(application.publication_date) AS publication_date,
    arg_min(application.source_id, (application.raw_digest, application.raw_line)) AS source_id,
    arg_min(application.raw_digest, (application.raw_digest, application.raw_line)) AS raw_digest,
    arg_min(application.raw_line, (application.raw_digest, application.raw_line)) AS raw_line
  FROM read_patentsview_pgpub AS application LEFT JOIN granted USING (application_number)
  WHERE application.publication_number NOT IN (SELECT publication_number FROM held)
  GROUP BY application.publication_number
),
found AS (
SELECT publication_number, coalesce(family_id, publication_number) AS family_id,
  CASE WHEN family_id IS NULL THEN 'single_document' ELSE 'docdb' END AS family_kind,
  office_code, kind_code, us_grant_number, priority_date, filing_date, publication_date, is_grant, n_npl_citations,
  source_id, raw_digest, raw_line
FROM numbered
UNION ALL
-- A grant that Google holds too is in its family already; its inventors are looked up from there.
SELECT 'US-' || patent_id || coalesce('-' || kind_code, ''), 'US-' || patent_id, 'single_document',
  'US', kind_code, patent_id, NULL, filing_date, grant_date, true, NULL, source_id, raw_digest, raw_line
FROM patentsview
WHERE patent_id NOT IN (SELECT us_grant_number FROM numbered WHERE us_grant_number IS NOT NULL)
UNION ALL
SELECT publication_number, family_id, 'single_document', 'US', kind_code, NULL, NULL, filing_date, publication_date, false, NULL,
  source_id, raw_digest, raw_line
FROM pending
),
told AS (
  -- The EPO's word on families nobody else tells; without a kind the number is enough. An answer about the document itself comes first.
  SELECT publication_number, arg_min(family_id, (NOT is_asked, family_id)) AS family_id
  FROM (SELECT * FROM read_epo_ops UNION ALL SELECT * REPLACE (document_number AS publication_number) FROM read_epo_ops)
  GROUP BY publication_number
)
SELECT found.* REPLACE (coalesce(min(told.family_id) OVER family, found.family_id) AS family_id,
  CASE WHEN min(told.family_id) OVER family IS NULL THEN family_kind ELSE 'docdb' END AS family_kind)
FROM found LEFT JOIN told ON told.publication_number = found.publication_number AND found.family_kind = 'single_document'
WINDOW family AS (PARTITION BY found.family_id)
ORDER BY publication_number;
