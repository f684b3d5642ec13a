"""What `listgen plan` says of a source of the Open Patent Services.

Reads: the current build, data/raw.
Writes: nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from listgen.acquire.connector import Measure
from listgen.acquire.ops.estimate import estimate
from listgen.base.text import t
from listgen.config.models import Source
from listgen.config.workspace import Workspace


def plan(workspace: Workspace, source: Source, measures: Sequence[Measure]) -> dict[str, Any]:
    """Return how many publications to look up, and what is left of the provider's weekly fair use."""
    found = estimate(workspace, source)
    return {
        "look_ups": found.look_ups,
        "left": found.left,
        "week_bytes": found.week_bytes,
        "weekly_bytes": found.weekly_bytes,
        "calls": found.look_ups,
        "bytes": found.n_bytes,
        "disk_bytes": found.n_bytes,
        "seconds": found.seconds,
        "minutes": found.seconds / 60,
    }


def lines(row: dict[str, Any]) -> list[str]:
    """Return what is said about look-ups."""
    template = (
        "{source_id} ({grade}): {look_ups:,} publications to look up in this run, {left:,} in all; "
        "{week_bytes:,} of {weekly_bytes:,} bytes of this week used"
    )
    return [t(template, **row), "  " + t("about {bytes:,} bytes, {minutes:.0f} min; held: {held}", **row)]
