"""Rounds: opened on a frozen build, extended, closed.

Seats with links that are random, hashed, expiring and revocable.

Reads: review, card, round, person, seat, ballot
Writes: the same, and the log
"""

from __future__ import annotations

import datetime as dt
import json
import secrets
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from listgen.base.errors import UsageError, nearest
from listgen.base.provenance import canonical_json, sha256_text
from listgen.base.text import t
from listgen.config.review import ReviewRules
from listgen.review.domain import eventlog, linkage, results
from listgen.review.domain.cards import FrozenBuild, frame_digest
from listgen.review.domain.groups import group_of_latecomer, merged_groups
from listgen.review.domain.links import add_link, link_hash, new_token, remove_links
from listgen.review.domain.panel import Invited
from listgen.review.domain.writer import write
from listgen.review.models import Ballot, Card, Person, Review, Round, Seat

LONGEST_ROUND = dt.timedelta(days=366)
# Version 1 compared all answers of two rounds, version 2 those of the same people.
RESULTS_VERSION = 2


@dataclass(frozen=True)
class Invitation:
    """A person and the link that is theirs for one round; the link is kept nowhere else."""

    email: str
    name: str
    affiliation: str
    language: str
    link_token: str


def rules_of(review: Review) -> ReviewRules:
    """Return the rules a review was opened with."""
    return _parsed(review.rules)


@lru_cache(maxsize=8)
def _parsed(rules: str) -> ReviewRules:
    return ReviewRules.model_validate_json(rules)


def newest_review() -> Review | None:
    """Return the review under way, or the last one."""
    last = Round.objects.order_by("-opens_at", "-id").first()
    return last.review if last else None


def newest_round(review: Review | None = None) -> Round | None:
    """Return the last round of a review, or of the newest one."""
    found = review or newest_review()
    return Round.objects.filter(review=found).order_by("-number").first() if found else None


def is_open(round_: Round, moment: dt.datetime | None = None) -> bool:
    """Tell whether votes are taken now.

    The hour of closing holds whether or not somebody has closed the round yet.
    """
    at = moment or eventlog.now()
    return round_.closed_at is None and round_.opens_at <= at < round_.closes_at


def open_review(
    build: FrozenBuild, rules: ReviewRules, people: Sequence[Invited], closes_at: dt.datetime
) -> tuple[Round, list[Invitation]]:
    """Freeze a build, fix the rules, open the first round and return it with its links.

    Raises:
        UsageError: A round is open already.
    """

    def job() -> tuple[Round, list[Invitation]]:
        _refuse_if_open()
        started = eventlog.now()
        review = Review.objects.create(
            review_id=_free_id(started.date(), build.run_id),
            run_id=build.run_id,
            candidates_digest=build.candidates_digest,
            is_sample=build.is_sample,
            rules=rules.model_dump_json(),
            style=build.style,
            background=build.background,
            opened_on=started.date(),
            as_of_date=build.as_of_date,
        )
        Card.objects.bulk_create(
            Card(
                review=review,
                position=place,
                digest=card.digest,
                **{name: getattr(card, name) for name in _CARD_FIELDS},
            )
            for place, card in enumerate(build.cards, 1)
        )
        eventlog.append("review_opened", _opened(review, build, rules))
        for one in people:
            _add_person(review, one)
        return _open_round(review, 1, started, closes_at, [card.technology_id for card in build.cards])

    return write(job)


def _opened(review: Review, build: FrozenBuild, rules: ReviewRules) -> dict[str, Any]:
    """Return what the log says of a review that begins."""
    return {
        "review": review.review_id,
        "run_id": build.run_id,
        "candidates_digest": build.candidates_digest,
        "rules": rules.model_dump(),
        "opened_on": review.opened_on.isoformat(),
        "cards": {card.technology_id: card.digest for card in build.cards},
        "statuses": {card.technology_id: card.machine_status for card in build.cards},
        "frame_digest": frame_digest(build, build.cards),
    }


_CARD_FIELDS = ("technology_id", "domain_id", "machine_status", "facts", "markup")


