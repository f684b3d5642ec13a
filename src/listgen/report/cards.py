"""The evidence card of one technology.

Status and reasons, axes and indicators, countries, crosswalk, caveats, references.

Reads: nothing itself
Writes: nothing
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from math import ceil
from typing import NamedTuple

from listgen.base.text import LANGUAGES
from listgen.config.loader import Config
from listgen.config.models import RELATIONS
from listgen.config.scoring import AXES, AxisId, Monopoly
from listgen.outputs.candidates import Axis, Entry, MonopolyRisk, Rank, Reason, Source
from listgen.report import beside, figures
from listgen.report.brief import span
from listgen.report.document import Row, why_no_interval
from listgen.report.evidence import Evidence
from listgen.report.lately import lately
from listgen.report.overview import country_name, domain_name, search_words
from listgen.report.texts import Pair, pair, pair_or

# More caveats than this are folded.
CAVEATS_SHOWN = 3


class NumberedSource(NamedTuple):
    """A source under its number in the report."""

    number: int
    source: Source


def card(entry: Entry, evidence: Evidence, config: Config) -> Row:
    """Return what the card's template needs for one entry of the document."""
    technology_id = entry.technology_id
    technology = config.technologies.get(technology_id)
    values = evidence.by_technology.get(technology_id, [])
    countries = evidence.top_countries.get(technology_id, [])
    series = evidence.series.get(technology_id, [])
    return {
        "entry": entry,
        "domain_name": domain_name(config, entry.domain),
        "definition": technology.definition.model_dump() if technology else pair("card.definition_missing"),
        "reasons": _for_first(entry.reasons),
        "lately": lately(evidence.trends.get(technology_id, []), config),
        "axes": [_axis(axis_id, entry, values, evidence, config) for axis_id in AXES],
        "countries": [row | {"name": country_name(config, row["country_code"])} for row in countries],
        "country_note": _country_note(countries, evidence),
        "country_top": _share_scale(evidence),
        "monopoly": _monopoly(entry.monopoly_risk, config),
        "crosswalk": _crosswalk(entry, config),
        "n_lists": len(config.reference_lists),
        "nomination": beside.nomination(entry, config),
        "held": beside.held(entry, values, series),
        "is_held": beside.is_held(entry),
        "trends": beside.trends(evidence.trends.get(technology_id, []), technology_id, config),
        "flows": beside.flows(evidence.flows.get(technology_id, []), config),
        "supply": beside.supply(evidence.supply.get(technology_id, []), evidence.source_numbers, config),
        "trade": beside.trade(evidence.trade.get(technology_id, []), evidence.source_numbers, config),
        "sources": _sources(technology_id, series, evidence),
        "used_series": beside.used_series(series, values),
        "other_series": beside.other_series(series, config),
        "are_caveats_folded": len(own_caveats(entry, evidence)) > CAVEATS_SHOWN,
        "caveats": [config.caveats[key].model_dump() for key in own_caveats(entry, evidence)],
        "general_caveats": _caveats_of_indicators(entry, evidence, config),
        "commands": _commands(entry, values, countries),
        "search": search_words(entry, config),
        "blank_reason": _blank_reason(entry, config),
    }


def own_caveats(entry: Entry, evidence: Evidence) -> list[str]:
    """Return the caveats that say something about this technology.

    Those that every value of an indicator carries stand with its definition, where the card's own measured
    indicators link to.
    """
    general = general_caveats(entry, evidence)
    return [key for key in entry.caveats if key not in general and key != "is_sample"]


def general_caveats(entry: Entry, evidence: Evidence) -> list[str]:
    """Return the caveats that every value of an indicator measured for this technology carries."""
    measured = {
        one.indicator_id for axis in entry.axes.values() for one in axis.indicators if one.status == "ok"
    }
    return list(
        dict.fromkeys(
            key
            for row in evidence.definitions
            if row["indicator_id"] in measured
            for key in row["caveats"] or []
        )
    )


