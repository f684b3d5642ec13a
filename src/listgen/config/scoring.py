"""The shape of `config/scoring.yaml`.

The tree of axes, the gates, the rules and the words they are told in.
"""

from __future__ import annotations

from collections.abc import Iterable
from string import Formatter
from typing import Annotated, Literal, get_args

from pydantic import Field, model_validator

from listgen.base.text import t
from listgen.config.models import Model, Text

AxisId = Literal["autonomy", "superiority", "indispensability"]
AXES: tuple[AxisId, ...] = get_args(AxisId)
# The axes read from the citation matrices: autonomy along the country's row, indispensability along its
# column.
CITING_AXES = ("autonomy", "indispensability")
# What a value can rest on.
Basis = Literal["works", "families", "statistics", "supply", "trade"]
BASES: tuple[Basis, ...] = get_args(Basis)
# Those that are single records, so that references between them can be resolved.
RecordBasis = Literal["works", "families"]
RECORD_BASES: tuple[RecordBasis, ...] = get_args(RecordBasis)
# Those that never judge a technology alone.
SUPPLY_BASES: tuple[Basis, ...] = ("supply", "trade")
# Best grade first: an axis takes the first branch that passes its gate, and never mixes two.
BranchId = Literal["records", "statistics"]
BRANCHES: tuple[BranchId, ...] = get_args(BranchId)

Resolved = tuple[RecordBasis, int, float]
Share = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[float, Field(gt=0)]


def check_placeholders(text: Text, allowed: set[str]) -> None:
    """Raise when a template names a value that its sentence is not given.

    Args:
        text: The template in both languages.
        allowed: The names that will be filled in.

    Raises:
        ValueError: A placeholder is unknown; the message is meant for the author of the file.
    """
    for template in (text.en, text.ja):
        unknown = sorted(
            {name for _, name, _, _ in Formatter().parse(template) if name is not None} - allowed
        )
        if unknown:
            raise ValueError(
                t(
                    "{name} is not filled in here; possible: {names}",
                    name=f"{{{unknown[0]}}}",
                    names=", ".join(sorted(allowed)) or "-",
                )
            )


class IndicatorSetting(Model):
    """One indicator inside a group. `goalposts` = [value that scores 0, value that scores 100]."""

    direction: Literal[1, -1]
    importance: Positive
    normalise: Literal["goalposts", "symmetric_goalposts"] = "goalposts"
    goalposts: Annotated[list[float], Field(min_length=2, max_length=2)]
    why: Text

    @model_validator(mode="after")
    def _direction_agrees(self) -> IndicatorSetting:
        zero, hundred = self.goalposts
        if (hundred - zero) * self.direction <= 0:
            raise ValueError(
                t(
                    "goalposts {goalposts} run against direction {direction:+d}",
                    goalposts=self.goalposts,
                    direction=self.direction,
                )
            )
        return self


class Group(Model):
    """A group of indicators that measure one thing; its importance stands beside its siblings'."""

    name: Text
    importance: Positive
    why: Text
    indicators: Annotated[dict[str, IndicatorSetting], Field(min_length=1)]


class Branch(Model):
    """The groups computed from one grade of evidence."""

    groups: Annotated[dict[str, Group], Field(min_length=1)]


class Axis(Model):
    """One axis of the assessment with its branches."""

    name: Text
    definition: Text
    aggregate: Literal["arithmetic", "geometric"] = "arithmetic"
    missing: Literal["rescale"] = "rescale"
    branches: dict[BranchId, Branch]  # `records` is required

    @model_validator(mode="after")
    def _indicator_once(self) -> Axis:
        if "records" not in self.branches:
            raise ValueError(t("branches must hold records"))
        ids = [i for b in self.branches.values() for g in b.groups.values() for i in g.indicators]
        twice = sorted({i for i in ids if ids.count(i) > 1})
        if twice:
            raise ValueError(t("indicators named twice in one axis: {names}", names=", ".join(twice)))
        return self


class Gates(Model):
    """What evidence must reach before it may speak, each with its reason."""

    min_reference_coverage: Share
    min_references: Annotated[int, Field(ge=1)]
    min_top10_items: Annotated[int, Field(ge=1)]
    min_national_items: Annotated[int, Field(ge=1)]
    min_reported_share: Share
    dated_after_years: Annotated[int, Field(ge=1)]
    why: dict[str, Text]

    @model_validator(mode="after")
    def _why_each(self) -> Gates:
        gates = set(type(self).model_fields) - {"why"}
        if set(self.why) != gates:
            raise ValueError(t("why must explain exactly {names}", names=", ".join(sorted(gates))))
        return self


class MonopolyClass(Model):
    """The two bars of one risk class; both must hold."""

    min_institutions: Annotated[int, Field(ge=1)]
    min_ratio: Positive


class Monopoly(Model):
    """Technology monopoly risk, for composite/monopoly.py.

    K of top_institutions in the lead country, R = share 1 / share 2. A class is given from min_items top
    10 % works up and where at least min_probability of the draws agree.
    """

    top_institutions: Annotated[int, Field(ge=1)]
    high: MonopolyClass
    medium: MonopolyClass
    min_probability: Annotated[float, Field(gt=0.5, le=1)] = 0.6
    min_items: Annotated[int, Field(ge=1)] = 100
    why: Text


