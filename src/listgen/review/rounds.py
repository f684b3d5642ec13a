"""Rounds: opened on a frozen build, extended, closed; seats with links that are random, hashed, expiring and revocable.

Reads: review, card, round, person, seat, ballot
Writes: the same, and the log
"""

from __future__ import annotations

import datetime as dt
import json
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from listgen.base.errors import UsageError
from listgen.base.provenance import canonical_json, sha256_text
from listgen.base.text import t
from listgen.config.review import ReviewRules
from listgen.review import eventlog, results
from listgen.review.cards import FrozenBuild, frame_digest
from listgen.review.links import link_hash, new_token, remove_links
from listgen.review.models import Ballot, Card, Person, Review, Round, Seat
from listgen.review.panel import Invited
from listgen.review.writer import write

LONGEST_ROUND = dt.timedelta(days=366)


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
    """Tell whether votes are taken now; the hour of closing holds whether or not somebody has closed the round yet."""
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
            Card(review=review, position=place, digest=card.digest, **{name: getattr(card, name) for name in _CARD_FIELDS})
            for place, card in enumerate(build.cards, 1)
        )
        body = {
            "review": review.review_id,
            "run_id": build.run_id,
            "candidates_digest": build.candidates_digest,
            "rules": rules.model_dump(),
            "opened_on": review.opened_on.isoformat(),
            "cards": {card.technology_id: card.digest for card in build.cards},
            "frame_digest": frame_digest(build, build.cards),
        }
        eventlog.append("review_opened", body)
        for one in people:
            _add_person(review, one)
        return _open_round(review, 1, started, closes_at)

    return write(job)


_CARD_FIELDS = ("technology_id", "domain_id", "machine_status", "facts", "markup")


def _free_id(day: dt.date, run_id: str) -> str:
    stem = f"r{day:%Y%m%d}-{run_id[:6]}"
    taken = set(Review.objects.filter(review_id__startswith=stem).values_list("review_id", flat=True))
    return next(name for name in (stem, *(f"{stem}-{n}" for n in range(2, 1000))) if name not in taken)


def open_next_round(review: Review, people: Iterable[Invited], closes_at: dt.datetime) -> tuple[Round, list[Invitation]]:
    """Open the next round of a review for those invited so far and the people given, and return it with its links.

    Raises:
        UsageError: A round is open already.
    """

    def job() -> tuple[Round, list[Invitation]]:
        _refuse_if_open()
        for one in people:
            _add_person(review, one)
        last = newest_round(review)
        return _open_round(review, last.number + 1 if last else 1, eventlog.now(), closes_at)

    return write(job)


def _refuse_if_open() -> None:
    last = Round.objects.filter(closed_at=None).first()
    if last is not None:
        raise UsageError(
            t("Round {round} is still open.", round=last.name), t("One round at a time."), t("Close it first: listgen review close")
        )


def _add_person(review: Review, one: Invited) -> Person:
    values = {"name": one.name, "affiliation": one.affiliation, "group": one.group, "language": one.language}
    person, _ = Person.objects.update_or_create(review=review, email=one.email.lower(), defaults=values)
    return person


def _open_round(review: Review, number: int, opens_at: dt.datetime, closes_at: dt.datetime) -> tuple[Round, list[Invitation]]:
    round_ = Round.objects.create(review=review, number=number, opens_at=opens_at, closes_at=closes_at)
    made = [_seat(round_, person) for person in Person.objects.filter(review=review).order_by("email")]
    body = {
        "round": round_.name,
        "opens_at": opens_at.isoformat(),
        "closes_at": closes_at.isoformat(),
        # Sorted: the order says nothing about who is who.
        "seats": {seat.pseudonym: seat.group for seat, _ in sorted(made, key=lambda pair: pair[0].pseudonym)},
    }
    eventlog.append("round_opened", body)
    return round_, [invitation for _, invitation in made]


def _seat(round_: Round, person: Person) -> tuple[Seat, Invitation]:
    token = new_token()
    seat = Seat.objects.create(
        round=round_,
        person=person,
        pseudonym=secrets.token_hex(8),
        group=person.group,
        link_hash=link_hash(token),
        expires_at=round_.closes_at,
    )
    return seat, Invitation(person.email, person.name, person.affiliation, person.language, token)


def invite(round_: Round, people: Iterable[Invited]) -> list[Invitation]:
    """Seat more people in an open round, or give those who are seated a new link in place of the old one.

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
                seat, invitation = _seat(round_, person)
                eventlog.append("seat_added", {"round": round_.name, "pseudonym": seat.pseudonym, "group": seat.group})
            else:
                token = new_token()
                remove_links(seat)
                seat.link_hash = link_hash(token)
                seat.save(update_fields=["link_hash"])
                invitation = Invitation(person.email, person.name, person.affiliation, person.language, token)
            found.append(invitation)
        return found

    return write(job)


def people_of(review: Review, emails: Iterable[str]) -> list[Invited]:
    """Return the people of a review with these addresses.

    Raises:
        UsageError: Somebody was not invited.
    """
    found = []
    for email in emails:
        person = Person.objects.filter(review=review, email=email.lower()).first()
        if person is None:
            raise UsageError(t("{email} is not on the panel of {review}.", email=email, review=review.review_id))
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
            raise UsageError(t("{email} is not on the panel of {review}.", email=email, review=review.review_id))
        for seat in Seat.objects.filter(person=person):
            remove_links(seat)
        Seat.objects.filter(person=person).update(link_hash=None)
        person.delete()
        eventlog.append("identity_deleted", {"review": review.review_id})

    write(job)


def _refuse_if_closed(round_: Round) -> None:
    round_.refresh_from_db()
    if round_.closed_at is not None:
        raise UsageError(t("Round {round} is closed.", round=round_.name), "", t("Open the next one: listgen review open"))


def extend(round_: Round, closes_at: dt.datetime, by: str) -> None:
    """Move the hour of closing; links live as long as the round.

    Raises:
        UsageError: The round is closed, or the new hour is past or more than a year away.
    """

    def job() -> None:
        _refuse_if_closed(round_)
        if not eventlog.now() < closes_at <= eventlog.now() + LONGEST_ROUND:
            raise UsageError(t("The new hour of closing is past, or too far away."), t("Expected a time within a year from now."))
        round_.closes_at = closes_at
        round_.save(update_fields=["closes_at"])
        Seat.objects.filter(round=round_).update(expires_at=closes_at)
        eventlog.append("round_extended", {"round": round_.name, "closes_at": closes_at.isoformat(), "by": by})

    write(job)


def close(round_: Round, by: str) -> None:
    """Close a round for good, freeze its results and note their digest in the log.

    Raises:
        UsageError: It is closed already.
    """

    def job() -> None:
        _refuse_if_closed(round_)
        text = canonical_json(results.compute(round_))
        n_ballots = Ballot.objects.filter(round=round_).count()
        event = eventlog.append(
            "round_closed", {"round": round_.name, "by": by, "results_digest": sha256_text(text), "n_ballots": n_ballots}
        )
        round_.results, round_.closed_at = text, eventlog.moment_of(event)
        round_.save(update_fields=["results", "closed_at"])

    write(job)


def earlier_round(round_: Round) -> Round | None:
    """Return the round before this one."""
    return Round.objects.filter(review=round_.review_id, number=round_.number - 1).first()


def results_of(round_: Round | None) -> dict[str, object]:
    """Return the frozen results of a closed round, empty for an open one."""
    return json.loads(round_.results) if round_ and round_.results else {}
