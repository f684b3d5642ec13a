/*---
takes: parsed
what: Parsed publications of Google Patents Public Data (raw_line, json where an excerpt is to be had from it,
  defect and its field, patent), judged one by one and flattened
---*/
WITH dated AS (
  SELECT raw_line, json, patent, defect, defect_field,
    patent_number(patent.publication_number) AS publication_number,
    [nullif(nullif(text, '0'), '') FOR text IN [patent.priority_date, patent.filing_date,
    patent.publication_date, patent.grant_date]]
      AS date_texts
  FROM parsed
),
typed AS (
  SELECT *, [CAST(try_strptime(text, '%Y%m%d') AS DATE) FOR text IN date_texts] AS dates FROM dated
),
judged AS (
  SELECT *, CASE
    WHEN defect <> '' THEN [defect_field, defect]
    WHEN NOT coalesce(regexp_full_match(publication_number, '[A-Z]{2}-[A-Z0-9]+-[A-Z][0-9]{0,2}'), false)
      THEN ['publication_number', 'missing or not of the form US-10123456-B2']
    WHEN NOT coalesce(regexp_full_match(patent.family_id, '-?[0-9]{1,18}'), false) THEN ['family_id',
      'missing or not a number']
    WHEN date_texts[1] IS NOT NULL AND (dates[1] IS NULL OR year(dates[1]) NOT BETWEEN 1700 AND $as_of_year)
      THEN ['priority_date', 'not a date yyyymmdd within 1700 .. ' || $as_of_year]
    WHEN date_texts[2] IS NOT NULL AND (dates[2] IS NULL OR year(dates[2]) NOT BETWEEN 1700 AND $as_of_year)
      THEN ['filing_date', 'not a date yyyymmdd within 1700 .. ' || $as_of_year]
    WHEN dates[3] IS NULL OR year(dates[3]) NOT BETWEEN 1700 AND $as_of_year + 1
      THEN ['publication_date', 'missing or not a date yyyymmdd within 1700 .. ' || ($as_of_year + 1)]
    WHEN date_texts[4] IS NOT NULL AND (dates[4] IS NULL OR year(dates[4]) NOT BETWEEN 1700
      AND $as_of_year + 1)
      THEN ['grant_date', 'not a date yyyymmdd within 1700 .. ' || ($as_of_year + 1)]
    WHEN patent.cpc IS NULL AND json_type(json, '$.cpc') <> 'NULL' THEN ['cpc', 'not a list']
    WHEN patent.citation IS NULL AND json_type(json, '$.citation') <> 'NULL' THEN ['citation', 'not a list']
    WHEN patent.inventor_harmonized IS NULL AND json_type(json, '$.inventor_harmonized') <> 'NULL'
      THEN ['inventor_harmonized', 'not a list']
    END AS reject
  FROM typed
)
SELECT raw_line, publication_number,
  CASE WHEN CAST(patent.family_id AS VARCHAR) NOT LIKE '-%'
    AND patent.family_id <> '0' THEN patent.family_id END AS family_id,
  dates[1] AS priority_date, dates[2] AS filing_date, dates[3] AS publication_date, dates[4] AS grant_date,
  [upper(nullif(trim(person.country_code), '')) FOR person IN patent.inventor_harmonized]
    AS inventor_country_codes,
  [upper(nullif(trim(person.country_code), '')) FOR person IN patent.assignee_harmonized]
    AS applicant_country_codes,
  [upper(replace(symbol.code, ' ', '')) FOR symbol IN patent.cpc IF symbol.code <> ''] AS cpc_codes,
  [coalesce(patent_number(cited.publication_number), upper(trim(cited.publication_number)))
    FOR cited IN patent.citation IF cited.publication_number <> ''] AS cited_publication_numbers,
  -- The office of the first filing: of the earliest priority claimed, else this one where nothing was filed
  -- before.
  coalesce(nullif(upper(left(list_sort([{'filed': claim.filing_date,
  'number': claim.application_number} FOR claim IN patent.priority_claim
      IF claim.application_number <> ''])[1].number, 2)), ''),
      CASE WHEN dates[1] = dates[2] THEN left(publication_number, 2) END)
    AS first_filing_office_code,
  [cited.npl_text FOR cited IN patent.citation IF cited.npl_text <> ''
    AND coalesce(cited.publication_number, '') = ''] AS npl_texts,
  len([1 FOR cited IN patent.citation IF cited.npl_text <> ''
    AND coalesce(cited.publication_number, '') = '']) AS n_npl_citations,
  reject[1] AS reject_field, reject[2] AS reject_reason,
  CASE WHEN reject[1] <> '' THEN substr(json, greatest(1, strpos(json, '"' || reject[1] || '"')), 80) END
    AS reject_excerpt
FROM judged
