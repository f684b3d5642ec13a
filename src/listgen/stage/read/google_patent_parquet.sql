/*---
form: google_patent_parquet
record:
  en: One publication of Google Patents Public Data in a Parquet export of the table publications; dates are
    numbers yyyymmdd, 0 = unknown
  ja: Google Patents Public Dataの表publicationsをParquetで書き出した公報1件（日付はyyyymmddの数値、0は不明）
kind: families
layout: parquet
empty_as: google_patent
then: google_judged
key: publication_number
expects: [cpc_codes, inventor_country_codes, cited_publication_numbers]
---*/
SELECT file_row_number + 1 AS raw_line, CAST('{}' AS JSON) AS json, {'publication_number': publication_number,
    'family_id': CAST(family_id AS VARCHAR), 'priority_date': CAST(priority_date AS VARCHAR),
    'filing_date': CAST(filing_date AS VARCHAR),
    'publication_date': CAST(publication_date AS VARCHAR), 'grant_date': CAST(grant_date AS VARCHAR),
    'inventor_harmonized': coalesce([{'country_code': person.country_code} FOR person IN inventor_harmonized],
    []),
    'assignee_harmonized': coalesce([{'country_code': person.country_code} FOR person IN assignee_harmonized],
    []),
    'priority_claim': [{'application_number': claim.application_number,
    'filing_date': CAST(claim.filing_date AS VARCHAR)}
      FOR claim IN priority_claim],
    'cpc': coalesce([{'code': symbol.code} FOR symbol IN cpc], []),
    'citation': coalesce([{'publication_number': cited.publication_number,
    'npl_text': cited.npl_text} FOR cited IN citation], [])} AS patent,
  '' AS defect_field, CAST(NULL AS VARCHAR) AS defect
FROM read_parquet($path, file_row_number = true)
