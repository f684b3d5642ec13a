/*---
takes: parsed
what: Documents of Lens.org as texts, whatever export they stood in, judged one by one and typed
---*/
WITH typed AS (
  -- 2017 printed 05/10/17 beside the year 2017: two digits are the last such year not after the next one.
  SELECT *, patent_number(number_text) AS publication_number,
    TRY_CAST(year_text AS INTEGER) AS publication_year,
    [CASE WHEN regexp_full_match(text, '[0-9]{2}/[0-9]{2}/[0-9]{2}')
        THEN TRY_CAST(CAST(TRY_CAST(year_text AS INTEGER)
          + 1 - (TRY_CAST(year_text AS INTEGER) + 1 - CAST(right(text, 2) AS INTEGER)) % 100 AS VARCHAR)
          || '-' || substr(text, 4, 2) || '-' || left(text, 2) AS DATE)
      WHEN regexp_full_match(text, '[0-9]{4}-[0-9]{2}-[0-9]{2}.*') THEN TRY_CAST(left(text, 10) AS DATE)
      END FOR text IN [published_text, filed_text, priority_text]] AS dates,
    list_sort([{'claimed': CAST(try_strptime(claim.date_text, '%Y%m%d') AS DATE),
    'office_code': claim.office_code} FOR claim IN priorities
      IF try_strptime(claim.date_text, '%Y%m%d') IS NOT NULL])[1] AS first_claim
  FROM parsed
),
judged AS (
  SELECT *, CASE
    WHEN NOT is_object THEN ['', 'not a JSON object, or not UTF-8', NULL]
    WHEN twice_field <> '' THEN [twice_field, 'a field is given twice', NULL]
    WHEN publication_number IS NULL THEN ['publication_number', 'missing or not a patent number', number_text]
    WHEN dates[1] IS NULL OR year(dates[1]) NOT BETWEEN 1700 AND $as_of_year + 1
      THEN ['publication_date', 'missing or not a date within 1700 .. ' || ($as_of_year + 1), published_text]
    -- A day before or after by time zone is no fault of the record.
    WHEN abs(publication_year - year(dates[1])) > 1 THEN ['publication_year',
      'not the year of publication_date', year_text]
    WHEN filed_text <> '' AND (dates[2] IS NULL OR year(dates[2]) NOT BETWEEN 1700 AND $as_of_year)
      THEN ['application_date', 'not a date within 1700 .. ' || $as_of_year, filed_text]
    WHEN priority_text <> '' AND (dates[3] IS NULL OR year(dates[3]) NOT BETWEEN 1700 AND $as_of_year)
      THEN ['earliest_priority_date', 'not a date within 1700 .. ' || $as_of_year, priority_text]
    WHEN size_text <> '' AND NOT regexp_full_match(size_text, '[0-9]{1,6}') THEN ['simple_family_size',
      'not a whole number', size_text]
    END AS reject
  FROM typed
)
SELECT raw_line, publication_number, make_date($as_of_year, 1, 1) AS state_date,
  coalesce(dates[3], first_claim.claimed) AS priority_date,
  dates[2] AS filing_date, dates[1] AS publication_date,
  CASE WHEN type_text = 'granted patent' THEN dates[1] END AS grant_date,
  CASE WHEN regexp_full_match(first_claim.office_code, '[A-Z]{2}') THEN first_claim.office_code END
    AS first_filing_office_code,
  TRY_CAST(size_text AS INTEGER) AS n_family_documents,
  list_sort(list_distinct([patent_number(text) FOR text IN member_texts IF patent_number(text) IS NOT NULL]))
    AS member_numbers,
  list_sort(list_distinct([upper(replace(text, ' ', '')) FOR text IN cpc_texts
    IF regexp_full_match(upper(replace(text, ' ', '')), '[A-HY][0-9]{2}[A-Z][0-9]{1,4}/[0-9]{2,6}')]))
      AS cpc_codes,
  inventor_country_codes, applicant_country_codes,
  [patent_number(text) FOR text IN cited_texts IF patent_number(text) IS NOT NULL]
    AS cited_publication_numbers,
  [text FOR text IN npl_texts IF text <> ''] AS npl_texts,
  [lower(text) FOR text IN npl_ids IF text <> ''] AS npl_ids, n_npl_citations,
  reject[1] AS reject_field, reject[2] AS reject_reason, left(reject[3], 80) AS reject_excerpt
FROM judged
