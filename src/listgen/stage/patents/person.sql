/*---
table: provider_person
grain: {en: one inventor or applicant of one document, ja: 文献の発明者または出願人1名}
columns:
  preference: Which document speaks first for a family; the smallest number does
  document_id: The document that names the person; one document speaks for a family
  publication_number: Its publication; either this or us_grant_number says which
  us_grant_number: Its number where the provider knows grants by that number
  role: inventor or applicant
  country_code: Country of residence, NULL where it is not known
---*/
SELECT CAST(NULL AS INTEGER) AS preference, CAST(NULL AS VARCHAR) AS document_id,
  CAST(NULL AS VARCHAR) AS publication_number,
  CAST(NULL AS VARCHAR) AS us_grant_number, CAST(NULL AS VARCHAR) AS role,
  CAST(NULL AS VARCHAR) AS country_code,
  CAST(NULL AS VARCHAR) AS source_id
WHERE false
