"""How far persons are, in steps too coarse to tell one voter of the log from another.

The log shows no count per voter (its votes are sealed), so a step joins to nothing in it. A round whose log
is of version 1 does show counts per pseudonym: for that one no person's progress is given.

Reads: seat, person, ballot, event
Writes: nothing
"""

from __future__ import annotations

from collections import Counter

from listgen.review.domain import eventlog, rounds
from listgen.review.models import Ballot, Person, Round, Seat

STEPS = ("none", "started", "over_half", "finished")


def step_of(n_done: int, n_asked: int) -> str:
    """Return how far somebody is: `none`, `started`, `over_half` or `finished`."""
    if n_done >= n_asked:
        return "finished"
    return "none" if n_done == 0 else "over_half" if 2 * n_done > n_asked else "started"


def counts(round_: Round) -> dict[str, int]:
    """Return how many technologies each seat of a round has answered, by pseudonym."""
    answered = Ballot.objects.filter(round=round_).exclude(answer="").values_list("pseudonym", flat=True)
    found = Counter(answered)
    return {
        pseudonym: found[pseudonym]
        for pseudonym in Seat.objects.filter(round=round_).values_list("pseudonym", flat=True)
    }


def totals(round_: Round) -> dict[str, int]:
    """Return how many seats a round has, how many began and how many finished."""
    done, n_asked = counts(round_).values(), len(rounds.asked_ids(round_))
    return {
        "seats": len(done),
        "started": sum(n > 0 for n in done),
        "finished": sum(n >= n_asked for n in done),
    }


def steps(round_: Round) -> list[tuple[Person, str]] | None:
    """Return the people of a round with their step, by name; None where the log shows counts per voter."""
    if round_.name in eventlog.unsealed_rounds():
        return None
    done, n_asked = counts(round_), len(rounds.asked_ids(round_))
    seats = Seat.objects.filter(round=round_, person__isnull=False).select_related("person")
    rows = [(seat.person, step_of(done[seat.pseudonym], n_asked)) for seat in seats]
    return sorted(rows, key=lambda row: (str(row[0].name), str(row[0].email)))
