"""What a round came to, computed from the log.

Distribution, agreement, dissent, with and without conflicted votes; and stability.

A figure is given for `fewest_votes` votes or more, and for a subgroup only if the others are as many too:
otherwise the difference of two printed figures would be somebody's vote. Stability compares the same people,
which only the link between person and seat can tell: it is computed once, when the round is closed, and
`verify` takes it from the results that the log's digest covers.

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
from listgen.review.domain import eventlog, measures
from listgen.review.models import Card, Round, Seat

Row = dict[str, Any]
DIGITS = 6


@dataclass
class Vote:
    """The final answer of one seat on one technology, with its last rating if it then declared a conflict."""

    body: Row
    conflicted_rating: int | None = None


@dataclass
class Tally:
    """All that was said on one technology."""

    votes: dict[str, Vote] = field(default_factory=dict)

    def ratings(self, *, of: frozenset[str] | None = None) -> list[int]:
        """Return the ratings that count: without those of conflicted seats; of some seats only, if wanted."""
        found = [
            (pseudonym, vote.body["rating"])
            for pseudonym, vote in sorted(self.votes.items())
            if vote.body["answer"] == "rating"
        ]
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


def groups_of(round_: Round) -> dict[str, str]:
    """Return the seats of a round with their groups; `verify` compares them with the log."""
    return dict(Seat.objects.filter(round=round_).values_list("pseudonym", "group"))


def compute(round_: Round, linked: Row) -> Row:
    """Return the results of a round as it is now.

    Args:
        round_: The round.
        linked: What only the link between persons and seats can tell, from `linkage.linked`.
    """
    rules = ReviewRules.model_validate_json(round_.review.rules)
    tallies, seats = tally(round_.name), groups_of(round_)
    asked = asked_of(round_)
    rows = {key: _technology(tallies.get(key, Tally()), seats, rules) for key in asked}
    for key, row in rows.items():
        row["change"] = linked["changes"].get(key)
        if key in linked["hidden"] and row["figures"]:
            row |= _withheld(row)
    n_voters = len(voters_of(tallies))
    return {
        "round": round_.name,
        "n_seats": len(seats),
        "n_voters": n_voters,
        "technologies": rows,
        "agreement": _agreement(
            [tallies.get(key, Tally()) for key in asked if key not in linked["hidden"]], n_voters, rules
        ),
        "stability": linked["stability"],
        "dropout": linked["dropout"],
        "linked": linked,
    }


def _withheld(row: Row) -> Row:
    """Return what is not shown of a result when a few people left or joined since an earlier round.

    Any figure of two distributions that differ by one rating tells that rating, so only the outcome stays.
    Reasons lose their side.
    """
    reasons = [reason | {"side": "unknown"} for reason in row["reasons"]]
    counted = row["with_conflicted"] | {"figures": None, "outcome": row["outcome"]}
    return {
        "figures": dict.fromkeys(row["figures"]),
        "groups": {},
        "reasons": reasons,
        "with_conflicted": counted,
    }


def compute_first(round_: Round) -> Row:
    """Return the results as version 1 computed them.

    Every technology, and stability without regard to who answered.
    """
    rules = ReviewRules.model_validate_json(round_.review.rules)
    tallies, seats = tally(round_.name), groups_of(round_)
    technology_ids = _cards_of(round_)
    earlier = Round.objects.filter(review=round_.review_id, number=round_.number - 1).first()
    before: Row = json.loads(earlier.results)["technologies"] if earlier and earlier.results else {}
    rows = {key: _technology(tallies.get(key, Tally()), seats, rules) for key in technology_ids}
    for key, row in rows.items():
        one = tallies.get(key, Tally())
        row["with_conflicted"]["outcome"] = outcome_of([*one.ratings(), *one.conflicted()], rules)
        row["change"] = None
        if before and before[key]["figures"] and row["figures"]:
            change = measures.histogram_change(
                before[key]["figures"]["histogram"], row["figures"]["histogram"]
            )
            row["change"] = rounded(change)
    n_voters = len(voters_of(tallies))
    changes = [row["change"] for row in rows.values() if row["change"] is not None]
    return {
        "round": round_.name,
        "n_seats": len(seats),
        "n_voters": n_voters,
        "technologies": rows,
        "agreement": _agreement([tallies.get(key, Tally()) for key in technology_ids], n_voters, rules),
        "stability": stability_of(changes, rules) if before else None,
    }


def asked_of(round_: Round) -> list[str]:
    """Return the technologies a round asks about, in the order they are judged in."""
    cards = _cards_of(round_)
    if not round_.asked:
        return cards
    asked = set(json.loads(round_.asked))
    return [key for key in cards if key in asked]


def _cards_of(round_: Round) -> list[str]:
    return list(
        Card.objects.filter(review=round_.review_id)
        .order_by("position")
        .values_list("technology_id", flat=True)
    )


def voters_of(tallies: Mapping[str, Tally]) -> set[str]:
    """Return the seats that gave any answer."""
    return {
        pseudonym for one in tallies.values() for pseudonym, vote in one.votes.items() if vote.body["answer"]
    }


def largest_of(row: Row | None) -> int:
    """Return the largest count of a result's distribution, by which it is drawn; 1 where none is shown."""
    figures = row["figures"] if row else None
    return max((figures["histogram"] if figures else None) or [1])


