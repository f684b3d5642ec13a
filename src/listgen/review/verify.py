"""Proof that a review database is what its log says: the chain is whole and every projection is what a replay gives.

Reads: every table of the review
Writes: nothing
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from listgen.base.provenance import canonical_json, sha256_text
from listgen.review import eventlog, results
from listgen.review.ballots import ballot_values
from listgen.review.models import Ballot, Card, Decision, Event, Proposal, Reason, Review, Round, Seat

Row = dict[str, Any]


def findings(heads: tuple[str, ...] = ()) -> list[str]:
    """Return what does not fit, with its place; nothing when the database is intact.

    Args:
        heads: Digests that somebody kept outside (receipts, `decisions.jsonl`): each must still be in the log.
    """
    found = eventlog.broken_links()
    if found:
        return found  # a replay of a broken log would only repeat it
    replay = _Replay()
    for check in (_ballots, _reviews, _rounds, _reasons, _decisions, _proposals, _seats):
        found += check(replay)
    known = set(Event.objects.filter(digest__in=heads).values_list("digest", flat=True))
    return found + [f"log: {digest} is not in it" for digest in heads if digest not in known]


class _Replay:
    """What the log says, read once."""

    def __init__(self) -> None:
        self.ballots: dict[tuple[str, str], Row] = {}
        self.votes_by_round: dict[str, set[str]] = {}
        self.of: dict[str, list[tuple[Event, Row]]] = {}
        self.reasons: set[str] = set()
        for event, body in eventlog.events():
            self.of.setdefault(body["kind"], []).append((event, body))
            if body["kind"] == "vote":
                key = (body["pseudonym"], body["technology_id"])
                self.ballots[key] = ballot_values(body, event.sequence, self.ballots.get(key, {"revision": 0})["revision"])
                self.votes_by_round.setdefault(body["round"], set()).add(body["pseudonym"])
            if body.get("reason_digest"):
                self.reasons.add(body["reason_digest"])

    def bodies(self, kind: str) -> Iterator[Row]:
        """Yield the bodies of a kind."""
        return (body for _, body in self.of.get(kind, []))


def _ballots(replay: _Replay) -> Iterator[str]:
    held = {(row.pseudonym, row.technology_id): row for row in Ballot.objects.all()}
    for key in sorted(held.keys() - replay.ballots.keys()):
        yield f"ballot of {key[0]} on {key[1]}: the log has no vote behind it"
    for key, values in sorted(replay.ballots.items()):
        row = held.get(key)
        wrong = [name for name, value in values.items() if row is not None and getattr(row, name) != value]
        if row is None:
            yield f"ballot of {key[0]} on {key[1]}: missing"
        elif wrong:
            yield f"ballot of {key[0]} on {key[1]}: {', '.join(wrong)} differ from event {values['sequence']}"


def _reviews(replay: _Replay) -> Iterator[str]:
    opened = {body["review"]: body for body in replay.bodies("review_opened")}
    for review in Review.objects.all():
        body = opened.get(review.review_id)
        if body is None:
            yield f"review {review.review_id}: the log does not know it"
            continue
        if (review.run_id, review.candidates_digest) != (body["run_id"], body["candidates_digest"]):
            yield f"review {review.review_id}: another build than the one opened"
        if json.loads(review.rules) != body["rules"]:
            yield f"review {review.review_id}: the rules differ from those fixed before the first vote"
        cards = {card.technology_id: card for card in Card.objects.filter(review=review)}
        for technology_id in sorted(cards.keys() ^ body["cards"].keys()):
            yield f"card {technology_id}: added or missing"
        for technology_id, card in sorted(cards.items()):
            frozen = sha256_text(canonical_json([card.facts, card.markup]))
            if {card.digest, frozen} != {body["cards"].get(technology_id)}:
                yield f"card {technology_id}: differs from the one frozen"


def _rounds(replay: _Replay) -> Iterator[str]:
    closed = {body["round"]: body for body in replay.bodies("round_closed")}
    for round_ in Round.objects.all():
        body = closed.get(round_.name)
        if (round_.closed_at is None) != (body is None):
            yield f"round {round_.name}: open or closed otherwise than the log says"
        if body is None:
            continue
        if sha256_text(round_.results) != body["results_digest"]:
            yield f"round {round_.name}: the results differ from those frozen at its close"
        elif canonical_json(results.compute(round_)) != round_.results:
            yield f"round {round_.name}: the votes of the log give other results"


def _reasons(replay: _Replay) -> Iterator[str]:
    for reason in Reason.objects.all():
        if sha256_text(reason.salt + reason.text) != reason.digest:
            yield f"reason {reason.digest[:12]}: the text is not the one written"
        elif reason.digest not in replay.reasons:
            yield f"reason {reason.digest[:12]}: no vote in the log carries it"


def _decisions(replay: _Replay) -> Iterator[str]:
    names = ("decision", "into_technology_id", "rationale", "decider")
    expected: dict[tuple[str, str], Row] = {}
    for event, body in replay.of.get("decision_drafted", []):
        values = {name: body[name] for name in names} | {"draft_digest": event.digest, "approver": "", "digest": ""}
        expected[body["review"], body["technology_id"]] = values
    for event, body in replay.of.get("decision_approved", []):
        values = expected.get((body["review"], body["technology_id"]), {})
        if values.get("draft_digest") == body["draft"]:
            values |= {"approver": body["approver"], "digest": event.digest}
    held = {(row.review_id, row.technology_id): row for row in Decision.objects.all()}
    for key in sorted(held.keys() | expected.keys()):
        row = held.get(key)
        wrong = [name for name, value in expected.get(key, {}).items() if row is not None and getattr(row, name) != value]
        if row is None or key not in expected or wrong:
            yield f"decision on {key[1]}: {', '.join(wrong) or 'it'} differs from the log"


def _proposals(replay: _Replay) -> Iterator[str]:
    expected: dict[int, Row] = {}
    for event, body in replay.of.get("proposal", []):
        content = canonical_json(body["content"])
        expected[event.sequence] = {"kind": body["proposal"], "content": content, "outcome": "open", "decider": "", "approver": ""}
    for event, body in replay.of.get("proposal_answered", []):
        expected[body["proposal_sequence"]] |= {"outcome": body["outcome"], "decider": body["decider"], "answered": event.sequence}
    for event, body in replay.of.get("proposal_approved", []):
        if event.sequence > expected[body["proposal_sequence"]].get("answered", 0):
            expected[body["proposal_sequence"]] |= {"approver": body["approver"]}
    held = {row.sequence: row for row in Proposal.objects.all()}
    for sequence in sorted(held.keys() | expected.keys()):
        row, values = held.get(sequence), expected.get(sequence)
        if row is None or values is None or any(getattr(row, name) != value for name, value in values.items() if name != "answered"):
            yield f"proposal of event {sequence}: differs from the log"


def _seats(replay: _Replay) -> Iterator[str]:
    seats: dict[str, set[str]] = {}
    for body in replay.bodies("round_opened"):
        seats.setdefault(body["round"], set()).update(body["seats"])
    for body in replay.bodies("seat_added"):
        seats.setdefault(body["round"], set()).add(body["pseudonym"])
    for round_name, voters in sorted(replay.votes_by_round.items()):
        for pseudonym in sorted(voters - seats.get(round_name, set())):
            yield f"round {round_name}: {pseudonym} voted without a seat"
    for seat in Seat.objects.select_related("round"):
        if seat.pseudonym not in seats.get(seat.round.name, set()):
            yield f"seat {seat.pseudonym}: the log does not know it"
