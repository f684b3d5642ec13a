"""Every text a user can meet, in English and Japanese, through catalogues.

The English template is the key, as in gettext; `catalogue.ja.json` next to this file contains the Japanese. A
provider's folder has a catalogue of its own texts. A text without a translation is shown in English, and a
test lists it.
"""

from __future__ import annotations

import json
import os
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path

LANGUAGES = ("en", "ja")
CATALOGUE = "catalogue.ja.json"
_PACKAGE = Path(__file__).resolve().parents[1]
_language = "en"
_visitors_language: ContextVar[str | None] = ContextVar("visitors_language", default=None)


def set_language(language: str | None) -> str:
    """Choose the language of `t` and return it.

    None takes LISTGEN_LANG, then LC_ALL and LANG, then English.
    """
    global _language
    if language is None:
        wish = os.environ.get("LISTGEN_LANG") or os.environ.get("LC_ALL") or os.environ.get("LANG") or "en"
        language = wish[:2].lower()
    _language = language if language in LANGUAGES else "en"
    return _language


def language() -> str:
    """Return the chosen language."""
    return _visitors_language.get() or _language


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Let `t` speak a language inside the block only: a server answers readers of both at the same time."""
    token = _visitors_language.set(language)
    try:
        yield
    finally:
        _visitors_language.reset(token)


@cache
def _japanese() -> dict[str, str]:
    texts: dict[str, str] = {}
    for path in _PACKAGE.rglob(CATALOGUE):  # no text is in two of them, so their order does not matter
        texts |= json.loads(path.read_text(encoding="utf-8"))
    return texts


def render(template: str, language: str, **values: object) -> str:
    """Return the template in one language with its values filled in."""
    text = _japanese().get(template, template) if language == "ja" else template
    return text.format(**values) if values else text


def t(template: str, **values: object) -> str:
    """Return the template in the chosen language with its values filled in."""
    return render(template, language(), **values)


def bilingual(template: str, **values: object) -> dict[str, str]:
    """Return the text in both languages as `{"en": ..., "ja": ...}`."""
    return {language: render(template, language, **values) for language in LANGUAGES}


def folded(name: str) -> str:
    """Return a name without differences that readers do not see: width, case and spaces."""
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())
