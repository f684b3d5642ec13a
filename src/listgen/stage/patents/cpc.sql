/*---
table: provider_cpc
grain: {en: one CPC symbol of one publication, ja: 公報とCPC記号の組1つ}
columns:
  publication_number: Its publication; either this or us_grant_number says which
  us_grant_number: Its number where the provider knows grants by that number
  cpc_code: Full symbol without blanks (H01L29/1608)
---*/
SELECT CAST(NULL AS VARCHAR) AS publication_number, CAST(NULL AS VARCHAR) AS us_grant_number,
  CAST(NULL AS VARCHAR) AS cpc_code
WHERE false
