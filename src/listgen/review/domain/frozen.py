"""What cannot change any more, read once and kept in memory.

A review's cards and rules, and the results of a closed round.

An answer then costs only what may have changed since: the session, the seat, the round's hour and the ballot.
Evidence is not kept here: a card's markup is read, and its digest checked, each time it is shown.

Reads: review, card, round
Writes: nothing
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.db import connection

from listgen.config.review import ReviewRules
from listgen.review.domain.results import panel_of
from listgen.review.models import Card, Review, Round

Row = dict[str, Any]


@dataclass(frozen=True)
class Judged:
    """One technology as it is put to the panel before its evidence."""

    technology_id: str
    domain_id: str
    digest: str
    facts: Row


@dataclass(frozen=True)
class Frozen:
    """A review as it was opened; `review` is without its long texts."""

    review: Review
    rules: ReviewRules
    judged: dict[str, Judged]


def frozen(review_id: str) -> Frozen:
    """Return what a review was opened with."""
    return _read_review(str(connection.settings_dict["NAME"]), review_id)


def closed_results(review_id: str, number: int) -> Row:
    """Return each technology's result after the rounds up to a number, nothing before the first.

    Ask only for rounds before an open one.
    """
    return _read_results(str(connection.settings_dict["NAME"]), review_id, number) if number else {}


# The database is part of the key: tests open many, and two may hold reviews of one name.


@lru_cache(maxsize=8)
def _read_review(database: str, review_id: str) -> Frozen:
    review = Review.objects.defer("style", "background").get(pk=review_id)
    cards = Card.objects.filter(review=review).order_by("position").defer("markup")
    judged = {
        one.technology_id: Judged(one.technology_id, one.domain_id, one.digest, json.loads(one.facts))
        for one in cards
    }
    return Frozen(review, ReviewRules.model_validate_json(review.rules), judged)


@lru_cache(maxsize=8)
def _read_results(database: str, review_id: str, number: int) -> Row:
    found = Round.objects.filter(review=review_id, number__lte=number).exclude(results="").order_by("number")
    return panel_of([json.loads(text) for text in found.values_list("results", flat=True)])
