"""Proposes the candidate list: every rule judged on the draws, every assessed technology once, with reasons and caveats.

Reads: core.*, score.technology, score.draw, score.normalised, ind.value, ind.definition
Writes: list.candidate, list.reason, list.decided
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from functools import reduce
from pathlib import Path
from typing import Any

import polars as pl

from listgen.base.errors import ConfigError, CouldNotCheckError, Problem
from listgen.base.provenance import canonical_json
from listgen.base.text import LANGUAGES, t
from listgen.config.loader import Config
from listgen.config.models import Text
from listgen.config.scoring import Condition, Listing, Rule, Scoring
from listgen.store.sqlfile import load_sql_file
from listgen.store.warehouse import Statement, Warehouse

AXES = ("autonomy", "superiority", "indispensability")
RECORDS = ("works", "families")
# Shares of draws are whole counts over the number of draws; this only forgives their division.
_TOLERANCE = 1e-9
Row = dict[str, Any]

# An indicator is used when it stands behind a score, or when it is all that is known of an axis.
_USED = """
SELECT n.technology_id, n.axis_id, n.indicator_id, n.value, n.is_clipped, d.basis, d.unit, d.name_en, d.name_ja,
  list_concat(d.caveats, v.caveats) AS caveats, v.period_last_year
FROM score.normalised AS n
JOIN score.technology AS s ON s.technology_id = n.technology_id AND s.axis_id = n.axis_id
JOIN ind.definition AS d ON d.indicator_id = n.indicator_id
JOIN ind.value AS v ON v.indicator_id = n.indicator_id AND v.technology_id = n.technology_id AND v.country_code = n.country_code
WHERE n.status = 'ok' AND (s.status <> 'ok' OR s.grade = n.branch)
ORDER BY n.technology_id, n.axis_id, n.indicator_id
"""
# Broader series and those of a single office are shown but never measured from, so they lend no caveat.
_SOURCES = """
SELECT DISTINCT link.technology_id, 'works' AS basis, w.source_id
FROM core.technology_work AS link JOIN core.work AS w ON w.work_id = link.work_id
UNION ALL
SELECT DISTINCT link.technology_id, 'families', f.source_id
FROM core.technology_family AS link JOIN core.patent_family AS f ON f.family_id = link.family_id
UNION ALL
SELECT DISTINCT link.technology_id, 'statistics', s.source_id
FROM core.technology_series AS link JOIN core.statistic_series AS s ON s.series_id = link.series_id
WHERE link.relation IN ('exact', 'narrower') AND NOT s.is_one_office
UNION ALL
SELECT DISTINCT link.technology_id, 'supply', s.source_id
FROM core.technology_commodity AS link JOIN core.supply AS s ON s.commodity_id = link.commodity_id AND s.stage_id = link.stage_id
UNION ALL
SELECT DISTINCT link.technology_id, 'trade', y.source_id
FROM core.technology_hs AS link JOIN core.trade_flow AS f ON f.hs_code = link.hs_code
JOIN core.trade_year AS y ON y.source_id = f.source_id AND y.period_year = f.period_year AND y.is_used
ORDER BY ALL
"""
_SERIES = """
SELECT DISTINCT link.technology_id, link.series_id
FROM core.technology_series AS link JOIN core.statistic_series AS s ON s.series_id = link.series_id
WHERE link.relation IN ('exact', 'narrower') AND NOT s.is_one_office
ORDER BY ALL
"""
# Filings of one office in the window, measured from or not: whoever reads what is held must know whose filings they are.
_ONE_OFFICE = """
SELECT DISTINCT member.technology_id
FROM core.technology_family AS member
JOIN core.period AS period ON period.period_id = 'families' AND member.priority_year BETWEEN period.first_year AND period.last_year
JOIN core.patent_family AS family ON family.family_id = member.family_id
JOIN core.source AS source ON source.source_id = family.source_id
WHERE source.is_one_office
ORDER BY member.technology_id
"""
_HELD = "SELECT technology_id, basis, n_items FROM core.technology_evidence WHERE basis IN ('works', 'families') ORDER BY ALL"
# "Now" is the newest retrieval date in the raw store, never the clock.
_FIRST_FRESH_YEAR = "SELECT CAST(max(as_of_date) - INTERVAL (CAST($years AS INTEGER)) YEAR AS DATE) FROM core.raw_file"


def run(warehouse: Warehouse, config: Config) -> None:
    """Fill the list tables of a build."""
    warehouse.run_sql("candidates", load_sql_file(Path(__file__).with_name("tables.sql")))
    scoring = config.scoring
    technology_ids = [row[0] for row in warehouse.rows("SELECT technology_id FROM core.technology WHERE status = 'active' ORDER BY 1")]
    scores = warehouse.frame("SELECT * FROM score.technology ORDER BY technology_id, axis_id")
    draws = warehouse.frame("SELECT technology_id, axis_id, draw, value FROM score.draw")
    used = warehouse.frame(_USED)
    judged = judge_rules(technology_ids, draws, scoring.rules)
    held: dict[str, dict[str, int]] = defaultdict(dict)
    for technology_id, basis, n_items in warehouse.rows(_HELD):
        held[technology_id][basis] = n_items
    reasons = reason_rows(judged, scores, used, held, scoring)
    caveats = gather_caveats(warehouse, config, used, judged)
    warehouse.write("list.reason", reasons)
    warehouse.write("list.candidate", candidate_rows(judged, pareto_fronts(scores), caveats, scoring))
    warehouse.write("list.decided", decided_list(warehouse))
    arguments = scoring.model_dump(mode="json", include={"rules", "listing"})
    method = "-- computed in polars from the arguments beside this text: listing/candidates.py"
    warehouse.record("candidates", Statement("arguments", method, arguments, ("score.technology", "score.draw")))


def decided_list(warehouse: Warehouse, without: str = "") -> pl.DataFrame:
    """Return the list after the review's decisions, or what it would be without the decision on one technology."""
    file = load_sql_file(Path(__file__).with_name("decided.sql"))
    return warehouse.frame(file.sql, {"without": without})


