"""The `comtrade:` block of a source."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import Field

from listgen.acquire.connector import Complaint, block_of
from listgen.base.text import t
from listgen.config.access import Access, SafeUrl, Variable
from listgen.config.models import Source
from listgen.config.problems import not_in
from listgen.config.workspace import Config


class ComtradeAccess(Access):
    """`comtrade:` of a source.

    Whose partners UN Comtrade is asked for, for how many years, and how much it may be asked.

    `reporters`: countries whose imports and exports are wanted partner by partner, the focal country when
    empty; of all others only what they trade with the world. Without a key the provider gives `preview_rows`
    rows a call, with one `max_rows`; both it cuts off without a word.
    """

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

    def misfit(self, grade: str) -> str:
        """Return why a source of this grade cannot be asked so; empty when it can."""
        return "" if grade == "supply" else t("trade is of grade supply")


def access_of(source: Source) -> ComtradeAccess:
    """Return how a source is asked.

    Raises:
        UsageError: It is not one of Comtrade.
    """
    return block_of(source, ComtradeAccess)


def unknown_reporters(source: Source, config: Config) -> Iterator[Complaint]:
    """Yield the reporters that have no number in trade statistics."""
    numbered = [code for code, country in config.countries.items() if country.m49]
    for index, code in enumerate(access_of(source).reporters):
        if code not in numbered:
            yield ("reporters", index), not_in(code, numbered, t("config/countries.yaml with a number (m49)"))
