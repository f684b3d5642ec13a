"""The `ops:` block of a source."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from listgen.acquire.connector import block_of
from listgen.base.text import t
from listgen.config.access import Access, SafeUrl, Variable
from listgen.config.models import Source

PUBLICATION = re.compile(r"[A-Z]{2}-[A-Z0-9]{1,20}(?:-[A-Z]\d?)?")


def _check_publication(value: str) -> str:
    if not PUBLICATION.fullmatch(value):
        raise ValueError(t("must be a publication number such as EP-1000000-A1 or US-10123456"))
    return value


PublicationNumber = Annotated[str, AfterValidator(_check_publication)]


class OpsAccess(Access):
    """`ops:` of a source.

    Which publications are looked up at the EPO's Open Patent Services, and how much may be asked.

    `numbers`: publications asked for by name; `fill_families`: also those of the declared technologies whose
    family the current build does not know. `lookups`: at most so many in a run. `weekly_bytes`: the
    provider's fair use.
    """

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


def access_of(source: Source) -> OpsAccess:
    """Return how a source is asked.

    Raises:
        UsageError: It is not one of the services.
    """
    return block_of(source, OpsAccess)
