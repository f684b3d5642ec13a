"""What a round came to, worked out from the log alone: distribution, agreement, dissent, stability, with and without conflicted votes.

A figure is given for `fewest_votes` votes or more, and for a subgroup only if the others are as many too: otherwise the difference of two
printed figures would be somebody's vote.

Reads: event, round
Writes: nothing; closing a round keeps what `compute` returns
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from listgen.config.review import ReviewRules
from listgen.review import eventlog, measures
from listgen.review.models import Card, Round

Row = dict[str, Any]
DIGITS = 6


@dataclass
class Vote:
    """How one seat stands on one technology at the end, and its last rating if it declared a conflict after giving one."""

    body: Row
    conflicted_rating: int | None = None


@dataclass
class Tally:
    """All that was said on one technology."""

    votes: dict[str, Vote] = field(default_factory=dict)

    def ratings(self, *, of: frozenset[str] | None = None) -> list[int]:
        """Return the ratings that count: without those of conflicted seats; of some seats only, if wanted."""
        found = [(pseudonym, vote.body["rating"]) for pseudonym, vote in sorted(self.votes.items()) if vote.body["answer"] == "rating"]
        return [rating for pseudonym, rating in found if of is None or pseudonym in of]

    def conflicted(self) -> list[int]:
        """Return the last ratings of seats that then declared a conflict."""
        return [vote.conflicted_rating for vote in self.votes.values() if vote.conflicted_rating is not None]


def tally(round_name: str) -> dict[str, Tally]:
    """Return what the log says of a round, by technology."""
    found: dict[str, Tally] = defaultdict(Tally)
    for _, body in eventlog.events("vote", round=round_name):
        votes = found[body["technology_id"]].votes
        before = votes.get(body["pseudonym"])
        last = None
        if body["answer"] == "conflict" and before is not None:
            last = before.body["rating"] if before.body["answer"] == "rating" else before.conflicted_rating
        votes[body["pseudonym"]] = Vote(body, last)
    return dict(found)


def seats_of(round_name: str) -> dict[str, str]:
    """Return the seats of a round with their groups, from the log."""
    seats: dict[str, str] = {}
    for _, body in eventlog.events("round_opened", round=round_name):
        seats |= body["seats"]
    for _, body in eventlog.events("seat_added", round=round_name):
        seats[body["pseudonym"]] = body["group"]
    return seats


def compute(round_: Round) -> Row:
    """Return the results of a round as it stands."""
    rules = ReviewRules.model_validate_json(round_.review.rules)
    tallies, seats = tally(round_.name), seats_of(round_.name)
    technology_ids = list(Card.objects.filter(review=round_.review_id).order_by("position").values_list("technology_id", flat=True))
    earlier = Round.objects.filter(review=round_.review_id, number=round_.number - 1).first()
    before: Row = json.loads(earlier.results)["technologies"] if earlier and earlier.results else {}
    rows = {key: _technology(tallies.get(key, Tally()), seats, rules, before.get(key)) for key in technology_ids}
    n_voters = len({pseudonym for one in tallies.values() for pseudonym, vote in one.votes.items() if vote.body["answer"]})
    return {
        "round": round_.name,
        "n_seats": len(seats),
        "n_voters": n_voters,
        "technologies": rows,
        "agreement": _agreement([tallies.get(key, Tally()) for key in technology_ids], n_voters, rules),
        "stability": _stability(rows, rules) if before else None,
    }


def outcome_of(ratings: Sequence[int], rules: ReviewRules) -> str:
    """Return what a panel says: for, against, undecided, disagreement or too_few."""
    if len(ratings) < rules.fewest_votes:
        return "too_few"
    scale = rules.scale
    if measures.is_disagreement(ratings, scale.against_to, scale.for_from):
        return "disagreement"
    middle, spread = measures.median(ratings), measures.interquartile_range(ratings)
    if middle is None or spread is None or spread > rules.consensus.iqr_max:
        return "undecided"
    return "for" if middle >= scale.for_from else "against" if middle <= scale.against_to else "undecided"


def _technology(one: Tally, seats: Mapping[str, str], rules: ReviewRules, before: Row | None) -> Row:
    ratings = one.ratings()
    answers = Counter(vote.body["answer"] for vote in one.votes.values())
    row: Row = {"n": len(ratings), **{f"n_{name}": answers[name] for name in ("dont_know", "conflict", "skip")}}
    row["outcome"] = outcome_of(ratings, rules)
    row["figures"] = _figures(ratings, rules)
    row["with_conflicted"] = _with_conflicted(ratings, one.conflicted(), rules)
    row["groups"] = _groups(one, seats, rules)
    row["reasons"] = _reasons(one, rules)
    row["change"] = None
    if before and before["figures"] and row["figures"]:
        row["change"] = _rounded(measures.histogram_change(before["figures"]["histogram"], row["figures"]["histogram"]))
    return row


def _figures(ratings: Sequence[int], rules: ReviewRules) -> Row | None:
    """Return the figures of a distribution, None when so few votes would show whose they are."""
    if len(ratings) < rules.fewest_votes:
        return None
    scale = rules.scale
    return {
        "histogram": measures.histogram(ratings, scale.points),
        "median": _rounded(measures.median(ratings)),
        "q1": _rounded(measures.quantile(ratings, 0.25)),
        "q3": _rounded(measures.quantile(ratings, 0.75)),
        "iqr": _rounded(measures.interquartile_range(ratings)),
        "is_disagreement": measures.is_disagreement(ratings, scale.against_to, scale.for_from),
        "is_bimodal": measures.is_bimodal(ratings, scale.against_to, scale.for_from, rules.consensus.dissent_share),
    }


def _with_conflicted(ratings: Sequence[int], conflicted: Sequence[int], rules: ReviewRules) -> Row:
    """Return the count and outcome with conflicted votes; figures only if they are too many to be told apart."""
    together = [*ratings, *conflicted]
    figures = _figures(together, rules) if len(conflicted) >= rules.fewest_votes else None
    return {"n": len(together), "outcome": outcome_of(together, rules), "figures": figures}


def _groups(one: Tally, seats: Mapping[str, str], rules: ReviewRules) -> Row:
    members: dict[str, set[str]] = defaultdict(set)
    for pseudonym, group in seats.items():
        if group:
            members[group].add(pseudonym)
    n_all = len(one.ratings())
    shown: Row = {}
    for group, pseudonyms in sorted(members.items()):
        mine = one.ratings(of=frozenset(pseudonyms))
        if len(mine) >= rules.fewest_votes and n_all - len(mine) >= rules.fewest_votes:
            shown[group] = {"n": len(mine), "median": _rounded(measures.median(mine)), "iqr": _rounded(measures.interquartile_range(mine))}
    # Two groups that leave a third over are two aggregates whose difference is that third.
    left_over = n_all - sum(row["n"] for row in shown.values())
    return shown if left_over == 0 or left_over >= rules.fewest_votes else {}


def _reasons(one: Tally, rules: ReviewRules) -> list[Row]:
    """Return the digests of the written reasons with the side they speak for; salted digests are in no order that means anything."""
    is_told = len(one.ratings()) >= rules.fewest_votes
    found = [
        {"digest": vote.body["reason_digest"], "side": _side(vote.body, rules) if is_told else "unknown"}
        for vote in one.votes.values()
        if vote.body["reason_digest"]
    ]
    return sorted(found, key=lambda row: row["digest"])


def _side(body: Row, rules: ReviewRules) -> str:
    if body["answer"] != "rating":
        return "conflict" if body["answer"] == "conflict" else "none"
    return "for" if body["rating"] >= rules.scale.for_from else "against" if body["rating"] <= rules.scale.against_to else "undecided"


def _agreement(tallies: Sequence[Tally], n_voters: int, rules: ReviewRules) -> Row:
    """Return alpha over all ratings, and W over the seats and technologies that leave no gap."""
    if n_voters < rules.fewest_votes:
        return {"alpha": None, "kendall_w": None, "w_n_experts": 0, "w_n_technologies": 0}
    units = {place: one.ratings() for place, one in enumerate(tallies)}
    by_seat: dict[str, dict[int, int]] = defaultdict(dict)
    for place, one in enumerate(tallies):
        for pseudonym, vote in one.votes.items():
            if vote.body["answer"] == "rating":
                by_seat[pseudonym][place] = vote.body["rating"]
    judged = sorted(place for place, ratings in units.items() if ratings)
    whole = [[rated[place] for place in judged] for _, rated in sorted(by_seat.items()) if len(rated) == len(judged)]
    is_enough = len(whole) >= rules.fewest_votes
    return {
        "alpha": _rounded(measures.krippendorff_alpha(units)),
        "kendall_w": _rounded(measures.kendall_w(whole)) if is_enough else None,
        "w_n_experts": len(whole) if is_enough else 0,
        "w_n_technologies": len(judged) if is_enough else 0,
    }


def _stability(rows: Row, rules: ReviewRules) -> Row:
    changes = [row["change"] for row in rows.values() if row["change"] is not None]
    n_stable = sum(change <= rules.stopping.change_max for change in changes)
    share = _rounded(n_stable / len(changes)) if changes else None
    is_stable = share is not None and share >= rules.stopping.stable_share
    return {"n_compared": len(changes), "n_stable": n_stable, "share": share, "is_stable": is_stable}


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, DIGITS)
