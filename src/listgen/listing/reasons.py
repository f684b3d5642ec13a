"""Reasons.

Each rule's judgement of a technology as sentences in English and Japanese, with the figures it rests on.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import TypedDict

import polars as pl

from listgen.base.errors import ConfigError, CouldNotCheckError, Problem
from listgen.base.provenance import canonical_json
from listgen.base.text import t
from listgen.config.models import Text
from listgen.config.scoring import RECORD_BASES, SUPPLY_BASES, Condition, Rule, Scoring
from listgen.listing.rules import TOLERANCE

# The columns of list.reason.
_SCHEMA = {
    "technology_id": pl.String,
    "rule_id": pl.String,
    "p": pl.Float64,
    "margin": pl.Float64,
    "is_evaluable": pl.Boolean,
    "is_met": pl.Boolean,
    "inputs": pl.String,
    "text_en": pl.String,
    "text_ja": pl.String,
}


@dataclass(frozen=True)
class AxisScore:
    """What score.technology says of one axis; its fields are the columns."""

    value: float | None
    lo: float | None
    hi: float | None
    coverage: float | None
    grade: str | None
    status: str | None
    reason: str | None


_NO_SCORE = AxisScore(None, None, None, None, None, None, None)


@dataclass(frozen=True)
class Known:
    """One indicator behind a score, or all that is known of an axis without one.

    Its fields are the columns.
    """

    indicator_id: str
    value: float
    basis: str
    unit: str
    name_en: str
    name_ja: str


class KnownValue(TypedDict):
    """A known value of an axis without a score, as list.reason stores it."""

    indicator_id: str
    value: float


class ConditionInputs(TypedDict, total=False):
    """What one condition was judged on, as list.reason stores it; `min` or `max` is its bar."""

    axis: str
    min: float | None
    max: float | None
    value: float | None
    lo: float | None
    hi: float | None
    coverage: float | None
    grade: str | None
    status: str | None
    p: float | None
    reason: str
    known: list[KnownValue]


class RuleInputs(TypedDict, total=False):
    """What a rule was judged on: `held` counts records where it could not be judged."""

    conditions: list[ConditionInputs]
    needed: float
    held: dict[str, int]


class Judgement(TypedDict):
    """One judgement as columns of list.reason; `is_met` is None where it could not be judged."""

    is_evaluable: bool
    is_met: bool | None
    inputs: str
    text_en: str
    text_ja: str


@dataclass(frozen=True)
class Judged:
    """One condition of a rule, and what it was judged on."""

    condition: Condition
    score: AxisScore
    p: float | None
    known: tuple[Known, ...]

    @property
    def is_scored(self) -> bool:
        """Return True if the axis has a score, so that the condition could be judged."""
        return self.score.status == "ok"

    @property
    def reason(self) -> str:
        """Return why the axis has no score."""
        return self.score.reason or "no_evidence"

    @property
    def bar(self) -> float | None:
        """Return the bar, a lower or an upper one."""
        return self.condition.max if self.condition.min is None else self.condition.min

    def inputs(self) -> ConditionInputs:
        """Return what is stored.

        Bar, axis value and interval, or why there is none and what is known instead.
        """
        score = self.score
        found: ConditionInputs = {
            "axis": self.condition.axis,
            "value": score.value,
            "lo": score.lo,
            "hi": score.hi,
            "coverage": score.coverage,
            "grade": score.grade,
            "status": score.status,
        }
        if self.condition.min is None:
            found["max"] = self.bar
        else:
            found["min"] = self.bar
        if self.is_scored:
            found["p"] = self.p
        else:
            found["reason"] = self.reason
            found["known"] = [
                KnownValue(indicator_id=one.indicator_id, value=one.value) for one in self.known
            ]
        return found


def _names(shape: type[AxisScore] | type[Known]) -> list[str]:
    return [field.name for field in fields(shape)]


def reason_rows(
    judged: pl.DataFrame,
    scores: pl.DataFrame,
    used: pl.DataFrame,
    held: Mapping[str, dict[str, int]],
    scoring: Scoring,
) -> pl.DataFrame:
    """Return one row per technology and rule, met or not: inputs as JSON, and text in both languages.

    Args:
        judged: The rows of `judge_rules`.
        scores: Rows of score.technology.
        used: The indicators behind the scores, or all that is known of an axis without one.
        held: How many works and families of the window are held on each technology, whatever they can carry.
        scoring: Rules, names and sentences.
    """
    keys = ("technology_id", "axis_id")
    axes = {
        (row[0], row[1]): AxisScore(*row[2:]) for row in scores.select(*keys, *_names(AxisScore)).iter_rows()
    }
    known: dict[tuple[str, str], list[Known]] = defaultdict(list)
    for technology_id, axis_id, *row in used.select(*keys, *_names(Known)).iter_rows():
        known[technology_id, axis_id].append(Known(*row))
    rows = []
    for technology_id, rule_id, p, margin, parts in judged.select(
        "technology_id", "rule_id", "p", "margin", "parts"
    ).iter_rows():
        rule = scoring.rules[rule_id]
        conditions = []
        for condition, part in zip(rule.all, parts, strict=True):
            key = (technology_id, condition.axis)
            conditions.append(Judged(condition, axes.get(key, _NO_SCORE), part, tuple(known[key])))
        counts: dict[str, int] = {basis: held.get(technology_id, {}).get(basis, 0) for basis in RECORD_BASES}
        rows.append(
            {
                "technology_id": technology_id,
                "rule_id": rule_id,
                "p": p,
                "margin": margin,
                **_judgement(rule, conditions, p, counts, scoring),
            }
        )
    return pl.DataFrame(rows, schema=_SCHEMA)


def _judgement(
    rule: Rule, conditions: list[Judged], p: float | None, counts: Mapping[str, int], scoring: Scoring
) -> Judgement:
    """Return what is stored of one judgement: whether it holds, its inputs, its sentences."""
    inputs: RuleInputs = {
        "conditions": [one.inputs() for one in conditions],
        "needed": scoring.listing.listed,
    }
    if p is None:
        inputs["held"] = dict(counts)
    return {
        "is_evaluable": p is not None,
        "is_met": None if p is None else p >= scoring.listing.listed - TOLERANCE,
        "inputs": canonical_json(inputs),
        "text_en": rule_text(rule, conditions, p, counts, scoring, "en"),
        "text_ja": rule_text(rule, conditions, p, counts, scoring, "ja"),
    }


def rule_text(
    rule: Rule,
    conditions: list[Judged],
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


def condition_text(judged: Judged, scoring: Scoring, language: str) -> str:
    """Return one condition as a sentence in one language."""
    condition, score, texts = judged.condition, judged.score, scoring.texts
    axis = getattr(scoring.axes[condition.axis].name, language)
    if not judged.is_scored:
        return _missing_text(judged, axis, scoring, language)
    name = "condition_max" if condition.min is None else "condition_min"
    value, lo, hi, bar, p = (float_of(one) for one in (score.value, score.lo, score.hi, judged.bar, judged.p))
    # Whole numbers would make a point of a narrow interval, which then reads as certainty.
    digits = 1 if round(lo) == round(hi) else 0
    figures = {
        "value": beside_bar(value, bar, digits),
        "lo": f"{lo:.{digits}f}",
        "hi": f"{hi:.{digits}f}",
    }
    return fill(
        f"texts.{name}",
        getattr(texts, name),
        language,
        axis=axis,
        bar=f"{bar:g}",
        p=percent(p),
        **figures,
    )


def _missing_text(judged: Judged, axis: str, scoring: Scoring, language: str) -> str:
    """Return why a condition could not be judged, and what is known of the axis instead.

    Supply and trade never judge a technology alone, so they are told here.
    """
    texts = scoring.texts
    known = [
        fill(
            "texts.known_indicator",
            texts.known_indicator,
            language,
            indicator=one.name_en if language == "en" else one.name_ja,
            value=known_value(one, language),
        )
        for one in judged.known
        if one.basis in SUPPLY_BASES
    ]
    reason = scoring.why_no_score(judged.condition.axis, judged.reason, (), language)
    return fill(
        "texts.condition_missing",
        texts.condition_missing,
        language,
        axis=axis,
        reason=reason,
        known="".join(known),
    )


def known_value(known: Known, language: str) -> str:
    """Return a value in its unit: a share of 0.062 is 6.2 %."""
    if known.unit == "share":
        return f"{100 * known.value:.3g}{' %' if language == 'en' else '%'}"
    return f"{known.value:.3g}"


def float_of(figure: float | None) -> float:
    """Return a figure that a judged condition must have.

    Raises:
        CouldNotCheckError: It has none.
    """
    if figure is None:
        raise CouldNotCheckError(
            t("score.technology: an axis with a score lacks its value, interval or probability."),
            t("Expected all of them."),
        )
    return figure


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
