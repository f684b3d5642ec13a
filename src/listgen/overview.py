"""What a person asks before and after a build: what it would cost, what it came to, what the checks found.

Reads: data/raw, data/builds, list.candidate, prov.check.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from listgen import pipeline
from listgen.base.config import Workspace
from listgen.base.connectors import OpenAlexAccess
from listgen.base.errors import ListgenError, UsageError, nearest
from listgen.base.models import Source
from listgen.base.rawstore import newest_snapshot
from listgen.base.setaside import set_aside_words
from listgen.base.sqlfile import SqlFile
from listgen.base.text import language, t
from listgen.trace.words import STATUSES, axis_word, status_word

# Measured on two cores with the benchmark: seconds per million bytes of compressed input, and fixed cost of a build.
_SECONDS_PER_MB = 0.4
_FIXED_SECONDS = 15
_MOVERS = 5


@dataclass(frozen=True)
class Overview:
    """The same facts as a document and as lines."""

    document: dict[str, Any]
    lines: list[str]


def summarise(outcome: pipeline.Outcome) -> Overview:
    """Return what a build came to: statuses, checks, and the entries on the list."""
    document = json.loads((outcome.folder / "candidates.json").read_text(encoding="utf-8"))
    checks = json.loads((outcome.folder / "checks.json").read_text(encoding="utf-8"))
    counts: dict[str, int] = {}
    for entry in document["entries"]:
        counts[entry["status"]] = counts.get(entry["status"], 0) + 1
    shown = ", ".join(f"{status_word(status)} {counts.get(status, 0)}" for status in STATUSES)
    lines = [t("{n} technologies: {shown}", n=len(document["entries"]), shown=shown), checks_line(checks["summary"])]
    if document["is_sample"]:
        lines.insert(0, t("synthetic sample, not evidence"))
    changes = None if outcome.is_held else _since_before(outcome.folder)
    lines += _movers(changes) if changes else []
    found = {"status_counts": counts, "is_sample": document["is_sample"], "checks": checks["summary"]}
    return Overview(found | ({"changes": changes} if changes else {}), lines)


def _since_before(folder: Path) -> dict[str, Any] | None:
    """Return what differs from the build this one was compared with; None for a first build or when that one is gone."""
    from listgen import trace
    from listgen.base.builds import read_manifest

    baseline = (read_manifest(folder) or {}).get("baseline")
    before = folder.parent / baseline["run_id"] if baseline else None
    if before is None or not before.is_dir():
        return None
    found = trace.compare(trace.read_state(before), trace.read_state(folder))
    return {name: found[name] for name in ("before", "came", "went", "status", "axes", "verdict")}


def _movers(changes: dict[str, Any]) -> list[str]:
    """Return how many things differ from the build before, and the scores that moved furthest."""
    template = "since build {before}: {status} changed status, {came} came, {went} went, {axes} scores left their interval (listgen diff)"
    lines = [t(template, before=changes["before"], **{name: len(changes[name]) for name in ("status", "came", "went", "axes")})]
    moved = [row for row in changes["axes"] if row["kind"] == "moved"]
    moved.sort(key=lambda row: (-abs(row["after"]["value"] - row["before"]["value"]), row["technology_id"], row["axis"]))
    for row in moved[:_MOVERS]:
        lines.append(f"  {row['name'][language()]}, {axis_word(row['axis'])}: {row['before']['value']:.1f} -> {row['after']['value']:.1f}")
    return lines


def checks_line(summary: dict[str, Any]) -> str:
    """Return one sentence about the checks of a build."""
    template = (
        "checks: {n_rules} rules ran, {n_critical} critical, {n_warning} warning and {n_info} info failed; {n_quarantined} rows quarantined"
    )
    return t(template, **{key: summary[key] for key in ("n_rules", "n_critical", "n_warning", "n_info", "n_quarantined")})


def read_checks(workspace: Workspace, run_id: str | None) -> Overview:
    """Return what the expectations found: of the named build, else of the last one, failed or not.

    Raises:
        UsageError: Nothing was built here, or nothing that came to its checks.
    """
    folder, remarks = (pipeline.find_build(workspace, run_id), []) if run_id else _last_folder(workspace)
    document = json.loads((folder / "checks.json").read_text(encoding="utf-8"))
    failed = [check for check in document["checks"] if check["status"] != "passed"]
    lines = [*remarks, f"{folder.name}: {checks_line(document['summary'])}"]
    for check in failed:
        keys = "; ".join(json.dumps(key, ensure_ascii=False) for key in check["failed_keys"][:5])
        lines.append(f"  {_severity(check['severity'])}: {check['table_name']}: {check['rule_id']}: {check['n_failed']} ({keys})")
    for row in document["quarantine"][:20]:
        # Of a table, records are the rows below its header: a line number of the file would point at another row.
        place = t("{file}, record {number}", file=row["file_name"], number=row["raw_line"])
        lines.append(f"  {place}: {row['field']}: {set_aside_words(row['reason'])[language()]}: {row['excerpt']}")
    return Overview(document | {"build": folder.name, "n_failed": len(failed), "remarks": remarks}, lines)


def _severity(severity: str) -> str:
    return {"critical": t("critical"), "warning": t("warning"), "info": t("information")}.get(severity, severity)


def _last_folder(workspace: Workspace) -> tuple[Path, list[str]]:
    """Return the folder of the last build, and what has to be said about it before its checks are read."""
    path = workspace.data / "last.json"
    if not path.is_file():
        raise UsageError(t("Nothing was built here yet."), "", t("Run: listgen refresh"))
    note = json.loads(path.read_text(encoding="utf-8"))
    folder = workspace.data / note["folder"] if note["folder"] else None
    if folder is not None and folder.is_dir():
        is_failed = note["outcome"] == "failed"
        current = workspace.current.resolve().name if workspace.current.is_dir() else t("none")
        said = t("the last build failed its checks and was not promoted; current is {current}", current=current)
        return folder, [said] if is_failed else []
    if note["folder"]:
        return pipeline.find_build(workspace), []
    stopped = t("the last build stopped before its checks: {problem}", problem=note.get("problem", "-"))
    if not workspace.current.is_dir():
        raise UsageError(stopped, "", t("Run: listgen build"))
    return pipeline.find_build(workspace), [stopped, t("these are the checks of the current build, made before it:")]


def plan(workspace: Workspace, only: Sequence[str] = ()) -> Overview:
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
    rows = [_plan_source(workspace, source_id) for source_id in only or workspace.config.settings.sources]
    total, calls, credits = (sum(row[key] for row in rows) for key in ("bytes", "calls", "credits"))
    seconds = _FIXED_SECONDS + _SECONDS_PER_MB * total / 1e6 + sum(row["seconds"] for row in rows)
    usd = round(sum(row["usd"] for row in rows), 4)
    template = "in all {calls:,} calls, {credits:,} credits (${usd:.2f}), {bytes:,} bytes and about {minutes:.0f} min"
    lines = [line for row in rows for line in _plan_lines(row)]
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


def _plan_lines(row: dict[str, Any]) -> list[str]:
    """Return what is said about one source."""
    if row["problem"]:
        return [f"{row['source_id']}: {row['problem']}"]
    if "downloads" in row:
        return _download_lines(row)
    if "look_ups" in row:
        template = "{source_id} ({grade}): {look_ups:,} publications to look up in this run, {left:,} in all; {week_bytes:,} of {weekly_bytes:,} bytes of this week used"
        return [t(template, **row), "  " + t("about {bytes:,} bytes, {minutes:.0f} min; held: {held}", **row)]
    if "quota" in row:
        asked = t("{source_id} ({grade}, {door}): {calls:,} calls of {quota:,} a day ({days} day(s) of quota)", **row)
        size = t("about {n_rows:,} rows, {bytes:,} bytes, {minutes:.0f} min; held: {held}; this plan asked nothing", **row)
        return [f"{asked}, {size}", "  " + t("can carry: {names}", names=", ".join(row["carries"]) or "-")]
    if "route" not in row:
        return [t("{source_id} ({grade}): {files} file(s), {bytes:,} bytes, held: {held}, no calls, no cost", **row)]
    asked = t("{source_id} ({grade}, route {route}): {calls:,} calls, {credits:,} credits (${usd:.2f}, {days} day(s) of budget)", **row)
    size = t("{bytes:,} bytes, {disk_bytes:,} on disk, {minutes:.0f} min; held: {held}; this plan cost {asked} credit(s)", **row)
    cited = t("at most {n_cited:,} of the calls are for cited works; at most {n_lookups:,} free look-ups of merged ones come on top", **row)
    lines = [
        f"{asked}, {size}",
        *([f"  {cited}"] if row["n_cited"] else []),
        "  " + t("can carry: {names}", names=", ".join(row["carries"]) or "-"),
    ]
    return [*lines, *(f"  {indicator_id}: {reason}" for indicator_id, reason in row["cannot_carry"].items())]


def _plan_source(workspace: Workspace, source_id: str) -> dict[str, Any]:
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
        if config.sources[source_id].comtrade is not None:
            return row | _plan_trade(workspace, config.sources[source_id])
        if config.sources[source_id].openalex is not None:
            return row | _plan_provider(workspace, config.sources[source_id])
        if config.sources[source_id].odp is not None:
            return row | _plan_downloads(workspace, config.sources[source_id])
        if config.sources[source_id].ops is not None:
            return row | _plan_look_ups(workspace, config.sources[source_id])
        paths = [file.path for file in find_files(workspace, config.sources[source_id])]
    except ListgenError as error:
        return row | {"problem": str(error)}
    return row | {"files": len(paths), "bytes": sum(path.stat().st_size for path in paths)}


def _plan_provider(workspace: Workspace, source: Source) -> dict[str, Any]:
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


def _plan_downloads(workspace: Workspace, source: Source) -> dict[str, Any]:
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


def _download_lines(row: dict[str, Any]) -> list[str]:
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


def _plan_look_ups(workspace: Workspace, source: Source) -> dict[str, Any]:
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


def _plan_trade(workspace: Workspace, source: Source) -> dict[str, Any]:
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
