"""What a reference printed in a patent names, as SQL macros.

A DOI, a PubMed id, the title in quotation marks.

A title is compared by its letters and digits alone, lower case, without accents; one of fewer than 25 of them
says too little to tell papers apart.

Reads: nothing.
Writes: nothing.
"""

REFERENCE_MACROS = r"""
CREATE OR REPLACE MACRO title_key(text) AS regexp_replace(lower(strip_accents(text)), '[^a-z0-9]', '', 'g');
-- A bracket belongs to the DOI when it is opened and closed inside it; a full stop at the end
-- belongs to the sentence.
CREATE OR REPLACE MACRO reference_doi(text) AS CASE WHEN contains(text, '10.') THEN
  nullif(regexp_extract(lower(text),
    '(10[.][0-9]{4,9}/(?:[^ "<>;,()\[\]]|[(][^ "<>;,()]*[)])*(?:[^ "<>;,()\[\].:]|[(][^ "<>;,()]*[)]))', 1),
    '') END;
CREATE OR REPLACE MACRO reference_pmid(text) AS CASE WHEN contains(text, 'PM') OR contains(text, 'ub') THEN
  nullif(regexp_extract(text, '(?:PMID|Pub[Mm]ed ID)[ :.]{0,3}([0-9]{5,8})', 1), '') END;
CREATE OR REPLACE MACRO reference_titles(text)
  AS [key FOR key IN list_distinct([title_key(quoted) FOR quoted IN list_concat(
  regexp_extract_all(text, '["\x{201c}\x{201e}]([^"\x{201c}\x{201d}\x{201e}]{20,400})["\x{201c}\x{201d}]', 1),
  regexp_extract_all(text, '(?:^|[ (:,])[''\x{2018}]([^''\x{2018}\x{2019}]{20,400})[''\x{2019}]', 1))])
    IF length(key) >= 25];
"""
