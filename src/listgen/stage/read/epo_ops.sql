/*---
form: epo_ops
record:
  en: One publication that an answer of the EPO's Open Patent Services lists, with its simple (DOCDB) family;
    raw_line counts inside the answer
  ja: EPO Open Patent Servicesの応答に含まれる公報1件とそのDOCDBシンプルファミリー（raw_lineは応答内の順番）
kind: requests
layout: xml
is_page: true
excludes: true
---*/
WITH parsed AS (
  -- Answers stand behind one another: each line says of which it is, and its place there.
  SELECT json, from_json(json, '{"office": "VARCHAR", "number": "VARCHAR", "kind": "VARCHAR",
    "date": "VARCHAR",
    "family_id": "VARCHAR", "asked": "VARCHAR", "file": "VARCHAR", "line": "BIGINT",
    "is_empty": "BOOLEAN"}') AS document
  FROM read_ndjson_objects($path, compression = $compression)
)
SELECT CASE WHEN document.is_empty THEN 'an answer without members' END AS excluded_by,
  CASE WHEN document.is_empty THEN 1 END AS n_excluded, document.file AS file_digest,
  document.line AS raw_line, document.office AS office_code,
  patent_number(document.office || document.number) AS document_number,
  patent_number(document.office || document.number || coalesce(document.kind, '')) AS publication_number,
  document.family_id AS family_id, document.office || '-' || document.number = document.asked AS is_asked,
  CASE WHEN NOT regexp_full_match(document.office || '-' || document.number,
    '[A-Z]{2}-[A-Z0-9]{1,20}') THEN 'doc-number'
    WHEN NOT regexp_full_match(document.family_id, '[0-9]{1,12}') THEN 'family-id' END AS reject_field,
  CASE WHEN NOT regexp_full_match(document.office || '-' || document.number, '[A-Z]{2}-[A-Z0-9]{1,20}')
    OR NOT regexp_full_match(document.family_id, '[0-9]{1,12}') THEN 'missing or not a number of the EPO' END
      AS reject_reason,
  left(json, 80) AS reject_excerpt
FROM parsed
