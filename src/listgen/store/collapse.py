"""The guard against a collapse.

A list or a source that lost half of itself since the last build is not promoted unless a person says why.

A provider that answers in part, a renamed field or a wrong topic empties a list without breaking any rule.
Only a comparison shows it.

Reads: list.candidate, core.*, prov.unconfirmed; manifests and lists of promoted builds.
Writes: prov.check.
"""

from __future__ import annotations

import datetime as dt
import getpass
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import polars as pl

from listgen.base.errors import CheckFailedError, UsageError
from listgen.base.provenance import canonical_json
from listgen.base.text import bilingual, language, t
from listgen.config.workspace import Workspace
from listgen.store.builds import DATABASE, DOCUMENT, PROMOTIONS, read_manifest
from listgen.store.warehouse import Warehouse

MIN_ENTRIES = 6  # below, half of the list is one or two technologies
_NOT_JUDGED = "insufficient_evidence"
_NOT_ROWS = ("core.source", "core.raw_file")  # they count files, not what is in them
_WHY = bilingual(
    "A list or a source that loses half of itself at once has more often lost data than the world has"
    " changed."
)


@dataclass(frozen=True)
class Acceptance:
    """Who accepted a shift, when and why."""

    reason: str
    by: str
    date: str


@dataclass(frozen=True)
class Shift:
    """One figure that fell by half, or a source whose completeness is not confirmed."""

    rule_id: str
    table: str
    text: dict[str, str]


def acceptance(reason: str | None) -> Acceptance | None:
    """Return an acceptance by the user of this machine, today; None without a reason.

    Raises:
        UsageError: The reason is empty.
    """
    if reason is None:
        return None
    if not reason.strip():
        raise UsageError(
            t("--accept-shift has an empty reason."),
            t("Expected why the shift is right: readers of the list will see it."),
        )
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a user id without a name
        user = "?"
    return Acceptance(" ".join(reason.split()), user, dt.datetime.now(dt.UTC).date().isoformat())


def counts_of(warehouse: Warehouse) -> dict[str, Any]:
    """Return what is compared.

    Technologies, those listed and those judged, and the rows of each source over all tables.
    """
    statuses = dict(warehouse.rows("SELECT status, count(*) FROM list.candidate GROUP BY status"))
    rows: dict[str, int] = {}
    for table in warehouse.tables("core"):
        columns = {row[0] for row in warehouse.rows(f"SELECT column_name FROM (DESCRIBE {table})")}
        if "source_id" in columns and table not in _NOT_ROWS:
            for source_id, n in warehouse.rows(
                f"SELECT source_id, count(*) FROM {table} WHERE source_id IS NOT NULL GROUP BY source_id"
            ):
                rows[source_id] = rows.get(source_id, 0) + n
    return _of_statuses(statuses) | {"rows": dict(sorted(rows.items()))}


def _of_statuses(statuses: Mapping[str, int]) -> dict[str, Any]:
    n_entries = sum(statuses.values())
    return {
        "entries": n_entries,
        "listed": statuses.get("listed", 0),
        "judged": n_entries - statuses.get(_NOT_JUDGED, 0),
    }


def last_of_country(workspace: Workspace, run_id: str) -> Path | None:
    """Return the build last promoted for the focal country of this workspace, None if none."""
    path = workspace.data / PROMOTIONS
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    for line in reversed(lines):
        folder = workspace.builds / str(json.loads(line).get("run_id"))
        if (
            folder.name != run_id
            and (folder / DATABASE).is_file()
            and _country_of(folder) == workspace.config.settings.focal_country
        ):
            return folder
    return None


