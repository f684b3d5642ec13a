"""What all shapes of configuration files are made of: the strict base, bilingual texts, checked words."""

from __future__ import annotations

import codecs
import datetime as dt
import encodings.aliases
import re
from collections.abc import Iterator
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict

from listgen.base.errors import nearest
from listgen.base.text import t

# What a draft says where only a person knows; a source with either of them left cannot be used.
TO_FILL = {"en": "to be filled in", "ja": "要記入"}
TO_FILL_ID = "to_be_filled_in"

# Known to Python and not to be met in a file of a provider: names of hosts, of Python itself, of one machine.
_NO_FILE_ENCODINGS = ("idna", "punycode", "undefined", "unicode_escape", "raw_unicode_escape", "mbcs", "oem")
_SLUG = re.compile(r"[a-z][a-z0-9_]{1,63}")


def is_to_fill(value: object) -> bool:
    """Tell whether a value is what a draft says where only a person knows."""
    return isinstance(value, str) and (value == TO_FILL_ID or any(mark in value for mark in TO_FILL.values()))


def places_to_fill(node: object, location: tuple[int | str, ...] = ()) -> Iterator[tuple[int | str, ...]]:
    """Yield the places of a document that a draft left to a person.

    Args:
        node: The document, or a part of it.
        location: Where the part stands in the document.
    """
    if isinstance(node, dict | list):
        for key, value in node.items() if isinstance(node, dict) else enumerate(node):
            yield from places_to_fill(value, (*location, key if isinstance(key, int) else str(key)))
    elif is_to_fill(node):
        yield location


def _check_slug(value: str) -> str:
    if not _SLUG.fullmatch(value):
        raise ValueError(
            t("must be lower-case letters, digits and _, beginning with a letter (2 to 64 characters)")
        )
    return value


def _check_filled(value: str) -> str:
    if not value.strip():
        raise ValueError(t("must not be empty"))
    return value


def check_cron(value: str) -> str:
    """Return a cron line.

    Raises:
        ValueError: No clock can follow it.
    """
    from cronsim import CronSim, CronSimError

    try:
        CronSim(value, dt.datetime(2000, 1, 1))
    except CronSimError as error:
        raise ValueError(t("must be a cron line of five fields such as 0 6 1 1,4,7,10 *")) from error
    return value


def _check_encoding(value: str) -> str:
    try:
        known = codecs.lookup(value)
    except (LookupError, ValueError) as error:  # ValueError: a name with a NUL in it
        names = sorted({*encodings.aliases.aliases, *encodings.aliases.aliases.values()})
        raise ValueError(
            t("is not an encoding of texts.") + nearest(value.lower().replace("-", "_"), names)
        ) from error
    if not known._is_text_encoding or known.name in _NO_FILE_ENCODINGS:
        raise ValueError(t("is not an encoding of texts."))
    return value


def _check_zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(t("must be a time zone such as Asia/Tokyo")) from error
    return value


Slug = Annotated[str, AfterValidator(_check_slug)]
Filled = Annotated[str, AfterValidator(_check_filled)]
CronLine = Annotated[str, AfterValidator(check_cron)]
Encoding = Annotated[str, AfterValidator(_check_encoding)]
Zone = Annotated[str, AfterValidator(_check_zone)]


class Model(BaseModel):
    """Base of all file shapes: unknown keys are errors, instances do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Text(Model):
    """A text in both languages."""

    en: Filled
    ja: Filled
