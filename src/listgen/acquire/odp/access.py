"""The `odp:` block of a source."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from listgen.acquire.connector import block_of
from listgen.base.text import t
from listgen.config.access import Access, SafeUrl, Variable
from listgen.config.models import Source

_PRODUCT = re.compile(r"[A-Z][A-Z0-9]{2,15}")
_TABLE = re.compile(r"p?g_[a-z0-9_]{1,60}")
_EDITION = re.compile(r"\d{4}-\d\d-\d\d")


def _check_product(value: str) -> str:
    if not _PRODUCT.fullmatch(value):
        raise ValueError(t("must be a product of the portal such as PVGPATDIS"))
    return value


def _check_table(value: str) -> str:
    if not _TABLE.fullmatch(value):
        raise ValueError(t("must be a table such as g_patent, without .tsv.zip"))
    return value


Product = Annotated[str, AfterValidator(_check_product)]
PortalTable = Annotated[str, AfterValidator(_check_table)]


class OdpAccess(Access):
    """`odp:` of a source: which tables of which bulk products of the USPTO Open Data Portal are fetched.

    `edition`: the last day of the data, such as 2025-12-31; without it the newest edition that is there
    whole. `yearly_downloads`: how often the provider lets one key have one file within a year.
    """

    url: SafeUrl = "https://api.uspto.gov"
    secret: Variable = "USPTO_API_KEY"
    products: dict[Product, Annotated[list[PortalTable], Field(min_length=1)]] = Field(min_length=1)
    edition: str | None = Field(default=None, pattern=_EDITION.pattern)
    yearly_downloads: int = Field(ge=1, default=20)
    requests_per_second: float = Field(gt=0, le=10, default=1)
    fresh_days: int = Field(ge=0, le=366, default=30)


def access_of(source: Source) -> OdpAccess:
    """Return how a source is asked.

    Raises:
        UsageError: It is not one of the portal.
    """
    return block_of(source, OdpAccess)
