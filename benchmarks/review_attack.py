"""Tries to find out who gave which answer from all that staff and readers of the log and the export see.

An insider of the staff knows the panel file (names, groups, order), looks at the progress page after every
sitting (each look leaves a log-in in the log, which marks the place), and knows who was added, revoked or did
not come back. A reader of the log has log.jsonl, results.jsonl and reasons.jsonl. The attack joins both:
groups, counts, order and times to votes; the difference of two rounds' distributions to who left or joined;
the length of reasons to how much a person answered.

It names each person's rating on each technology they rated. Chance is what the published results alone give:
the most frequent rating (of the person's group, where its median is shown). The rate over chance is averaged
over panels; its upper limit is two-sided 95 % (t, one panel being one observation, because the people of a
panel are not independent). The same panels are also attacked in the format of version 1 of the log, with
exact counts on the progress page: there the attack must succeed, or it would prove nothing.

Usage: python benchmarks/review_attack.py [PANELS]   (default: 200)
"""

from __future__ import annotations

import datetime as dt
import json
import random
import statistics
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.stats import t

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
import review_world

from listgen.review.domain.panel import Invited

if TYPE_CHECKING:  # models can be imported only once Django is set up
    from listgen.review.domain.cards import FrozenBuild
    from listgen.review.domain.frozen import Judged
    from listgen.review.models import Review, Round, Seat

Row = dict[str, Any]
N_TECHNOLOGIES = 6
LARGEST_EXCESS = 0.05
STEP_OF_NOTHING = "none"


@dataclass
class Look:
    """One look at the progress page: how long the log was then, and what was written next to each name."""

    length: int
    shown: dict[str, str | int]


@dataclass
class Seen:
    """Everything the attack may use."""

    groups: dict[str, str]
    looks: list[list[Look]]
    log: list[Row]
    results: list[Row]
    reasons: dict[str, str]


@dataclass
class Played:
    """One panel as it was played: what is seen now, what version 1 would have shown, and the truth."""

    now: Seen
    first: Seen
    truth: dict[tuple[int, str, str], int] = field(default_factory=dict)


# ---- playing a panel -----------------------------------------------------------------------------


def play(build: FrozenBuild, number: int) -> Played:
    """Play one panel of two rounds in the review's own database and return what could be seen of it."""
    from listgen.review.domain import rounds
    from listgen.review.domain.eventlog import now

    rng = random.Random(number)
    people = _people(rng)
    closes_at = now() + dt.timedelta(days=3)
    round_, _ = rounds.open_review(
        replace(build, run_id=f"{number:016x}"), review_world.rules(), people, closes_at
    )
    minds = {one.email: _Mind(rng) for one in people}
    looks, counts, truth = [], [], {}
    for place in (1, 2):
        if place == 2:
            round_, _ = rounds.open_next_round(round_.review, [], closes_at)
        _change_panel(rng, round_, minds)
        shown, exact = _sit(rng, round_, minds)
        looks.append(shown)
        counts.append(exact)
        truth |= _truth(round_)
        rounds.close(round_, "aoki")
    return Played(_seen(round_.review, looks), _seen_first(round_.review, counts), truth)


class _Mind:
    """How one person behaves.

    How much they answer, how long they write, how often they stay with their answer.
    """

    def __init__(self, rng: random.Random) -> None:
        self.share = rng.choice((1.0, 1.0, 1.0, 0.8, 0.5, 0.2, 0.0))
        self.length = rng.randint(5, 400)
        self.leaning = rng.choice((-2, -1, 0, 0, 1, 2))
        self.leaves = rng.random() < 0.12
        self.said: dict[str, int] = {}


def _people(rng: random.Random) -> list[Invited]:
    """Return a panel of 8 to 20 in one to five groups, one of them often of a single person."""
    sizes = [rng.randint(4, 8)] + [rng.choice((1, 2, 4, 6)) for _ in range(rng.randint(0, 3))]
    sizes += [1] * (rng.random() < 0.5)
    sizes[0] += max(0, 8 - sum(sizes))
    groups = [f"group{place}" for place, size in enumerate(sizes) for _ in range(size)]
    return [
        Invited(f"e{place:02}@example.org", f"Expert {place}", "", group, "en")
        for place, group in enumerate(groups)
    ]


