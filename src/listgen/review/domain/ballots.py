"""Votes: cast blind first, changed as often as wanted, each an event with what was shown and a receipt.

Reads: seat, round, card, ballot, reason, event
Writes: ballot, reason and the log
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from django.db import connection

from listgen.base.provenance import canonical_json, sha256_text
from listgen.review.domain import eventlog, rounds
from listgen.review.domain.frozen import Judged, frozen
from listgen.review.domain.writer import write
from listgen.review.models import Ballot, Event, Reason, Round, Seat, find_one

ANSWERS = ("rating", "dont_know", "conflict", "skip")
TIES = ("employment", "funding", "patents", "equity")
LONGEST_REASON = 4000
# A note without an answer yet is kept, but nothing counts it.
NOTHING = ""
# In plain SQL for the same reason as `find_one`: it says after every answer where the way leads next.
_ANSWERED = "SELECT technology_id FROM review_ballot WHERE pseudonym = %s AND answer <> %s"

Status = Literal["saved", "unchanged", "stale", "closed"]


@dataclass(frozen=True)
class Content:
    """What somebody says on one technology."""

    answer: str = NOTHING
    rating: int | None = None
    reason: str = ""
    ties: tuple[str, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """What became of a submission; `receipt` is the digest of the event that carries it."""

    status: Status
    ballot: Ballot | None
    receipt: str = ""
    was_blind: bool = False


def content_of(ballot: Ballot | None) -> Content:
    """Return what a ballot says now."""
    if ballot is None:
        return Content()
    ties = tuple(ballot.ties.split(",")) if ballot.ties else ()
    return Content(ballot.answer, ballot.rating, reason_text(ballot.reason_digest), ties)


def reason_text(digest: str) -> str:
    """Return a written reason, empty where there is none or its author had it deleted."""
    found = Reason.objects.filter(digest=digest).first() if digest else None
    return found.text if found else ""


def find_ballot(pseudonym: str, technology_id: str) -> Ballot | None:
    """Return a seat's ballot on a technology."""
    return find_one(Ballot, pseudonym=pseudonym, technology_id=technology_id)


def is_informed(round_: Round, ballot: Ballot | None) -> bool:
    """Tell whether the evidence may be shown: after the first vote, and from the second round on."""
    return round_.number > 1 or (ballot is not None and (ballot.answer != NOTHING or ballot.is_informed))


def cast(seat: Seat, card: Judged, content: Content, *, revision: int, key: str) -> Outcome:
    """Keep what a seat says on a technology and return what became of it.

    The same submission sent twice is kept once. One made on a page that has been overtaken (another tab,
    another device) is not kept, unless it says what is kept already; one that comes after the close is noted
    in the log and not counted.

    Args:
        seat: Whose.
        card: On what, as it was shown.
        content: What they say.
        revision: The revision of the ballot the page was made from, 0 for none.
        key: The page's own key for this submission.
    """
    said = canonical_json(
        [
            seat.pseudonym,
            card.technology_id,
            key,
            revision,
            content.answer,
            content.rating,
            content.reason,
            content.ties,
        ]
    )
    return write(lambda: _cast(seat, card, content, revision, sha256_text(said)))


def _cast(
    seat: Seat, card: Judged, content: Content, revision: int, client_key: str, undone_to: int | None = None
) -> Outcome:
    # Read inside the writer's transaction: a round closed a moment ago takes no vote any more.
    round_ = find_one(Round, id=seat.round_id) or seat.round
    ballot = find_ballot(seat.pseudonym, card.technology_id)
    repeated = eventlog.find_repeated(client_key)
    if repeated is not None:
        body = eventlog.read(repeated)
        is_late = body["kind"] == "late_vote"
        return Outcome(
            "closed" if is_late else "saved", ballot, repeated.digest, not body["shown"]["is_informed"]
        )
    if ballot is None and content == Content():
        # Nothing was said and nothing is said now: an event would only show that somebody was there.
        return Outcome("unchanged" if rounds.is_open(round_) else "closed", None)
    if not rounds.is_open(round_):
        event = eventlog.append("late_vote", _body(seat, card, content, round_, ballot), client_key)
        return Outcome("closed", ballot, event.digest)
    if ballot is not None and content == content_of(ballot):
        return Outcome("unchanged", ballot, _receipt(ballot))
    if ballot is not None and revision != ballot.revision:
        return Outcome("stale", ballot, _receipt(ballot))
    body = _body(seat, card, content, round_, ballot) | (
        {} if undone_to is None else {"undone_to": undone_to}
    )
    event = eventlog.append("vote", body, client_key)
    return Outcome(
        "saved",
        _project(body, event.sequence, round_, ballot),
        event.digest,
        not body["shown"]["is_informed"],
    )


def _body(seat: Seat, card: Judged, content: Content, round_: Round, ballot: Ballot | None) -> dict[str, Any]:
    informed = is_informed(round_, ballot)
    shown = {
        "run_id": frozen(round_.review_id).review.run_id,
        "card_digest": card.digest,
        "is_informed": informed,
    }
    return {
        "round": round_.name,
        "pseudonym": seat.pseudonym,
        "technology_id": card.technology_id,
        "answer": content.answer,
        "rating": content.rating,
        "reason_digest": _keep_reason(content.reason),
        "ties": list(content.ties),
        "shown": shown,
    }


