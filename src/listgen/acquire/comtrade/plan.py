"""What `listgen plan` says of a source of UN Comtrade.

Reads: data/raw/pending.
Writes: nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from listgen.acquire.comtrade.access import access_of
from listgen.acquire.comtrade.estimate import estimate
from listgen.acquire.connector import Measure
from listgen.base.text import t
from listgen.config.models import Source
from listgen.config.workspace import Workspace


def plan(workspace: Workspace, source: Source, measures: Sequence[Measure]) -> dict[str, Any]:
    """Return what asking for trade would cost: calls of a daily quota, no money."""
    found, quota = estimate(workspace, source), access_of(source).daily_calls
    return {
        "door": t("with a key") if found.route == "key" else t("preview without a key"),
        "quota": quota,
        "days": -(-found.calls // quota),
        "calls": found.calls,
        "n_rows": found.n_rows,
        "bytes": found.n_bytes,
        "seconds": found.seconds,
        "minutes": found.seconds / 60,
        "carries": [measure.id for measure in measures if measure.basis == "trade"],
    }


def lines(row: dict[str, Any]) -> list[str]:
    """Return what is said about calls of a daily quota."""
    asked = t(
        "{source_id} ({grade}, {door}): {calls:,} calls of {quota:,} a day ({days} day(s) of quota)", **row
    )
    size = t(
        "about {n_rows:,} rows, {bytes:,} bytes, {minutes:.0f} min; held: {held}; this plan asked nothing",
        **row,
    )
    return [f"{asked}, {size}", "  " + t("can carry: {names}", names=", ".join(row["carries"]) or "-")]
