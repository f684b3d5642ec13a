"""The shape of `candidates.json`: the candidate list of one build, every assessed technology once.

A figure that could not be measured is null and has a status or a reason; it is never zero.

Reads: nothing.
Writes: nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, Self, get_args

from pydantic import ConfigDict, Field, model_validator
from pydantic.config import JsonDict

from listgen.base.versions import CandidatesVersion
from listgen.config.models import Grade, LicenceClass
from listgen.config.scoring import AXES, AxisId
from listgen.outputs.parts import (
    Count,
    CountryCode,
    Document,
    Id,
    Number,
    Part,
    Score,
    Share,
    Text,
    Trace,
    absent,
)

Status = Literal["listed", "near_miss", "not_listed", "partly_judged", "insufficient_evidence"]
STATUSES: tuple[Status, ...] = get_args(Status)
ValueStatus = Literal["ok", "too_few", "low_coverage", "not_comparable", "not_applicable", "missing"]
# Why a value has no interval, by the kind of its evidence.
NoInterval = Literal["published_figure", "no_second_report"]
RiskStatus = Literal[ValueStatus, "not_determinable"]
RiskClass = Literal["high", "medium", "low"]
DecidedStatus = Literal[Status, "merged", "deferred"]
Decision = Literal["accept", "reject", "merge", "defer"]
PanelOutcome = Literal["for", "against", "undecided", "disagreement", "too_few"]
FamilyKind = Literal["docdb", "single_document", "mixed"]

_NULL: JsonDict = {"type": "null"}


class Years(Part):
    """The first and the last year of a measuring window."""

    first_year: int = Field(description="First year, included.")
    last_year: int = Field(description="Last year, included.")


class Window(Part):
    """The years measured, by kind of evidence."""

    works: Years | None = Field(
        description="Years of publication of works; null when the build has no works."
    )
    families: Years | None = Field(
        description="Priority years of patent families; null when the build has no families."
    )
    statistics: Years | None = Field(
        description=(
            "Span of the years of all series linked to technologies; null when there are none. Each series"
            " has years of its own."
        )
    )

    def items(self) -> Iterator[tuple[str, Years | None]]:
        """Yield the window of each kind of evidence."""
        yield from (("works", self.works), ("families", self.families), ("statistics", self.statistics))


class Indicator(Part):
    """One indicator of one technology for the focal country."""

    model_config = ConfigDict(
        json_schema_extra={
            "if": {"properties": {"status": {"const": "ok"}}},
            "then": {"properties": {"value": {"type": "number"}}},
            "else": {"properties": {"value": _NULL, "lo": _NULL, "hi": _NULL}},
        }
    )

    indicator_id: Id = Field(
        description="The indicator; its definition and unit are in ind.definition and in the report."
    )
    value: Number | None = Field(
        description="The value in the indicator's unit; null when `status` is not ok."
    )
    lo: Number | None = Field(
        description="Lower end of the 95 % interval, in the same unit; null when none can be computed."
    )
    hi: Number | None = Field(
        description="Upper end of the 95 % interval, in the same unit; null when none can be computed."
    )
    no_interval: NoInterval | None = absent(
        "Why a value has no interval: published_figure, its publisher states no error; no_second_report, "
        "there is no report of the other side of the trade to compare with."
    )
    n: Count | None = Field(
        description=(
            "Items of evidence behind the value (works, families, table cells); null when nothing was"
            " counted."
        )
    )
    status: ValueStatus = Field(description="ok, or why there is no value.")
    trace: Trace = Field(
        description=(
            "indicator_id/technology_id/country_code; `listgen trace` resolves it to the bytes behind the"
            " value."
        )
    )

    @model_validator(mode="after")
    def _has_a_value_only_when_ok(self) -> Self:
        if (self.value is None) is (self.status == "ok") or (
            self.value is None and (self.lo, self.hi) != (None, None)
        ):
            raise ValueError("a value goes with the status ok, and an interval with a value")
        return self


class Rank(Part):
    """The range of ranks on one axis over the draws.

    1 is the highest score, equal scores share the better rank.
    """

    p05: Number = Field(ge=1, description="5 % point of the rank.")
    p50: Number = Field(ge=1, description="Median rank.")
    p95: Number = Field(ge=1, description="95 % point of the rank.")
    n_ranked: int = Field(ge=1, description="Technologies with a score on this axis.")


class Axis(Part):
    """The score of one technology on one axis."""

    model_config = ConfigDict(
        json_schema_extra={
            "if": {"properties": {"value": _NULL}},
            "then": {"properties": {"lo": _NULL, "hi": _NULL, "rank": _NULL, "reason": {"type": "object"}}},
            "else": {"properties": {"reason": _NULL, "grade": {"type": "string"}}},
        }
    )

    value: Score | None = Field(
        description="Score of 0 to 100 on fixed goalposts; null when the evidence cannot carry one."
    )
    lo: Score | None = Field(description="Lower end of the 95 % interval; null without a score.")
    hi: Score | None = Field(description="Upper end of the 95 % interval; null without a score.")
    coverage: Share | None = Field(
        description=(
            "Share of the planned evidence that could be measured, by importance; null when none was planned."
        )
    )
    grade: Grade | None = Field(description="Kind of evidence the score rests on; null when there is none.")
    reason: Text | None = Field(description="Why there is no score; null when there is one.")
    rank: Rank | None = Field(description="Range of ranks over the draws; null without a score.")
    indicators: list[Indicator] = Field(
        description="The indicators of this axis for the focal country, by id."
    )

    @model_validator(mode="after")
    def _has_a_score_or_a_reason(self) -> Self:
        is_blank = self.value is None
        if is_blank and (self.reason is None or (self.lo, self.hi, self.rank) != (None, None, None)):
            raise ValueError("an axis without a score has a reason, and neither interval nor rank")
        if not is_blank and (self.reason is not None or self.grade is None):
            raise ValueError("an axis with a score has a grade and no reason")
        return self


class Axes(Part):
    """The profile of a technology: three axes that are never added up."""

    autonomy: Axis = Field(description="Autonomy: on whom does the focal country depend?")
    superiority: Axis = Field(description="Superiority: how strong is the focal country?")
    indispensability: Axis = Field(description="Indispensability: who depends on the focal country?")

    def __getitem__(self, axis_id: AxisId) -> Axis:
        """Return one axis by its id."""
        axis: Axis = getattr(self, axis_id)
        return axis

    def items(self) -> Iterator[tuple[AxisId, Axis]]:
        """Yield every axis with its id."""
        yield from ((axis_id, self[axis_id]) for axis_id in AXES)

    def values(self) -> Iterator[Axis]:
        """Yield every axis."""
        yield from (self[axis_id] for axis_id in AXES)


class RiskShares(Part):
    """How often each class of the monopoly risk came out over the draws."""

    high: Share | None = Field(
        description="Share of draws with class high; null when no draw could be classed."
    )
    medium: Share | None = Field(
        description="Share of draws with class medium; null when no draw could be classed."
    )
    low: Share | None = Field(
        description="Share of draws with class low; null when no draw could be classed."
    )


class MonopolyRisk(Part):
    """Whether one country leads the most cited works of a technology alone."""

    leader: CountryCode | None = Field(
        description="Country with the largest share of the most cited works; null when it was not counted."
    )
    second: CountryCode | None = Field(
        description="Country with the second largest share; null when it was not counted or there is none."
    )
    k: Count | None = Field(
        description=(
            "Institutions of the leading country among the top institutions; null when they were not counted."
        )
    )
    ratio: Number | None = Field(
        description="Share of the leading country over that of the second; null when it was not counted."
    )
    ratio_lo: Number | None = Field(
        description="Lower end of the 95 % interval of `ratio`; null when none can be computed."
    )
    ratio_hi: Number | None = Field(
        description="Upper end of the 95 % interval of `ratio`; null when none can be computed."
    )
    risk_class: RiskClass | None = Field(
        validation_alias="class",
        serialization_alias="class",
        description="high, medium or low, the most probable one; null when `status` is not ok.",
    )
    p: RiskShares | None = Field(
        description="How sure the class is; null when `status` is neither ok nor not_determinable."
    )
    n: Count | None = Field(description="Most cited works behind it; null when none were counted.")
    status: RiskStatus = Field(
        description=(
            "ok, or why it cannot be said; not_determinable: everything is known but the class, which too few"
            " draws agree on or too few works carry."
        )
    )


class Cluster(Part):
    """The group of technologies with a similar profile that a technology belongs to."""

    id: int = Field(description="Number of the group in this build; it may change from build to build.")
    label: Text = Field(description="What the profile of the group is like.")
    stability: Share | None = Field(
        description=(
            "How well the group (not the member) is found again when the computation is repeated; null when"
            " it cannot be said."
        )
    )


class KnownValue(Part):
    """A value that is known of an axis without a score."""

    indicator_id: Id = Field(description="The indicator.")
    value: Number = Field(description="Its value in the indicator's unit.")


class ConditionInputs(Part):
    """What one condition of a rule was judged on."""

    axis: AxisId = Field(description="The axis that the condition is about.")
    min: Number | None = absent("The score must be at least this; absent when the condition is a ceiling.")
    max: Number | None = absent("The score must be at most this; absent when the condition is a floor.")
    value: Number | None = Field(description="Score of the axis; null when there is none.")
    lo: Number | None = Field(description="Lower end of its 95 % interval; null without a score.")
    hi: Number | None = Field(description="Upper end of its 95 % interval; null without a score.")
    coverage: Share | None = Field(
        description="Share of the planned evidence that could be measured; null when none was planned."
    )
    grade: Grade | None = Field(description="Kind of evidence the score rests on; null when there is none.")
    status: str | None = Field(
        description="ok, or insufficient_evidence; null when the axis was not assessed."
    )
    p: Share | None = absent("Share of draws in which this condition holds; absent without a score.")
    reason: str | None = absent(
        "Why there is no score, a key of `reasons` in scoring.yaml; absent with a score."
    )
    known: list[KnownValue] | None = absent("What is known of the axis nevertheless; absent with a score.")


class RecordCounts(Part):
    """Records of the measuring window."""

    works: Count = Field(description="Works.")
    families: Count = Field(description="Patent families.")


class RuleInputs(Part):
    """What a rule was judged on."""

    conditions: list[ConditionInputs] = Field(
        description="The conditions in the order of scoring.yaml; all must hold."
    )
    held: RecordCounts | None = absent(
        "Records that the build has on the technology nevertheless; absent when the rule can be judged."
    )
    needed: Share = Field(description="Share of draws from which the rule counts as met.")


class Reason(Part):
    """One rule of the list and how it came out, met or not."""

    rule: Id = Field(description="The rule, a key of `rules` in scoring.yaml.")
    p: Share | None = Field(
        description="Share of draws in which the rule holds; null when it cannot be judged."
    )
    margin: Number | None = absent(
        "Points by which the weakest condition is passed, mean over the draws; below 0 it is missed. Absent"
        " when the rule cannot be judged, and in documents of version 1."
    )
    is_evaluable: bool = Field(description="True when every axis that the rule needs has a score.")
    is_met: bool | None = Field(
        description="True when `p` reaches the share that is needed; null when the rule cannot be judged."
    )
    inputs: RuleInputs = Field(description="The values that the rule was judged on.")
    text: Text = Field(description="The judgement in words.")
    evidence: list[Trace] = Field(
        description="References of the measured values behind the axes of the rule.",
        json_schema_extra={"uniqueItems": True},
    )


class Amount(Part):
    """How much evidence the build has on a technology."""

    n: Count = Field(description="Items in the measuring window.")
    n_comparable: Count = Field(description="Those of a source that lets countries be compared.")


class FamilyAmount(Amount):
    """How many patent families the build has on a technology, and whose they are."""

    offices: list[str] = Field(
        description="Codes of the offices whose documents the build has, sorted.",
        json_schema_extra={"uniqueItems": True},
    )
    kind: FamilyKind | None = Field(
        description=(
            "docdb: whole families; single_document: single documents of one office; null when there are no"
            " families."
        )
    )
    is_grants: bool | None = Field(
        description="True when every document is a granted patent; null when there are no families."
    )


class ReferenceCoverage(Part):
    """How far the references of the documents lead."""

    works: Share | None = Field(
        description=(
            "Share of the references of works that lead to a document with a known country; null without"
            " references."
        )
    )
    families: Share | None = Field(
        description=(
            "Share of the references of families that lead to a document with a known country; null without"
            " references."
        )
    )


class Evidence(Part):
    """What the build has on the technology in the measuring window, whether a score rests on it or not."""

    works: Amount = Field(description="Works.")
    families: FamilyAmount = Field(description="Patent families.")
    statistics: Amount = Field(
        description="Published figures of countries, those of broader series included."
    )
    supply: Amount = Field(description="Figures of supply tables for the materials of the technology.")
    trade: Amount = Field(description="Flows of the goods of the technology, in the year measured.")
    reference_coverage: ReferenceCoverage = Field(
        description="How far the references lead, by kind of document."
    )

    def amount(self, basis: str) -> Amount:
        """Return how much there is of one kind of evidence."""
        amount: Amount = getattr(self, basis)
        return amount


class Panel(Part):
    """What the experts said in the last round."""

    n: Count | None = Field(description="Experts whose vote counts; null when no round was closed.")
    n_with_conflicted: Count | None = Field(
        description=(
            "Experts who voted, those with a declared interest included; null when no round was closed."
        )
    )
    median: Number | None = Field(description="Median rating, 1 to 9; null when too few voted.")
    iqr: Number | None = Field(description="Interquartile range of the ratings; null when too few voted.")
    outcome: PanelOutcome | None = Field(
        description="What the panel's ratings amount to; null when no round was closed."
    )
    is_bimodal: bool | None = Field(description="True when two camps differ; null when too few voted.")


class Decided(Part):
    """What experts and deciders made of the rules' proposal."""

    status: DecidedStatus = Field(
        description="The list after decisions; `status` of the entry stays that of the rules."
    )
    decision: Decision | None = Field(description="The approved decision; null when nobody decided.")
    into_technology_id: str | None = Field(
        description="The technology that this one is merged into; null unless the decision is merge."
    )
    rationale: str | None = Field(
        description="Why, in the words of the person who decided; null without a decision."
    )
    is_overtaken: bool | None = Field(
        description=(
            "True when the rules of this build propose something else than those the panel saw; null without"
            " a decision."
        )
    )
    event_digest: str | None = Field(
        description="SHA-256 of the approval in the log of the review; null without a decision."
    )
    review_id: Id = Field(description="The review.")
    judged_run_id: Id = Field(description="The build that the panel saw.")
    panel: Panel = Field(description="What the experts said.")


