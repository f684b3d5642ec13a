"""What a person asks after a build: what it came to, what the checks found.

Reads: data/builds, list.candidate, prov.check.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from listgen import pipeline
from listgen.base.errors import UsageError
from listgen.base.setaside import set_aside_words
from listgen.base.text import language, t
from listgen.config.workspace import Workspace
from listgen.outputs.candidates import STATUSES, Candidates
from listgen.outputs.checks import Checks, RowAccount, Summary
from listgen.store.builds import require_intact
from listgen.trace.words import axis_word, status_word

_MOVERS = 5


@dataclass(frozen=True)
class Overview:
    """The same facts as a document and as lines."""

    document: dict[str, Any]
    lines: list[str]


def summarise(outcome: pipeline.Outcome) -> Overview:
    """Return what a build came to: statuses, checks, and the entries on the list."""
    document = Candidates.load(outcome.folder / "candidates.json")
    checks = Checks.load(outcome.folder / "checks.json")
    counts: dict[str, int] = {}
    for entry in document.entries:
        counts[entry.status] = counts.get(entry.status, 0) + 1
    shown = ", ".join(f"{status_word(status)} {counts.get(status, 0)}" for status in STATUSES)
    lines = [
        t("{n} technologies: {shown}", n=len(document.entries), shown=shown),
        checks_line(checks.summary),
    ]
    if document.is_sample:
        lines.insert(0, t("synthetic sample, not evidence"))
    changes = None if outcome.is_held else _since_before(outcome.folder)
    lines += _movers(changes) if changes else []
    found = {"status_counts": counts, "is_sample": document.is_sample, "checks": checks.summary.model_dump()}
    return Overview(found | ({"changes": changes} if changes else {}), lines)


def _since_before(folder: Path) -> dict[str, Any] | None:
    """Return what differs from the build this one was compared with.

    None for a first build or when that one is gone.
    """
    from listgen import trace
    from listgen.store.builds import read_manifest

    baseline = (read_manifest(folder) or {}).get("baseline")
    before = folder.parent / baseline["run_id"] if baseline else None
    if before is None or not before.is_dir():
        return None
    found = trace.compare(trace.read_state(before), trace.read_state(folder))
    return {name: found[name] for name in ("before", "came", "went", "status", "axes", "verdict")}


def _movers(changes: dict[str, Any]) -> list[str]:
    """Return how many things differ from the build before, and the scores that moved furthest."""
    template = (
        "since build {before}: {status} changed status, {came} came, {went} went, {axes} scores left their"
        " interval (listgen diff)"
    )
    lines = [
        t(
            template,
            before=changes["before"],
            **{name: len(changes[name]) for name in ("status", "came", "went", "axes")},
        )
    ]
    moved = [row for row in changes["axes"] if row["kind"] == "moved"]
    moved.sort(
        key=lambda row: (
            -abs(row["after"]["value"] - row["before"]["value"]),
            row["technology_id"],
            row["axis"],
        )
    )
    for row in moved[:_MOVERS]:
        lines.append(
            f"  {row['name'][language()]}, {axis_word(row['axis'])}: {row['before']['value']:.1f} ->"
            f" {row['after']['value']:.1f}"
        )
    return lines


def checks_line(summary: Summary) -> str:
    """Return one sentence about the checks of a build."""
    template = (
        "checks: {n_rules} rules ran, {n_critical} critical, {n_warning} warning and {n_info} info failed;"
        " {n_quarantined} rows quarantined"
    )
    return t(
        template,
        **summary.model_dump(include={"n_rules", "n_critical", "n_warning", "n_info", "n_quarantined"}),
    )


def read_checks(workspace: Workspace, run_id: str | None) -> Overview:
    """Return what the expectations found: of the named build, else of the last one, failed or not.

    Raises:
        UsageError: Nothing was built here, or nothing that came to its checks.
    """
    folder, remarks = (pipeline.find_build(workspace, run_id), []) if run_id else _last_folder(workspace)
    document = Checks.load(folder / "checks.json")
    failed = [check for check in document.checks if check.status != "passed"]
    lines = [*remarks, f"{folder.name}: {checks_line(document.summary)}"]
    for check in failed:
        keys = "; ".join(json.dumps(key, ensure_ascii=False) for key in check.failed_keys[:5])
        lines.append(
            f"  {_severity(check.severity)}: {check.table_name}: {check.rule_id}: {check.n_failed} ({keys})"
        )
    for row in document.quarantine[:20]:
        # Of a table, records are the rows below its header: a line number of the file would point at another
        # row.
        place = t("{file}, record {number}", file=row.file_name, number=row.raw_line)
        lines.append(f"  {place}: {row.field}: {set_aside_words(row.reason)[language()]}: {row.excerpt}")
    lines += [_account_line(account) for account in document.row_accounts[:20]]
    return Overview(
        document.model_dump() | {"build": folder.name, "n_failed": len(failed), "remarks": remarks}, lines
    )


def _account_line(account: RowAccount) -> str:
    """Return where the rows of a file went, in one line."""
    template = (
        "{n_rows} rows: {n_used} used, {n_merged} merged, {n_set_aside} set aside, {n_excluded} excluded by"
        " rule"
    )
    if account.n_rows is None:
        template = (
            "{n_used} records used, {n_merged} merged, {n_set_aside} set aside; excluded ones are not counted"
        )
    return f"  {account.file_name}: " + t(
        template, **account.model_dump(exclude={"source_id", "form_id", "file_name"})
    )


def _severity(severity: str) -> str:
    return {"critical": t("critical"), "warning": t("warning"), "info": t("information")}.get(
        severity, severity
    )


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
        said = t(
            "the last build failed its checks and was not promoted; current is {current}", current=current
        )
        return require_intact(folder), [said] if is_failed else []
    if note["folder"]:
        return pipeline.find_build(workspace), []
    stopped = t("the last build stopped before its checks: {problem}", problem=note.get("problem", "-"))
    if not workspace.current.is_dir():
        raise UsageError(stopped, "", t("Run: listgen build"))
    return pipeline.find_build(workspace), [
        stopped,
        t("these are the checks of the current build, made before it:"),
    ]