def _free_id(day: dt.date, run_id: str) -> str:
    stem = f"r{day:%Y%m%d}-{run_id[:6]}"
    taken = set(Review.objects.filter(review_id__startswith=stem).values_list("review_id", flat=True))
    return next(name for name in (stem, *(f"{stem}-{n}" for n in range(2, 1000))) if name not in taken)


def open_next_round(
    review: Review,
    people: Iterable[Invited],
    closes_at: dt.datetime,
    only: Collection[str] = (),
    *,
    is_unsettled_only: bool = False,
) -> tuple[Round, list[Invitation]]:
    """Open the next round for those invited so far and the people given; return it with its links.

    Args:
        review: Which.
        people: Whom to invite besides.
        closes_at: When the round ends.
        only: The technologies the round asks about; all of the review without any.
        is_unsettled_only: Leave out the technologies on which the panel agrees.

    Raises:
        UsageError: A round is open already, or there is nothing to ask.
    """

    def job() -> tuple[Round, list[Invitation]]:
        _refuse_if_open()
        asked = _chosen(review, only, is_unsettled_only)
        for one in people:
            _add_person(review, one)
        last = newest_round(review)
        return _open_round(review, last.number + 1 if last else 1, eventlog.now(), closes_at, asked)

    return write(job)


def _chosen(review: Review, only: Collection[str], is_unsettled_only: bool) -> list[str]:
    """Return the technologies a next round asks about, in the order they are judged in."""
    known = list(
        Card.objects.filter(review=review).order_by("position").values_list("technology_id", flat=True)
    )
    _require_judged(review, only, known)
    panel = panel_of(review)
    agreed = (
        {key for key, row in panel.items() if row["outcome"] in ("for", "against")}
        if is_unsettled_only
        else set()
    )
    asked = [key for key in known if (not only or key in only) and key not in agreed]
    if not asked and only:
        raise UsageError(
            t(
                "The panel agrees already on every technology that --only names: {technologies}.",
                technologies=", ".join(key for key in known if key in only),
            ),
            t("Expected at least one on which it does not agree, as --unsettled leaves out the others."),
            t("Name others, or ask about these again: the same command without --unsettled"),
        )
    if not asked:
        raise UsageError(
            t("The panel agrees on every technology; no round is needed."),
            "",
            t("Decide: listgen review serve"),
        )
    return asked


def left_out(round_: Round, only: Collection[str]) -> list[str]:
    """Return the technologies a round was meant for and does not ask about, in the order they are judged in.

    Args:
        round_: A round opened without what the panel agrees on.
        only: The technologies it was meant for; all of the review without any.
    """
    asked = set(asked_ids(round_))
    known = Card.objects.filter(review=round_.review).order_by("position")
    return [
        key
        for key in known.values_list("technology_id", flat=True)
        if key not in asked and (not only or key in only)
    ]


def _require_judged(review: Review, only: Collection[str], known: Sequence[str]) -> None:
    """Refuse a technology that the review does not judge."""
    for technology_id in only:
        if technology_id not in known:
            raise UsageError(
                t(
                    '"{technology}" is not judged in {review}.',
                    technology=technology_id,
                    review=review.review_id,
                )
                + nearest(technology_id, known),
                t("A next round asks about technologies of the same review."),
                t(
                    "For others begin a new review: listgen review open --new --panel panel.csv --only"
                    " TECHNOLOGY"
                ),
            )


def _refuse_if_open() -> None:
    last = Round.objects.filter(closed_at=None).first()
    if last is not None:
        raise UsageError(
            t("Round {round} is still open.", round=last.name),
            t("One round at a time."),
            t("Close it first: listgen review close"),
        )


def _add_person(review: Review, one: Invited) -> Person:
    values = {"name": one.name, "affiliation": one.affiliation, "group": one.group, "language": one.language}
    person, _ = Person.objects.update_or_create(review=review, email=one.email.lower(), defaults=values)
    return person


