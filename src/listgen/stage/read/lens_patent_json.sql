/*---
form: lens_patent_json
record:
  en: One patent document as the Lens.org API and its JSON Lines export give it, one JSON object a line, with
    residences of persons
  ja: Lens.orgのAPIおよびJSON Lines書き出しの特許文献1件（1行に1つのJSONオブジェクト。人の居住国を含む）
kind: families
layout: json_lines
then: lens_judged
key: publication_number
updated: state_date
---*/
-- Read with the types named here, a record in which a field is given twice stops the reading, and so does one
-- with a field of another type; a file with such a defect is read again, record by record.
WITH record AS (
  SELECT row_number() OVER () AS raw_line, json
  FROM read_ndjson_objects($path, ignore_errors = true, maximum_object_size = 67108864,
    compression = $compression)
  WHERE $has_defects
),
parsed AS (
  SELECT raw_line, coalesce(json_type(json) = 'OBJECT', false) AS is_object,
    from_json(json, '{"jurisdiction": "VARCHAR", "doc_number": "VARCHAR",
    "kind": "VARCHAR", "date_published": "VARCHAR",
    "publication_type": "VARCHAR", "families": {"simple_family": {"size": "VARCHAR",
      "members": [{"document_id": {"jurisdiction": "VARCHAR", "doc_number": "VARCHAR", "kind": "VARCHAR"}}]}},
    "biblio": {"application_reference": {"date": "VARCHAR"},
      "priority_claims": {"claims": [{"jurisdiction": "VARCHAR", "date": "VARCHAR"}],
      "earliest_claim": {"date": "VARCHAR"}},
      "parties": {"inventors": [{"residence": "VARCHAR"}], "applicants": [{"residence": "VARCHAR"}]},
      "classifications_cpc": {"classifications": [{"symbol": "VARCHAR"}]},
      "references_cited": {"npl_count": "VARCHAR", "citations": [{"nplcit": {"text": "VARCHAR",
      "external_ids": ["VARCHAR"]},
        "patcit": {"document_id": {"jurisdiction": "VARCHAR", "doc_number": "VARCHAR",
        "kind": "VARCHAR"}}}]}}}') AS patent,
    field_twice(json_keys(json, ['$', '$.families', '$.families.simple_family', '$.biblio',
        '$.biblio.application_reference', '$.biblio.priority_claims', '$.biblio.priority_claims.earliest_claim',
        '$.biblio.parties', '$.biblio.classifications_cpc', '$.biblio.references_cited'])
      || json_keys(json, '$.families.simple_family.members[*]')
      || json_keys(json, '$.families.simple_family.members[*].document_id')
      || json_keys(json, '$.biblio.priority_claims.claims[*]')
      || json_keys(json, '$.biblio.parties.inventors[*]') || json_keys(json, '$.biblio.parties.applicants[*]')
      || json_keys(json, '$.biblio.classifications_cpc.classifications[*]')
      || json_keys(json, '$.biblio.references_cited.citations[*]')
      || json_keys(json, '$.biblio.references_cited.citations[*].nplcit')
      || json_keys(json, '$.biblio.references_cited.citations[*].patcit')
      || json_keys(json, '$.biblio.references_cited.citations[*].patcit.document_id')) AS twice_field
  FROM record
  UNION ALL
  SELECT row_number() OVER () AS raw_line, true AS is_object, {'jurisdiction': jurisdiction,
    'doc_number': doc_number, 'kind': kind, 'date_published': date_published,
    'publication_type': publication_type, 'families': families, 'biblio': biblio} AS patent,
    CAST(NULL AS VARCHAR) AS twice_field
  FROM read_json($path, format = 'newline_delimited', hive_partitioning = false,
    maximum_object_size = 67108864, compression = $compression,
    columns = {jurisdiction: 'VARCHAR', doc_number: 'VARCHAR', kind: 'VARCHAR', date_published: 'VARCHAR',
      publication_type: 'VARCHAR', families: 'STRUCT(simple_family STRUCT(size VARCHAR,
        members STRUCT(document_id STRUCT(jurisdiction VARCHAR, doc_number VARCHAR, kind VARCHAR))[]))',
      biblio: 'STRUCT(application_reference STRUCT("date" VARCHAR),
        priority_claims STRUCT(claims STRUCT(jurisdiction VARCHAR, "date" VARCHAR)[],
          earliest_claim STRUCT("date" VARCHAR)),
        parties STRUCT(inventors STRUCT(residence VARCHAR)[], applicants STRUCT(residence VARCHAR)[]),
        classifications_cpc STRUCT(classifications STRUCT(symbol VARCHAR)[]),
        references_cited STRUCT(npl_count VARCHAR, citations STRUCT(nplcit STRUCT("text" VARCHAR,
          external_ids VARCHAR[]), patcit STRUCT(document_id STRUCT(jurisdiction VARCHAR, doc_number VARCHAR,
          kind VARCHAR)))[]))'})
  WHERE NOT $has_defects
)
SELECT raw_line, is_object, twice_field,
  CASE WHEN regexp_full_match(trim(patent.jurisdiction), '[A-Z]{2}')
    THEN patent.jurisdiction || patent.doc_number || coalesce(patent.kind, '') END AS number_text,
  patent.date_published AS published_text,
  left(patent.date_published, 4) AS year_text, patent.biblio.application_reference.date AS filed_text,
  patent.biblio.priority_claims.earliest_claim.date AS priority_text,
  [{'office_code': claim.jurisdiction, 'date_text': replace(claim.date, '-',
  '')} FOR claim IN patent.biblio.priority_claims.claims]
    AS priorities,
  lower(replace(patent.publication_type, '_', ' ')) AS type_text,
  patent.families.simple_family.size AS size_text,
  [member.document_id.jurisdiction || member.document_id.doc_number || coalesce(member.document_id.kind, '')
    FOR member IN patent.families.simple_family.members] AS member_texts,
  [symbol.symbol FOR symbol IN patent.biblio.classifications_cpc.classifications] AS cpc_texts,
  [upper(nullif(person.residence, '')) FOR person IN patent.biblio.parties.inventors]
    AS inventor_country_codes,
  [upper(nullif(person.residence, '')) FOR person IN patent.biblio.parties.applicants]
    AS applicant_country_codes,
  [cited.patcit.document_id.jurisdiction || cited.patcit.document_id.doc_number
    || coalesce(cited.patcit.document_id.kind, '')
    FOR cited IN patent.biblio.references_cited.citations IF cited.patcit.document_id.doc_number <> '']
      AS cited_texts,
  [cited.nplcit.text FOR cited IN patent.biblio.references_cited.citations IF cited.nplcit.text <> '']
    AS npl_texts,
  flatten([cited.nplcit.external_ids FOR cited IN patent.biblio.references_cited.citations IF
    cited.nplcit.external_ids IS NOT NULL])
    AS npl_ids,
  coalesce(TRY_CAST(patent.biblio.references_cited.npl_count AS INTEGER), 0) AS n_npl_citations
FROM parsed
