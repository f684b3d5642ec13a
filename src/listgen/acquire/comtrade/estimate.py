"""What a run would ask of UN Comtrade: calls, days of quota, bytes and minutes, worked out without asking.

Reads: data/raw/pending.
Writes: nothing.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

from listgen.acquire.comtrade.access import access_of
from listgen.acquire.comtrade.acquisition import fresh_snapshot
from listgen.acquire.comtrade.question import Question, Unit, make_question
from listgen.acquire.order import Order, today_of
from listgen.config.models import Source
from listgen.config.workspace import Workspace

_SECONDS_PER_CALL = 2.0
_ROW_BYTES = 1_000  # a row as the provider writes it, without descriptions
_ROWS_PER_CODE = {
    "imports": 50,
    "exports_to": 50,
    "imports_from": 80,
    "exports": 130,
    "world_imports": 180,
}  # usual; per reporter for the first three


@dataclass(frozen=True)
class Estimate:
    """What a run would cost. A unit that turns out longer than the provider's limit costs two more calls."""

    route: str
    calls: int
    n_rows: int
    seconds: float

    @property
    def n_bytes(self) -> int:
        """Return the bytes of the answers."""
        return self.n_rows * _ROW_BYTES


def estimate(workspace: Workspace, source: Source, order: Order | None = None) -> Estimate:
    """Return what acquiring a source now would cost.

    Nothing is fetched when what is held is fresh, or was before a stop.
    """
    order = order or Order()
    has_key = bool(os.environ.get(access_of(source).secret))
    question = make_question(workspace.config, source, today_of(order.clock), has_key=has_key)
    if fresh_snapshot(workspace, source, order.clock) is not None:
        return Estimate(question.route, 0, 0, 0.0)
    folder = workspace.raw / "pending" / source.id / question.digest[:16]
    left = [unit for unit in question.units if not any(folder.glob(f"{unit.name}*/*.body"))]
    rows = sum(_rows(unit) for unit in left)
    calls = sum(_calls(question, unit) for unit in left)
    return Estimate(
        question.route, calls, rows, calls * max(_SECONDS_PER_CALL, 1 / question.access.requests_per_second)
    )


def _rows(unit: Unit) -> int:
    reporters = len(unit.reporters) if unit.view.is_asked or unit.view.is_asked_about else 1
    return _ROWS_PER_CODE[unit.view_id] * len(unit.codes) * reporters


def _calls(question: Question, unit: Unit) -> int:
    """Return the calls of a unit with its halves, where it is usually longer than a call gives."""
    if _rows(unit) < question.max_rows or not unit.halves():
        return 1
    return 1 + sum(_calls(question, half) for half in unit.halves())
