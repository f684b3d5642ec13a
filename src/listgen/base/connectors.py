"""How a source that is fetched over the network is asked: one class per provider, used inside `config/sources/<id>.yaml`."""

from __future__ import annotations

import re
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from listgen.base.text import t

_VARIABLE = re.compile(r"[A-Z][A-Z0-9_]{2,63}")
_PRODUCT = re.compile(r"[A-Z][A-Z0-9]{2,15}")
_TABLE = re.compile(r"p?g_[a-z0-9_]{1,60}")
_PUBLICATION = re.compile(r"[A-Z]{2}-[A-Z0-9]{1,20}(?:-[A-Z]\d?)?")
_EDITION = re.compile(r"\d{4}-\d\d-\d\d")
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


def _check_product(value: str) -> str:
    if not _PRODUCT.fullmatch(value):
        raise ValueError(t("must be a product of the portal such as PVGPATDIS"))
    return value


def _check_portal_table(value: str) -> str:
    if not _TABLE.fullmatch(value):
        raise ValueError(t("must be a table such as g_patent, without .tsv.zip"))
    return value


def _check_publication(value: str) -> str:
    if not _PUBLICATION.fullmatch(value):
        raise ValueError(t("must be a publication number such as EP-1000000-A1 or US-10123456"))
    return value


Variable = Annotated[str, AfterValidator(_check_variable)]
SafeUrl = Annotated[str, AfterValidator(_check_url)]
Product = Annotated[str, AfterValidator(_check_product)]
PortalTable = Annotated[str, AfterValidator(_check_portal_table)]
PublicationNumber = Annotated[str, AfterValidator(_check_publication)]


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


class OdpAccess(BaseModel):
    """`odp:` of a source: which tables of which bulk products of the USPTO Open Data Portal are fetched.

    `edition`: the last day of the data, such as 2025-12-31; without it the newest edition that is there whole. `yearly_downloads`:
    how often the provider lets one key have one file within a year.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: SafeUrl = "https://api.uspto.gov"
    secret: Variable = "USPTO_API_KEY"
    products: dict[Product, Annotated[list[PortalTable], Field(min_length=1)]] = Field(min_length=1)
    edition: str | None = Field(default=None, pattern=_EDITION.pattern)
    yearly_downloads: int = Field(ge=1, default=20)
    requests_per_second: float = Field(gt=0, le=10, default=1)
    fresh_days: int = Field(ge=0, le=366, default=30)


class OpsAccess(BaseModel):
    """`ops:` of a source: which publications are looked up at the EPO's Open Patent Services, and how much may be asked.

    `numbers`: publications asked for by name; `fill_families`: also those of the declared technologies whose family the current
    build does not know. `lookups`: at most so many in a run. `weekly_bytes`: the provider's fair use.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: SafeUrl = "https://ops.epo.org/3.2"
    key: Variable = "EPO_OPS_KEY"
    secret: Variable = "EPO_OPS_SECRET"
    services: list[Literal["family", "biblio"]] = Field(min_length=1, default=["family"])
    numbers: list[PublicationNumber] = []
    fill_families: bool = True
    lookups: int = Field(ge=1, default=1000)
    weekly_bytes: int = Field(ge=1_000_000, default=4_000_000_000)
    requests_per_second: float = Field(gt=0, le=10, default=2)
    fresh_days: int = Field(ge=0, le=3660, default=365)
