"""Checks of scoring.yaml against the rest: the indicators it names, and the caveats they bring."""

from __future__ import annotations

import re
from functools import cache

from listgen.base.provenance import PACKAGE
from listgen.base.text import t
from listgen.config.checks.scope import Scope
from listgen.config.yamlfile import parse_yaml_text

# What listing/caveats.py adds by itself.
LIST_CAVEATS = ("clipped", "dated", "is_sample", "one_office", "partly_judged")
_CAVEATS = re.compile(r"^(?:value_)?caveats: *\[(.*?)\]", re.MULTILINE | re.DOTALL)


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
                        message = t('"{value}" is not an indicator.', value=indicator_id) + scope.nearest(
                            indicator_id, known
                        )
                        scope.report("scoring.yaml", (*place, indicator_id), message)


def check_caveat_texts(scope: Scope) -> None:
    """Report a caveat without a text that an indicator, or the list itself, may give a technology."""
    if scope.is_broken("config/caveats.yaml"):
        return
    texts = scope.config.caveats
    for key in sorted({*LIST_CAVEATS, *indicator_caveats()} - texts.keys()):
        near = scope.nearest(key, [one for one in texts if one not in indicator_caveats()])
        scope.report("caveats.yaml", ("caveats",), t('has no text for the caveat "{key}"', key=key) + near)


@cache
def indicator_ids() -> tuple[str, ...]:
    """Return the ids of all indicators: the names of their files, each with the endings of its variants."""
    found = []
    for name, head in _heads().items():
        document = parse_yaml_text(head, name) if "\nvariants:" in f"\n{head}" else {}
        found += [name + suffix for suffix in document.get("variants") or [""]]
    return tuple(found)


@cache
def indicator_caveats() -> frozenset[str]:
    """Return the caveats that indicators name in their heads."""
    return frozenset(
        key.strip()
        for head in _heads().values()
        for keys in _CAVEATS.findall(head)
        for key in keys.split(",")
        if key.strip()
    )


@cache
def _heads() -> dict[str, str]:
    """Return the YAML at the head of every indicator's file."""
    files = sorted((PACKAGE / "indicators").glob("*.sql"))
    return {
        path.stem: path.read_text(encoding="utf-8").split("---*/")[0].partition("\n")[2] for path in files
    }