def _document_of(folder: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads((folder / DOCUMENT).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found


def _country_of(folder: Path) -> str | None:
    country: str | None = _document_of(folder).get("focal_country")
    return country


def _counts_before(folder: Path) -> dict[str, Any]:
    """Return what a promoted build counted; one of an earlier version noted no rows."""
    noted: dict[str, Any] | None = (read_manifest(folder) or {}).get("counts")
    if noted is not None:
        return noted
    statuses: dict[str, int] = {}
    for entry in _document_of(folder).get("entries", []):
        statuses[entry["status"]] = statuses.get(entry["status"], 0) + 1
    return _of_statuses(statuses) | {"rows": {}}


def find_shifts(
    before: Mapping[str, Any], after: Mapping[str, Any], used: Mapping[str, object]
) -> Iterator[Shift]:
    """Yield what fell to half or less.

    Args:
        before: Counts of the last promoted build.
        after: Counts of the new build.
        used: Sources that the configuration uses now: those taken out of it are no loss.
    """
    if before["entries"] < MIN_ENTRIES:
        return
    words = {
        "listed": bilingual("technologies on the list"),
        "judged": bilingual("technologies that could be judged"),
    }
    for name, what in words.items():
        if _is_half(before[name], after[name]):
            yield Shift(f"collapse_{name}", "list.candidate", _fell(what, before[name], after[name]))
    for source_id, n_before in before["rows"].items():
        n_after = after["rows"].get(source_id, 0)
        if source_id in used and _is_half(n_before, n_after):
            yield Shift(
                f"collapse_{source_id}",
                "core.source",
                _fell(bilingual("rows of {source}", source=source_id), n_before, n_after),
            )


def _is_half(before: int, after: int) -> bool:
    return before > 0 and 2 * after <= before


def _fell(what: dict[str, str], before: int, after: int) -> dict[str, str]:
    values = {"before": f"{before:,}", "after": f"{after:,}"}
    return {
        one: bilingual("{what} fell from {before} to {after}", what=what[one], **values)[one] for one in what
    }


def _unconfirmed(warehouse: Warehouse) -> Iterator[Shift]:
    """Yield the sources that have answers which may be a part of what there is."""
    if not warehouse.has_table("prov.unconfirmed"):
        return
    for source_id, n in warehouse.rows(
        "SELECT source_id, count(*) FROM prov.unconfirmed GROUP BY source_id ORDER BY source_id"
    ):
        text = bilingual(
            "{n} queries of {source} may be incomplete: their answers did not come to the number of the"
            " provider",
            n=n,
            source=source_id,
        )
        yield Shift(f"incomplete_{source_id}", "prov.unconfirmed", text)


def guard(
    warehouse: Warehouse, workspace: Workspace, run_id: str, accepted: Acceptance | None
) -> dict[str, Any] | None:
    """Stop a build that collapsed, unless that is accepted.

    Return the acceptance with what it is about, for the manifest.

    Args:
        warehouse: The new build, its list made.
        workspace: Holds the builds before.
        run_id: The new build.
        accepted: Who accepted it and why.

    Raises:
        CheckFailedError: Something fell by half, or may be incomplete, and nobody accepted it.
    """
    before = last_of_country(workspace, run_id)
    shifts = (
        list(find_shifts(_counts_before(before), counts_of(warehouse), workspace.config.used_sources))
        if before
        else []
    )
    shifts += _unconfirmed(warehouse)
    if not shifts:
        return None
    warehouse.write("prov.check", pl.DataFrame([_check(shift, accepted) for shift in shifts]))
    if accepted is None:
        lines = "\n".join(f"  {shift.text[language()]}" for shift in shifts)
        raise CheckFailedError(
            t(
                "The list or its data shrank since build {before}:\n{lines}\n",
                before=before.name if before else "-",
                lines=lines,
            ),
            t("Expected more than half of what was there, and complete answers. Nothing was promoted."),
            t(
                "Look at the files of these sources and at: listgen check. If it is right: listgen build"
                ' --accept-shift "REASON"'
            ),
        )
    return asdict(accepted) | {"shifts": [shift.text for shift in shifts]}


def _check(shift: Shift, accepted: Acceptance | None) -> dict[str, Any]:
    """Return a shift as a row of prov.check: critical, or a warning once a person accepted it."""
    note = (
        bilingual("; accepted by {by} on {date}: {reason}", **asdict(accepted))
        if accepted
        else {"en": "", "ja": ""}
    )
    return {
        "gate": "list",
        "table_name": shift.table,
        "rule_id": shift.rule_id,
        "rule_type": "collapse",
        "severity": "warning" if accepted else "critical",
        "status": "failed",
        "n_failed": 1,
        "failed_keys": canonical_json([shift.text | (asdict(accepted) if accepted else {})]),
        "finding": canonical_json({one: shift.text[one] + note[one] for one in shift.text}),
        "why": canonical_json(_WHY),
    }
