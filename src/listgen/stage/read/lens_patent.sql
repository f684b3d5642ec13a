/*---
form: lens_patent
record:
  en: >-
    One patent document of a Lens.org export in CSV, any generation of columns (2016, 2017 in snake case,
    2019, 2021, 2026); ";;" parts values. Without the column of family members the family is unknown, unless
    its size is 1
  ja: "Lens.orgのCSV書き出しの特許文献1件（2016年以降の各世代の列名。値の区切りは\";;\"。\
    ファミリー構成文献の列がなければファミリーは不明（規模1を除く））"
kind: families
layout: delimited
delimiter: ","
columns: [publication_number, publication_date, publication_year, application_date, priority_numbers,
  document_type, simple_family_size,
  cpc_classifications]
also_called:
  publication_number: [Publication Number, Display Key, display_key]
  publication_date: [Publication Date]
  publication_year: [Publication Year]
  application_date: [Application Date]
  priority_numbers: [Priority Numbers]
  earliest_priority_date: [Earliest Priority Date]
  document_type: [Document Type, Type, type]
  simple_family_size: [Simple Family Size]
  simple_family_members: [Simple Family Members]
  cpc_classifications: [CPC Classifications]
  npl_citation_count: [NPL Citation Count]
  npl_citations: [NPL Citations, Non-Patent Citations]
  npl_external_ids: [NPL Resolved External ID(s), NPL Resolved External Id(s), DOI(s),
    npl_resolved_external_i_ds]
  npl_pubmed_ids: [PubMed Id(s)]
then: lens_judged
key: publication_number
updated: state_date
---*/
WITH record AS (
  SELECT row_number() OVER () AS raw_line, *
  FROM read_csv($path, delim = ',', quote = '"', escape = '"', header = true, auto_detect = false,
    columns = $columns, nullstr = '',
    compression = $compression, max_line_size = 16777216, store_rejects = true, rejects_table = 'reject_row',
    rejects_scan = 'reject_scan',
    rejects_limit = 0)
  UNION ALL BY NAME
  -- The columns that not every generation has.
  SELECT CAST(NULL AS VARCHAR) AS earliest_priority_date, CAST(NULL AS VARCHAR) AS simple_family_members,
    CAST(NULL AS VARCHAR) AS npl_citation_count, CAST(NULL AS VARCHAR) AS npl_citations,
    CAST(NULL AS VARCHAR) AS npl_external_ids,
    CAST(NULL AS VARCHAR) AS npl_pubmed_ids
  WHERE false
)
SELECT raw_line, true AS is_object, CAST(NULL AS VARCHAR) AS twice_field, publication_number AS number_text,
  publication_date AS published_text,
  publication_year AS year_text,
  application_date AS filed_text, earliest_priority_date AS priority_text,
  [{'office_code': left(trim(text), 2), 'date_text': regexp_extract(text, '([0-9]{8})$',
  1)} FOR text IN string_split(priority_numbers, ';;')]
    AS priorities,
  lower(document_type) AS type_text, simple_family_size AS size_text,
  string_split(simple_family_members, ';;') AS member_texts,
  string_split(cpc_classifications, ';;') AS cpc_texts, CAST([] AS VARCHAR[]) AS inventor_country_codes,
  CAST([] AS VARCHAR[]) AS applicant_country_codes, CAST(NULL AS VARCHAR[]) AS cited_texts,
  string_split(npl_citations, ';;') AS npl_texts,
  list_concat(string_split(npl_external_ids, ';;'), string_split(npl_pubmed_ids, ';;')) AS npl_ids,
  coalesce(TRY_CAST(npl_citation_count AS INTEGER), len(string_split(npl_citations, ';;'))) AS n_npl_citations
FROM record
