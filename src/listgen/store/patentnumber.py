"""One spelling for every patent number, as SQL macros.

`US 2011/0185700 A1`, `US20110185700A1` and `20110185700` name one document.

`patent_number(text)` gives office, number and kind joined by hyphens (`US-2011185700-A1`; without the kind
where none is printed), in the form of the EPO's DOCDB except that a year always has four digits; NULL where
the text is no patent number. `us_patent_number(id)` does the same for a number of the USPTO, which leaves its
own code out. Nothing is guessed: what the rules below do not know stays as printed.

    US applications lose the zero after the year (20110185700), grants and letters their leading zeros
    (D0345393, RE035312, PP028532) WO year with four digits, serial with six (WO 99/12345, WO 02/012345, WO
    2009/12345) EP seven digits JP H05-012345 and 05012345 (before 2000) become H0512345; 2001-12345 becomes
    2001012345; grants lose leading zeros;
        as printed in Japan (特開平5-12345号公報, 特表, 再表, 特公, 特許第7012345号, 実開, 実公, 実登) too:
        特開 and 特表 are kind A, the others are given none; 特願 and 実願 are numbers of applications, not of
        publications
    KR  the 10 or 20 before the year of an application is dropped

Reads: nothing.
Writes: nothing.
"""

PATENT_MACROS = """
CREATE OR REPLACE MACRO japanese_number(text) AS regexp_replace(regexp_replace(regexp_replace(
  translate(replace(text, ' ', ''), '０１２３４５６７８９－‐―−明大昭平令', '0123456789----MTSHR'),
  '([MTSHR])([0-9]-)', '\\10\\2'),
  '^(?:特開|特表)([MTSHR]?[0-9]+-?[0-9]+)号?(?:公報)?$', 'JP\\1A'),
  '^(?:再表|特公|特許|実開|実公|実登|登録実用新案)第?([MTSHR]?[0-9]+-?[0-9]*)号?(?:公報)?$', 'JP\\1');
-- Numbers in Latin letters stand before everything in Japanese, so they pay no more than a comparison for it.
CREATE OR REPLACE MACRO patent_number_parts(printed) AS regexp_extract(upper(regexp_replace(
  CASE WHEN printed > '~' THEN japanese_number(printed) ELSE printed END, '[^0-9A-Za-z]', '', 'g')),
  '^([A-Z]{2})([A-Z]{0,4}[0-9][0-9A-Z]*?)([A-Z][0-9]{0,2})?$', ['office', 'number', 'kind']);
CREATE OR REPLACE MACRO patent_number(text) AS [CASE WHEN part.office <> ''
  AND NOT (part.kind = '' AND regexp_full_match(part.number, '[A-Z][0-9]{1,2}')
    AND NOT (part.office = 'US' AND regexp_matches(part.number, '^[DHTX]')))
  THEN part.office || '-' || CASE
    WHEN part.office = 'US' AND regexp_full_match(part.number, '(?:19|20)[0-9]{2}0[0-9]{6}')
      THEN left(part.number, 4) || right(part.number, 6)
    WHEN part.office = 'US' AND regexp_full_match(part.number, '[0-9]+')
      THEN coalesce(nullif(ltrim(part.number, '0'), ''), '0')
    WHEN part.office = 'US' THEN regexp_replace(part.number, '^([A-Z]+)0+([1-9])', '\\1\\2')
    WHEN part.office = 'EP' AND regexp_full_match(part.number, '[0-9]{1,6}') THEN lpad(part.number, 7, '0')
    WHEN part.office = 'WO' AND regexp_full_match(part.number, '[0-9]{7,8}') THEN
      CASE WHEN part.number >= '78' THEN '19' ELSE '20' END
        || left(part.number, 2) || lpad(substr(part.number, 3), 6, '0')
    WHEN part.office IN ('WO', 'JP') AND regexp_full_match(part.number, '(?:19|20)[0-9]{7}')
      THEN left(part.number, 4) || '0' || right(part.number, 5)
    WHEN part.office = 'JP' AND regexp_full_match(part.number, '[MTSH][0-9]{2}[0-9]*[1-9][0-9]*')
      THEN left(part.number, 3) || ltrim(substr(part.number, 4), '0')
    WHEN part.office = 'JP' AND regexp_full_match(part.number, '(?:0[1-9]|1[0-2])[0-9]*[1-9][0-9]*')
      AND length(part.number) = 8
      THEN 'H' || left(part.number, 2) || ltrim(substr(part.number, 3), '0')
    WHEN part.office = 'JP' AND regexp_full_match(part.number, '(?:3[3-9]|[45][0-9]|6[0-4])[0-9]*[1-9][0-9]*')
      AND length(part.number) = 8
      THEN 'S' || left(part.number, 2) || ltrim(substr(part.number, 3), '0')
    WHEN part.office = 'JP' AND regexp_full_match(part.number, '0+[1-9][0-9]{0,6}')
      THEN ltrim(part.number, '0')
    WHEN part.office = 'KR' AND regexp_full_match(part.number, '[12]0(?:19|20)[0-9]{9}')
      THEN right(part.number, 11)
    ELSE part.number END || CASE WHEN part.kind <> '' THEN '-' || part.kind ELSE '' END END
    FOR part IN [patent_number_parts(text)]][1];
CREATE OR REPLACE MACRO us_patent_number(text) AS
  CASE WHEN regexp_full_match(text, '[1-9][0-9]{5,7}') THEN 'US-' || text
    WHEN regexp_full_match(text, '[A-Z]{1,2}[0-9]+')
      THEN 'US-' || regexp_replace(text, '^([A-Z]+)0+([1-9])', '\\1\\2')
    ELSE patent_number('US' || text) END;
"""
