"""What `listgen plan` says of a source of the Open Data Portal.

Reads: the network (the list of files, which costs no download), data/raw.
Writes: nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from listgen.acquire.connector import Measure
from listgen.acquire.odp.estimate import estimate
from listgen.base.text import t
from listgen.config.models import Source
from listgen.config.workspace import Workspace


def plan(workspace: Workspace, source: Source, measures: Sequence[Measure]) -> dict[str, Any]:
    """Return which files of a bulk product to fetch, and how often each may still be fetched this year."""
    found = estimate(workspace, source)
    return {
        "edition": found.edition,
        "downloads": [file.as_dict() for file in found.files],
        "files": len(found.files),
        "calls": found.calls,
        "bytes": found.n_bytes,
        "disk_bytes": found.disk_bytes,
        "seconds": found.seconds,
        "minutes": found.seconds / 60,
    }


def lines(row: dict[str, Any]) -> list[str]:
    """Return what is said about a bulk product.

    The files, and the downloads of each that are left of the yearly allowance.
    """
    wanted = [file for file in row["downloads"] if not file["is_held"]]
    first = t("{source_id} ({grade}): edition {edition}, {n} of {files} files to fetch", n=len(wanted), **row)
    size = t("{bytes:,} bytes, {disk_bytes:,} on disk, {minutes:.0f} min; held: {held}", **row)
    found = [first, f"  {size}"]
    for file in row["downloads"]:
        state = (
            t("held, not fetched again")
            if file["is_held"]
            else t("{bytes:,} bytes to fetch", bytes=file["bytes"])
        )
        left = t(
            "{left} of {limit} downloads left this year",
            left=file["downloads_left"],
            limit=file["yearly_downloads"],
        )
        found.append("  " + t("{table}: {state}; {left}", table=file["table"], state=state, left=left))
    return found