class Condition(Model):
    """One bar on one axis."""

    axis: AxisId
    min: Annotated[float, Field(ge=0, le=100)] | None = None
    max: Annotated[float, Field(ge=0, le=100)] | None = None

    @model_validator(mode="after")
    def _one_bar(self) -> Condition:
        if (self.min is None) == (self.max is None):
            raise ValueError(t("a condition has either min or max"))
        return self


class Rule(Model):
    """A listing rule: all conditions must hold.

    `meaning` says in a few words what it then says about the technology.
    """

    name: Text
    meaning: Text
    all: Annotated[list[Condition], Field(min_length=1)]
    why: Text
    text: Text

    @model_validator(mode="after")
    def _placeholders(self) -> Rule:
        check_placeholders(self.text, {"conditions", "p", "bar"})
        return self


class Listing(Model):
    """The share of draws in which a rule must hold."""

    listed: Share
    near_miss: Share
    why: Text

    @model_validator(mode="after")
    def _ordered(self) -> Listing:
        if self.near_miss >= self.listed:
            raise ValueError(t("near_miss must be below listed"))
        return self


class Texts(Model):
    """Sentence parts of list.reason; each names its placeholders in scoring.yaml."""

    condition_min: Text
    condition_max: Text
    condition_missing: Text
    known_indicator: Text
    references: Text
    bases: dict[RecordBasis, Text]  # both are required
    held: Text
    not_evaluable: Text

    @model_validator(mode="after")
    def _placeholders(self) -> Texts:
        scored = {"axis", "value", "lo", "hi", "bar", "p"}
        faults = [] if len(self.bases) == len(RECORD_BASES) else [t("bases must be works and families")]
        sentences: tuple[tuple[Text, set[str]], ...] = (
            (self.condition_min, scored),
            (self.condition_max, scored),
            (self.condition_missing, {"axis", "reason", "known"}),
            (self.references, {"basis", "n", "p", "gate", "min"}),
            (self.held, {*RECORD_BASES}),
            (self.known_indicator, {"indicator", "value"}),
            (self.not_evaluable, {"rule", "conditions", "held"}),
        )
        for text, allowed in sentences:
            try:
                check_placeholders(text, allowed)
            except ValueError as error:
                faults.append(str(error))
        if faults:
            raise ValueError("; ".join(faults))
        return self


class Levels(Model):
    """Words for a cluster centre: high at or above `high_from`, low below `low_below`, middle between."""

    high_from: Annotated[float, Field(ge=0, le=100)]
    low_below: Annotated[float, Field(ge=0, le=100)]
    high: Text
    middle: Text
    low: Text


class Cluster(Model):
    """How technologies are clustered and when a cluster is named."""

    features: Annotated[list[AxisId], Field(min_length=1)]
    min_clusters: Annotated[int, Field(ge=2)]
    max_clusters: Annotated[int, Field(ge=2)]
    runs: Annotated[int, Field(ge=10)]  # draws that are re-clustered
    together_share: Share  # a pair is stable when together in this share of runs
    min_stability: Share  # below it a cluster is not named
    plateau_tolerance: Share
    levels: Levels
    label_part: Text
    unstable: Text
    why: Text

    @model_validator(mode="after")
    def _consistent(self) -> Cluster:
        if self.max_clusters < self.min_clusters:
            raise ValueError(t("max_clusters must not be below min_clusters"))
        if len(set(self.features)) != len(self.features):
            raise ValueError(t("features must name each axis once"))
        check_placeholders(self.label_part, {"axis", "level"})
        check_placeholders(self.unstable, {"label"})
        return self


class Scoring(Model):
    """The whole file."""

    schema_version: Literal[1]
    coverage_gate: Share
    coverage_gate_why: Text
    gates: Gates
    axes: dict[AxisId, Axis]  # all three are required
    monopoly: Monopoly
    rules: Annotated[dict[str, Rule], Field(min_length=1)]
    listing: Listing
    texts: Texts
    reasons: dict[
        str, Text
    ]  # why an axis / a cluster place is missing (score.technology.reason, cluster.member.reason)
    cluster: Cluster

    @model_validator(mode="after")
    def _three_axes(self) -> Scoring:
        if len(self.axes) != 3:
            raise ValueError(t("axes must be autonomy, superiority and indispensability"))
        return self

    def why_no_score(self, axis_id: str, key: str, references: Iterable[Resolved], language: str) -> str:
        """Return why an axis has no score.

        Where it asks who cites whom, with the number of references held and how many could be followed.

        Args:
            axis_id: The axis.
            key: The reason's key; one without a sentence is shown as it is.
            references: Basis, number of references and share resolved, of each kind of record that has
                references.
            language: en or ja.
        """
        why = self.reasons.get(key)
        text = str(getattr(why, language)) if why else key
        for basis, n, share in references if axis_id in CITING_AXES else ():
            figures = {
                "n": f"{n:,}",
                "p": f"{100 * share:.1f}",
                "gate": f"{100 * self.gates.min_reference_coverage:g}",
            }
            basis_name = getattr(self.texts.bases[basis], language)
            text += getattr(self.texts.references, language).format(
                basis=basis_name, min=self.gates.min_references, **figures
            )
        return text
