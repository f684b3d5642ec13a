"""The `openalex:` block of a source."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from listgen.acquire.connector import block_of
from listgen.base.text import t
from listgen.config.access import Access, SafeUrl, Variable
from listgen.config.models import Source


class OpenAlexAccess(Access):
    """`openalex:` of a source.

    By which route the provider is asked, for what, and how much of its budget may be used.

    `records`: the works of the declared technologies, all countries, and the works they cite. `counts`: their
    number by country and year, computed by the provider. `snapshot`: the provider's files, from a mirror or
    an object store.
    """

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
            raise ValueError(
                t("route snapshot needs either mirror (a folder) or bucket_url (an object store), not both")
            )
        if self.keep == "link" and self.mirror is None:
            raise ValueError(t("keep: link needs a mirror on this machine"))
        return self

    def misfit(self, grade: str) -> str:
        """Return why a source of this grade cannot be asked so; empty when it can."""
        if (grade == "statistics") == (self.route == "counts"):
            return ""
        return t("route counts is of grade statistics, routes records and snapshot of grade records")

    @property
    def counter(self) -> str:
        """Return the provider's name where it counts works by country for us."""
        return "OpenAlex" if self.route == "counts" else ""


def access_of(source: Source) -> OpenAlexAccess:
    """Return how a source is asked.

    Raises:
        UsageError: It is not one of OpenAlex.
    """
    return block_of(source, OpenAlexAccess)
