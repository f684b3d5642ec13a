"""Spellings of area names: what tables print round a name and what is the same name in another typeface."""

from __future__ import annotations

import html
import re
import unicodedata

_TAG = re.compile(r"<(sup|sub)\b[^>]*>.*?</(sup|sub)\s*>|<[a-z/][^>]*>", re.IGNORECASE | re.DOTALL)
# A mark of a footnote: [1], (a), 1), (注1), (note 2), ※1, *, a raised digit. "EU27" has none.
_MARK = (
    r"\[[0-9a-z]{1,2}\]|\((?:注|note |fn\.?"
    r" ?)?[0-9]{1,2}\)|\((?:注|[a-z])\)|(?:(?<=[^0-9])|注)[0-9]{1,2}\)|[*†‡§¹²³※]+(?:[0-9]{1,2}(?![0-9]))?"
)
_NOTE = re.compile(rf"(?:\s*(?:{_MARK}))+$", re.IGNORECASE)
_CJK = r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff々〆]"
_PADDING = re.compile(rf"(?<={_CJK})\s+(?={_CJK})")
# OpenAlex and its copies name a country by its address.
_ADDRESS = re.compile(r"^https?://[a-z0-9.-]+/countries/([a-z]{2})/?$", re.IGNORECASE)
_BRACKET = re.compile(r"^(.*[^\s(])\s*\(([^()]*)\)$")


def clean_area(text: str) -> str:
    """Return an area name as it is compared.

    Without tags, entities, footnote marks and the blanks ministries put between the characters of a name to
    give all names one width ("日　本"); composed (NFKC), trimmed and in lower case.

    Args:
        text: A name or code as printed, or OpenAlex's address of a country.
    """
    plain = unicodedata.normalize(
        "NFKC", _NOTE.sub("", _TAG.sub("", html.unescape(_TAG.sub("", text))).strip())
    )
    plain = _ADDRESS.sub(r"\1", _NOTE.sub("", plain.strip()))
    folded = _PADDING.sub("", re.sub(r"\s+", " ", plain).strip()).casefold()
    # The dotted capital I of Turkish leaves a combining dot; typographic apostrophes and hyphens are the
    # plain ones.
    return folded.replace("\u0307", "").translate(
        {0x2019: "'", 0x2018: "'", 0x2010: "-", 0x2011: "-", 0x2013: "-"}
    )


def split_note(name: str) -> tuple[str, str]:
    """Return a cleaned area name and the note in brackets behind it, empty where there is none."""
    match = _BRACKET.match(name)
    return (match[1].strip(), match[2].strip(" 。.")) if match else (name, "")
