"""What a person asks before a refresh: what it would take in, compute and cost; nothing is written.

Reads: data/raw, the network where a source is fetched.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from listgen.acquire import find_files
from listgen.acquire.connector import connectors
from listgen.base.errors import ListgenError
from listgen.base.text import t
from listgen.config.workspace import Workspace
from listgen.indicators import load_indicators
from listgen.pipeline.intake import check_sources
from listgen.store.raw import newest_snapshot
from listgen.workspace.overview import Overview

# Measured on two cores with the benchmark: seconds per million bytes of compressed input, and fixed cost of a
# build.
_SECONDS_PER_MB = 0.4
_FIXED_SECONDS = 15


def plan_refresh(workspace: Workspace, only: Sequence[str] = ()) -> Overview:
    """Return what a refresh, or acquiring the sources named, would take in, compute and cost.

    Nothing is written.

    A provider may be asked how much there is, for a few credits, which are told.
    """
    check_sources(workspace.config, only)
    rows = [_row(workspace, source_id) for source_id in only or workspace.config.settings.sources]
    total, calls, credits = (sum(row[key] for row in rows) for key in ("bytes", "calls", "credits"))
    seconds = _FIXED_SECONDS + _SECONDS_PER_MB * total / 1e6 + sum(row["seconds"] for row in rows)
    usd = round(sum(row["usd"] for row in rows), 4)
    template = (
        "in all {calls:,} calls, {credits:,} credits (${usd:.2f}), {bytes:,} bytes and about"
        " {minutes:.0f} min"
    )
    lines = [line for row in rows for line in _lines(workspace, row)]
    lines.append(
        t(template, calls=calls, credits=credits, usd=usd, bytes=total, minutes=max(1, seconds / 60))
    )
    unknown = [row["source_id"] for row in rows if row["problem"]]
    if unknown:
        lines.append(
            t(
                "not counted in this, because what they would take is not known: {names}",
                names=", ".join(unknown),
            )
        )
    document = {
        "sources": rows,
        "bytes": total,
        "seconds": round(seconds),
        "calls": calls,
        "credits": credits,
        "cost": usd,
        "unknown": unknown,
    }
    return Overview(document, lines)


def _lines(workspace: Workspace, row: dict[str, Any]) -> list[str]:
    """Return what is said about one source."""
    if row["problem"]:
        return [f"{row['source_id']}: {row['problem']}"]
    source = workspace.config.sources.get(row["source_id"])
    if source is not None and source.provider is not None:
        return connectors()[source.provider].plan_lines(row)
    return [
        t("{source_id} ({grade}): {files} file(s), {bytes:,} bytes, held: {held}, no calls, no cost", **row)
    ]


def _row(workspace: Workspace, source_id: str) -> dict[str, Any]:
    config = workspace.config
    is_generated = config.sample is not None and source_id == config.sample.id
    parts = config.sample.produces if is_generated and config.sample else [source_id]
    held = [newest_snapshot(workspace.raw, part) for part in parts]
    row: dict[str, Any] = {
        "source_id": source_id,
        "held": t("yes") if all(held) else t("no"),
        "problem": "",
        "files": 0,
        "bytes": 0,
    }
    row |= {"calls": 0, "credits": 0, "usd": 0.0, "seconds": 0.0}
    row["grade"] = ", ".join(sorted({config.sources[part].grade for part in parts}))
    if is_generated:
        files = [file for snapshot in held if snapshot for file in snapshot.files]
        sizes = [file.n_bytes for file in files]
        # An unmade sample is estimated from its size: about 0.9 kB compressed a work and 0.5 kB a
        # publication.
        guess = config.sample.n_works * 900 + config.sample.n_publications * 500 if config.sample else 0
        return row | {"files": len(sizes), "bytes": sum(sizes) or guess}
    try:
        source = config.sources[source_id]
        if source.provider is not None:
            return row | connectors()[source.provider].plan(workspace, source, load_indicators())
        paths = [file.path for file in find_files(workspace, source)]
    except ListgenError as error:
        return row | {"problem": str(error)}
    return row | {"files": len(paths), "bytes": sum(path.stat().st_size for path in paths)}