def _change_panel(rng: random.Random, round_: Round, minds: dict[str, _Mind]) -> None:
    """Add a person alone, sometimes in a group of their own; revoke another one."""
    from listgen.review.domain import rounds

    if rng.random() < 0.4:
        email = f"late{round_.number}@example.org"
        rounds.invite(round_, [Invited(email, "Late", "", rng.choice(("group0", "alone")), "en")])
        minds[email] = _Mind(rng)
    if rng.random() < 0.3:
        email = rng.choice(sorted(minds))
        rounds.revoke(round_, email)
        minds[email].leaves = True


def _sit(rng: random.Random, round_: Round, minds: Mapping[str, _Mind]) -> tuple[list[Look], list[Look]]:
    """Let everybody sit down, some twice, in any order; look at the progress page after each sitting."""
    from listgen.review.domain import eventlog, progress
    from listgen.review.domain.frozen import frozen
    from listgen.review.models import Seat

    judged = list(frozen(round_.review_id).judged.values())
    seats = {
        seat.person.email: seat
        for seat in Seat.objects.filter(round=round_).select_related("person", "round")
    }
    sittings = [email for email in seats for _ in range(rng.choice((1, 1, 2)))]
    rng.shuffle(sittings)
    shown, exact = [], []
    for email in sittings:
        mind, seat = minds[email], seats[email]
        wanted = [card for card in judged if rng.random() < mind.share]
        for card in wanted if not (mind.leaves and round_.number == 2) else []:
            _answer(rng, seat, card, mind, round_.number)
        length = eventlog.append("staff_login", {"staff": "aoki"}).sequence
        steps = progress.steps(round_) or []
        shown.append(Look(length, {person.email: step for person, step in steps}))
        done = progress.counts(round_)
        exact.append(Look(length, {email: done[seat.pseudonym] for email, seat in seats.items()}))
    return shown, exact


def _answer(rng: random.Random, seat: Seat, card: Judged, mind: _Mind, number: int) -> None:
    from listgen.review.domain import ballots

    key = card.technology_id
    if number == 1 or key not in mind.said or rng.random() > 0.8:
        common = 2 + 3 * (sum(map(ord, key)) % 3)
        mind.said[key] = min(9, max(1, common + mind.leaning + rng.choice((-1, 0, 0, 1))))
    text = "x" * (mind.length + rng.randint(-3, 3) + 3) if rng.random() < 0.4 else ""
    now = ballots.find_ballot(seat.pseudonym, key)
    content = ballots.Content("rating", mind.said[key], text)
    ballots.cast(seat, card, content, revision=now.revision if now else 0, key=rng.randbytes(8).hex())


def _truth(round_: Round) -> dict[tuple[int, str, str], int]:
    from listgen.review.models import Ballot, Seat

    email = {
        seat.pseudonym: seat.person.email
        for seat in Seat.objects.filter(round=round_).select_related("person")
    }
    rated = Ballot.objects.filter(round=round_, answer="rating")
    return {(round_.number, email[one.pseudonym], one.technology_id): one.rating for one in rated}


# ---- what is seen --------------------------------------------------------------------------------


def _seen(review: Review, looks: list[list[Look]]) -> Seen:
    """Return what the staff's pages and the export show."""
    from listgen.review.domain import eventlog, rounds
    from listgen.review.models import Person
    from listgen.review.ops import desk

    log = [json.loads(json.loads(line)["body"]) for line in eventlog.log_lines()]
    closed = rounds.closed_rounds(review)
    start = next(place for place, body in enumerate(log) if body.get("review") == review.review_id)
    groups = dict(Person.objects.filter(review=review).values_list("email", "group"))
    reasons = {row["digest"]: row["text"] for row in desk._reasons(closed)}
    return Seen(groups, looks, log[start:], [rounds.results_of(one) for one in closed], reasons)