def _caveats_of_indicators(entry: Entry, evidence: Evidence, config: Config) -> list[Row]:
    """Return the caveats of the indicators measured, each with the indicators it holds for.

    One about supply says nothing of a share.
    """
    measured = {
        one.indicator_id for axis in entry.axes.values() for one in axis.indicators if one.status == "ok"
    }
    found = []
    for key in general_caveats(entry, evidence):
        mine = [
            row
            for row in evidence.definitions
            if row["indicator_id"] in measured and key in (row["caveats"] or [])
        ]
        if key in config.caveats:
            names = [{"en": row["name_en"], "ja": row["name_ja"]} for row in mine]
            found.append(
                {"text": config.caveats[key].model_dump(), "indicators": beside.joined(names, "held.details")}
            )
    return found


def _sources(technology_id: str, series: list[Row], evidence: Evidence) -> list[NumberedSource]:
    """Return the sources of all evidence on a technology, under their numbers in the report."""
    held = {
        source_id
        for (owner, _), ids in evidence.sources_of.items()
        if owner == technology_id
        for source_id in ids
    }
    held |= {row["source_id"] for row in series}
    return [
        NumberedSource(evidence.source_numbers[source.source_id], source)
        for source in evidence.sources
        if source.source_id in held
    ]


def _for_first(reasons: list[Reason]) -> list[Reason]:
    """Return the reasons that hold first, then those that fail, then those nobody can judge."""
    return sorted(reasons, key=lambda one: (not one.is_met, not one.is_evaluable))


def _axis(axis_id: AxisId, entry: Entry, values: list[Row], evidence: Evidence, config: Config) -> Row:
    """Return an axis with its indicators.

    Those of the branch that carries it, then others that have a value.
    """
    axis = entry.axes[axis_id]
    tree = config.scoring.axes[axis_id].branches.values()
    order = [
        indicator_id
        for branch in tree
        for group in branch.groups.values()
        for indicator_id in group.indicators
    ]
    mine = sorted(
        (row for row in values if row["axis_id"] == axis_id),
        key=lambda row: (_place(order, row["indicator_id"]), row["indicator_id"]),
    )
    branches = list(dict.fromkeys(row["branch"] for row in mine))
    scored = axis.grade or next(
        (branch for branch in branches if _statuses(mine, branch) - {"missing"}), None
    )
    shown: list[Row] = []
    absent: list[Row] = []
    for branch in sorted(branches, key=lambda name: (name != scored, name)):
        rows, statuses = [row for row in mine if row["branch"] == branch], _statuses(mine, branch)
        if branch == scored or "ok" in statuses:
            shown += [_indicator(row, evidence, is_scored=branch == scored) for row in rows]
        else:
            absent.append(
                {
                    "grade": pair_or(f"axis.grade.{branch}", branch),
                    "n": len(rows),
                    "reason": _why_absent(rows),
                }
            )
    return {
        "id": axis_id,
        "name": config.scoring.axes[axis_id].name.model_dump(),
        "result": axis,
        "note": _axis_note(axis),
        "rows": _folded(shown),
        "absent": absent,
    }


def _folded(rows: list[Row]) -> list[Row]:
    """Return the rows of a card's table; neighbours without a value for the same reason share one."""
    found: list[Row] = []
    for row in rows:
        name = {"name": row["name"], "anchor": row["anchor"]}
        if row["reason"] and found and found[-1]["reason"] == row["reason"]:
            found[-1]["names"].append(name)
        else:
            found.append(row | {"names": [name]})
    return found


def _place(order: list[str], indicator_id: str) -> int:
    return order.index(indicator_id) if indicator_id in order else len(order)


def _why_absent(rows: list[Row]) -> dict[str, str]:
    """Return every status of some indicators in words, with how many have it when there are several."""
    counts = Counter(row["status"] for row in rows)
    words = {status: pair_or(f"no_value.{status}", status) for status in counts}
    if len(counts) == 1:
        return next(iter(words.values()))
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return beside.joined(
        [pair("card.no_data_part", reason=words[status], n=n) for status, n in ordered], "held.details"
    )


def _statuses(rows: Iterable[Row], branch: str) -> set[str]:
    return {row["status"] for row in rows if row["branch"] == branch}


