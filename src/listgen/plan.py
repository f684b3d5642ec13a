"""What a person asks before a refresh: what it would take in, compute and cost; nothing is written.

Reads: data/raw, the network where a source is fetched.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any

from listgen.base.connectors import OpenAlexAccess
from listgen.base.errors import ListgenError, UsageError, nearest
from listgen.base.text import t
from listgen.config.loader import Workspace
from listgen.config.models import Source
from listgen.overview import Overview
from listgen.store.raw import newest_snapshot
from listgen.store.sqlfile import SqlFile

# Measured on two cores with the benchmark: seconds per million bytes of compressed input, and fixed cost of a build.
_SECONDS_PER_MB = 0.4
_FIXED_SECONDS = 15


def plan_refresh(workspace: Workspace, only: Sequence[str] = ()) -> Overview:
    """Return what a refresh, or acquiring the sources named, would take in, compute and cost; nothing is written.

    A provider may be asked how much there is, for a few credits, which are told.
    """
    known = [*workspace.config.settings.sources, *(s.id for s in workspace.config.sources.values() if s.is_fetched)]
    for source_id in only:
        if source_id not in known:
            raise UsageError(
                t('"{source}" is not a source of this workspace.', source=source_id) + nearest(source_id, known),
                t("Expected one of: {known}.", known=", ".join(known)),
            )
    rows = [_row(workspace, source_id) for source_id in only or workspace.config.settings.sources]
    total, calls, credits = (sum(row[key] for row in rows) for key in ("bytes", "calls", "credits"))
    seconds = _FIXED_SECONDS + _SECONDS_PER_MB * total / 1e6 + sum(row["seconds"] for row in rows)
    usd = round(sum(row["usd"] for row in rows), 4)
    template = "in all {calls:,} calls, {credits:,} credits (${usd:.2f}), {bytes:,} bytes and about {minutes:.0f} min"
    lines = [line for row in rows for line in _lines(workspace, row)]
    lines.append(t(template, calls=calls, credits=credits, usd=usd, bytes=total, minutes=max(1, seconds / 60)))
    unknown = [row["source_id"] for row in rows if row["problem"]]
    if unknown:
        lines.append(t("not counted in this, because what they would take is not known: {names}", names=", ".join(unknown)))
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
        return _PROVIDERS[source.provider][1](row)
    return [t("{source_id} ({grade}): {files} file(s), {bytes:,} bytes, held: {held}, no calls, no cost", **row)]


def _row(workspace: Workspace, source_id: str) -> dict[str, Any]:
    from listgen.acquire import find_files

    config = workspace.config
    is_generated = config.sample is not None and source_id == config.sample.id
    parts = config.sample.produces if is_generated and config.sample else [source_id]
    held = [newest_snapshot(workspace.raw, part) for part in parts]
    row: dict[str, Any] = {"source_id": source_id, "held": t("yes") if all(held) else t("no"), "problem": "", "files": 0, "bytes": 0}
    row |= {"calls": 0, "credits": 0, "usd": 0.0, "seconds": 0.0}
    row["grade"] = ", ".join(sorted({config.sources[part].grade for part in parts}))
    if is_generated:
        files = [file for snapshot in held if snapshot for file in snapshot.files]
        sizes = [file.n_bytes for file in files]
        # An unmade sample is estimated from its size: about 0.9 kB compressed a work and 0.5 kB a publication.
        guess = config.sample.n_works * 900 + config.sample.n_publications * 500 if config.sample else 0
        return row | {"files": len(sizes), "bytes": sum(sizes) or guess}
    try:
        source = config.sources[source_id]
        if source.provider is not None:
            return row | _PROVIDERS[source.provider][0](workspace, source)
        paths = [file.path for file in find_files(workspace, source)]
    except ListgenError as error:
        return row | {"problem": str(error)}
    return row | {"files": len(paths), "bytes": sum(path.stat().st_size for path in paths)}


def _openalex(workspace: Workspace, source: Source) -> dict[str, Any]:
    """Return what asking a provider would cost, and which indicators its answers could carry."""
    from listgen.acquire.openalex.estimate import estimate
    from listgen.acquire.openalex.question import access_of

    found, access = estimate(workspace, source), access_of(source)
    daily = access.daily_credits if os.environ.get(access.secret) else access.daily_credits // 10
    carries, cannot = _carried(access)
    return {
        "route": access.route,
        "calls": found.calls,
        "credits": found.credits,
        "usd": found.usd,
        "days": -(-found.credits // daily),
        "bytes": found.n_bytes,
        "disk_bytes": found.disk_bytes,
        "seconds": found.seconds,
        "minutes": found.seconds / 60,
        "asked": found.asked,
        "n_cited": found.n_cited,
        "n_lookups": found.n_lookups,
        "n_works": found.n_works,
        "carries": carries,
        "cannot_carry": cannot,
    }


def _openalex_lines(row: dict[str, Any]) -> list[str]:
    """Return what is said about calls and credits, and which indicators the answers can carry."""
    asked = t("{source_id} ({grade}, route {route}): {calls:,} calls, {credits:,} credits (${usd:.2f}, {days} day(s) of budget)", **row)
    size = t("{bytes:,} bytes, {disk_bytes:,} on disk, {minutes:.0f} min; held: {held}; this plan cost {asked} credit(s)", **row)
    cited = t("about {n_cited:,} of the calls are for cited works; at most {n_lookups:,} free look-ups of merged ones come on top", **row)
    lines = [
        f"{asked}, {size}",
        *([f"  {cited}"] if row["n_cited"] else []),
        "  " + t("can carry: {names}", names=", ".join(row["carries"]) or "-"),
    ]
    return [*lines, *(f"  {indicator_id}: {reason}" for indicator_id, reason in row["cannot_carry"].items())]


def _odp(workspace: Workspace, source: Source) -> dict[str, Any]:
    """Return which files of a bulk product are to be fetched, and how often the provider still lets each of them out this year."""
    from listgen.acquire.odp.estimate import estimate

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


def _odp_lines(row: dict[str, Any]) -> list[str]:
    """Return what is said about a bulk product: the files, and the downloads of each that are left of the yearly allowance."""
    wanted = [file for file in row["downloads"] if not file["is_held"]]
    first = t("{source_id} ({grade}): edition {edition}, {n} of {files} files to fetch", n=len(wanted), **row)
    size = t("{bytes:,} bytes, {disk_bytes:,} on disk, {minutes:.0f} min; held: {held}", **row)
    lines = [first, f"  {size}"]
    for file in row["downloads"]:
        state = t("held, not fetched again") if file["is_held"] else t("{bytes:,} bytes to fetch", bytes=file["bytes"])
        left = t("{left} of {limit} downloads left this year", left=file["downloads_left"], limit=file["yearly_downloads"])
        lines.append("  " + t("{table}: {state}; {left}", table=file["table"], state=state, left=left))
    return lines


def _ops(workspace: Workspace, source: Source) -> dict[str, Any]:
    """Return how many publications are to be looked up, and what is left of the provider's weekly fair use."""
    from listgen.acquire.ops.estimate import estimate

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


