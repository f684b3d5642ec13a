/*---
form: google_patent_row
record:
  en: >-
    One publication of Google Patents Public Data in a classification set, one CSV row; lists are text such as
    ['H01L29/00']. Rows whose `valid` is not True are the set's counter-examples and are left out
  ja: "分類用データセットに含まれるGoogle Patents Public Dataの公報1件（CSVの1行。一覧は文字列。\
    validがTrueでない行は反例のため除く）"
kind: families
layout: delimited
delimiter: ","
columns: [publication_number, publication_date, family_id, cpc_code, refs, valid]
key: publication_number
excludes: true
expects: [cpc_codes, cited_publication_numbers]
---*/
WITH record AS (
  SELECT row_number() OVER () AS raw_line, trim(publication_number) AS publication_number, publication_date,
    trim(family_id) AS family_id,
    cpc_code, refs, valid
  FROM read_csv($path, delim = ',', quote = '"', escape = '"', header = true, auto_detect = false,
    columns = $columns,
    compression = $compression, max_line_size = 16777216, store_rejects = true, rejects_table = 'reject_row',
    rejects_scan = 'reject_scan',
    rejects_limit = 0)
),
typed AS (
  SELECT raw_line, CASE WHEN coalesce(lower(trim(valid)), '') <> 'true' THEN 'counter-example of the set' END AS excluded_by, publication_number,
    publication_date, family_id, CAST(try_strptime(publication_date, '%Y%m%d') AS DATE) AS published,
    TRY_CAST(replace(coalesce(nullif(cpc_code, ''), '[]'), '''', '"') AS JSON) AS cpc_list,
    TRY_CAST(replace(coalesce(nullif(refs, ''), '[]'), '''', '"') AS JSON) AS reference_list
  FROM record
),
judged AS (
  SELECT *, CASE
    WHEN NOT coalesce(regexp_full_match(publication_number, '[A-Z]{2}-[A-Z0-9]+-[A-Z][0-9]{0,2}'), false)
      THEN ['publication_number', 'missing or not of the form US-10123456-B2', publication_number]
    WHEN NOT coalesce(regexp_full_match(family_id, '-?[0-9]{1,18}'), false) THEN ['family_id',
      'missing or not a number', family_id]
    WHEN published IS NULL OR year(published) NOT BETWEEN 1700 AND $as_of_year + 1
      THEN ['publication_date', 'missing or not a date yyyymmdd within 1700 .. ' || ($as_of_year + 1),
      publication_date]
    WHEN coalesce(json_type(cpc_list), '') <> 'ARRAY' THEN ['cpc_code', 'not a list',
      CAST(cpc_list AS VARCHAR)]
    WHEN coalesce(json_type(reference_list), '') <> 'ARRAY' THEN ['refs', 'not a list',
      CAST(reference_list AS VARCHAR)]
    END AS reject
  FROM typed
)
SELECT raw_line, excluded_by, CASE WHEN excluded_by <> '' THEN 1 END AS n_excluded,
  patent_number(publication_number) AS publication_number,
  CASE WHEN family_id NOT LIKE '-%' AND family_id <> '0' THEN family_id END AS family_id,
    published AS publication_date,
  list_sort([upper(replace(code, ' ', '')) FOR code IN from_json(cpc_list, '["VARCHAR"]') IF code <> ''])
    AS cpc_codes,
  list_sort([coalesce(patent_number(cited), upper(trim(cited)))
    FOR cited IN from_json(reference_list, '["VARCHAR"]') IF cited <> '']) AS cited_publication_numbers,
  reject[1] AS reject_field, reject[2] AS reject_reason, left(reject[3], 80) AS reject_excerpt
FROM judged
