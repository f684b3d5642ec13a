"""What only the link between persons and seats can tell about two rounds.

Change among the same people, and drop-out.

The link is read once, when a round is closed, and only aggregates leave this module. A distribution or a
change is shown only if those who left or joined since every earlier round are none or `fewest_votes` and
more. Otherwise whoever knows that one person left could subtract one distribution from the other: where
nobody else moved, what remains is that person's rating.

Reads: seat, round, event
Writes: nothing
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from listgen.config.review import ReviewRules
from listgen.review.domain import measures, results
from listgen.review.domain.results import Tally
from listgen.review.models import Round, Seat

Row = dict[str, Any]
# Upper ends of the bands in which drop-out is reported. Delphi papers ask for 70 % of the panel in each round
# (Sumsion 1998).
BANDS = ((0.0, "none"), (0.3, "up_to_30_percent"), (0.5, "up_to_half"), (1.0, "over_half"))


def linked(round_: Round) -> Row:
    """Return what changed among the people who answered both this round and an earlier one.

    Args:
        round_: The round about to be closed.

    Returns:
        `changes` (technology to the share of the distribution that moved, None where it may not be shown),
        `hidden` (the technologies of which no distribution may be shown), `stability` and `dropout`; the last
        two are None in a first round.
    """
    rules = ReviewRules.model_validate_json(round_.review.rules)
    earlier = list(
        Round.objects.filter(review=round_.review_id, number__lt=round_.number).order_by("-number")
    )
    tallies = {one.number: results.tally(one.name) for one in (*earlier, round_)}
    persons = {one.number: _persons(one) for one in (*earlier, round_)}
    changes: Row = {}
    hidden: list[str] = []
    compared: list[float] = []
    for key in results.asked_of(round_):
        new = _ratings(tallies[round_.number].get(key), persons[round_.number])
        olds = [
            _ratings(tallies[one.number].get(key), persons[one.number])
            for one in earlier
            if key in results.asked_of(one)
        ]
        if any(_tells_one_rating(old, new, rules.fewest_votes) for old in olds):
            hidden.append(key)
        change = _change(olds[0], new, rules) if olds else None
        if change is not None and key not in hidden:
            compared.append(change)
        if olds:
            changes[key] = None if key in hidden else change
    if not earlier:
        return {"changes": {}, "hidden": [], "stability": None, "dropout": None}
    before, after = (_voters(tallies[one.number], persons[one.number]) for one in (earlier[0], round_))
    stability = results.stability_of(compared, rules)
    return {
        "changes": changes,
        "hidden": hidden,
        "stability": stability,
        "dropout": _dropout(before, after, rules.fewest_votes),
    }


def _persons(round_: Round) -> dict[str, int | str]:
    """Return who has which seat.

    A seat of a deleted identity is a person of its own, whom no other round knows.
    """
    rows = Seat.objects.filter(round=round_).values_list("pseudonym", "person_id")
    return {pseudonym: pseudonym if person is None else person for pseudonym, person in rows}


def _ratings(one: Tally | None, persons: Mapping[str, int | str]) -> dict[int | str, int]:
    votes = one.votes if one else {}
    return {
        persons[who]: vote.body["rating"] for who, vote in votes.items() if vote.body["answer"] == "rating"
    }


def _tells_one_rating(old: Mapping[Any, int], new: Mapping[Any, int], fewest: int) -> bool:
    """Return True if so few left or joined that two distributions would reveal their ratings."""
    n_left, n_joined = len(old.keys() - new.keys()), len(new.keys() - old.keys())
    # An earlier distribution of too few was never shown.
    return len(old) >= fewest and any(0 < n < fewest for n in (n_left, n_joined))


def _change(old: Mapping[Any, int], new: Mapping[Any, int], rules: ReviewRules) -> float | None:
    """Return how much of the distribution of the same people moved, None for too few of them."""
    same = old.keys() & new.keys()
    if len(same) < rules.fewest_votes:
        return None
    before, after = (
        measures.histogram([ratings[who] for who in same], rules.scale.points) for ratings in (old, new)
    )
    return results.rounded(measures.histogram_change(before, after))


def _voters(tallies: Mapping[str, Tally], persons: Mapping[str, int | str]) -> set[int | str]:
    return {persons[who] for who in results.voters_of(tallies)}


def _dropout(before: set[int | str], after: set[int | str], fewest: int) -> str | None:
    """Return the share of the earlier round's voters who did not vote again, as a band.

    None for too few voters.
    """
    if len(before) < fewest:
        return None
    share = len(before - after) / len(before)
    return next(name for end, name in BANDS if share <= end)
