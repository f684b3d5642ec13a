/*---
id: unmapped_area
gate: core
table: prov.unmapped
severity: info
key: [source_id, field, area_text]
inputs: [prov.unmapped]
expect:
  en: every area printed in a table is a country
  ja: 表に印刷された地域は全て国である
why:
  en: Regions and groups are left out of comparisons between countries; the list shows that no country is
    among them.
  ja: 地域や国群は国の比較から除く。国が紛れていないことをこの一覧で確かめる。
---*/
SELECT source_id, field, area_text, n_mentions
FROM prov.unmapped
WHERE field IN ('statistic', 'supply', 'trade')
