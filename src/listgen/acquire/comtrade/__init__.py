"""UN Comtrade: what the declared technologies' goods are traded for, as importers and exporters report it."""

from __future__ import annotations

from collections.abc import Iterator

from listgen.acquire.comtrade.access import ComtradeAccess, access_of, unknown_reporters
from listgen.acquire.connector import Complaint, Condition, FolderConnector, condition_of
from listgen.base.text import t
from listgen.config.models import Source
from listgen.config.workspace import Config, Workspace

__all__ = ["CONNECTOR"]


class _Comtrade(FolderConnector):
    """The yearly trade of the Harmonized System, asked for call by call."""

    access_model = ComtradeAccess

    def crosscheck(self, source: Source, config: Config) -> Iterator[Complaint]:
        """Yield the reporters that have no number in trade statistics."""
        yield from unknown_reporters(source, config)

    def condition(self, workspace: Workspace, source: Source) -> Condition:
        """Return whether a source can be asked from here."""
        access = access_of(source)
        cost = t("{calls:,} calls a day, no charge", calls=access.daily_calls)
        without = t("preview of {rows:,} rows a call", rows=access.preview_rows)
        return condition_of(access.url, [access.secret], cost, document="comtrade", without=without)


CONNECTOR = _Comtrade()