def _open_round(
    review: Review, number: int, opens_at: dt.datetime, closes_at: dt.datetime, asked: Sequence[str]
) -> tuple[Round, list[Invitation]]:
    round_ = Round.objects.create(
        review=review,
        number=number,
        opens_at=opens_at,
        closes_at=closes_at,
        asked=canonical_json(list(asked)),
    )
    persons = list(Person.objects.filter(review=review).order_by("email"))
    groups = merged_groups([person.group for person in persons], rules_of(review).fewest_votes)
    made = [_seat(round_, person, group) for person, group in zip(persons, groups, strict=True)]
    body = {
        "round": round_.name,
        "log": eventlog.VERSION,
        "opens_at": opens_at.isoformat(),
        "closes_at": closes_at.isoformat(),
        "asked": list(asked),
        # Sorted: the order says nothing about who is who. A digest hides pseudonym and group, and fixes both.
        "seats": sorted(seat_digest(seat) for seat, _ in made),
    }
    eventlog.append("round_opened", body)
    return round_, [invitation for _, invitation in made]


def seat_digest(seat: Seat) -> str:
    """Return what the log shows of a seat.

    The pseudonym is 64 random bits, so nothing can be guessed from it.
    """
    return sha256_text(canonical_json([seat.pseudonym, seat.group]))


def panel_of(review: Review, number: int | None = None) -> dict[str, results.Row]:
    """Return each technology's result after the closed rounds of a review, or after those up to a number.

    See `results.panel_of`.
    """
    return results.panel_of(
        [results_of(one) for one in closed_rounds(review) if number is None or one.number <= number]
    )


def digest_of_results(closed: Sequence[Sequence[object]]) -> str:
    """Return the digest of what deciders see.

    Number and results digest of each closed round, oldest first.
    """
    return sha256_text(canonical_json([list(pair) for pair in closed]))


def digests_of_results(review: Review) -> dict[str, int]:
    """Return, for the results after each closed round of a review, their digest and the number of that round.

    The newest comes last.
    """
    closed = [[one.number, sha256_text(one.results)] for one in closed_rounds(review)]
    return {digest_of_results(closed[: place + 1]): number for place, (number, _) in enumerate(closed)}


def results_to_decide_on(review: Review) -> str:
    """Return the digest of the results that decisions are made on now.

    Raises:
        UsageError: A round is open, or none was ever closed.
    """
    last = newest_round(review)
    if last is not None and last.closed_at is None:
        raise UsageError(
            t("Round {round} is still open.", round=last.name),
            t("Decisions are made on the results of a closed round."),
            t("Wait until it closes, or close it: listgen review close"),
        )
    return next(reversed(digests_of_results(review)))


def closed_rounds(review: Review) -> list[Round]:
    """Return the closed rounds of a review, oldest first."""
    return list(Round.objects.filter(review=review).exclude(results="").order_by("number"))


def _seat(round_: Round, person: Person, group: str) -> tuple[Seat, Invitation]:
    token = new_token()
    seat = Seat.objects.create(
        round=round_,
        person=person,
        pseudonym=secrets.token_hex(8),
        group=group,
        link_hash=link_hash(token),
        expires_at=round_.closes_at,
    )
    return seat, Invitation(person.email, person.name, person.affiliation, person.language, token)


def invite(round_: Round, people: Iterable[Invited], *, is_replacing: bool = True) -> list[Invitation]:
    """Seat more people in an open round, or give those who are seated a new link.

    Args:
        round_: The open round.
        people: Whom.
        is_replacing: The new link of somebody seated replaces the old ones; otherwise those work on, unless
            they were revoked.

    Raises:
        UsageError: The round is closed.
    """

    def job() -> list[Invitation]:
        _refuse_if_closed(round_)
        found = []
        for one in people:
            person = _add_person(round_.review, one)
            seat = Seat.objects.filter(round=round_, person=person).first()
            if seat is None:
                seated = list(Seat.objects.filter(round=round_).values_list("group", flat=True))
                seat, invitation = _seat(round_, person, group_of_latecomer(person.group, seated))
                eventlog.append("seat_added", {"round": round_.name, "seat": seat_digest(seat)})
            else:
                token = _link_again(seat, is_replacing=is_replacing)
                invitation = Invitation(person.email, person.name, person.affiliation, person.language, token)
            found.append(invitation)
        return found

    return write(job)


def _link_again(seat: Seat, *, is_replacing: bool) -> str:
    """Return the secret part of a new link of somebody who is seated already."""
    if seat.link_hash is not None and not is_replacing:
        # Noted as reminder links are: its owner does not notice one more link, by which others could answer.
        eventlog.append("reminder_links", {"round": seat.round.name, "by": "command line", "n": 1})
        return add_link(seat)
    token = new_token()
    remove_links(seat)
    seat.link_hash = link_hash(token)
    seat.save(update_fields=["link_hash"])
    return token