class RulesJudged(Part):
    """How much of the rules the evidence carries."""

    n: Count = Field(description="Rules with a score on every axis they need.")
    of: Count = Field(description="All rules.")


class Entry(Part):
    """One assessed technology."""

    technology_id: Id = Field(description="The technology; the id is never reused.")
    name: Text = Field(description="Its name.")
    domain: str = Field(description="Its domain, a key of config/domains.yaml.")
    status: Status = Field(
        description=(
            "What the rules propose: its best rule reaches the bar (listed), nearly reaches it (near_miss), "
            "or does not; not_listed only where every rule could be judged, else partly_judged;"
            " insufficient_evidence where none could."
        )
    )
    rules_judged: RulesJudged | None = absent(
        "How many of the rules could be judged; absent in documents of version 1."
    )
    decided: Decided | None = absent(
        "What experts and deciders made of the proposal; absent where no review judged the technology."
    )
    pareto_front: int | None = Field(
        ge=1,
        description=(
            "1: no other technology is at least as high on all three axes; null without a score on all three."
        ),
    )
    axes: Axes = Field(description="The profile.")
    monopoly_risk: MonopolyRisk = Field(description="Whether one country leads the most cited works alone.")
    cluster: Cluster | None = Field(
        description="Technologies with a similar profile; null when the profile is incomplete."
    )
    cluster_reason: Text | None = Field(description="Why there is no cluster; null when there is one.")
    crosswalk: dict[str, list[str]] = Field(
        description="Items of reference lists that the technology is linked to, by list.",
        json_schema_extra={
            "additionalProperties": {"type": "array", "items": {"type": "string"}, "minItems": 1}
        },
    )
    reasons: list[Reason] = Field(description="Every rule, met or not, the one with most evidence first.")
    evidence: Evidence = Field(
        description="What the build has on the technology, whether a score rests on it or not."
    )
    caveats: list[str] = Field(
        description="Keys of `caveat_texts`, sorted.", json_schema_extra={"uniqueItems": True}
    )


