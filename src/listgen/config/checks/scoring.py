"""Checks of scoring.yaml against the rest: the indicators it names."""

from __future__ import annotations

from functools import cache

from listgen.base.provenance import PACKAGE
from listgen.base.text import t
from listgen.config.checks.scope import Scope
from listgen.config.yamlfile import parse_yaml_text


def check_scoring(scope: Scope) -> None:
    """Report an indicator that no file of the package measures."""
    if scope.is_broken("config/scoring.yaml"):
        return
    known = indicator_ids()
    for axis_id, axis in scope.config.scoring.axes.items():
        for branch_id, branch in axis.branches.items():
            for group_id, group in branch.groups.items() if branch else ():
                place = ("axes", axis_id, "branches", branch_id, "groups", group_id, "indicators")
                for indicator_id in group.indicators:
                    if indicator_id not in known:
                        message = t('"{value}" is not an indicator.', value=indicator_id) + scope.nearest(indicator_id, known)
                        scope.report("scoring.yaml", (*place, indicator_id), message)


@cache
def indicator_ids() -> tuple[str, ...]:
    """Return the ids of all indicators: the names of their files, each with the endings of its variants."""
    found = []
    for path in sorted((PACKAGE / "indicators").glob("*.sql")):
        head = path.read_text(encoding="utf-8").split("---*/")[0].partition("\n")[2]
        document = parse_yaml_text(head, path.name) if "\nvariants:" in f"\n{head}" else {}
        found += [path.stem + suffix for suffix in document.get("variants") or [""]]
    return tuple(found)
