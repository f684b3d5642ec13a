"""The EPO's Open Patent Services.

The family, or the bibliographic data, of one publication after the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from listgen.acquire.connector import Condition, Connector, Measure, condition_of
from listgen.acquire.ops.access import OpsAccess, access_of
from listgen.base.text import t
from listgen.config.models import Source
from listgen.config.workspace import Workspace
from listgen.store.raw import Snapshot

if TYPE_CHECKING:
    from listgen.acquire.order import Order

__all__ = ["CONNECTOR"]


class _OpenPatentServices(Connector):
    """Look-ups within a weekly fair use of bytes."""

    access_model = OpsAccess

    def condition(self, workspace: Workspace, source: Source) -> Condition:
        """Return whether a source can be asked from here."""
        access = access_of(source)
        cost = t("{bytes:,} bytes a week, no charge", bytes=access.weekly_bytes)
        return condition_of(access.url, [access.key, access.secret], cost, document="epo_ops")

    def plan(self, workspace: Workspace, source: Source, measures: Sequence[Measure]) -> dict[str, Any]:
        """Return the look-ups that acquiring would make."""
        from listgen.acquire.ops.plan import plan

        return plan(workspace, source)

    def plan_lines(self, row: dict[str, Any]) -> list[str]:
        """Return what a person reads of a plan."""
        from listgen.acquire.ops.plan import lines

        return lines(row)

    def fresh_snapshot(self, workspace: Workspace, source: Source) -> Snapshot | None:
        """Return the newest snapshot if nothing is left to look up."""
        from listgen.acquire.ops.acquisition import fresh_snapshot

        return fresh_snapshot(workspace, source)

    def acquire(self, workspace: Workspace, source: Source, order: Order) -> Snapshot:
        """Look up what is not known yet."""
        from listgen.acquire.ops.acquisition import acquire_ops

        return acquire_ops(workspace, source, order)


CONNECTOR = _OpenPatentServices()
