"""The words of the review pages, from `texts.yaml`, by the visitor's language, and their environment.

Reads: texts.yaml, templates
Writes: nothing
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, StrictUndefined

from listgen.config.yamlfile import load_yaml, plain

TEXTS_FILE = Path(__file__).with_name("texts.yaml")
# Deadlines are stored in UTC and told in the panel's own time.
_ZONE = ZoneInfo("Asia/Tokyo")


@cache
def all_texts() -> dict[str, dict[str, str]]:
    """Return every text by key."""
    texts: dict[str, dict[str, str]] = plain(load_yaml(TEXTS_FILE, TEXTS_FILE.name))
    return texts


def say(language: str, key: str, **values: object) -> str:
    """Return a text in a language with its values filled in.

    A value that is itself a pair takes the same language.
    """
    return all_texts()[key][language].format(
        **{name: in_language(language, value) for name, value in values.items()}
    )


def in_language(language: str, value: Any) -> Any:  # noqa: ANN401 - whatever a template is given
    """Return the text of a pair in a language; anything else as it is."""
    return value[language] if isinstance(value, Mapping) and language in value else value


def show_time(language: str, moment: dt.datetime) -> str:
    """Return a moment in Japan's time, with its zone, as people write it."""
    local = moment.astimezone(_ZONE)
    if language == "ja":
        return f"{local.year}年{local.month}月{local.day}日 {local:%H:%M}（日本時間）"
    return f"{local.day} {local:%B %Y, %H:%M} JST"


def show_number(value: float | None) -> str:
    """Return a figure with at most two decimals, a dash for none."""
    return "–" if value is None else f"{value:.2f}".rstrip("0").rstrip(".")


def words(language: str) -> dict[str, Any]:
    """Return what templates speak a language with."""
    return {
        "language": language,
        "tx": partial(say, language),
        "own": partial(in_language, language),
        "show_time": partial(show_time, language),
    }


def _address(name: str, *values: object) -> str:
    """Return the address of a page."""
    from django.urls import reverse

    found: str = reverse(name, args=list(values))
    return found


def environment(**options: Any) -> Environment:  # noqa: ANN401 - Django hands Jinja's own options on
    """Return the environment of the templates: everything escaped, an unknown name an error."""
    made = Environment(
        **options
        | {
            "autoescape": True,
            "undefined": StrictUndefined,
            "trim_blocks": True,
            "lstrip_blocks": True,
        }
    )
    made.globals |= {"show_number": show_number, "url": _address}
    return made
