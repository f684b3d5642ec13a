/*---
table: core.patent_publication
grain: {en: one publication of a patent document, ja: 特許公報1件}
inputs: [patent_record, patent_family_member]
---*/
CREATE TABLE core.patent_publication (
  publication_number VARCHAR NOT NULL,
  family_id VARCHAR NOT NULL,
  family_kind VARCHAR NOT NULL CHECK (family_kind IN ('docdb', 'single_document')),
  family_raw_digest VARCHAR,
  inpadoc_family_id VARCHAR,
  office_code VARCHAR NOT NULL,
  kind_code VARCHAR,
  us_grant_number VARCHAR,
  first_filing_office_code VARCHAR,
  priority_date DATE,
  filing_date DATE,
  publication_date DATE NOT NULL,
  is_grant BOOLEAN NOT NULL,
  n_npl_citations INTEGER CHECK (n_npl_citations >= 0),
  source_id VARCHAR NOT NULL,
  raw_digest VARCHAR NOT NULL,
  raw_line BIGINT NOT NULL CHECK (raw_line >= 1)
);
COMMENT ON TABLE core.patent_publication IS
  'Each row is one publication of a patent document by one office / 各行は特許庁による公報1件';
COMMENT ON COLUMN core.patent_publication.publication_number IS
  'Office, number and kind such as US-10123456-B2; without kind where the source gives none '
  '/ 公報番号（例 US-10123456-B2。種別のない情報源では種別なし）';
COMMENT ON COLUMN core.patent_publication.family_id IS 'Patent family / パテントファミリーID';
COMMENT ON COLUMN core.patent_publication.family_kind IS
  'docdb = documents with the same set of priorities (DOCDB simple family), single_document = family '
  'unknown, the document stands alone or with its own application '
  '/ docdb＝優先権の組が同じ文献（DOCDBシンプルファミリー）、single_document＝ファミリー不明の単独文献';
COMMENT ON COLUMN core.patent_publication.family_raw_digest IS
  'Answer that was looked up because no record tells the family; else NULL '
  '/ 記録からファミリーが分からず照会した応答の生ファイル（それ以外はNULL）';
COMMENT ON COLUMN core.patent_publication.inpadoc_family_id IS
  'The wider INPADOC family where a source gives it; nothing is counted by it '
  '/ INPADOC拡張ファミリー（情報源にある場合。集計には用いない）';
COMMENT ON COLUMN core.patent_publication.office_code IS
  'Publishing office: EP and WO are offices, not countries / 公報を発行した庁（EP・WOは国ではない）';
COMMENT ON COLUMN core.patent_publication.kind_code IS
  'Kind of document, NULL when the source gives none / 文献種別（ない場合はNULL）';
COMMENT ON COLUMN core.patent_publication.us_grant_number IS
  'Number of a US grant without office and kind, the key PatentsView uses; else NULL '
  '/ 米国登録番号（PatentsViewのキー）';
COMMENT ON COLUMN core.patent_publication.first_filing_office_code IS
  'Office of the first filing, NULL when no source tells: where an invention was filed first, not where '
  'anybody lives '
  '/ 最初の出願の庁（不明はNULL。居住国ではない）';
COMMENT ON COLUMN core.patent_publication.priority_date IS 'Earliest priority / 最先の優先日';
COMMENT ON COLUMN core.patent_publication.filing_date IS 'Filing at this office / 出願日';
COMMENT ON COLUMN core.patent_publication.publication_date IS 'Publication / 公報発行日';
COMMENT ON COLUMN core.patent_publication.is_grant IS 'The publication of a granted right / 登録公報か';
COMMENT ON COLUMN core.patent_publication.n_npl_citations IS
  'References that are not patents; NULL when the source has none to give '
  '/ 非特許文献の引用数（情報源にない場合はNULL）';
COMMENT ON COLUMN core.patent_publication.source_id IS 'Source / 情報源';
COMMENT ON COLUMN core.patent_publication.raw_digest IS 'Raw file the record came from / 出典の生ファイル';
COMMENT ON COLUMN core.patent_publication.raw_line IS
  'Number of the record in that file, from 1 / ファイル内のレコード番号（1から）';

INSERT INTO core.patent_publication
SELECT record.publication_number, any_value(member.family_id) AS family_id,
  any_value(member.family_kind) AS family_kind,
  any_value(member.family_raw_digest) AS family_raw_digest,
  arg_min(record.inpadoc_family_id, record.preference) AS inpadoc_family_id,
  any_value(record.office_code) AS office_code,
  any_value(record.kind_code) AS kind_code, any_value(record.us_grant_number) AS us_grant_number,
  arg_min(record.first_filing_office_code, record.preference) AS first_filing_office_code,
  arg_min(record.priority_date, record.preference) AS priority_date,
  arg_min(record.filing_date, record.preference) AS filing_date,
  arg_min(record.publication_date, record.preference) AS publication_date,
  bool_or(record.is_grant) AS is_grant,
  arg_min(record.n_npl_citations, record.preference) AS n_npl_citations,
  arg_min(record.source_id, record.preference) AS source_id,
  arg_min(record.raw_digest, record.preference) AS raw_digest,
  arg_min(record.raw_line, record.preference) AS raw_line
FROM patent_record AS record JOIN patent_family_member AS member USING (publication_number)
GROUP BY record.publication_number
ORDER BY record.publication_number;
