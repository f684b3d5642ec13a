"""The USPTO Open Data Portal: bulk tables, one edition at a time, within a yearly allowance of downloads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from listgen.acquire.connector import Condition, Connector, Measure, condition_of
from listgen.acquire.odp.access import OdpAccess, access_of
from listgen.base.text import t
from listgen.config.models import Source
from listgen.config.workspace import Workspace
from listgen.store.raw import Snapshot

if TYPE_CHECKING:
    from listgen.acquire.order import Order

__all__ = ["CONNECTOR"]


class _OpenDataPortal(Connector):
    """Large files, each of which one key may have some twenty times a year."""

    access_model = OdpAccess

    def condition(self, workspace: Workspace, source: Source) -> Condition:
        """Return whether a source can be asked from here."""
        access = access_of(source)
        cost = t("{limit} downloads of each file a year, no charge", limit=access.yearly_downloads)
        return condition_of(access.url, [access.secret], cost, document="patentsview")

    def plan(self, workspace: Workspace, source: Source, measures: Sequence[Measure]) -> dict[str, Any]:
        """Return the files that acquiring would fetch."""
        from listgen.acquire.odp.plan import plan

        return plan(workspace, source)

    def plan_lines(self, row: dict[str, Any]) -> list[str]:
        """Return what a person reads of a plan."""
        from listgen.acquire.odp.plan import lines

        return lines(row)

    def fresh_snapshot(self, workspace: Workspace, source: Source) -> Snapshot | None:
        """Return the newest snapshot if it answers what is declared and the portal was asked not too long ago."""
        from listgen.acquire.odp.acquisition import fresh_snapshot

        return fresh_snapshot(workspace, source)

    def acquire(self, workspace: Workspace, source: Source, order: Order) -> Snapshot:
        """Fetch the files of one edition that are not stored yet."""
        from listgen.acquire.odp.acquisition import acquire_odp

        return acquire_odp(workspace, source, order)


CONNECTOR = _OpenDataPortal()
