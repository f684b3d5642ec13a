"""Area names as tables print them, and the codes of the countries they name.

Reads: nothing.
Writes: nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches

from listgen.config.models import Country
from listgen.config.spelling import clean_area, split_note

_WORLD_NAMES = (
    "world",
    "world total",
    "total world",
    "world total (rounded)",
    "global",
    "all countries",
    "世界",
    "世界計",
    "全世界",
    "世界全体",
)
# Notes that say how far a country reaches in a table ("including Hong Kong"); the name before them is still
# the country's.
_EXTENT = re.compile(
    r"含|除|\b(?:incl|excl|including|excluding|with|without|from|until|since|before|after)\b", re.IGNORECASE
)
# From here on two names are more likely one with a slip than two.
_SLIP = 0.85


def map_areas(
    texts: Iterable[str], countries: Mapping[str, Country], own: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Return the area code of every printed area name that is a country or the world; other names are absent.

    Args:
        texts: Area names or codes as printed.
        countries: The countries the workspace knows, by ISO code.
        own: Names only this table uses, with their codes.
    """
    known = _known_areas(countries) | {clean_area(name): code for name, code in (own or {}).items()}
    return {text: known[clean_area(text)] for text in sorted(set(texts)) if clean_area(text) in known}


def noted_areas(texts: Iterable[str], countries: Mapping[str, Country]) -> dict[str, str]:
    """Return the code of every country name with a note, such as "China (including Hong Kong)".

    A note that names another country is left to a person, unless it says that this country is included or
    left out.

    Args:
        texts: Names that `map_areas` does not know.
        countries: The countries the workspace knows, by ISO code.
    """
    known = _known_areas(countries)
    found = {}
    for text in texts:
        base, note = split_note(clean_area(text))
        names_another = any(
            name in note
            for name, code in known.items()
            if len(name) > 1 and code != known.get(base) and not name.isascii()
        )
        names_another |= note in known
        if note and base in known and (_EXTENT.search(note) or not names_another):
            found[text] = known[base]
    return found


def near_areas(texts: Iterable[str], countries: Mapping[str, Country]) -> dict[str, tuple[str, str]]:
    """Return the names that nearly are a country's, each with that name and its code."""
    spelt = {
        clean_area(name): (name, code)
        for code, country in countries.items()
        for name in (country.name.en, country.name.ja, *country.aliases)
        if len(name) > 3
    }
    near = {text: get_close_matches(clean_area(text), spelt, n=1, cutoff=_SLIP) for text in texts}
    return {text: spelt[found[0]] for text, found in near.items() if found}


def _known_areas(countries: Mapping[str, Country]) -> dict[str, str]:
    known = {clean_area(code): code for code in countries}
    for code, country in countries.items():
        for name in (country.name.en, country.name.ja, *country.aliases):
            known.setdefault(clean_area(name), code)
    return known | dict.fromkeys(_WORLD_NAMES, "WORLD")
