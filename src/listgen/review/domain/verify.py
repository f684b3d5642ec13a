"""Proof that a review database is what its log says.

The chain is whole and every projection is what a replay gives.

Not checked, because no log may contain it: identities (they can be deleted), who has which seat, and the
hashes of links. A log cut at its end is whole in itself; it is compared with the decisions that were written
out and registered (`Anchor`).

Reads: every table of the review
Writes: nothing
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from listgen.base.provenance import canonical_json, sha256_text
from listgen.review.domain import eventlog, results
from listgen.review.domain.anchors import Anchor
from listgen.review.domain.ballots import ballot_values
from listgen.review.domain.cards import frame_digest
from listgen.review.domain.proposals import approved_change
from listgen.review.domain.rounds import digest_of_results, seat_digest
from listgen.review.models import Ballot, Card, Decision, Event, Proposal, Reason, Review, Round, Seat, Staff

Row = dict[str, Any]


def findings(heads: tuple[str, ...] = (), anchors: Iterable[Anchor] = ()) -> list[str]:
    """Return what does not fit, with its place; nothing when the database is intact.

    Args:
        heads: Digests that somebody kept outside (receipts, `decisions.jsonl`): each must still be in the
            log.
        anchors: Decisions written out or registered by a build: the log must still be as long as it was then.
    """
    found = eventlog.broken_links()
    if found:
        return found  # a replay of a broken log would only repeat it
    found = list(_tail(anchors))
    replay = _Replay()
    found += _reviews(replay)
    if found:
        return found  # nothing can be said of rounds whose review or cards are others
    for check in (_ballots, _rounds, _reasons, _decisions, _moments, _proposals, _seats, _staff):
        found += check(replay)
    known = set(Event.objects.filter(digest__in=heads).values_list("digest", flat=True))
    return found + [f"log: {digest} is not in it" for digest in heads if digest not in known]


def _tail(anchors: Iterable[Anchor]) -> Iterator[str]:
    """Yield where decisions written out know more of the log than the database has."""
    known = {body["review"] for _, body in eventlog.events("review_opened")}
    published = {body["sha256"] for _, body in eventlog.events("decisions_published")}
    for one in anchors:
        held = (
            Event.objects.filter(sequence=one.length).first()
            if one.length
            else Event.objects.filter(digest=one.head).first()
        )
        if one.review_id and one.review_id not in known:
            yield (
                f"{one.name}: made from review {one.review_id}, which this log does not have; it is of"
                " another database, or was cut"
            )
        elif one.head and (held is None or held.digest != one.head):
            place = f"of {one.length} events" if one.length else "with its last close"
            yield (
                f"{one.name}: the log {place} and digest {one.head[:12]} is not the beginning of this log;"
                " its end was cut or rewritten"
            )
        elif one.sha256 not in published:
            yield f"{one.name}: the log does not know these bytes; its end was cut, or the file was changed"


class _Replay:
    """What the log says, read once."""

    def __init__(self) -> None:
        self.ballots: dict[tuple[str, str], Row] = {}
        self.votes_by_round: dict[str, set[str]] = {}
        self.of: dict[str, list[tuple[Event, Row]]] = {}
        self.reasons: set[str] = set()
        self.deleted: set[str] = set()
        for event, body in eventlog.events():
            self.of.setdefault(body["kind"], []).append((event, body))
            if body["kind"] == "vote":
                key = (body["pseudonym"], body["technology_id"])
                before = self.ballots.get(key, {"revision": 0})["revision"]
                self.ballots[key] = ballot_values(body, event.sequence, before) | {"round_id": body["round"]}
                self.votes_by_round.setdefault(body["round"], set()).add(body["pseudonym"])
            if body.get("reason_digest"):
                self.reasons.add(body["reason_digest"])
            if body["kind"] == "reason_deleted":
                self.deleted |= set(body["digests"])

    def bodies(self, kind: str) -> Iterator[Row]:
        """Yield the bodies of a kind."""
        return (body for _, body in self.of.get(kind, []))

    def in_order(self, *kinds: str) -> list[tuple[Event, Row]]:
        """Return events and bodies of several kinds in the order they happened."""
        return sorted(
            (pair for kind in kinds for pair in self.of.get(kind, [])), key=lambda pair: pair[0].sequence
        )


def _compare(what: str, held: Mapping[Any, Any], expected: Mapping[Any, Row]) -> Iterator[str]:
    """Yield the rows that are missing, too many, or other than the log says.

    `what` names a row by its key.
    """
    for key in sorted(held.keys() | expected.keys()):
        name = what.format(*key) if isinstance(key, tuple) else what.format(key)
        wrong = [
            column
            for column, value in expected.get(key, {}).items()
            if key in held and getattr(held[key], column) != value
        ]
        if key not in expected:
            yield f"{name}: the log does not know it"
        elif key not in held:
            yield f"{name}: missing"
        elif wrong:
            yield f"{name}: {', '.join(wrong)} differ from the log"


def _ballots(replay: _Replay) -> Iterator[str]:
    rounds = {round_.name: round_.pk for round_ in Round.objects.all()}
    expected = {key: row | {"round_id": rounds.get(row["round_id"])} for key, row in replay.ballots.items()}
    yield from _compare(
        "ballot of {} on {}",
        {(row.pseudonym, row.technology_id): row for row in Ballot.objects.all()},
        expected,
    )


def _reviews(replay: _Replay) -> Iterator[str]:
    opened = {body["review"]: body for body in replay.bodies("review_opened")}
    reviews = {review.review_id: review for review in Review.objects.all()}
    kept = ("run_id", "candidates_digest")
    yield from _compare(
        "review {}", reviews, {key: {name: body[name] for name in kept} for key, body in opened.items()}
    )
    for review in (review for key, review in sorted(reviews.items()) if key in opened):
        body = opened[review.review_id]
        cards = list(Card.objects.filter(review=review).order_by("position"))
        if not _is_json_of(review.rules, body["rules"]):
            yield f"review {review.review_id}: the rules differ from those fixed before the first vote"
        # A review opened before these two were noted has nothing to compare them with.
        is_framed = body.get("frame_digest", "") in ("", frame_digest(review, cards))
        is_dated = body.get("opened_on", review.opened_on.isoformat()) == review.opened_on.isoformat()
        if not (
            is_framed and is_dated and [card.position for card in cards] == list(range(1, len(cards) + 1))
        ):
            yield (
                f"review {review.review_id}: style, background, date, order or standing of the cards differ"
                " from those frozen"
            )
        digests = {key: {"digest": digest, "shown_digest": digest} for key, digest in body["cards"].items()}
        for card in cards:
            card.shown_digest = sha256_text(canonical_json([card.facts, card.markup]))
        yield from _compare("card {}", {card.technology_id: card for card in cards}, digests)


def _is_json_of(text: str, wanted: Row) -> bool:
    try:
        return bool(json.loads(text) == wanted)
    except ValueError:
        return False


def _rounds(replay: _Replay) -> Iterator[str]:
    expected: dict[str, Row] = {}
    for body in replay.bodies("round_opened"):
        times = {name: _time(body[name]) for name in ("opens_at", "closes_at") if name in body}
        asked = canonical_json(body["asked"]) if "asked" in body else ""
        expected[body["round"]] = times | {
            "closed_at": None,
            "reminded_on": None,
            "results": "",
            "asked": asked,
        }
    for body in replay.bodies("round_extended"):
        expected[body["round"]] |= {"closes_at": _time(body["closes_at"])}
    for body in replay.bodies("reminded"):
        expected[body["round"]] |= {"reminded_on": _time(body["at"]).date()}
    held = {round_.name: round_ for round_ in Round.objects.all()}
    for body in replay.bodies("round_closed"):
        round_ = held.get(body["round"])
        is_same = round_ is not None and sha256_text(round_.results) == body["results_digest"]
        is_asked = round_ is not None and round_.asked == expected[body["round"]]["asked"]
        if is_same and is_asked and round_ is not None and _recomputed(round_, body) != round_.results:
            yield f"round {round_.name}: the votes of the log give other results"
        expected[body["round"]] |= {
            "closed_at": _time(body["at"]),
            "results": round_.results if round_ and is_same else None,
        }
    yield from _compare("round {}", held, expected)


def _recomputed(round_: Round, closed: Row) -> str:
    """Return the results of a round from the log.

    What compares persons is taken from the stored results, whose digest the log covers.
    """
    if closed.get("results", 1) == 1:
        return canonical_json(results.compute_first(round_))
    return canonical_json(results.compute(round_, json.loads(round_.results)["linked"]))


def _time(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)


def _reasons(replay: _Replay) -> Iterator[str]:
    held = {reason.digest: reason for reason in Reason.objects.all()}
    for digest, reason in held.items():
        if sha256_text(reason.salt + reason.text) != digest:
            yield f"reason {digest[:12]}: the text is not the one written"
        elif digest not in replay.reasons:
            yield f"reason {digest[:12]}: no vote in the log carries it"
        elif digest in replay.deleted:
            yield f"reason {digest[:12]}: deleted on request, and back again"
    for digest in sorted(replay.reasons - held.keys() - replay.deleted):
        yield f"reason {digest[:12]}: missing, and the log has no request to delete it"


def _decisions(replay: _Replay) -> Iterator[str]:
    names = ("decision", "into_technology_id", "rationale", "decider")
    expected: dict[tuple[str, str], Row] = {}
    for event, body in replay.of.get("decision_drafted", []):
        values = {name: body[name] for name in names} | {
            "draft_digest": event.digest,
            "approver": "",
            "approved_on": None,
            "digest": "",
        }
        expected[body["review"], body["technology_id"]] = values | {"results_digest": body.get("results", "")}
    for event, body in replay.of.get("decision_approved", []):
        values = expected.get((body["review"], body["technology_id"]), {})
        if values.get("draft_digest") == body["draft"]:
            values |= {
                "approver": body["approver"],
                "approved_on": _time(body["at"]).date(),
                "digest": event.digest,
            }
    yield from _compare(
        "decision of {} on {}",
        {(row.review_id, row.technology_id): row for row in Decision.objects.all()},
        expected,
    )


def _moments(replay: _Replay) -> Iterator[str]:
    """Yield decisions made while a round was open, or on other results than of the rounds then closed."""
    closed: dict[str, list[list[Any]]] = {}
    is_open: dict[str, bool] = {}
    for event, body in replay.in_order("round_opened", "round_closed", *_ON_RESULTS):
        review, _, number = str(body.get("round", body.get("review", ""))).partition("/")
        if body["kind"] == "round_opened":
            is_open[review] = True
        elif body["kind"] == "round_closed":
            is_open[review] = False
            closed.setdefault(review, []).append([int(number), body["results_digest"]])
        elif "results" in body:  # older decisions do not say what they were made on
            what = (
                f"event {event.sequence}: {_ON_RESULTS[body['kind']]} {body.get('technology_id', '')}"
            ).rstrip()
            if is_open.get(review):
                yield f"{what} was made while a round was open"
            elif body["results"] != digest_of_results(closed.get(review, [])):
                yield f"{what} was made on other results than those of the closed rounds"


_ON_RESULTS = {"decision_drafted": "draft on", "decision_approved": "approval of"}


def _proposals(replay: _Replay) -> Iterator[str]:
    expected: dict[int, Row] = {}
    rounds = {round_.name: round_.pk for round_ in Round.objects.all()}
    for event, body in replay.of.get("proposal", []):
        said = {
            "kind": body["proposal"],
            "technology_id": body["concerns"],
            "content": canonical_json(body["content"]),
        }
        whose = {"pseudonym": body["pseudonym"], "round_id": rounds.get(body["round"])}
        expected[event.sequence] = (
            said | whose | {"outcome": "open", "decider": "", "approver": "", "change": ""}
        )
    for event, body in replay.in_order("proposal_answered", "proposal_approved"):
        row = expected[body["proposal_sequence"]]
        if body["kind"] == "proposal_answered":
            row |= {
                "outcome": body["outcome"],
                "decider": body["decider"],
                "approver": "",
                "change": canonical_json(body["change"]),
            }
        else:
            row |= {
                "approver": body["approver"],
                "change": canonical_json(approved_change(json.loads(row["change"]), event)),
            }
    yield from _compare(
        "proposal of event {}", {row.sequence: row for row in Proposal.objects.all()}, expected
    )


def _seats(replay: _Replay) -> Iterator[str]:
    """Yield seats that differ from the log, votes without a seat, and links that outlive their round."""
    expected, digests = _logged_seats(replay)
    held = {seat.pseudonym: seat for seat in Seat.objects.select_related("round")}
    known = {seat_digest(seat): pseudonym for pseudonym, seat in held.items()}
    expected |= {known[digest]: {"round_name": name} for digest, name in digests.items() if digest in known}
    for digest in sorted(digests.keys() - known.keys()):
        yield f"seat {digest[:12]}: missing, or its pseudonym or group differ from the log"
    for round_name, voters in sorted(replay.votes_by_round.items()):
        for pseudonym in sorted(
            who for who in voters if expected.get(who, {}).get("round_name") != round_name
        ):
            yield f"round {round_name}: {pseudonym} voted without a seat"
    for seat in held.values():
        seat.round_name = seat.round.name
        if seat.expires_at != seat.round.closes_at:
            yield f"seat {seat.pseudonym}: its link does not end with its round"
    yield from _compare("seat {}", held, expected)


def _logged_seats(replay: _Replay) -> tuple[dict[str, Row], dict[str, str]]:
    """Return the seats of the log by pseudonym, and the rounds of sealed seats by digest.

    Version 1 wrote pseudonyms and groups themselves.
    """
    named: dict[str, Row] = {}
    sealed: dict[str, str] = {}
    for body in replay.bodies("round_opened"):
        if "log" in body:
            sealed |= dict.fromkeys(body["seats"], body["round"])
        else:
            named |= {
                pseudonym: {"group": group, "round_name": body["round"]}
                for pseudonym, group in body["seats"].items()
            }
    for body in replay.bodies("seat_added"):
        if "seat" in body:
            sealed[body["seat"]] = body["round"]
        else:
            named[body["pseudonym"]] = {"group": body["group"], "round_name": body["round"]}
    return named, sealed


def _staff(replay: _Replay) -> Iterator[str]:
    expected: dict[str, Row] = {}
    for _, body in replay.in_order("staff_set", "staff_removed"):
        if body["kind"] == "staff_set":
            held = {name: body[name] for name in ("role", "password_digest") if name in body}
            expected[body["staff"]] = held | {"is_active": True}
        else:
            expected[body["staff"]] |= {"is_active": False}
    staff = {one.name: one for one in Staff.objects.all()}
    for one in staff.values():
        one.password_digest = sha256_text(one.password)
    yield from _compare("staff {}", staff, expected)