def _seen_first(review: Review, looks: list[list[Look]]) -> Seen:
    """Return the same as version 1 showed it.

    Votes with pseudonyms and days in the log, seats with their groups, exact counts.
    """
    from listgen.review.domain import eventlog
    from listgen.review.models import Seat

    seen = _seen(review, looks)
    whole = {event.sequence: body for event, body in eventlog.events()}
    log = [
        {name: value for name, value in whole[body["sequence"]].items() if name != "sealed"}
        for body in seen.log
    ]
    for body in log:
        if body["kind"] == "round_opened":
            seats = Seat.objects.filter(
                round__review=review, round__number=int(body["round"].rsplit("/")[1])
            ).select_related("person")
            body["seats"] = {
                seat.pseudonym: seat.person.group for seat in sorted(seats, key=lambda seat: seat.pseudonym)
            }
    return replace(seen, log=log)


# ---- the attack ----------------------------------------------------------------------------------


def attack(seen: Seen) -> dict[tuple[int, str, str], int]:
    """Return the rating that each person is taken to have given, by round, person and technology."""
    named: dict[tuple[int, str, str], int] = {}
    for place, result in enumerate(seen.results):
        number = place + 1
        votes = [body for body in seen.log if body["kind"] == "vote" and body["round"] == result["round"]]
        whose = _match_votes(seen, number, votes) if votes and "pseudonym" in votes[0] else {}
        for email in seen.groups:
            for key, row in result["technologies"].items():
                guess = (
                    whose.get((email, key))
                    or _from_differences(seen, number, email, key)
                    or _from_vanished_reasons(seen, number, email, key)
                    or _from_reasons(seen, number, email, key)
                )
                guess = guess or chance(seen, number, email, key)
                if guess is not None and row["n"]:
                    named[number, email, key] = guess
    return named


def chance(seen: Seen, number: int, email: str, key: str) -> int | None:
    """Return the likeliest rating by the published results alone, None where nothing is published."""
    for result in reversed(seen.results[:number]):
        figures = (result["technologies"].get(key) or {}).get("figures")
        group = (result["technologies"].get(key) or {"groups": {}})["groups"].get(seen.groups[email])
        if group:
            return round(group["median"])
        if figures and figures["histogram"]:
            return figures["histogram"].index(max(figures["histogram"])) + 1
        if figures and figures["median"] is not None:
            return round(figures["median"])
    return None


def _match_votes(seen: Seen, number: int, votes: Sequence[Row]) -> dict[tuple[str, str], int]:
    """Match pseudonyms to people by group and by progress at each look; return the ratings of the matched."""
    opened = next(
        body for body in seen.log if body["kind"] == "round_opened" and body["round"] == votes[0]["round"]
    )
    seats: Mapping[str, str] = opened["seats"] if isinstance(opened["seats"], dict) else {}
    pseudonyms = sorted({body["pseudonym"] for body in votes} | seats.keys())
    people, looks = sorted(seen.groups), seen.looks[number - 1]
    cost = np.zeros((len(people), len(pseudonyms)))
    for column, pseudonym in enumerate(pseudonyms):
        counts = [_count(votes, pseudonym, look.length) for look in looks]
        for line, email in enumerate(people):
            cost[line, column] = 100 * (seats.get(pseudonym, seen.groups[email]) != seen.groups[email])
            cost[line, column] += sum(
                _misfit(look.shown.get(email), n) for look, n in zip(looks, counts, strict=True)
            )
    matched = zip(*linear_sum_assignment(cost), strict=True)
    person = {pseudonyms[column]: people[line] for line, column in matched}
    return {
        (person[body["pseudonym"]], body["technology_id"]): body["rating"]
        for body in votes
        if body["pseudonym"] in person
    }


def _count(votes: Sequence[Row], pseudonym: str, length: int) -> int:
    return len(
        {
            body["technology_id"]
            for body in votes
            if body["pseudonym"] == pseudonym and body["sequence"] <= length
        }
    )


