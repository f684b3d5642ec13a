"""How a source that is fetched over the network is asked: one class per provider, used inside `config/sources/<id>.yaml`."""

from __future__ import annotations

import re
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from listgen.base.text import t

_VARIABLE = re.compile(r"[A-Z][A-Z0-9_]{2,63}")
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


def _check_variable(value: str) -> str:
    if not _VARIABLE.fullmatch(value):
        raise ValueError(t("must be the name of an environment variable such as OPENALEX_API_KEY; never the key itself"))
    return value


def _check_url(value: str) -> str:
    parts = urlsplit(value)
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
    if not is_safe or not parts.hostname or parts.username or parts.query or parts.fragment:
        raise ValueError(t("must be an https address without user, query or fragment (http only on loopback)"))
    return value.rstrip("/")


Variable = Annotated[str, AfterValidator(_check_variable)]
SafeUrl = Annotated[str, AfterValidator(_check_url)]


class OpenAlexAccess(BaseModel):
    """`openalex:` of a source: by which route the provider is asked, for what, and how much of its budget may be used.

    `records`: the works of the declared technologies, all countries, and the works they cite. `counts`: their number by
    country and year, computed by the provider. `snapshot`: the provider's files, from a mirror or an object store.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    route: Literal["records", "counts", "snapshot"]
    url: SafeUrl = "https://api.openalex.org"
    secret: Variable = "OPENALEX_API_KEY"
    corpus: Literal["core", "expansion", "all"] = "core"
    match: list[Literal["topics", "keywords", "text"]] = ["topics"]
    fields: list[str] = []
    page_size: int = Field(ge=1, le=200, default=100)
    requests_per_second: float = Field(gt=0, le=100, default=8)
    daily_credits: int = Field(ge=1, default=10_000)
    cited_works_credits: int = Field(ge=0, default=0)
    fresh_days: int = Field(ge=0, le=366, default=30)
    mirror: str | None = None
    bucket_url: SafeUrl | None = None
    format: Literal["jsonl", "parquet"] = "jsonl"
    keep: Literal["copy", "link"] = "copy"

    @model_validator(mode="after")
    def _route_has_its_place(self) -> Self:
        if self.route == "snapshot" and (self.mirror is None) == (self.bucket_url is None):
            raise ValueError(t("route snapshot needs either mirror (a folder) or bucket_url (an object store), not both"))
        if self.keep == "link" and self.mirror is None:
            raise ValueError(t("keep: link needs a mirror on this machine"))
        return self


class ComtradeAccess(BaseModel):
    """`comtrade:` of a source: whose partners UN Comtrade is asked for, for how many years, and how much it may be asked.

    `reporters`: countries whose imports and exports are wanted partner by partner, the focal country when empty; of all others only
    what they trade with the world. Without a key the provider gives `preview_rows` rows a call, with one `max_rows`; both it cuts
    off without a word.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: SafeUrl = "https://comtradeapi.un.org"
    secret: Variable = "COMTRADE_API_KEY"
    reporters: list[str] = []
    years: int = Field(ge=1, le=20, default=3)
    codes_per_call: int = Field(ge=1, le=200, default=40)
    max_rows: int = Field(ge=1, le=250_000, default=100_000)
    preview_rows: int = Field(ge=1, le=100_000, default=500)
    requests_per_second: float = Field(gt=0, le=10, default=0.5)
    daily_calls: int = Field(ge=1, default=500)
    fresh_days: int = Field(ge=0, le=366, default=60)
