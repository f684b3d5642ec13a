"""Proposals of the panel: a missing technology, a merge, a split, a better definition, corrected evidence.

An accepted one carries the change of `config/technologies` it leads to; the facilitator writes the change,
another person approves it, and `listgen review close` makes it. The history of the changed file names the
decision.

Reads: proposal, card, event
Writes: proposal, the log
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from listgen.base.errors import UsageError
from listgen.base.provenance import canonical_json, sha256_text
from listgen.base.text import t
from listgen.review.domain import eventlog, rounds
from listgen.review.domain.writer import write
from listgen.review.models import Card, Event, Proposal, Review, Round, Seat, Staff

KINDS = ("new", "merge", "split", "definition", "evidence")
OUTCOMES = ("accept", "refuse")
FIELDS = ("name", "definition", "reason", "sources")
LONGEST_FIELD = 2000

Row = dict[str, Any]


def propose(seat: Seat, kind: str, technology_id: str, content: dict[str, str], *, key: str) -> Proposal:
    """Keep a proposal and return it; the same one sent twice is kept once.

    Raises:
        UsageError: It says nothing, is of no kind, or concerns a technology that is not judged.
    """
    round_ = seat.round
    texts = {name: content.get(name, "").strip()[:LONGEST_FIELD] for name in FIELDS}
    _require_whole(round_, kind, technology_id, texts)
    client_key = sha256_text(canonical_json(["proposal", seat.pseudonym, key, kind, technology_id, texts]))

    def job() -> Proposal:
        repeated = eventlog.find_repeated(client_key)
        if repeated is not None:
            return Proposal.objects.get(sequence=repeated.sequence)
        if Round.objects.get(pk=round_.pk).closed_at is not None:
            raise UsageError(t("Round {round} is closed.", round=round_.name))
        body = {
            "round": round_.name,
            "pseudonym": seat.pseudonym,
            "proposal": kind,
            "concerns": technology_id,
            "content": texts,
        }
        event = eventlog.append("proposal", body, client_key)
        return Proposal.objects.create(
            round=round_,
            pseudonym=seat.pseudonym,
            kind=kind,
            technology_id=technology_id,
            content=canonical_json(texts),
            sequence=event.sequence,
        )

    return write(job)


def _require_whole(round_: Round, kind: str, technology_id: str, texts: dict[str, str]) -> None:
    """Refuse a proposal of no kind, on a technology that is not judged, or without its texts."""
    known = set(Card.objects.filter(review=round_.review_id).values_list("technology_id", flat=True))
    if (
        kind not in KINDS
        or (kind == "new") == bool(technology_id)
        or (technology_id and technology_id not in known)
    ):
        raise UsageError(t("Say what you propose, and for which technology."))
    if (
        not texts["reason"]
        or (kind in ("new", "definition") and not texts["definition"])
        or (kind == "new" and not texts["name"])
    ):
        raise UsageError(
            t(
                "A proposal needs a reason; a new technology also a name, and it or a better definition the"
                " text of one."
            )
        )


def content_of(proposal: Proposal) -> dict[str, str]:
    """Return the texts of a proposal."""
    texts: dict[str, str] = json.loads(proposal.content)
    return texts


def change_of(proposal: Proposal) -> Row:
    """Return the change of configuration an answer to a proposal carries."""
    change: Row = json.loads(proposal.change) if proposal.change else {}
    return change


def answer(proposal: Proposal, outcome: str, change: Row, by: Staff) -> Proposal:
    """Accept a proposal with the change it leads to, or refuse it.

    Both wait for another person's approval, and a new answer for a new one.

    Raises:
        UsageError: The outcome is none, a round is open, or the change has been made already.
    """
    if outcome not in OUTCOMES:
        raise UsageError(
            t('"{value}" is no decision.', value=outcome),
            t("Expected one of: {known}.", known=", ".join(OUTCOMES)),
        )

    def job() -> Proposal:
        found = Proposal.objects.get(pk=proposal.pk)
        rounds.results_to_decide_on(found.round.review)
        if is_applied(found):
            raise UsageError(t("This proposal has been carried out."))
        body = {"proposal_sequence": found.sequence, "outcome": outcome, "change": change, "decider": by.name}
        eventlog.append("proposal_answered", body)
        found.outcome, found.change, found.decider, found.approver = (
            outcome,
            canonical_json(change),
            by.name,
            "",
        )
        found.save()
        return found

    return write(job)


def answer_mark(proposal: Proposal) -> str:
    """Return what tells one answer to a proposal from another."""
    return sha256_text(canonical_json([proposal.outcome, change_of(proposal), proposal.decider]))


def approve(proposal: Proposal, mark: str, by: Staff) -> Proposal:
    """Approve the answer to a proposal as its approver read it.

    Raises:
        UsageError: A round is open, or it has no answer, another one than was read, or whoever gave it wants
            to approve it.
    """

    def job() -> Proposal:
        found = Proposal.objects.get(pk=proposal.pk)
        rounds.results_to_decide_on(found.round.review)
        if found.outcome == "open":
            raise UsageError(t("This proposal has no answer yet."))
        if found.decider == by.name:
            raise UsageError(
                t("Whoever drafted a decision cannot approve it."),
                t("Expected another person with the role approver."),
            )
        if not found.approver and answer_mark(found) != mark:
            raise UsageError(t("This decision has changed since you opened it."), "", t("Read it again."))
        if not found.approver:
            event = eventlog.append(
                "proposal_approved", {"proposal_sequence": found.sequence, "approver": by.name}
            )
            found.approver = by.name
            found.change = canonical_json(approved_change(change_of(found), event))
            found.save()
        return found

    return write(job)


def approved_change(change: Row, event: Event) -> Row:
    """Return a change with its approval event, which the history of the configuration will name."""
    return change | {
        "event_digest": event.digest,
        "approved_on": eventlog.moment_of(event).date().isoformat(),
    }


def is_applied(proposal: Proposal) -> bool:
    """Tell whether the change a proposal led to stands in the configuration."""
    return any(True for _ in eventlog.events("proposal_applied", proposal_sequence=proposal.sequence))


def note_applied(carried_out: Iterable[Proposal]) -> None:
    """Note in the log that accepted proposals now stand in the configuration, each once."""

    def job() -> None:
        known = {body["proposal_sequence"] for _, body in eventlog.events("proposal_applied")}
        for one in carried_out:
            if one.sequence not in known:
                eventlog.append("proposal_applied", {"proposal_sequence": one.sequence})

    write(job)


def of_review(review: Review) -> list[Proposal]:
    """Return the proposals of the closed rounds of a review, in an order that does not tell who came first.

    While a round is open its proposals stay unseen: a proposal that appears when somebody's progress moves
    would name them.
    """
    found = Proposal.objects.filter(round__review=review, round__closed_at__isnull=False)
    return sorted(found, key=lambda one: sha256_text(one.content))


def accepted(review: Review) -> list[Proposal]:
    """Return the proposals that were accepted and approved."""
    return [one for one in of_review(review) if one.outcome == "accept" and one.approver]
