"""The texts of the report and the workbook, from `texts.yaml`, in both languages at once.

A page is written once for readers of both languages: every text stands in it twice, and a style sheet shows
one.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from markupsafe import Markup, escape

from listgen.base.text import LANGUAGES
from listgen.config.yamlfile import load_yaml, plain

TEXTS_FILE = Path(__file__).with_name("texts.yaml")

Pair = dict[str, str]


@cache
def all_texts() -> dict[str, Pair]:
    """Return every text by key."""
    texts: dict[str, Pair] = plain(load_yaml(TEXTS_FILE, TEXTS_FILE.name))
    return texts


def pair(key: str, **values: object) -> Pair:
    """Return a text in both languages with its values filled in.

    A value that is itself a pair takes the same language.
    """
    template = all_texts()[key]
    return {
        language: template[language].format(**{name: _in(language, value) for name, value in values.items()})
        for language in LANGUAGES
    }


def pair_or(key: str, fallback: str) -> Pair:
    """Return a text, or the same words in both languages if none exists (a provider's or user's own term)."""
    return all_texts().get(key) or dict.fromkeys(LANGUAGES, fallback)


def both(texts: Mapping[str, Any], *, both_shown: bool = False) -> Markup:
    """Return a pair as markup, escaped, the Japanese marked; once when both say the same.

    The element is HTML's for words of another language, and the shortest one: a page holds some ten thousand
    of them. English is the language the page itself declares; it is only marked where it is shown beside the
    Japanese (`both_shown`).
    """
    if texts["en"] == texts["ja"]:
        return escape(texts["en"])
    english = Markup("<i lang=en>{}</i>") if both_shown else Markup("<i>{}</i>")
    return english.format(texts["en"]) + Markup("<i lang=ja>{}</i>").format(texts["ja"])


def tx(key: str, **values: object) -> Markup:
    """Return a text as markup in both languages, every value escaped."""
    return both(pair(key, **values)) if values else _fixed(key)


@cache
def _fixed(key: str) -> Markup:
    """Return a text without values; the pages say most of them a hundred times."""
    return both(pair(key))


def _in(language: str, value: object) -> object:
    return value[language] if isinstance(value, Mapping) and language in value else value