def _ops_lines(row: dict[str, Any]) -> list[str]:
    """Return what is said about look-ups."""
    template = "{source_id} ({grade}): {look_ups:,} publications to look up in this run, {left:,} in all; {week_bytes:,} of {weekly_bytes:,} bytes of this week used"
    return [t(template, **row), "  " + t("about {bytes:,} bytes, {minutes:.0f} min; held: {held}", **row)]


def _comtrade(workspace: Workspace, source: Source) -> dict[str, Any]:
    """Return what asking for trade would cost: calls of a daily quota, no money."""
    from listgen.acquire.comtrade.estimate import estimate
    from listgen.acquire.comtrade.question import access_of
    from listgen.indicators import load_indicators

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
        "carries": [indicator.id for indicator in load_indicators() if indicator.basis == "trade"],
    }


def _comtrade_lines(row: dict[str, Any]) -> list[str]:
    """Return what is said about calls of a daily quota."""
    asked = t("{source_id} ({grade}, {door}): {calls:,} calls of {quota:,} a day ({days} day(s) of quota)", **row)
    size = t("about {n_rows:,} rows, {bytes:,} bytes, {minutes:.0f} min; held: {held}; this plan asked nothing", **row)
    return [f"{asked}, {size}", "  " + t("can carry: {names}", names=", ".join(row["carries"]) or "-")]


def _carried(access: OpenAlexAccess) -> tuple[list[str], dict[str, str]]:
    """Return the indicators a route can carry, and for each other one on works or counts why it cannot."""
    from listgen.indicators import load_indicators

    carries, cannot = [], {}
    for indicator in load_indicators():
        reason = _why_not(access, indicator.basis, indicator.file)
        if reason == "":
            carries.append(indicator.id)
        elif reason is not None:
            cannot[indicator.id] = reason
    return carries, cannot


def _why_not(access: OpenAlexAccess, basis: str, file: SqlFile) -> str | None:
    """Return why a route cannot carry an indicator: empty when it can, None when the indicator is on other evidence altogether."""
    if basis not in ("works", "statistics"):
        return None
    if access.route == "counts":
        if basis == "works":
            return t("needs records; counts by country hold no citations and no single work")
        return t("needs a measure of quality, which counts do not hold") if "top1_intensity" in file.sql else ""
    if basis == "statistics":
        return None
    if access.route == "records" and not access.cited_works_credits and "core.citation_flow" in file.inputs:
        return t("needs the countries of cited works; set cited_works_credits")
    return ""


# What each provider is asked for, and the words for it.
_PROVIDERS: dict[str, tuple[Callable[[Workspace, Source], dict[str, Any]], Callable[[dict[str, Any]], list[str]]]] = {
    "openalex": (_openalex, _openalex_lines),
    "odp": (_odp, _odp_lines),
    "ops": (_ops, _ops_lines),
    "comtrade": (_comtrade, _comtrade_lines),
}
