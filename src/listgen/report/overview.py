"""What the report's overview says.

Counts, the list, the map, the crosswalk, groups, limits, sources and checks.

Reads: nothing itself
Writes: nothing
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any, NamedTuple

from listgen.base.text import LANGUAGES
from listgen.config.loader import Config
from listgen.config.models import ReferenceList
from listgen.config.scoring import AXES, Condition, Rule
from listgen.outputs.candidates import Axis, Candidates, Entry
from listgen.outputs.checks import Checks
from listgen.report import brief, charts
from listgen.report.document import Row
from listgen.report.evidence import Evidence
from listgen.report.texts import Pair, pair

SHADES = 5


def context(
    document: Candidates, entries: list[Entry], evidence: Evidence, checks: Checks, config: Config
) -> dict[str, Any]:
    """Return what the page's templates need beside the cards.

    Args:
        document: The content of `candidates.json`.
        entries: Its entries in reading order.
        evidence: What stands behind them.
        checks: The content of `checks.json`.
        config: The configuration of the build.
    """
    judged = [entry for entry in entries if entry.status != "insufficient_evidence"]
    numbers = {entry.technology_id: number for number, entry in enumerate(judged, 1)}
    windows = brief.scored_windows(entries, evidence)
    return {
        "document": document,
        "scoring": config.scoring,
        "draws": config.settings.draws,
        "country": country_name(config, document.focal_country),
        "counts": Counter(entry.status for entry in entries),
        "windows": brief.window_lines(windows),
        "unscored": brief.unscored(entries, config),
        "cannot_tell": brief.cannot_tell(entries, windows),
        "rules": _rules(entries, config),
        "rows": [list_row(entry, numbers, config) for entry in judged],
        "entries": entries,
        "domains": _domains(entries, config),
        "map": _map(judged, numbers, config),
        "crosswalk": _crosswalk(entries, config),
        "clusters": _clusters(entries, evidence),
        "visible": evidence.visible,
        "references": evidence.references,
        "sources": evidence.sources,
        "checks": checks,
        "failed_checks": [check for check in checks.checks if check.status != "passed"],
        "definitions": _definitions(evidence),
        "notes": _notes(evidence, config),
        "usual_date": evidence.usual_date,
    }


def country_name(config: Config, code: str | None) -> dict[str, str]:
    """Return a country's name in both languages, its code when it has none."""
    country = config.countries.get(code or "")
    return country.name.model_dump() if country else dict.fromkeys(LANGUAGES, code or "?")


def domain_name(config: Config, domain_id: str) -> dict[str, str]:
    """Return a domain's name in both languages."""
    domain = config.domains.get(domain_id)
    return domain.name.model_dump() if domain else dict.fromkeys(LANGUAGES, domain_id)


def condition_text(condition: Condition, config: Config) -> dict[str, str]:
    """Return a bar as a reader writes it: `Superiority ≥ 50`."""
    name = config.scoring.axes[condition.axis].name
    sign, bar = ("≥", condition.min) if condition.min is not None else ("≤", condition.max)
    # No line may end between the sign and its number.
    return {"en": f"{name.en} {sign}\u00a0{bar:g}", "ja": f"{name.ja} {sign}\u00a0{bar:g}"}


class NamedRule(NamedTuple):
    """A rule with its name, what it says about a technology, and the share of draws in which it holds."""

    name: Pair
    meaning: Pair
    p: float


class ListRow(NamedTuple):
    """A row of the list: the entry with its number, domain name and the rules that speak for it."""

    entry: Entry
    number: int | None
    domain_name: Pair
    search: str
    met: list[NamedRule]
    is_strong: bool
    closest: NamedRule | None
    n_judged: int
    n_rules: int

    @property
    def status(self) -> str:
        """Return the status by which the list is grouped."""
        return self.entry.status