def _misfit(shown: str | int | None, n: int) -> float:
    """Return how badly a count in the log fits what stands next to a name."""
    from listgen.review.domain.progress import step_of

    if isinstance(shown, int):
        return abs(shown - n)
    return float(shown is not None and shown != step_of(n, N_TECHNOLOGIES))


def _from_differences(seen: Seen, number: int, email: str, key: str) -> int | None:
    """Return the rating of the only one who is known to have left or joined.

    What one distribution has more than the other.
    """
    if len(seen.results) < 2:
        return None
    rows = [result["technologies"].get(key) for result in seen.results]
    histograms = [row["figures"]["histogram"] if row and row["figures"] else None for row in rows]
    is_there = [
        seen.looks[place][-1].shown.get(email, STEP_OF_NOTHING) not in (STEP_OF_NOTHING, 0)
        for place in (0, 1)
    ]
    if is_there == [True, True] or not is_there[number - 1]:
        return None
    more, less = (number - 1, 2 - number)
    if histograms[more] and histograms[less]:
        left = Counter(
            {
                point: n - m
                for point, (n, m) in enumerate(zip(histograms[more], histograms[less], strict=True), 1)
                if n > m
            }
        )
        return left.most_common(1)[0][0] if left else None
    return _from_quartiles(rows, histograms, more, less)


def _from_quartiles(
    rows: Sequence[Row | None], histograms: Sequence[Any], more: int, less: int
) -> int | None:
    """Return the only rating that, once removed, explains the quartiles of a distribution not shown."""
    known, other = histograms[more], rows[less]
    if not known or not other or not other["figures"] or sum(known) - other["n"] != 1:
        return None
    fits = []
    for point, n in enumerate(known, 1):
        rest = [one for one, m in enumerate(known, 1) for _ in range(m - (one == point))]
        first, middle, third = statistics.quantiles(rest, n=4, method="inclusive")
        if n and [first, middle, third] == [other["figures"][name] for name in ("q1", "median", "q3")]:
            fits += [point] * n
    return Counter(fits).most_common(1)[0][0] if fits else None


def _from_reasons(seen: Seen, number: int, email: str, key: str) -> int | None:
    """Return the author's side by length of text, if one person's progress alone fits that length's count."""
    result = seen.results[number - 1]
    by_length: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for technology, row in result["technologies"].items():
        for reason in row["reasons"]:
            by_length[round(len(seen.reasons.get(reason["digest"], "")) / 7)].append(
                (technology, reason["side"])
            )
    mine = seen.looks[number - 1][-1].shown.get(email)
    for texts in by_length.values():
        sides = {side for technology, side in texts if technology == key}
        fitting = [
            who
            for who, shown in seen.looks[number - 1][-1].shown.items()
            if _may_have_written(shown, len(texts))
        ]
        if fitting == [email] and mine and len(sides) == 1:
            return _likeliest_of_side(result["technologies"][key], sides.pop())
    return None


def _from_vanished_reasons(seen: Seen, number: int, email: str, key: str) -> int | None:
    """Return the likeliest rating of the only one who left after this round or joined in it.

    Their texts are those of a length that comes in this round and not in the other one. The side printed with
    such a text bounds the rating.
    """
    if len(seen.results) < 2:
        return None
    there = [
        {who for who, step in looks[-1].shown.items() if step not in (STEP_OF_NOTHING, 0)}
        for looks in seen.looks
    ]
    if there[number - 1] - there[2 - number] != {email}:
        return None
    lengths = [
        {_length(seen, reason) for row in result["technologies"].values() for reason in row["reasons"]}
        for result in seen.results
    ]
    own = {n for n in lengths[number - 1] if all(abs(n - m) > _SAME_AUTHOR for m in lengths[2 - number])}
    row = seen.results[number - 1]["technologies"][key]
    sides = {reason["side"] for reason in row["reasons"] if _length(seen, reason) in own}
    return _likeliest_of_side(row, sides.pop()) if len(sides) == 1 else None


