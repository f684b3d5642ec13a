"""OpenAlex: works and the works they cite, counts by country, or the provider's own files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from listgen.acquire.connector import Condition, Connector, Measure
from listgen.acquire.openalex.access import OpenAlexAccess
from listgen.config.models import Source
from listgen.config.workspace import Workspace
from listgen.store.raw import Snapshot

if TYPE_CHECKING:
    from listgen.acquire.order import Order

__all__ = ["CONNECTOR"]


class _OpenAlex(Connector):
    """The index of scholarly works, by its API, its object store or a mirror."""

    access_model = OpenAlexAccess

    def condition(self, workspace: Workspace, source: Source) -> Condition:
        """Return whether a source can be asked from here."""
        from listgen.acquire.openalex.condition import condition

        return condition(workspace, source)

    def plan(self, workspace: Workspace, source: Source, measures: Sequence[Measure]) -> dict[str, Any]:
        """Return the credits that acquiring would take, and which indicators the answers could carry."""
        from listgen.acquire.openalex.plan import plan

        return plan(workspace, source, measures)

    def plan_lines(self, row: dict[str, Any]) -> list[str]:
        """Return what a person reads of a plan."""
        from listgen.acquire.openalex.plan import lines

        return lines(row)

    def fresh_snapshot(self, workspace: Workspace, source: Source) -> Snapshot | None:
        """Return the newest snapshot if it answers today's question and is not too old."""
        from listgen.acquire.openalex.acquisition import fresh_snapshot

        return fresh_snapshot(workspace, source)

    def acquire(self, workspace: Workspace, source: Source, order: Order) -> Snapshot:
        """Fetch what a source asks for."""
        from listgen.acquire.openalex.acquisition import acquire_openalex

        return acquire_openalex(workspace, source, order)


CONNECTOR = _OpenAlex()