def judge_rules(technology_ids: list[str], draws: pl.DataFrame, rules: Mapping[str, Rule]) -> pl.DataFrame:
    """Return technology x rule with `p`, the share of draws in which all conditions hold, and `parts`, that of each alone.

    A rule with an axis that has no draws has p NULL: it cannot be judged. Conditions are joined draw by draw, so that two
    axes are judged in the same world.

    Args:
        technology_ids: The assessed technologies.
        draws: Rows of score.draw.
        rules: The rules, in the order that breaks ties.
    """
    grid = pl.DataFrame({"technology_id": technology_ids}, schema={"technology_id": pl.String})
    wide = draws.pivot(on="axis_id", on_columns=list(AXES), index=["technology_id", "draw"], values="value")
    frames = []
    for position, (rule_id, rule) in enumerate(rules.items()):
        parts = [_holds(condition) for condition in rule.all]
        together = reduce(lambda left, right: left & right, parts)
        known = pl.all_horizontal(pl.col(condition.axis).is_not_null() for condition in rule.all)
        shares = wide.group_by("technology_id").agg(
            p=pl.when(known.all()).then(together.sum() / pl.len()),
            parts=pl.concat_list(pl.when(part.is_not_null().all()).then(part.sum() / pl.len()) for part in parts),
        )
        empty = pl.lit([None] * len(parts), dtype=pl.List(pl.Float64))
        frames.append(
            grid.join(shares, on="technology_id", how="left", validate="1:1").select(
                "technology_id", pl.lit(rule_id).alias("rule_id"), pl.lit(position).alias("position"), "p", pl.col("parts").fill_null(empty)
            )
        )
    return pl.concat(frames).sort("technology_id", "position")


