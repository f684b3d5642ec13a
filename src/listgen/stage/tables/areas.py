"""Area names as tables print them, and the codes of the countries they name.

Reads: nothing.
Writes: nothing.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterable, Mapping

from listgen.config.models import Country

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
_TAG = re.compile(r"<(sup|sub)\b[^>]*>.*?</(sup|sub)\s*>|<[a-z/][^>]*>", re.IGNORECASE | re.DOTALL)
_NOTE = re.compile(r"(?:\s*(?:\[[0-9a-z]{1,2}\]|\([0-9]{1,2}\)|[*†‡§¹²³]+))+$")


def clean_area(text: str) -> str:
    """Return an area name without tags, entities and footnote marks, composed (NFKC), trimmed and in lower case."""
    plain = unicodedata.normalize("NFKC", _NOTE.sub("", _TAG.sub("", html.unescape(_TAG.sub("", text))).strip()))
    return re.sub(r"\s+", " ", _NOTE.sub("", plain.strip())).strip().casefold()


def map_areas(texts: Iterable[str], countries: Mapping[str, Country], own: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the area code of every printed area name that is a country or the world; other names are absent.

    Args:
        texts: Area names or codes as printed.
        countries: The countries the workspace knows, by ISO code.
        own: Names only this table uses, with their codes.
    """
    known = _known_areas(countries) | {clean_area(name): code for name, code in (own or {}).items()}
    return {text: known[clean_area(text)] for text in sorted(set(texts)) if clean_area(text) in known}


def _known_areas(countries: Mapping[str, Country]) -> dict[str, str]:
    known = {clean_area(code): code for code in countries}
    for code, country in countries.items():
        for name in (country.name.en, country.name.ja, *country.aliases):
            known.setdefault(clean_area(name), code)
    return known | dict.fromkeys(_WORLD_NAMES, "WORLD")
