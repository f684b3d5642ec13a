"""The shape of `config/review.yaml`.

The question a panel is asked and what counts as agreement, fixed before the first vote.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from listgen.base.text import t
from listgen.config.models import Model, Text


class Scale(Model):
    """The points a panel rates on, the parts that speak against and for listing, and their names."""

    points: int = Field(ge=5, le=9)
    against_to: int = Field(ge=1)
    for_from: int
    low: Text
    middle: Text
    high: Text

    @model_validator(mode="after")
    def _parts_are_apart(self) -> Scale:
        if not self.against_to < self.for_from <= self.points:
            raise ValueError(t("against_to must lie below for_from, and for_from within the points"))
        return self


class Consensus(Model):
    """When a panel agrees and when it stands in two camps."""

    iqr_max: float = Field(gt=0)
    dissent_share: float = Field(gt=0, le=0.5)


class Stopping(Model):
    """When another round would bring nothing new."""

    change_max: float = Field(gt=0, lt=1)
    stable_share: float = Field(gt=0, le=1)


class Invitation(Model):
    """What an expert must know before agreeing.

    Shown in the invitation mail and on the first page of the link.
    """

    organiser: Text
    purpose: Text
    # "{n}" stands for the number of technologies.
    length: Text
    consent: Text
    contact: Text


class ReviewRules(Model):
    """`config/review.yaml`."""

    schema_version: Literal[1]
    question: Text
    scale: Scale
    consensus: Consensus
    stopping: Stopping
    fewest_votes: int = Field(ge=5, le=50)
    # None in reviews that were opened before these texts existed.
    invitation: Invitation | None = None
    conflict_months: int = Field(ge=1, le=120)
    rounds: int = Field(default=1, ge=1, le=10)
    round_days: int = Field(ge=1, le=120)
    reminder_days: int = Field(ge=1, le=60)