class Licence(Part):
    """The terms of a source."""

    id: str = Field(description="Name of the licence, an SPDX id where there is one.")
    licence_class: LicenceClass = Field(
        validation_alias="class",
        serialization_alias="class",
        description="A: open; B: with conditions; C: unclear.",
    )
    text: Text = Field(description="The terms in words.")


class Source(Part):
    """A source of the build."""

    source_id: Id = Field(description="The source.")
    title: Text = Field(description="Its title.")
    producer: str = Field(description="Who publishes it.")
    grade: Grade = Field(description="Kind of evidence it gives.")
    frame: Text = Field(description="What it covers.")
    is_comparable: bool = Field(description="True when countries can be compared in it.")
    is_universe: bool = Field(
        description="True when it covers all fields, so that shares of a whole can be computed."
    )
    is_one_office: bool = Field(description="True when it has documents of a single patent office.")
    is_sample: bool = Field(description="True when it is synthetic.")
    licence: Licence = Field(description="Its terms.")
    citation: str = Field(description="How to cite it.")
    url: str | None = Field(description="Where it is published; null when it has no address.")
    as_of: str | None = Field(
        description="Date of its newest data (YYYY-MM-DD); null when undated.",
        json_schema_extra={"format": "date"},
    )


class Candidates(Document):
    """The candidate list of one build.

    Every assessed technology is in `entries` exactly once. A figure that could not be measured is null and
    has a status or reason; it is never zero.
    """

    schema_version: CandidatesVersion = Field(
        description=(
            "Version of this schema. Version 1 has no partly_judged (such entries were not_listed there), no"
            " rules_judged and no not_determinable."
        )
    )
    run_id: Id = Field(description="Hash of everything that the build was made from.")
    focal_country: CountryCode = Field(
        description="The country that the axes are about (ISO 3166-1 alpha-2)."
    )
    window: Window = Field(description="The years measured.")
    is_sample: bool = Field(description="True when any source is synthetic: then nothing here is evidence.")
    entries: list[Entry] = Field(description="Every assessed technology, by id.")
    caveat_texts: dict[str, Text] = Field(description="What each caveat key says.")
    sources: list[Source] = Field(description="The sources of the build, by id.")