def list_row(entry: Entry, numbers: dict[str, int], config: Config) -> ListRow:
    """Return a row of the list."""
    judged = [(reason.p, reason) for reason in entry.reasons if reason.p is not None]
    met = [(p, reason) for p, reason in judged if reason.is_met]
    near = judged[0] if judged and judged[0][0] > 0 and not met else None
    return ListRow(
        entry=entry,
        number=numbers.get(entry.technology_id),
        domain_name=domain_name(config, entry.domain),
        search=search_words(entry, config),
        met=[_named_rule(config, reason.rule, p) for p, reason in met],
        is_strong=any(_asks_strength(config, reason.rule) for _, reason in met),
        closest=_named_rule(config, near[1].rule, near[0]) if near else None,
        n_judged=len(judged),
        n_rules=len(entry.reasons),
    )


def _named_rule(config: Config, rule_id: str, p: float) -> NamedRule:
    return NamedRule(rule_name(config, rule_id), _rule_meaning(config, rule_id), p)


def search_words(entry: Entry, config: Config) -> str:
    """Return the words by which the search finds a technology beside its name.

    Its definition in both languages.
    """
    technology = config.technologies.get(entry.technology_id)
    return f"{technology.definition.en} {technology.definition.ja}" if technology else ""


def rule_name(config: Config, rule_id: str) -> dict[str, str]:
    """Return a rule's name in both languages."""
    rule = config.scoring.rules.get(rule_id)
    return rule.name.model_dump() if rule else dict.fromkeys(LANGUAGES, rule_id)


def _asks_strength(config: Config, rule_id: str) -> bool:
    rule = config.scoring.rules.get(rule_id)
    return rule is not None and any(one.axis == "superiority" and one.min is not None for one in rule.all)


def _rule_meaning(config: Config, rule_id: str) -> dict[str, str]:
    """Return a rule's name with what it says about a technology."""
    rule, name = config.scoring.rules.get(rule_id), rule_name(config, rule_id)
    return pair("brief.rule_says", rule=name, meaning=rule.meaning.model_dump()) if rule else name


def _definitions(evidence: Evidence) -> list[list[Row]]:
    """Return the indicators; those with one definition (same measure on works and families) are together."""
    groups: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    for number, row in enumerate(evidence.definitions, 1):
        key = tuple(
            str(row[name]) for name in ("definition_en", "unit", "counting", "interval_method", "caveats")
        )
        groups[key].append(row | {"number": number})
    return list(groups.values())


def _notes(evidence: Evidence, config: Config) -> Row:
    """Return the caveats of the indicators, numbered, and the numbers each indicator carries."""
    keys = [key for row in evidence.definitions for key in row["caveats"] or [] if key in config.caveats]
    numbers = {key: number for number, key in enumerate(dict.fromkeys(keys), 1)}
    of = {
        row["indicator_id"]: [numbers[key] for key in row["caveats"] or [] if key in numbers]
        for row in evidence.definitions
    }
    return {"texts": [config.caveats[key].model_dump() for key in numbers], "of": of}


def _rules(entries: list[Entry], config: Config) -> list[Row]:
    found = []
    for rule_id, rule in config.scoring.rules.items():
        mine = [
            reason
            for entry in entries
            for reason in entry.reasons
            if reason.rule == rule_id and reason.is_evaluable
        ]
        bars = [condition_text(condition, config) for condition in rule.all]
        joint = pair("rules.and")
        found.append(
            {
                "name": rule.name.model_dump(),
                "bars": {language: joint[language].join(bar[language] for bar in bars) for language in joint},
                "why": rule.why.model_dump(),
                "n_met": sum(bool(reason.is_met) for reason in mine),
                "n_judged": len(mine),
            }
        )
    return found


def _domains(entries: list[Entry], config: Config) -> list[Row]:
    used = {entry.domain for entry in entries}
    order = [*config.domains, *sorted(used - config.domains.keys())]
    return [
        {"id": domain_id, "name": domain_name(config, domain_id)} for domain_id in order if domain_id in used
    ]


def _map(judged: list[Entry], numbers: dict[str, int], config: Config) -> Row:
    points, unplaced = [], []
    for entry in judged:
        x, y, size = entry.axes.values()
        across, up = _score_ends(x), _score_ends(y)
        if across is None or up is None:
            unplaced.append(entry)
            continue
        point = charts.Point(
            number=numbers[entry.technology_id],
            href=f"technologies/{entry.technology_id}.html",
            status=entry.status,
            name=entry.name,
            x=across,
            y=up,
            size=size.value,
        )
        points.append(point)
    zones = [zone for rule in config.scoring.rules.values() if (zone := _zone(rule))]
    return {
        "body": charts.map_body(points, zones),
        "size": charts.MAP_SIZE,
        "unplaced": unplaced,
        "n": len(points),
    }


