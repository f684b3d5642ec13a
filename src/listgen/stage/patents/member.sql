/*---
table: provider_member
grain: {en: one statement on which documents are one family, ja: どの文献が同一ファミリーかについての記述1件}
columns:
  publication_number: The publication the statement is about
  member_numbers: All members of its family, where the provider lists them by the rule of DOCDB
  n_family_documents: Their number; 1 says that the publication stands alone
  family_id: Its DOCDB family, where it was looked up
  document_number: The same publication without its kind, where it was looked up
  office_code: Its office, where it was looked up
  is_asked: Whether it is the publication that was asked about
  raw_digest: The raw file with the answer
---*/
SELECT CAST(NULL AS VARCHAR) AS publication_number, CAST(NULL AS VARCHAR[]) AS member_numbers,
  CAST(NULL AS INTEGER) AS n_family_documents,
  CAST(NULL AS VARCHAR) AS family_id, CAST(NULL AS VARCHAR) AS document_number,
  CAST(NULL AS VARCHAR) AS office_code,
  CAST(NULL AS BOOLEAN) AS is_asked, CAST(NULL AS VARCHAR) AS raw_digest
WHERE false
