/*---
table: core.patent_family
grain: {en: one patent family, ja: パテントファミリー1つ}
inputs: [core.patent_publication, core.patent_family_country, core.source, provider_member]
---*/
CREATE TABLE core.patent_family (
  family_id VARCHAR NOT NULL,
  family_kind VARCHAR NOT NULL CHECK (family_kind IN ('docdb', 'single_document')),
  source_id VARCHAR NOT NULL,
  is_comparable BOOLEAN NOT NULL,
  is_universe BOOLEAN NOT NULL,
  priority_year SMALLINT,
  n_publications INTEGER NOT NULL CHECK (n_publications >= 1),
  n_offices INTEGER NOT NULL CHECK (n_offices >= 1),
  is_international BOOLEAN NOT NULL,
  is_ip5 BOOLEAN NOT NULL,
  is_triadic BOOLEAN NOT NULL,
  is_pct BOOLEAN NOT NULL,
  n_npl_citations INTEGER CHECK (n_npl_citations >= 0),
  inventor_country_codes VARCHAR[],
  applicant_country_codes VARCHAR[],
  office_codes VARCHAR[] NOT NULL
);
COMMENT ON TABLE core.patent_family IS
  'Each row is one patent family: documents for the same invention '
  '/ 各行は同一発明の文献群であるパテントファミリー1つ';
COMMENT ON COLUMN core.patent_family.family_id IS
  'Family id of the provider, or the document''s own number / ファミリーID（ない場合は文献番号）';
COMMENT ON COLUMN core.patent_family.family_kind IS 'docdb or single_document / ファミリーの種類';
COMMENT ON COLUMN core.patent_family.source_id IS 'Source of its first publication / 最初の公報の情報源';
COMMENT ON COLUMN core.patent_family.is_comparable IS
  'Its source lets countries be compared / 国際比較に使える情報源か';
COMMENT ON COLUMN core.patent_family.is_universe IS
  'Its source also covers all other technologies / 全技術を覆う情報源か';
COMMENT ON COLUMN core.patent_family.priority_year IS
  'Year of the earliest priority, or of the earliest filing where none is given '
  '/ 最先の優先年（ない場合は出願年）';
COMMENT ON COLUMN core.patent_family.n_publications IS 'Publications held / 保有する公報数';
COMMENT ON COLUMN core.patent_family.n_offices IS
  'Offices that published, those of listed members that are not held included '
  '/ 公報を発行した庁の数（構成文献一覧にのみある庁を含む）';
COMMENT ON COLUMN core.patent_family.is_international IS
  'At two of the five largest offices (EP, JP, KR, CN, US), or by PCT / 五大庁の2庁以上、またはPCT';
COMMENT ON COLUMN core.patent_family.is_ip5 IS 'At two or more of the five largest offices / 五大庁の2庁以上';
COMMENT ON COLUMN core.patent_family.is_triadic IS 'At EP, JP and US / 日米欧の三極';
COMMENT ON COLUMN core.patent_family.is_pct IS 'Has a PCT publication (WO) / PCT出願を含む';
COMMENT ON COLUMN core.patent_family.n_npl_citations IS
  'Most non-patent references in one of its publications, NULL when no source gives them '
  '/ 一公報中の非特許文献引用数の最大値（情報源にない場合はNULL）';
COMMENT ON COLUMN core.patent_family.inventor_country_codes IS
  'Countries where its inventors live, NULL when unknown; weights in core.patent_family_country '
  '/ 発明者の居住国（不明はNULL。按分はcore.patent_family_country）';
COMMENT ON COLUMN core.patent_family.applicant_country_codes IS
  'Countries of its applicants, NULL when unknown / 出願人の国（不明はNULL）';
COMMENT ON COLUMN core.patent_family.office_codes IS
  'Offices that published: where protection was sought, nobody''s residence '
  '/ 公報を発行した庁（保護を求めた先であり居住国ではない）';

INSERT INTO core.patent_family
WITH office AS (
  SELECT family_id, office_code FROM core.patent_publication
  UNION
  SELECT publication.family_id, left(member.number, 2)
  FROM (SELECT publication_number, unnest(member_numbers) AS number FROM provider_member) AS member
  JOIN core.patent_publication AS publication USING (publication_number)
  UNION
  SELECT family_id, office_code FROM provider_member
    WHERE family_id IN (SELECT family_id FROM core.patent_publication)
),
reach AS (
  SELECT family_id, list_sort(list(office_code)) AS office_codes, count(*) AS n_offices,
    count(*) FILTER (WHERE office_code IN ('EP', 'JP', 'KR', 'CN', 'US')) AS n_ip5,
    count(*) FILTER (WHERE office_code IN ('EP', 'JP', 'US')) AS n_triadic,
    bool_or(office_code = 'WO') AS is_pct
  FROM office GROUP BY family_id
),
country AS (
  SELECT family_id, list_sort(list(country_code) FILTER (WHERE role = 'inventor')) AS inventor_country_codes,
    list_sort(list(country_code) FILTER (WHERE role = 'applicant')) AS applicant_country_codes
  FROM core.patent_family_country GROUP BY family_id
),
family AS (
  SELECT family_id, min(family_kind) AS family_kind,
    arg_min(source_id, (publication_date, publication_number)) AS source_id,
    coalesce(min(year(priority_date)), min(year(filing_date))) AS priority_year,
    count(*) AS n_publications,
    max(n_npl_citations) AS n_npl_citations
  FROM core.patent_publication
  GROUP BY family_id
)
SELECT family.family_id, family.family_kind, family.source_id, source.is_comparable, source.is_universe,
  family.priority_year,
  family.n_publications, reach.n_offices, reach.n_ip5 >= 2 OR reach.is_pct AS is_international,
  reach.n_ip5 >= 2 AS is_ip5, reach.n_triadic = 3 AS is_triadic, reach.is_pct, family.n_npl_citations,
  country.inventor_country_codes, country.applicant_country_codes, reach.office_codes
FROM family JOIN core.source AS source USING (source_id) JOIN reach USING (family_id) LEFT
  JOIN country USING (family_id)
ORDER BY family.family_id;