def _holds(condition: Condition) -> pl.Expr:
    axis = pl.col(condition.axis)
    return axis >= condition.min if condition.min is not None else axis <= condition.max


def status_of(p: float | None, listing: Listing) -> str:
    """Return the status a best probability leads to; None means that no rule could be judged."""
    if p is None:
        return "insufficient_evidence"
    if p >= listing.listed - _TOLERANCE:
        return "listed"
    return "near_miss" if p >= listing.near_miss - _TOLERANCE else "not_listed"


def pareto_fronts(scores: pl.DataFrame) -> pl.DataFrame:
    """Return the front of every technology that has all three axes: 1 for those no other dominates, 2 once they are gone, ...

    One dominates another when it is at least as high on every axis and higher on one; equal profiles share a front.
    """
    points = scores.filter(pl.col("status") == "ok").pivot(on="axis_id", on_columns=list(AXES), index="technology_id", values="value")
    left = points.drop_nulls().sort("technology_id")
    fronts = [pl.DataFrame(schema={"technology_id": pl.String, "pareto_front": pl.Int32})]
    while left.height:
        pairs = left.join(left, how="cross", suffix="_other")
        as_high = pl.all_horizontal(pl.col(f"{axis}_other") >= pl.col(axis) for axis in AXES)
        higher = pl.any_horizontal(pl.col(f"{axis}_other") > pl.col(axis) for axis in AXES)
        dominated = pairs.filter(as_high & higher).select("technology_id").unique()
        front = left.join(dominated, on="technology_id", how="anti")
        fronts.append(front.select("technology_id", pl.lit(len(fronts), dtype=pl.Int32).alias("pareto_front")))
        left = left.join(front, on="technology_id", how="anti")
    return pl.concat(fronts)


def candidate_rows(judged: pl.DataFrame, fronts: pl.DataFrame, caveats: Mapping[str, list[str]], scoring: Scoring) -> pl.DataFrame:
    """Return one row per technology: status by its best rule, Pareto front and caveats.

    Raises:
        CouldNotCheckError: A technology was lost or doubled.
    """
    technologies = judged.select("technology_id").unique()
    best = (
        judged.filter(pl.col("p").is_not_null())
        .sort("technology_id", pl.col("p") * -1, "position")
        .unique("technology_id", keep="first", maintain_order=True)
        # A rule that holds in no draw is not a best rule; its p of zero still says that rules were judged.
        .select("technology_id", pl.when(pl.col("p") > 0).then("rule_id").alias("best_rule_id"), pl.col("p").alias("best_rule_p"))
    )
    rows = technologies.join(best, on="technology_id", how="left").join(fronts, on="technology_id", how="left").sort("technology_id")
    if rows.height != technologies.height:
        raise CouldNotCheckError(t("list.candidate: a technology was lost or doubled."))
    return rows.with_columns(
        status=pl.Series([status_of(p, scoring.listing) for p in rows["best_rule_p"]], dtype=pl.String),
        caveats=pl.Series([caveats.get(technology_id, []) for technology_id in rows["technology_id"]], dtype=pl.List(pl.String)),
    )


# ---- reasons in plain words ---------------------------------------------------------------------------------------------


