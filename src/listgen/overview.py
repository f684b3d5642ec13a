"""What a person asks before and after a build: what it would cost, what it came to, what the checks found.

Reads: data/raw, data/builds, list.candidate, prov.check.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from listgen import pipeline
from listgen.base.config import Workspace
from listgen.base.errors import ListgenError, UsageError
from listgen.base.rawstore import newest_snapshot
from listgen.base.text import language, t

# Measured on two cores with the benchmark: seconds per million bytes of compressed input, and fixed cost of a build.
_SECONDS_PER_MB = 0.4
_FIXED_SECONDS = 15
_MOVERS = 5
_AXES = {"autonomy": "autonomy", "superiority": "superiority", "indispensability": "indispensability"}


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
    words = {
        "listed": t("listed"),
        "near_miss": t("near miss"),
        "not_listed": t("not listed"),
        "insufficient_evidence": t("insufficient evidence"),
    }
    shown = ", ".join(f"{words[status]} {counts.get(status, 0)}" for status in words)
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
        lines.append(f"  {row['name'][language()]}, {t(_AXES[row['axis']])}: {row['before']['value']:.1f} -> {row['after']['value']:.1f}")
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
        UsageError: Nothing was built here.
    """
    folder = pipeline.find_build(workspace, run_id) if run_id else _last_folder(workspace)
    document = json.loads((folder / "checks.json").read_text(encoding="utf-8"))
    failed = [check for check in document["checks"] if check["status"] != "passed"]
    lines = [f"{folder.name}: {checks_line(document['summary'])}"]
    for check in failed:
        keys = "; ".join(json.dumps(key, ensure_ascii=False) for key in check["failed_keys"][:5])
        lines.append(f"  {check['severity']}: {check['table_name']}: {check['rule_id']}: {check['n_failed']} ({keys})")
    for row in document["quarantine"][:20]:
        lines.append(f"  {row['file_name']}:{row['raw_line']}: {row['field']}: {row['reason']}: {row['excerpt']}")
    return Overview(document | {"build": folder.name, "n_failed": len(failed)}, lines)


def _last_folder(workspace: Workspace) -> Path:
    note = workspace.data / "last.json"
    if not note.is_file():
        raise UsageError(t("Nothing was built here yet."), "", t("Run: listgen refresh"))
    folder: Path = workspace.data / json.loads(note.read_text(encoding="utf-8"))["folder"]
    return folder if folder.is_dir() else pipeline.find_build(workspace)


def plan(workspace: Workspace) -> Overview:
    """Return what a refresh would take in and compute; nothing is written."""
    rows = [_plan_source(workspace, source_id) for source_id in workspace.config.settings.sources]
    total = sum(row["bytes"] for row in rows)
    seconds = _FIXED_SECONDS + _SECONDS_PER_MB * total / 1e6
    template = "{source_id} ({grade}): {files} file(s), {bytes:,} bytes, held: {held}, no calls, no cost"
    lines = [t(template, **row) for row in rows]
    lines.append(
        t("in all {bytes:,} bytes on disk and about {seconds:.0f} s; nothing is fetched from the network", bytes=total, seconds=seconds)
    )
    lines += [f"  {row['problem']}" for row in rows if row["problem"]]
    return Overview({"sources": rows, "bytes": total, "seconds": round(seconds), "calls": 0, "cost": 0}, lines)


def _plan_source(workspace: Workspace, source_id: str) -> dict[str, Any]:
    from listgen.acquire import find_files

    config = workspace.config
    is_generated = config.sample is not None and source_id == config.sample.id
    parts = config.sample.produces if is_generated and config.sample else [source_id]
    held = [newest_snapshot(workspace.raw, part) for part in parts]
    row: dict[str, Any] = {"source_id": source_id, "held": t("yes") if all(held) else t("no"), "problem": "", "files": 0, "bytes": 0}
    row["grade"] = ", ".join(sorted({config.sources[part].grade for part in parts}))
    if is_generated:
        files = [file for snapshot in held if snapshot for file in snapshot.files]
        sizes = [file.n_bytes for file in files]
        # An unmade sample is estimated from its size: about 0.9 kB compressed a work and 0.5 kB a publication.
        guess = config.sample.n_works * 900 + config.sample.n_publications * 500 if config.sample else 0
        return row | {"files": len(sizes), "bytes": sum(sizes) or guess}
    try:
        paths = [file.path for file in find_files(workspace, config.sources[source_id])]
    except ListgenError as error:
        return row | {"problem": str(error)}
    return row | {"files": len(paths), "bytes": sum(path.stat().st_size for path in paths)}