def panel_of(rounds: Sequence[Row]) -> dict[str, Row]:
    """Return the result of each technology, with the number of its round: the last round with enough answers.

    A technology without enough answers in any round has the result of the last round that asked about it.

    Args:
        rounds: The results of closed rounds, oldest first.
    """
    found: dict[str, Row] = {}
    for result in rounds:
        number = int(result["round"].rsplit("/", 1)[1])
        for key, row in result["technologies"].items():
            if row["outcome"] != "too_few" or found.get(key, {"outcome": "too_few"})["outcome"] == "too_few":
                found[key] = row | {"round": number}
    return found


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


def _technology(one: Tally, seats: Mapping[str, str], rules: ReviewRules) -> Row:
    ratings = one.ratings()
    answers = Counter(vote.body["answer"] for vote in one.votes.values())
    row: Row = {
        "n": len(ratings),
        **{f"n_{name}": answers[name] for name in ("dont_know", "conflict", "skip")},
    }
    row["outcome"] = outcome_of(ratings, rules)
    row["figures"] = _figures(ratings, rules)
    row["with_conflicted"] = _with_conflicted(ratings, one.conflicted(), rules)
    row["groups"] = _groups(one, seats, rules)
    row["reasons"] = _reasons(one, rules)
    return row


def _figures(ratings: Sequence[int], rules: ReviewRules) -> Row | None:
    """Return the figures of a distribution, None when so few votes would show whose they are."""
    if len(ratings) < rules.fewest_votes:
        return None
    scale = rules.scale
    return {
        "histogram": measures.histogram(ratings, scale.points),
        "median": rounded(measures.median(ratings)),
        "q1": rounded(measures.quantile(ratings, 0.25)),
        "q3": rounded(measures.quantile(ratings, 0.75)),
        "iqr": rounded(measures.interquartile_range(ratings)),
        "is_disagreement": measures.is_disagreement(ratings, scale.against_to, scale.for_from),
        "is_bimodal": measures.is_bimodal(
            ratings, scale.against_to, scale.for_from, rules.consensus.dissent_share
        ),
    }


def _with_conflicted(ratings: Sequence[int], conflicted: Sequence[int], rules: ReviewRules) -> Row:
    """Return the count with conflicted votes.

    Their outcome and figures only if they are too many to be told apart.
    """
    together = [*ratings, *conflicted]
    if len(conflicted) < rules.fewest_votes:
        # An outcome that changes with one or two ratings tells within which bounds they lie.
        return {"n": len(together), "outcome": outcome_of(ratings, rules), "figures": None}
    return {"n": len(together), "outcome": outcome_of(together, rules), "figures": _figures(together, rules)}


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
            shown[group] = {
                "n": len(mine),
                "median": rounded(measures.median(mine)),
                "iqr": rounded(measures.interquartile_range(mine)),
            }
    # Two groups that leave a third over are two aggregates whose difference is that third.
    left_over = n_all - sum(row["n"] for row in shown.values())
    return shown if left_over == 0 or left_over >= rules.fewest_votes else {}


def _reasons(one: Tally, rules: ReviewRules) -> list[Row]:
    """Return the digests of the written reasons with the side they speak for.

    Salted digests are in no order that means anything.
    """
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
    return (
        "for"
        if body["rating"] >= rules.scale.for_from
        else "against"
        if body["rating"] <= rules.scale.against_to
        else "undecided"
    )


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
    whole = [
        [rated[place] for place in judged]
        for _, rated in sorted(by_seat.items())
        if len(rated) == len(judged)
    ]
    is_enough = len(whole) >= rules.fewest_votes
    return {
        "alpha": rounded(measures.krippendorff_alpha(units)),
        "kendall_w": rounded(measures.kendall_w(whole)) if is_enough else None,
        "w_n_experts": len(whole) if is_enough else 0,
        "w_n_technologies": len(judged) if is_enough else 0,
    }


def stability_of(changes: Sequence[float], rules: ReviewRules) -> Row:
    """Return how many technologies are stable, given how much of each distribution moved."""
    n_stable = sum(change <= rules.stopping.change_max for change in changes)
    share = rounded(n_stable / len(changes)) if changes else None
    is_stable = share is not None and share >= rules.stopping.stable_share
    return {"n_compared": len(changes), "n_stable": n_stable, "share": share, "is_stable": is_stable}


def rounded(value: float | None) -> float | None:
    """Return a figure with the digits that are kept."""
    return None if value is None else round(value, DIGITS)