def _axis_note(axis: Axis) -> dict[str, str] | None:
    """Return coverage, kind of evidence and rank range in one line."""
    if axis.value is None or axis.coverage is None or axis.grade is None:
        return None
    parts = [
        pair("axis.coverage", value=f"{axis.coverage * 100:.0f}%"),
        pair("axis.based", grade=pair_or(f"axis.grade.{axis.grade}", axis.grade)),
    ]
    if axis.rank:
        parts.append(_rank(axis.rank))
    return {language: " · ".join(part[language] for part in parts) for language in LANGUAGES}


def _rank(rank: Rank) -> dict[str, str]:
    lo, hi = round(rank.p05), round(rank.p95)
    return pair("axis.rank_one" if lo == hi else "axis.rank", lo=lo, hi=hi, n=rank.n_ranked)


def _indicator(row: Row, evidence: Evidence, *, is_scored: bool) -> Row:
    numbers = sorted(
        evidence.source_numbers[source_id]
        for source_id in row["source_ids"]
        if source_id in evidence.source_numbers
    )
    reason = None
    if row["status"] != "ok":
        reason = pair_or(f"no_value.{row['status']}", row["status"])
        if row["n"] is not None:
            count = pair("no_value.n", n=figures.show_count(row["n"]))
            reason = {language: reason[language] + count[language] for language in reason}
    return {
        "anchor": f"i{_place([d['indicator_id'] for d in evidence.definitions], row['indicator_id']) + 1}",
        "name": row["name"],
        "trace": row["trace"],
        "value": f"{figures.show_value(row['value'], row['unit'])} {figures.unit_sign(row['unit'])}".strip(),
        "interval": figures.show_interval(row["value_lo"], row["value_hi"], row["unit"]),
        "interval_note": _interval_note(row, evidence),
        "n": figures.show_count(row["n"]),
        "years": _years(row),
        "sources": numbers,
        "as_of": row["as_of"] if row["as_of"] != evidence.usual_date else None,
        "score": row["score"],
        "score_lo": row["score_lo"],
        "score_hi": row["score_hi"],
        "is_clipped": bool(row["is_clipped"]),
        "is_scored": is_scored,
        "reason": reason,
    }


def _interval_note(row: Row, evidence: Evidence) -> dict[str, str] | None:
    """Return what an interval other than 95 % is (two reports, or rounding), or why there is none."""
    if absent := why_no_interval(row):
        return pair(f"no_interval.{absent}")
    method = next(
        d["interval_method"] for d in evidence.definitions if d["indicator_id"] == row["indicator_id"]
    )
    return (
        pair(f"interval.{method}")
        if method in ("mirror", "half_unit") and row["value_lo"] is not None
        else None
    )


def _years(row: Row) -> str:
    first, last = row["period_first_year"], row["period_last_year"]
    if first is None or last is None:
        return figures.NO_VALUE
    return str(first) if first == last else f"{first}–{last}"


def _share_scale(evidence: Evidence) -> float:
    """Return the end of the countries' scale, one for all cards so that they can be compared.

    The next tenth above all intervals.
    """
    highest = max(
        (row["value_hi"] or row["value"] for rows in evidence.top_countries.values() for row in rows),
        default=0.1,
    )
    return min(1.0, ceil(highest * 10 - 1e-9) / 10) or 0.1


def _country_note(countries: list[Row], evidence: Evidence) -> dict[str, str] | None:
    if not countries:
        return None
    names = {
        row["indicator_id"]: {"en": row["name_en"], "ja": row["name_ja"]} for row in evidence.definitions
    }
    indicator_id = countries[0]["indicator_id"]
    fallback = dict.fromkeys(LANGUAGES, indicator_id)
    first, last = countries[0]["period_first_year"], countries[0]["period_last_year"]
    return pair(
        "card.countries_note",
        indicator=names.get(indicator_id, fallback),
        years=_years(countries[0]) if first is None else span(first, last),
        n=figures.show_count(countries[0]["n"]),
        max=f"{_share_scale(evidence) * 100:.0f}",
    )