def reason_rows(
    judged: pl.DataFrame, scores: pl.DataFrame, used: pl.DataFrame, held: Mapping[str, dict[str, int]], scoring: Scoring
) -> pl.DataFrame:
    """Return one row per technology and rule, met or not, with its inputs as JSON and its text in both languages.

    Args:
        judged: The rows of `judge_rules`.
        scores: Rows of score.technology.
        used: The indicators behind the scores, or all that is known of an axis without one.
        held: How many works and families of the window are held on each technology, whatever they can carry.
        scoring: Rules, names and sentences.
    """
    axes = {(row["technology_id"], row["axis_id"]): row for row in scores.to_dicts()}
    known: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in used.to_dicts():
        known[row["technology_id"], row["axis_id"]].append(row)
    rows = []
    for row in judged.to_dicts():
        technology_id, rule = row["technology_id"], scoring.rules[row["rule_id"]]
        conditions = []
        for condition, p in zip(rule.all, row["parts"], strict=True):
            key = (technology_id, condition.axis)
            conditions.append(condition_inputs(condition, axes.get(key, {}), p, known[key]))
        is_evaluable = row["p"] is not None
        counts = {basis: held.get(technology_id, {}).get(basis, 0) for basis in RECORDS}
        texts = {language: rule_text(rule, conditions, row["p"], counts, scoring, language) for language in LANGUAGES}
        inputs: Row = {"conditions": [{key: value for key, value in c.items() if key != "supply"} for c in conditions]}
        inputs |= {} if is_evaluable else {"held": counts}
        rows.append(
            {
                "technology_id": technology_id,
                "rule_id": row["rule_id"],
                "p": row["p"],
                "is_evaluable": is_evaluable,
                "is_met": row["p"] >= scoring.listing.listed - _TOLERANCE if is_evaluable else None,
                "inputs": canonical_json(inputs | {"needed": scoring.listing.listed}),
                "text_en": texts["en"],
                "text_ja": texts["ja"],
            }
        )
    schema = {"technology_id": pl.String, "rule_id": pl.String, "p": pl.Float64, "is_evaluable": pl.Boolean, "is_met": pl.Boolean}
    return pl.DataFrame(rows, schema=schema | dict.fromkeys(("inputs", "text_en", "text_ja"), pl.String))


def condition_inputs(condition: Condition, axis: Row, p: float | None, known: list[Row]) -> Row:
    """Return what one condition was judged on: bar, axis value and interval, or why there is none and what is known instead."""
    bar = {"min": condition.min} if condition.min is not None else {"max": condition.max}
    found: Row = {"axis": condition.axis} | bar | {name: axis.get(name) for name in ("value", "lo", "hi", "coverage", "grade", "status")}
    if axis.get("status") == "ok":
        return found | {"p": p}
    return found | {
        "reason": axis.get("reason") or "no_evidence",
        "known": [{"indicator_id": row["indicator_id"], "value": row["value"]} for row in known],
        # Supply and trade never judge a technology alone, so it is told instead: this part makes the sentence and is not stored.
        "supply": [row for row in known if row["basis"] in ("supply", "trade")],
    }


def rule_text(rule: Rule, conditions: list[Row], p: float | None, held: Mapping[str, int], scoring: Scoring, language: str) -> str:
    """Return one rule's judgement as sentences in one language; one nobody can judge says how much is held nevertheless."""
    sentences = [condition_text(condition, scoring, language) for condition in conditions]
    joined = (" " if language == "en" else "").join(sentences)
    if p is None:
        counts = {basis: f"{n:,}" for basis, n in held.items()}
        told = fill("texts.held", scoring.texts.held, language, **counts) if any(held.values()) else ""
        parts = {"rule": getattr(rule.name, language), "conditions": joined, "held": told}
        return fill("texts.not_evaluable", scoring.texts.not_evaluable, language, **parts)
    return fill("rules", rule.text, language, conditions=joined, p=percent(p), bar=percent(scoring.listing.listed))


def condition_text(condition: Row, scoring: Scoring, language: str) -> str:
    """Return one condition as a sentence in one language."""
    texts, axis = scoring.texts, getattr(scoring.axes[condition["axis"]].name, language)
    if condition["status"] != "ok":
        supply = [
            fill(
                "texts.known_indicator",
                texts.known_indicator,
                language,
                indicator=row[f"name_{language}"],
                value=known_value(row, language),
            )
            for row in condition["supply"]
        ]
        reason = scoring.why_no_score(condition["axis"], condition["reason"], (), language)
        return fill("texts.condition_missing", texts.condition_missing, language, axis=axis, reason=reason, known="".join(supply))
    name = "condition_min" if "min" in condition else "condition_max"
    bar: float = condition["min"] if "min" in condition else condition["max"]
    lo, hi = condition["lo"], condition["hi"]
    # Whole numbers would make a point of a narrow interval, which then reads as certainty.
    digits = 1 if round(lo) == round(hi) else 0
    figures = {"value": beside(condition["value"], bar, digits), "lo": f"{lo:.{digits}f}", "hi": f"{hi:.{digits}f}"}
    return fill(f"texts.{name}", getattr(texts, name), language, axis=axis, bar=f"{bar:g}", p=percent(condition["p"]), **figures)


