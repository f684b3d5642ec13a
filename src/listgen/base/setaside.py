"""Why a record was set aside, in both languages.

The SQL of the stage says it in English, with a year at its end at most.
"""

from __future__ import annotations

import re

from listgen.base.text import bilingual

_YEAR = re.compile(r"(?<=\.\. )\d{4}$")


# Every kind of reason, as the SQL of the stage gives it.
KINDS = (
    "a field is given twice",
    "a product is given with two amounts, so the sum of all is not known",
    "a part of another row, would count twice",
    "another amount, or another revision, is told for the same flow",
    "another unit than declared",
    "another value is printed for the same commodity, stage, country and year",
    "another value is printed for the same series, country and year",
    "duplicate id with different content",
    "has a lone quote mark",
    "larger than the count of the world",
    "missing",
    "missing or no id",
    "missing or no number of a country",
    "missing or not a CPC symbol",
    "missing or not a US patent number",
    "missing or not a date within 1700 .. {year}",
    "missing or not a date within 1790 .. {year}",
    "missing or not a date within 2000 .. {year}",
    "missing or not a date yyyymmdd within 1700 .. {year}",
    "missing or not a list",
    "missing or not a number",
    "missing or not a number of the EPO",
    "missing or not a patent number",
    "missing or not a publication number of eleven digits",
    "missing or not a two-letter office code",
    "missing or not a whole number",
    "missing or not an OpenAlex work id",
    "missing or not of the form US-10123456-B2",
    "missing or not the kind of an application",
    "missing or without a digit",
    "missing, a span or part of years, or no year",
    "missing, or the decider",
    "missing: which review and build was judged",
    "negative",
    "neither 0, 1 (editions to 2018) nor N, Y",
    "neither imports (M) nor exports (X)",
    "neither true nor false",
    "no HS code of 4 or 6 digits",
    "no HS code of 6 digits",
    "no amount",
    "no revision of the Harmonized System",
    "no year within 1962 .. {year}",
    "not a JSON object",
    "not a JSON object, or not UTF-8",
    "not a US patent number",
    "not a date within 1700 .. {year}",
    "not a date within 1790 .. {year}",
    "not a date yyyymmdd within 1700 .. {year}",
    "not a list",
    "not a number and not a declared null value",
    "not a publication number",
    "not a two-letter country code",
    "not a whole number",
    "not accept, reject, merge or defer",
    "not the JSON object of a work",
    "not the JSON object of a work, or not UTF-8",
    "not the year of publication_date",
    "outside 1000 .. {year}",
    "outside 1790 .. {year}",
    "there with merge and only with it",
    "value outside 0 .. 1",
    "the answer has fewer records than it says",
    "the row ends before this column",
)


def set_aside_words(reason: str) -> dict[str, str]:
    """Return the reason in both languages; one that nobody translated is shown as it is."""
    year = _YEAR.search(reason)
    kind = _YEAR.sub("{year}", reason)
    for known in KINDS:
        if known == kind:
            return bilingual(known, year=year[0] if year else "")
    return {"en": reason, "ja": reason}
