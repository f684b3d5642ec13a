"""Why a technology stands where it stands: the score tree, every rule with its inputs, and the caveats.

Reads: list.candidate, list.reason, score.*, ind.value, ind.definition, core.technology; candidates.json.
Writes: nothing.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from listgen.base.text import language, t
from listgen.config.loader import Workspace
from listgen.config.scoring import AXES
from listgen.outputs.candidates import Candidates
from listgen.store.builds import DOCUMENT
from listgen.store.warehouse import Warehouse
from listgen.trace.reading import find_technology, open_finished, records
from listgen.trace.words import axis_word, grade_word, status_word, value_word

_INDICATORS = """
SELECT n.*, v.n, d.name_en, d.name_ja, d.unit
FROM score.normalised AS n
LEFT JOIN ind.value AS v USING (indicator_id, technology_id, country_code)
LEFT JOIN ind.definition AS d USING (indicator_id)
WHERE technology_id = $technology_id
ORDER BY n.axis_id, n.branch, n.group_id, n.indicator_id
"""


def explain(workspace: Workspace, folder: Path, name: str) -> dict[str, Any]:
    """Return why a technology has its status.

    Axes, groups, indicators with goalposts, and every rule with its inputs.

    Args:
        workspace: Tells whether this is the sample.
        folder: The finished build.
        name: The technology's id, or its name in either language.

    Raises:
        UsageError: The build does not know the technology.
    """
    with open_finished(folder) as warehouse:
        found = _Found(warehouse, find_technology(warehouse, name))
    technology_id, candidate = found.technology_id, found.candidate
    shown = Candidates.load(folder / DOCUMENT)
    entry = next(one for one in shown.entries if one.technology_id == technology_id)
    for axis_id, axis in found.axes.items():
        axis["reason_text"] = entry.axes[axis_id].reason
        axis["rank"] = found.ranks.get(axis_id)
        axis["indicators"] = [row for row in found.indicators if row["axis_id"] == axis_id]
    return {
        "build": folder.name,
        "technology_id": technology_id,
        "name": entry.name,
        "status": candidate["status"],
        "pareto_front": candidate["pareto_front"],
        "is_sample": workspace.config.is_sample,
        "axes": [found.axes[axis_id] for axis_id in AXES if axis_id in found.axes],
        "monopoly_risk": found.monopoly,
        "rules": found.reasons,
        "caveats": candidate["caveats"],
        "caveat_texts": {key: shown.caveat_texts[key] for key in candidate["caveats"]},
    }


class _Found:
    """What a build says of one technology."""

    def __init__(self, warehouse: Warehouse, technology_id: str) -> None:
        self.technology_id = technology_id
        self._warehouse = warehouse
        (self.candidate,) = self._rows("list.candidate")
        self.axes = {row["axis_id"]: row for row in self._rows("score.technology")}
        self.ranks = {row["axis_id"]: row for row in self._rows("score.rank_range")}
        self.monopoly = next(iter(self._rows("score.monopoly_risk")), None)
        self.reasons = self._rows("list.reason", "ORDER BY rule_id")
        for row in self.reasons:
            row["inputs"] = json.loads(row["inputs"])
        self.indicators = records(warehouse, _INDICATORS, technology_id=technology_id)
        goalposts = _goalposts(_scoring(warehouse))
        for row in self.indicators:
            row["goalposts"] = goalposts.get((row["axis_id"], row["indicator_id"]))
            row["trace"] = f"{row['indicator_id']}/{technology_id}/{row['country_code']}"

    def _rows(self, table: str, order: str = "") -> list[dict[str, Any]]:
        sql = f"SELECT * FROM {table} WHERE technology_id = $technology_id {order}"
        return records(self._warehouse, sql, technology_id=self.technology_id)


def _scoring(warehouse: Warehouse) -> dict[str, Any]:
    """Return what this build was scored by: the configuration of its own run, not today's."""
    statement = "SELECT params FROM prov.statement WHERE step = 'score' AND statement_id = 'arguments'"
    found: dict[str, Any] = json.loads(warehouse.scalar(statement))["scoring"]
    return found


def _goalposts(scoring: dict[str, Any]) -> dict[tuple[str, str], list[float]]:
    """Return the goalposts by axis and indicator."""
    return {
        (axis_id, indicator_id): setting["goalposts"]
        for axis_id, axis in scoring["axes"].items()
        for branch in axis["branches"].values()
        for group in (branch or {"groups": {}})["groups"].values()
        for indicator_id, setting in group["indicators"].items()
    }


def explain_lines(document: dict[str, Any]) -> list[str]:
    """Return the score tree as indented lines in the chosen language."""
    lines = [f"{document['technology_id']}: {document['name']['en']} / {document['name']['ja']}"]
    if document["is_sample"]:
        lines.append(t("synthetic sample, not evidence"))
    lines.append(t("status: {status}", status=status_word(document["status"])))
    for axis in document["axes"]:
        lines.append(_axis_line(axis))
        lines += [_indicator_line(row) for row in axis["indicators"]]
    lines.append(t("rules"))
    lines += [f"  {rule['rule_id']}: {rule[f'text_{language()}']}" for rule in document["rules"]]
    lines.append(t("caveats: {keys}", keys="" if document["caveats"] else "-"))
    lines += [f"  {key}: {document['caveat_texts'][key][language()]}" for key in document["caveats"]]
    return lines


def _axis_line(axis: dict[str, Any]) -> str:
    name = axis_word(axis["axis_id"])
    if axis["value"] is None:
        template = "{axis}: insufficient evidence ({reason}; coverage {coverage:.0%})"
        return t(
            template,
            axis=name,
            reason=axis["reason_text"][language()].rstrip(".。"),
            coverage=axis["coverage"],
        )
    rank = axis["rank"]
    place = ""
    if rank and rank["rank_p05"] == rank["rank_p95"]:
        place = t(", rank {place:.0f} of {n}", place=rank["rank_p05"], n=rank["n_ranked"])
    elif rank:
        place = t(
            ", rank {p05:.0f} to {p95:.0f} of {n}",
            p05=rank["rank_p05"],
            p95=rank["rank_p95"],
            n=rank["n_ranked"],
        )
    template = "{axis}: {value:.1f} ({lo:.1f} - {hi:.1f}), {grade}, coverage {coverage:.0%}"
    return (
        t(
            template,
            axis=name,
            grade=grade_word(axis["grade"]),
            **{key: axis[key] for key in ("value", "lo", "hi", "coverage")},
        )
        + place
    )


def _indicator_line(row: dict[str, Any]) -> str:
    head = f"  {row['group_id']:<14} {row['indicator_id']:<34}"
    if row["score"] is None:
        return f"{head} {value_word(row['status'])}"
    interval = "" if row["value_lo"] is None else f" ({row['value_lo']:.4g} - {row['value_hi']:.4g})"
    n = "" if row["n"] is None else f", n = {row['n']}"
    return (
        f"{head} {row['value']:.4g}{interval} -> {row['score']:.1f} x {row['importance']:.3g}{n}  "
        f" [{row['trace']}]"
    )