def _score_ends(axis: Axis) -> tuple[float, float, float] | None:
    """Return a score with the ends of its interval; None without a score."""
    if axis.value is None or axis.lo is None or axis.hi is None:
        return None
    return axis.value, axis.lo, axis.hi


def _zone(rule: Rule) -> charts.Zone | None:
    """Return where on the map a rule holds; None when it also asks for the third axis."""
    sides = {"autonomy": [0.0, 100.0], "superiority": [0.0, 100.0]}
    for condition in rule.all:
        if condition.axis not in sides:
            return None
        side = sides[condition.axis]
        if condition.min is not None:
            side[0] = max(side[0], condition.min)
        if condition.max is not None:
            side[1] = min(side[1], condition.max)
    x, y = sides["autonomy"], sides["superiority"]
    return charts.Zone(rule.name.model_dump(), (x[0], x[1]), (y[0], y[1]))


def _crosswalk(entries: list[Entry], config: Config) -> Row:
    focal_code = config.settings.focal_country
    # The focal country's own lists stand first, the others by their id.
    lists = dict(
        sorted(config.reference_lists.items(), key=lambda pair: (pair[1].country_code != focal_code, pair[0]))
    )
    by_domain: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        by_domain[entry.domain].append(entry)
    rows = []
    for domain in _domains(entries, config):
        mine = by_domain[domain["id"]]
        cells = [sum(list_id in entry.crosswalk for entry in mine) for list_id in lists]
        rows.append(
            domain | {"n": len(mine), "cells": [{"n": n, "shade": _shade(n, len(mine))} for n in cells]}
        )
    focal = {list_id for list_id, one in lists.items() if one.country_code == focal_code}
    linked = {item for entry in entries for items in entry.crosswalk.values() for item in items}
    return {
        "rows": rows,
        "lists": [
            _list_column(list_id, one) | {"n_mapped": sum(item.id in linked for item in one.items)}
            for list_id, one in lists.items()
        ],
        "artefacts": [
            {"list_id": i, "cell": a.cell, "why": a.why.model_dump()}
            for i, one in lists.items()
            for a in one.artefacts
        ],
        "has_focal": bool(focal),
        "only_focal": [entry for entry in entries if entry.crosswalk and entry.crosswalk.keys() <= focal],
        "only_others": [entry for entry in entries if entry.crosswalk and not entry.crosswalk.keys() & focal],
        "nowhere": [entry for entry in entries if not entry.crosswalk],
    }


def _list_column(list_id: str, one: ReferenceList) -> Row:
    """Return a list with a heading that fits a narrow column."""
    return {"id": list_id, "list": one, "short": one.jurisdiction.model_dump(), "mark": one.mark or list_id}


def _shade(n: int, total: int) -> int:
    """Return 0 for none and 1 to 5 by the share of the domain's technologies."""
    return 0 if n == 0 else max(1, -(-n * SHADES // total))


def _clusters(entries: list[Entry], evidence: Evidence) -> Row:
    members: dict[int, list[Entry]] = defaultdict(list)
    for entry in entries:
        if entry.cluster:
            members[entry.cluster.id].append(entry)
    groups = [
        group
        | {
            "label": {"en": group["label_en"], "ja": group["label_ja"]},
            "centres": {axis_id: group[f"centre_{axis_id}"] for axis_id in AXES},
            "members": members[group["cluster_id"]],
        }
        for group in evidence.clusters
    ]
    alone = [entry.cluster_reason or {"en": "–", "ja": "–"} for entry in entries if not entry.cluster]
    reasons = {reason["en"]: reason for reason in alone}
    counts = Counter(reason["en"] for reason in alone)
    unclustered = [
        {"reason": reasons[key], "n": n}
        for key, n in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    ]
    return {"groups": groups, "unclustered": unclustered, "n_unclustered": len(alone)}
