"""What the overview says before the list: on which years the scores rest, and what they cannot tell.

Reads: nothing itself
Writes: nothing
"""

from __future__ import annotations

from collections.abc import Mapping

from listgen.config.loader import Config
from listgen.config.scoring import AXES, BASES
from listgen.outputs.candidates import Entry
from listgen.report import figures
from listgen.report.evidence import Evidence
from listgen.report.texts import Pair, pair

_JOINTS = {"en": ", ", "ja": "・"}


def scored_windows(entries: list[Entry], evidence: Evidence) -> dict[str, tuple[int, int]]:
    """Return the years of the values that stand behind a score, by kind of evidence.

    What is only held or shown is not among them.
    """
    found: dict[str, tuple[int, int]] = {}
    for entry in entries:
        for row in evidence.by_technology.get(entry.technology_id, []):
            axis = entry.axes[row["axis_id"]] if row["axis_id"] else None
            is_behind = (
                axis and axis.value is not None and row["status"] == "ok" and row["branch"] == axis.grade
            )
            if is_behind and row["period_first_year"] is not None:
                first, last = found.get(row["basis"], (row["period_first_year"], row["period_last_year"]))
                found[row["basis"]] = (
                    min(first, row["period_first_year"]),
                    max(last, row["period_last_year"]),
                )
    return {basis: found[basis] for basis in BASES if basis in found}


def window_lines(windows: Mapping[str, tuple[int, int]]) -> list[Pair]:
    """Return the kinds of evidence behind the scores with their years."""
    return [pair(f"window.{basis}", span=span(*years)) for basis, years in windows.items()] or [
        pair("brief.no_scores")
    ]


def span(first: int, last: int) -> Pair:
    """Return the years from one to another; one year stands alone."""
    return {
        language: str(first) if first == last else f"{first}{dash}{last}"
        for language, dash in (("en", "–"), ("ja", "～"))
    }


def unscored(entries: list[Entry], config: Config) -> Pair | None:
    """Return which axes have no score on any technology, and what that means for the rules.

    None when each has one.
    """
    names = [
        config.scoring.axes[a].name for a in AXES if all(entry.axes[a].value is None for entry in entries)
    ]
    if not names:
        return None
    return pair(
        "brief.unscored",
        axes={
            language: joint.join(getattr(name, language) for name in names)
            for language, joint in _JOINTS.items()
        },
    )


def cannot_tell(entries: list[Entry], windows: Mapping[str, tuple[int, int]]) -> list[Pair]:
    """Return what a reader of the brief might believe the list says and it does not."""
    judged = [entry for entry in entries if entry.status != "insufficient_evidence"]
    by_field = sum(
        any(axis.value is not None and axis.grade == "statistics" for axis in entry.axes.values())
        for entry in judged
    )
    lines = []
    if len(judged) < len(entries):
        lines.append(pair("brief.cannot_blank", n=figures.show_count(len(entries) - len(judged))))
    if by_field:
        lines.append(pair("brief.cannot_field", n=by_field, total=len(judged)))
    lines.append(pair("brief.cannot_secret"))
    if windows:
        lines.append(pair("brief.cannot_window", last=max(last for _, last in windows.values())))
    return lines