def known_value(row: Row, language: str) -> str:
    """Return a value in its unit: a share of 0.062 is 6.2 %."""
    return f"{100 * row['value']:.3g}{' %' if language == 'en' else '%'}" if row["unit"] == "share" else f"{row['value']:.3g}"


def beside(value: float, bar: float, at_least: int = 0) -> str:
    """Return a value with as few digits as leave it on its own side of the bar: 59.6 beside 60 must not read 60."""
    for digits in range(at_least, 4):
        text = f"{value:.{digits}f}"
        if (value < bar, value > bar) == (float(text) < bar, float(text) > bar):
            return text
    return f"{value:g}"


def percent(share: float) -> str:
    """Return a share as a percentage with at most one digit, which is exact for a thousand draws."""
    return f"{100 * share:.1f}".removesuffix(".0")


def fill(place: str, template: Text, language: str, **values: str) -> str:
    """Return a template of scoring.yaml with its values.

    Raises:
        ConfigError: The template names a value its sentence is not given.
    """
    try:
        return str(getattr(template, language)).format(**values)
    except (KeyError, IndexError, ValueError) as error:
        names = ", ".join(sorted(values))
        message = t("{place}: {problem} is not filled in here; possible: {names}", place=f"{place}.{language}", problem=error, names=names)
        raise ConfigError([Problem("config/scoring.yaml", 0, 0, message)]) from error


# ---- caveats --------------------------------------------------------------------------------------------------------------


def gather_caveats(warehouse: Warehouse, config: Config, used: pl.DataFrame, judged: pl.DataFrame) -> dict[str, list[str]]:
    """Return the caveat keys each technology must carry: of its values, of their sources, of how they were used and of what is held."""
    years = config.scoring.gates.dated_after_years
    fresh_from = warehouse.scalar(_FIRST_FRESH_YEAR, {"years": years})
    everywhere = {"is_sample"} if warehouse.scalar("SELECT bool_or(is_sample) FROM core.source") else set()
    found: dict[str, set[str]] = {technology_id: set(everywhere) for technology_id in judged["technology_id"]}
    bases: dict[str, set[str]] = defaultdict(set)
    for row in used.to_dicts():
        keys = found[row["technology_id"]]
        keys.update(row["caveats"] or [])
        keys.update({"clipped"} if row["is_clipped"] else set())
        bases[row["technology_id"]].add(row["basis"])
        # A window closes with the last day of its last year.
        if fresh_from is not None and row["period_last_year"] is not None and row["period_last_year"] < fresh_from.year:
            keys.add("dated")
    for technology_id, basis, source_id in warehouse.rows(_SOURCES):
        if technology_id in found and basis in bases[technology_id] and source_id in config.sources:
            found[technology_id].update(config.sources[source_id].caveats)
    declared = config.series
    for technology_id, series_id in warehouse.rows(_SERIES):
        if technology_id in found and "statistics" in bases[technology_id] and series_id in declared:
            found[technology_id].update(declared[series_id].caveats)
    for (technology_id,) in warehouse.rows(_ONE_OFFICE):
        if technology_id in found:
            found[technology_id].add("one_office")
    partly = judged.group_by("technology_id").agg(some=pl.col("p").is_not_null().any() & pl.col("p").is_null().any())
    for technology_id in partly.filter("some")["technology_id"]:
        found[technology_id].add("partly_judged")
    return {technology_id: sorted(keys) for technology_id, keys in found.items()}
