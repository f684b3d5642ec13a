/*---
inputs: [read_patstat_tls211_pat_publn, read_patstat_tls224_appln_cpc]
---*/
SELECT publication.publication_number, symbol.cpc_code
FROM read_patstat_tls224_appln_cpc AS symbol
  JOIN read_patstat_tls211_pat_publn AS publication USING (appln_id)
