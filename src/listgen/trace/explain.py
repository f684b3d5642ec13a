"""Why a technology stands where it stands: the score tree, every rule with its inputs, and the caveats.

Reads: list.candidate, list.reason, score.*, ind.value, ind.definition, core.technology.
Writes: nothing.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from listgen.base.config import Workspace
from listgen.base.text import t
from listgen.base.warehouse import Warehouse
from listgen.trace.reading import open_finished, records, require_known

AXES = ("autonomy", "superiority", "indispensability")


def explain(workspace: Workspace, folder: Path, technology_id: str) -> dict[str, Any]:
    """Return why a technology has its status: axes, groups, indicators with goalposts, and every rule with its inputs.

    Raises:
        UsageError: The build does not know the technology.
    """
    with open_finished(folder) as warehouse:
        require_known(
            technology_id, [row[0] for row in warehouse.rows("SELECT technology_id FROM list.candidate ORDER BY 1")], t("a technology")
        )
        of = {"technology_id": technology_id}
        candidate = records(warehouse, "SELECT * FROM list.candidate WHERE technology_id = $technology_id", **of)[0]
        technology = records(warehouse, "SELECT * FROM core.technology WHERE technology_id = $technology_id", **of)[0]
        axes = {
            row["axis_id"]: row for row in records(warehouse, "SELECT * FROM score.technology WHERE technology_id = $technology_id", **of)
        }
        ranks = {
            row["axis_id"]: row for row in records(warehouse, "SELECT * FROM score.rank_range WHERE technology_id = $technology_id", **of)
        }
        indicators = records(
            warehouse,
            "SELECT n.*, v.n, d.name_en, d.name_ja, d.unit FROM score.normalised AS n LEFT JOIN ind.value AS v USING (indicator_id, technology_id, "
            "country_code) LEFT JOIN ind.definition AS d USING (indicator_id) WHERE technology_id = $technology_id "
            "ORDER BY n.axis_id, n.branch, n.group_id, n.indicator_id",
            **of,
        )
        reasons = records(warehouse, "SELECT * FROM list.reason WHERE technology_id = $technology_id ORDER BY rule_id", **of)
        goalposts = _goalposts(warehouse)
        monopoly = records(warehouse, "SELECT * FROM score.monopoly_risk WHERE technology_id = $technology_id", **of)
    for row in indicators:
        row["goalposts"] = goalposts.get((row["axis_id"], row["indicator_id"]))
        row["trace"] = f"{row['indicator_id']}/{technology_id}/{row['country_code']}"
    for row in reasons:
        row["inputs"] = json.loads(row["inputs"])
    return {
        "build": folder.name,
        "technology_id": technology_id,
        "name": {"en": technology["name_en"], "ja": technology["name_ja"]},
        "status": candidate["status"],
        "pareto_front": candidate["pareto_front"],
        "is_sample": workspace.config.is_sample,
        "axes": [
            axes[axis_id] | {"rank": ranks.get(axis_id), "indicators": [row for row in indicators if row["axis_id"] == axis_id]}
            for axis_id in AXES
            if axis_id in axes
        ],
        "monopoly_risk": monopoly[0] if monopoly else None,
        "rules": reasons,
        "caveats": candidate["caveats"],
    }


def _goalposts(warehouse: Warehouse) -> dict[tuple[str, str], list[float]]:
    """Return the goalposts this build was scored on, by axis and indicator: those of its own run, not today's configuration."""
    arguments = json.loads(warehouse.scalar("SELECT params FROM prov.statement WHERE step = 'score' AND statement_id = 'arguments'"))
    return {
        (axis_id, indicator_id): setting["goalposts"]
        for axis_id, axis in arguments["scoring"]["axes"].items()
        for branch in axis["branches"].values()
        for group in (branch or {"groups": {}})["groups"].values()
        for indicator_id, setting in group["indicators"].items()
    }


def explain_lines(document: dict[str, Any]) -> list[str]:
    """Return the score tree as indented lines."""
    lines = [f"{document['technology_id']}: {document['name']['en']} / {document['name']['ja']}"]
    if document["is_sample"]:
        lines.append(t("synthetic sample, not evidence"))
    lines.append(t("status: {status}", status=document["status"]))
    for axis in document["axes"]:
        lines.append(_axis_line(axis))
        lines += [_indicator_line(row) for row in axis["indicators"]]
    lines.append(t("rules"))
    for rule in document["rules"]:
        lines.append(f"  {rule['rule_id']}: {rule['text_en']}")
        lines.append(f"  {' ' * len(rule['rule_id'])}  {rule['text_ja']}")
    lines.append(t("caveats: {keys}", keys=", ".join(document["caveats"]) or "-"))
    return lines


def _axis_line(axis: dict[str, Any]) -> str:
    if axis["value"] is None:
        return t(
            "{axis}: insufficient evidence ({reason}; coverage {coverage:.0%})",
            axis=axis["axis_id"],
            reason=axis["reason"],
            coverage=axis["coverage"],
        )
    rank = axis["rank"]
    place = t(", rank {p05:.0f} to {p95:.0f} of {n}", p05=rank["rank_p05"], p95=rank["rank_p95"], n=rank["n_ranked"]) if rank else ""
    return f"{axis['axis_id']}: {axis['value']:.1f} ({axis['lo']:.1f} - {axis['hi']:.1f}), {axis['grade']}, {axis['coverage']:.0%}{place}"


def _indicator_line(row: dict[str, Any]) -> str:
    head = f"  {row['group_id']:<12} {row['indicator_id']:<34}"
    if row["score"] is None:
        return f"{head} {row['status']}"
    interval = "" if row["value_lo"] is None else f" ({row['value_lo']:.4g} - {row['value_hi']:.4g})"
    n = "" if row["n"] is None else f", n = {row['n']}"
    return f"{head} {row['value']:.4g}{interval} -> {row['score']:.1f} x {row['importance']:.3g}{n}   [{row['trace']}]"
