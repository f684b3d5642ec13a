"""What the look-ups still to be made would cost, told without asking the services anything.

Reads: the current build, data/raw.
Writes: nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from listgen.acquire.ops.access import access_of
from listgen.acquire.ops.acquisition import left_to_ask, open_allowance, open_client
from listgen.acquire.ops.api import BYTES
from listgen.acquire.order import Order, today_of
from listgen.config.models import Source
from listgen.config.workspace import Workspace

_USUAL_BYTES = {"family": 12_000, "biblio": 18_000}  # of an answer
_USUAL_A_MINUTE = {"family": 60, "biblio": 200}  # while the lights are green


@dataclass(frozen=True)
class Estimate:
    """What a run would ask, of `left` in all; `week_bytes` were had within a week."""

    look_ups: int
    left: int
    n_bytes: int
    seconds: float
    week_bytes: int
    weekly_bytes: int


def estimate(workspace: Workspace, source: Source, order: Order | None = None) -> Estimate:
    """Return what acquiring a source now would ask."""
    order = order or Order()
    access, left = access_of(source), left_to_ask(workspace, source, today_of(order.clock))
    with open_client(source, order) as client:
        used = open_allowance(workspace, client).used(BYTES)
    units = left[: access.lookups]
    n_bytes = sum(_USUAL_BYTES[unit.service] for unit in units)
    seconds = sum(max(60 / _USUAL_A_MINUTE[unit.service], 1 / access.requests_per_second) for unit in units)
    return Estimate(len(units), len(left), n_bytes, seconds, used, access.weekly_bytes)
