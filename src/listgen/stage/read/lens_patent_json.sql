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
WITH record AS (
  SELECT row_number() OVER () AS raw_line, json
  FROM read_ndjson_objects($path, ignore_errors = true, maximum_object_size = 67108864,
    compression = $compression)
),
parsed AS (
  SELECT raw_line, json, from_json(json, '{"jurisdiction": "VARCHAR", "doc_number": "VARCHAR",
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
        "kind": "VARCHAR"}}}]}}}') AS patent
  FROM record
)
SELECT raw_line, coalesce(json_type(json) = 'OBJECT', false) AS is_object,
  has_field_twice(json) AS is_contradictory,
  patent.jurisdiction || patent.doc_number || coalesce(patent.kind, '') AS number_text,
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