# Two texts of one author differ by at most so many characters, as `_answer` writes them.
_SAME_AUTHOR = 6


def _length(seen: Seen, reason: Row) -> int:
    return len(seen.reasons.get(reason["digest"], ""))


def _likeliest_of_side(row: Row, side: str) -> int | None:
    """Return the most frequent rating of a side in the distribution, its middle where none is shown."""
    points = {"for": range(7, 10), "against": range(1, 4), "undecided": range(4, 7)}.get(side)
    if points is None:
        return None
    counts = row["figures"]["histogram"] if row["figures"] else None
    return max(points, key=lambda point: counts[point - 1]) if counts else points[1]


def _may_have_written(shown: str | int, n: int) -> bool:
    if isinstance(shown, int):
        return shown >= n
    return {
        "none": 0,
        "started": N_TECHNOLOGIES // 2,
        "over_half": N_TECHNOLOGIES - 1,
        "finished": N_TECHNOLOGIES,
    }[shown] >= n


# ---- how well it does ----------------------------------------------------------------------------


@dataclass
class Rate:
    """Rates over panels: of the attack, of chance, and the excess with its upper limit."""

    attack: float
    chance: float
    excess: float
    upper: float


def rate(
    panels: Sequence[Played],
    view: Callable[[Played], Seen],
    *,
    of: Callable[[Played], set[str]] | None = None,
) -> Rate:
    """Return how often the attack is right, each panel one observation.

    Args:
        panels: The panels.
        view: What the attack sees of one.
        of: The people it is measured on; all without.
    """
    hits = []
    for one in panels:
        seen = view(one)
        named, wanted = attack(seen), of(one) if of else None
        keys = [key for key in one.truth if wanted is None or key[1] in wanted]
        if keys:
            right = [
                sum(named.get(key) == one.truth[key] for key in keys),
                sum(chance(seen, *key) == one.truth[key] for key in keys),
            ]
            hits.append([n / len(keys) for n in right])
    found, expected = (list(column) for column in zip(*hits, strict=True))
    excess = [a - b for a, b in hits]
    half = t.ppf(0.975, len(excess) - 1) * statistics.stdev(excess) / len(excess) ** 0.5
    mean = statistics.fmean(excess)
    return Rate(statistics.fmean(found), statistics.fmean(expected), mean, mean + half)


def movers(one: Played) -> set[str]:
    """Return who left, joined or was alone in their group: whom an attack would aim at."""
    by_round = [{email for number, email, _ in one.truth if number == place} for place in (1, 2)]
    sizes = Counter(one.now.groups.values())
    return (by_round[0] ^ by_round[1]) | {
        email for email, group in one.now.groups.items() if sizes[group] == 1
    }


def play_all(folder: Path, n: int) -> list[Played]:
    """Play so many panels in one database and return them."""
    from django.db import transaction

    whole = review_world.freeze()
    build = replace(whole, cards=whole.cards[:N_TECHNOLOGIES], style="", background="")
    review_world.add_staff(folder)
    played = []
    for number in range(n):
        with transaction.atomic():
            played.append(play(build, number))
            transaction.set_rollback(True)
    return played


def main() -> None:
    """Print the rates and end with 1 if the limit is not kept, or if the attack fails on version 1."""
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    with tempfile.TemporaryDirectory(prefix="listgen-attack-") as name:
        panels = play_all(Path(name), n)
    now, first = rate(panels, lambda one: one.now), rate(panels, lambda one: one.first)
    aimed = rate(panels, lambda one: one.now, of=movers)
    for words, one in (
        ("log version 2", now),
        ("  of these: left, joined, alone", aimed),
        ("log version 1", first),
    ):
        print(
            f"{words:32} right {one.attack:.1%}, chance {one.chance:.1%}, excess {one.excess:+.1%}, at most"
            f" {one.upper:+.1%}"
        )
    sys.exit(0 if now.upper <= LARGEST_EXCESS < first.excess else 1)


if __name__ == "__main__":
    main()