def _monopoly(risk: MonopolyRisk, config: Config) -> Row:
    if risk.p is None:
        reason = pair_or(f"no_value.{risk.status}", risk.status)
        count = (
            pair("no_value.n", n=figures.show_count(risk.n)) if risk.n is not None else {"en": "", "ja": ""}
        )
        return {"reason": {language: reason[language] + count[language] for language in reason}}
    sentence = pair(
        "card.monopoly_text",
        leader=country_name(config, risk.leader),
        second=country_name(config, risk.second),
        k=risk.k,
        top=config.scoring.monopoly.top_institutions,
        ratio=figures.show_value(risk.ratio, ""),
        interval=figures.show_interval(risk.ratio_lo, risk.ratio_hi, ""),
    )
    shares = {"high": risk.p.high, "medium": risk.p.medium, "low": risk.p.low}
    shown = {name: figures.show_probability(p) for name, p in shares.items()}
    return {
        "reason": None,
        "class": pair(f"risk.{risk.risk_class or 'none'}"),
        "sentence": sentence,
        "few": None if risk.risk_class else _without_class(risk, config.scoring.monopoly),
        "p": pair("card.monopoly_p", n=figures.show_count(risk.n), **shown),
        "shares": [p or 0.0 for p in shares.values()],
    }


def _without_class(risk: MonopolyRisk, rule: Monopoly) -> Pair:
    """Return why no class is given though everything else is known."""
    if (risk.n or 0) < rule.min_items:
        return pair("card.monopoly_few", n=risk.n, bar=rule.min_items)
    return pair("card.monopoly_unsure", bar=figures.show_probability(rule.min_probability))


def _crosswalk(entry: Entry, config: Config) -> list[Row]:
    technology = config.technologies.get(entry.technology_id)
    links = sorted(technology.crosswalk if technology else [], key=lambda link: link.item)
    names = {item.id: item.name.model_dump() for one in config.reference_lists.values() for item in one.items}
    found = []
    for relation in RELATIONS:
        items = [
            {"id": link.item, "name": names.get(link.item, {"en": "", "ja": ""})}
            for link in links
            if link.relation == relation
        ]
        if items:
            found.append({"relation": pair(f"relation.{relation}"), "links": items})
    return found


def _commands(entry: Entry, values: list[Row], countries: list[Row]) -> list[str]:
    """Return the commands that lead from every figure of the card to its bytes."""
    order = {axis_id: place for place, axis_id in enumerate(AXES)}
    shown = sorted(
        (row for row in values if row["status"] == "ok"),
        key=lambda row: (order.get(row["axis_id"], len(order)), row["indicator_id"]),
    )
    references = [row["trace"] for row in shown]
    commands = [
        f"listgen explain {entry.technology_id}",
        *(f"listgen trace {reference}" for reference in references),
    ]
    others = [row for row in countries if row["trace"] not in references]
    if others:
        # The countries differ in the last part of the reference only; a shell takes what follows # for a
        # remark.
        codes = ", ".join(row["country_code"] for row in others[1:])
        commands.append(f"listgen trace {others[0]['trace']}" + (f"  # {codes}" if codes else ""))
    return commands


def _blank_reason(entry: Entry, config: Config) -> dict[str, str]:
    """Return why no axis has a score.

    Once when all axes give the same reason, else with the axes each reason is about.
    """
    axes_of: dict[str, list[AxisId]] = defaultdict(list)
    reasons = {axis_id: axis.reason for axis_id, axis in entry.axes.items() if axis.reason}
    for axis_id, reason in reasons.items():
        axes_of[reason["en"]].append(axis_id)
    if not reasons:
        return dict.fromkeys(LANGUAGES, "–")
    if len(axes_of) == 1:
        return dict(next(iter(reasons.values())))
    names = {axis_id: axis.name.model_dump() for axis_id, axis in config.scoring.axes.items()}
    parts = [
        pair(
            "blank.axes",
            axes=beside.joined([names[axis_id] for axis_id in mine], "mark.comma"),
            reason=reasons[mine[0]],
        )
        for mine in axes_of.values()
    ]
    return {
        language: joint.join(part[language] for part in parts)
        for language, joint in (("en", " "), ("ja", ""))
    }