def people_of(review: Review, emails: Iterable[str]) -> list[Invited]:
    """Return the people of a review with these addresses.

    Raises:
        UsageError: Somebody was not invited.
    """
    found = []
    for email in emails:
        person = Person.objects.filter(review=review, email=email.lower()).first()
        if person is None:
            raise UsageError(
                t("{email} is not on the panel of {review}.", email=email, review=review.review_id)
            )
        found.append(Invited(person.email, person.name, person.affiliation, person.group, person.language))
    return found


def revoke(round_: Round, email: str) -> None:
    """Make a person's link of a round worthless and end their sessions; their votes stay.

    Raises:
        UsageError: The person is not seated there.
    """

    def job() -> None:
        seat = Seat.objects.filter(round=round_, person__email=email.lower()).first()
        if seat is None:
            raise UsageError(t("{email} is not on the panel of {review}.", email=email, review=round_.name))
        seat.link_hash = None
        remove_links(seat)
        seat.save(update_fields=["link_hash"])
        eventlog.append("seat_revoked", {"round": round_.name})

    write(job)


def forget(review: Review, email: str) -> None:
    """Delete a person's identity; votes stay under pseudonyms that lead to nobody, and the log stays whole.

    Raises:
        UsageError: There is no such person.
    """

    def job() -> None:
        person = Person.objects.filter(review=review, email=email.lower()).first()
        if person is None:
            raise UsageError(
                t("{email} is not on the panel of {review}.", email=email, review=review.review_id)
            )
        for seat in Seat.objects.filter(person=person):
            remove_links(seat)
        Seat.objects.filter(person=person).update(link_hash=None)
        person.delete()
        eventlog.append("identity_deleted", {"review": review.review_id})

    write(job)


def _refuse_if_closed(round_: Round) -> None:
    round_.refresh_from_db()
    if round_.closed_at is not None:
        raise UsageError(
            t("Round {round} is closed.", round=round_.name), "", t("Open the next one: listgen review open")
        )


def extend(round_: Round, closes_at: dt.datetime, by: str) -> None:
    """Move the hour of closing; links live as long as the round.

    Raises:
        UsageError: The round is closed, or the new hour is past or more than a year away.
    """

    def job() -> None:
        _refuse_if_closed(round_)
        if not eventlog.now() < closes_at <= eventlog.now() + LONGEST_ROUND:
            raise UsageError(
                t("The new hour of closing is past, or too far away."),
                t("Expected a time within a year from now."),
            )
        round_.closes_at = closes_at
        round_.save(update_fields=["closes_at"])
        Seat.objects.filter(round=round_).update(expires_at=closes_at)
        eventlog.append(
            "round_extended", {"round": round_.name, "closes_at": closes_at.isoformat(), "by": by}
        )

    write(job)


def close(round_: Round, by: str) -> None:
    """Close a round for good, freeze its results and note their digest in the log.

    Raises:
        UsageError: It is closed already.
    """

    def job() -> None:
        _refuse_if_closed(round_)
        text = canonical_json(results.compute(round_, linkage.linked(round_)))
        body = {
            "round": round_.name,
            "by": by,
            "results_digest": sha256_text(text),
            "n_ballots": Ballot.objects.filter(round=round_).count(),
        }
        event = eventlog.append("round_closed", body | {"results": RESULTS_VERSION})
        round_.results, round_.closed_at = text, eventlog.moment_of(event)
        round_.save(update_fields=["results", "closed_at"])

    write(job)


def asked_ids(round_: Round) -> list[str]:
    """Return the technologies a round asks about; one that names none asks about all."""
    return _asked(round_.asked) if round_.asked else results.asked_of(round_)


@lru_cache(maxsize=32)
def _asked(text: str) -> list[str]:
    found: list[str] = json.loads(text)
    return found


def results_of(round_: Round | None) -> results.Row:
    """Return the frozen results of a closed round, empty for an open one."""
    return json.loads(round_.results) if round_ and round_.results else {}
