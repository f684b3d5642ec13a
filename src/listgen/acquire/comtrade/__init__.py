"""UN Comtrade: what the declared technologies' goods are traded for, as importers and exporters report it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from listgen.acquire.comtrade.access import ComtradeAccess, access_of, unknown_reporters
from listgen.acquire.connector import Complaint, Condition, Connector, Measure, condition_of
from listgen.base.text import t
from listgen.config.models import Source
from listgen.config.workspace import Config, Workspace
from listgen.store.raw import Snapshot

if TYPE_CHECKING:
    from listgen.acquire.order import Order

__all__ = ["CONNECTOR"]


class _Comtrade(Connector):
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

    def plan(self, workspace: Workspace, source: Source, measures: Sequence[Measure]) -> dict[str, Any]:
        """Return the calls of a daily quota that acquiring would take."""
        from listgen.acquire.comtrade.plan import plan

        return plan(workspace, source, measures)

    def plan_lines(self, row: dict[str, Any]) -> list[str]:
        """Return what a person reads of a plan."""
        from listgen.acquire.comtrade.plan import lines

        return lines(row)

    def fresh_snapshot(self, workspace: Workspace, source: Source) -> Snapshot | None:
        """Return the newest snapshot if it answers the question of its day and is not too old."""
        from listgen.acquire.comtrade.acquisition import fresh_snapshot

        return fresh_snapshot(workspace, source)

    def acquire(self, workspace: Workspace, source: Source, order: Order) -> Snapshot:
        """Fetch what a source asks for."""
        from listgen.acquire.comtrade.acquisition import acquire_comtrade

        return acquire_comtrade(workspace, source, order)


CONNECTOR = _Comtrade()