def _keep_reason(text: str) -> str:
    """Store a text next to the log under the digest of text and salt: deleting it keeps the chain intact."""
    if not text:
        return ""
    salt = secrets.token_hex(16)
    digest = sha256_text(salt + text)
    Reason.objects.create(digest=digest, salt=salt, text=text)
    return digest


def _project(body: dict[str, Any], sequence: int, round_: Round, ballot: Ballot | None) -> Ballot:
    """Bring the ballot to where an event says it stands."""
    values = ballot_values(body, sequence, ballot.revision if ballot else 0)
    if ballot is None:
        return Ballot.objects.create(
            round=round_, pseudonym=body["pseudonym"], technology_id=body["technology_id"], **values
        )
    for name, value in values.items():
        setattr(ballot, name, value)
    ballot.save()
    return ballot


def ballot_values(body: dict[str, Any], sequence: int, revision: int) -> dict[str, Any]:
    """Return the columns of a ballot after a vote, given the revision before it.

    `verify` replays the log with it.
    """
    return {
        "answer": body["answer"],
        "rating": body["rating"],
        "reason_digest": body["reason_digest"],
        "ties": ",".join(body["ties"]),
        "is_informed": body["shown"]["is_informed"] or body["answer"] != NOTHING,
        "revision": revision + 1,
        "sequence": sequence,
    }


def _receipt(ballot: Ballot) -> str:
    return str(Event.objects.get(sequence=ballot.sequence).digest)


# ---- history and undo ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Step:
    """One state a ballot was in."""

    sequence: int
    day: str
    content: Content
    receipt: str
    # The state an undo went back to: its sequence, 0 for no answer; None where something was said anew.
    undone_to: int | None = None


def history(pseudonym: str, technology_id: str) -> list[Step]:
    """Return every state of a ballot, oldest first."""
    found = []
    for event in Event.objects.filter(subject=f"{pseudonym}/{technology_id}").order_by("sequence"):
        body = eventlog.read(event)
        if body["kind"] == "vote":
            content = Content(
                body["answer"], body["rating"], reason_text(body["reason_digest"]), tuple(body["ties"])
            )
            found.append(Step(event.sequence, body["day"], content, event.digest, body.get("undone_to")))
    return found


def restore(seat: Seat, card: Judged, sequence: int, *, key: str) -> Outcome:
    """Say an earlier state again; the state it replaces stays in the history, and undo leads back to it.

    Args:
        seat: Whose ballot.
        card: On what.
        sequence: The event to go back to; one that is not among this ballot's changes nothing.
        key: The page's own key, so that a repeated click does it once.
    """

    def job() -> Outcome:
        ballot = find_ballot(seat.pseudonym, card.technology_id)
        known = {step.sequence: step.content for step in history(seat.pseudonym, card.technology_id)}
        content = known.get(sequence, content_of(ballot))
        client_key = sha256_text(canonical_json(["restore", seat.pseudonym, card.technology_id, key]))
        return _cast(seat, card, content, ballot.revision if ballot else 0, client_key)

    return write(job)


def undo(seat: Seat, card: Judged, *, revision: int | None, key: str) -> Outcome:
    """Go back one step, and with each further undo one more, down to no answer.

    Every state stays in the history.

    Args:
        seat: Whose ballot.
        card: On what.
        revision: The revision of the ballot the page shows; another one means that the page was overtaken,
            and nothing is undone.
        key: The page's own key, so that a repeated click undoes once.
    """

    def job() -> Outcome:
        ballot = find_ballot(seat.pseudonym, card.technology_id)
        target = before_last(history(seat.pseudonym, card.technology_id))
        content, sequence = (target.content, target.sequence) if target else (Content(), 0)
        client_key = sha256_text(canonical_json(["undo", seat.pseudonym, card.technology_id, key]))
        shown = revision if revision is not None else ballot.revision if ballot else 0
        return _cast(seat, card, content, shown, client_key, undone_to=sequence)

    return write(job)


def present_states(steps: Sequence[Step]) -> list[Step]:
    """Return the states that undo walks back through, oldest first, without those that were undone."""
    states: list[Step] = []
    for step in steps:
        if step.undone_to is None:
            states.append(step)
            continue
        while states and states[-1].sequence != step.undone_to:
            states.pop()
    return states


def content_of_step(step: Step | None) -> Content:
    """Return what a state says, of none that nothing was said."""
    return step.content if step else Content()


def before_last(steps: Sequence[Step]) -> Step | None:
    """Return the state that undo goes back to, None for no answer."""
    states = present_states(steps)
    shown = states.pop().content if states else Content()
    # Two states can read alike, because a text was deleted: going back to it would change nothing and lead no
    # further.
    while states and states[-1].content == shown:
        states.pop()
    return states[-1] if states else None


def answered(seat: Seat) -> set[str]:
    """Return the technologies a seat has answered."""
    with connection.cursor() as cursor:
        cursor.execute(_ANSWERED, [seat.pseudonym, NOTHING])
        return {technology_id for (technology_id,) in cursor.fetchall()}
