"""Reasons.

Each rule's judgement of a technology as sentences in English and Japanese, with the figures it rests on.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import polars as pl

from listgen.base.errors import ConfigError, Problem
from listgen.base.provenance import canonical_json
from listgen.base.text import LANGUAGES, t
from listgen.config.models import Text
from listgen.config.scoring import RECORD_BASES, SUPPLY_BASES, Condition, Rule, Scoring
from listgen.listing.rules import TOLERANCE

Row = dict[str, Any]
# The columns of list.reason.
_SCHEMA = {
    "technology_id": pl.String,
    "rule_id": pl.String,
    "p": pl.Float64,
    "is_evaluable": pl.Boolean,
    "is_met": pl.Boolean,
    "inputs": pl.String,
    "text_en": pl.String,
    "text_ja": pl.String,
}


def reason_rows(
    judged: pl.DataFrame,
    scores: pl.DataFrame,
    used: pl.DataFrame,
    held: Mapping[str, dict[str, int]],
    scoring: Scoring,
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
    for technology_id, rule_id, p, parts in judged.select(
        "technology_id", "rule_id", "p", "parts"
    ).iter_rows():
        rule = scoring.rules[rule_id]
        conditions = []
        for condition, part in zip(rule.all, parts, strict=True):
            key = (technology_id, condition.axis)
            conditions.append(condition_inputs(condition, axes.get(key, {}), part, known[key]))
        counts: dict[str, int] = {basis: held.get(technology_id, {}).get(basis, 0) for basis in RECORD_BASES}
        rows.append(
            {"technology_id": technology_id, "rule_id": rule_id, "p": p}
            | _judgement(rule, conditions, p, counts, scoring)
        )
    return pl.DataFrame(rows, schema=_SCHEMA)


def _judgement(
    rule: Rule, conditions: list[Row], p: float | None, counts: Mapping[str, int], scoring: Scoring
) -> Row:
    """Return what is stored of one judgement: whether it holds, its inputs, its sentences."""
    inputs: Row = {
        "conditions": [{key: value for key, value in one.items() if key != "supply"} for one in conditions]
    }
    inputs |= {"held": dict(counts)} if p is None else {}
    texts = {
        f"text_{language}": rule_text(rule, conditions, p, counts, scoring, language)
        for language in LANGUAGES
    }
    return {
        "is_evaluable": p is not None,
        "is_met": None if p is None else p >= scoring.listing.listed - TOLERANCE,
        "inputs": canonical_json(inputs | {"needed": scoring.listing.listed}),
    } | texts


def condition_inputs(condition: Condition, axis: Row, p: float | None, known: list[Row]) -> Row:
    """Return what one condition was judged on.

    Bar, axis value and interval, or why there is none and what is known instead.
    """
    bar = {"min": condition.min} if condition.min is not None else {"max": condition.max}
    found: Row = (
        {"axis": condition.axis}
        | bar
        | {name: axis.get(name) for name in ("value", "lo", "hi", "coverage", "grade", "status")}
    )
    if axis.get("status") == "ok":
        return found | {"p": p}
    return found | {
        "reason": axis.get("reason") or "no_evidence",
        "known": [{"indicator_id": row["indicator_id"], "value": row["value"]} for row in known],
        # Supply and trade never judge a technology alone, so it is told instead: this part makes the sentence
        # and is not stored.
        "supply": [row for row in known if row["basis"] in SUPPLY_BASES],
    }


def rule_text(
    rule: Rule,
    conditions: list[Row],
    p: float | None,
    held: Mapping[str, int],
    scoring: Scoring,
    language: str,
) -> str:
    """Return one rule's judgement as sentences in one language.

    One nobody can judge says how much is held nevertheless.
    """
    sentences = [condition_text(condition, scoring, language) for condition in conditions]
    joined = (" " if language == "en" else "").join(sentences)
    if p is None:
        counts = {basis: f"{n:,}" for basis, n in held.items()}
        told = fill("texts.held", scoring.texts.held, language, **counts) if any(held.values()) else ""
        parts = {"rule": getattr(rule.name, language), "conditions": joined, "held": told}
        return fill("texts.not_evaluable", scoring.texts.not_evaluable, language, **parts)
    return fill(
        "rules", rule.text, language, conditions=joined, p=percent(p), bar=percent(scoring.listing.listed)
    )


def condition_text(condition: Row, scoring: Scoring, language: str) -> str:
    """Return one condition as a sentence in one language."""
    texts, axis = scoring.texts, getattr(scoring.axes[condition["axis"]].name, language)
    if condition["status"] != "ok":
        return _missing_text(condition, axis, scoring, language)
    name = "condition_min" if "min" in condition else "condition_max"
    bar: float = condition["min"] if "min" in condition else condition["max"]
    lo, hi = condition["lo"], condition["hi"]
    # Whole numbers would make a point of a narrow interval, which then reads as certainty.
    digits = 1 if round(lo) == round(hi) else 0
    figures = {
        "value": beside_bar(condition["value"], bar, digits),
        "lo": f"{lo:.{digits}f}",
        "hi": f"{hi:.{digits}f}",
    }
    return fill(
        f"texts.{name}",
        getattr(texts, name),
        language,
        axis=axis,
        bar=f"{bar:g}",
        p=percent(condition["p"]),
        **figures,
    )


def _missing_text(condition: Row, axis: str, scoring: Scoring, language: str) -> str:
    """Return why a condition could not be judged, and what is known of the axis instead."""
    texts = scoring.texts
    known = [
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
    return fill(
        "texts.condition_missing",
        texts.condition_missing,
        language,
        axis=axis,
        reason=reason,
        known="".join(known),
    )


def known_value(row: Row, language: str) -> str:
    """Return a value in its unit: a share of 0.062 is 6.2 %."""
    return (
        f"{100 * row['value']:.3g}{' %' if language == 'en' else '%'}"
        if row["unit"] == "share"
        else f"{row['value']:.3g}"
    )


def beside_bar(value: float, bar: float, at_least: int = 0) -> str:
    """Return a value with as few digits as leave it on its own side of the bar.

    59.6 must not read 60 next to a bar of 60.
    """
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
        message = t(
            "{place}: {problem} is not filled in here; possible: {names}",
            place=f"{place}.{language}",
            problem=error,
            names=names,
        )
        raise ConfigError([Problem("config/scoring.yaml", 0, 0, message)]) from error
