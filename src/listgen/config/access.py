"""The part of a source that says how its provider is asked over the network.

What all providers' blocks have in common.

Each provider derives its own block from `Access` in `acquire/<provider>/access.py`. The configuration knows
only this base: the caller that loads a workspace hands the providers in, so nothing here imports a step.
"""

from __future__ import annotations

import re
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict

from listgen.base.text import t

_VARIABLE = re.compile(r"[A-Z][A-Z0-9_]{2,63}")
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


def _check_variable(value: str) -> str:
    if not _VARIABLE.fullmatch(value):
        raise ValueError(
            t("must be the name of an environment variable such as OPENALEX_API_KEY; never the key itself")
        )
    return value


def _check_url(value: str) -> str:
    parts = urlsplit(value)
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
    if not is_safe or not parts.hostname or parts.username or parts.query or parts.fragment:
        raise ValueError(
            t("must be an https address without user, query or fragment (http only on loopback)")
        )
    return value.rstrip("/")


Variable = Annotated[str, AfterValidator(_check_variable)]
SafeUrl = Annotated[str, AfterValidator(_check_url)]


class Access(BaseModel):
    """The block of a source that is named after its provider."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    def misfit(self, grade: str) -> str:
        """Return why a source of this grade cannot be asked so; empty when it can."""
        return ""

    @property
    def counter(self) -> str:
        """Return the name of a provider that counts works by country for us; empty when it sends records."""
        return ""
