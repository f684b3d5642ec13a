"""Decisions: drafted by one person, approved by another, both on the log; written out as `decisions.jsonl` for the next build.

Reads: review, card, round, decision, event
Writes: decision, the log, decisions.jsonl
"""

from __future__ import annotations

from typing import Any

from listgen.base.errors import UsageError, nearest
from listgen.base.provenance import canonical_json
from listgen.base.text import t
from listgen.review import eventlog, rounds
from listgen.review.models import Card, Decision, Event, Review, Staff
from listgen.review.writer import write

DECISIONS = ("accept", "reject", "merge", "defer")
DECIDERS = frozenset({"facilitator", "approver"})
APPROVERS = frozenset({"approver"})
LONGEST_RATIONALE = 4000

Row = dict[str, Any]


def draft(review: Review, technology_id: str, decision: str, rationale: str, by: Staff, into: str = "") -> Decision:
    """Keep a decision for approval; drafting again takes an approval back.

    Raises:
        UsageError: The technology is not judged, the decision is none, has no rationale, or merges into nothing.
    """
    check(review, technology_id, decision, rationale, into)

    def job() -> Decision:
        values = {"decision": decision, "into_technology_id": into, "rationale": rationale, "decider": by.name}
        event = eventlog.append("decision_drafted", {"review": review.review_id, "technology_id": technology_id, **values})
        reset: Row = {"draft_digest": event.digest, "approver": "", "approved_on": None, "digest": ""}
        found, _ = Decision.objects.update_or_create(review=review, technology_id=technology_id, defaults=values | reset)
        return found

    return write(job)


def check(review: Review, technology_id: str, decision: str, rationale: str, into: str) -> None:
    """Refuse what is no decision on a judged technology.

    Raises:
        UsageError: See `draft`.
    """
    known = set(Card.objects.filter(review=review).values_list("technology_id", flat=True))
    if technology_id not in known:
        raise UsageError(t('"{technology}" is not judged in {review}.', technology=technology_id, review=review.review_id))
    if decision not in DECISIONS:
        raise UsageError(
            t('"{value}" is no decision.', value=decision) + nearest(decision, DECISIONS),
            t("Expected one of: {known}.", known=", ".join(DECISIONS)),
        )
    if not rationale.strip() or len(rationale) > LONGEST_RATIONALE:
        raise UsageError(t("A decision needs a rationale of 1 to {limit} characters.", limit=LONGEST_RATIONALE))
    if (decision == "merge") != bool(into) or into == technology_id or (into and into not in known):
        raise UsageError(
            t('"merge" names another judged technology to merge into, other decisions none.') + (nearest(into, known) if into else "")
        )


def approve(review: Review, technology_id: str, draft_digest: str, by: Staff) -> Decision:
    """Approve a drafted decision as its approver read it.

    Raises:
        UsageError: There is none, it has changed meanwhile, or its decider wants to approve it.
    """

    def job() -> Decision:
        found = Decision.objects.filter(review=review, technology_id=technology_id).first()
        if found is None or found.draft_digest != draft_digest:
            raise UsageError(t("This decision has changed since you opened it."), "", t("Read it again."))
        if found.decider == by.name:
            raise UsageError(t("Whoever drafted a decision cannot approve it."), t("Expected another person with the role approver."))
        if found.approver:
            return found
        body = {"review": review.review_id, "technology_id": technology_id, "draft": draft_digest, "approver": by.name}
        event = eventlog.append("decision_approved", body)
        found.approver, found.approved_on, found.digest = by.name, eventlog.moment_of(event).date(), event.digest
        found.save()
        return found

    return write(job)


def machine_and_panel(review: Review) -> list[Row]:
    """Return one row per judged technology: what the rules propose, what the panel says, what was decided."""
    last = rounds.newest_round(review)
    while last is not None and not last.results:
        last = rounds.earlier_round(last)
    panel: Row = rounds.results_of(last).get("technologies", {})  # type: ignore[assignment]  # JSON of our own making
    decided = {one.technology_id: one for one in Decision.objects.filter(review=review)}
    return [
        {
            "card": card,
            "panel": panel.get(card.technology_id),
            "round": last.number if last else None,
            "decision": decided.get(card.technology_id),
        }
        for card in Card.objects.filter(review=review).order_by("position")
    ]


def decision_lines(review: Review) -> bytes:
    """Return `decisions.jsonl`: one canonical line per judged technology, the same decisions always the same bytes."""
    anchor = Event.objects.filter(body__contains='"kind":"round_closed"').order_by("-sequence").first()
    lines = []
    for row in sorted(machine_and_panel(review), key=lambda row: str(row["card"].technology_id)):
        card, one = row["card"], row["decision"]
        is_approved = one is not None and bool(one.approver)
        lines.append(
            {
                "review_id": review.review_id,
                "run_id": review.run_id,
                "technology_id": card.technology_id,
                "machine_status": card.machine_status,
                "card_digest": card.digest,
                "round": row["round"],
                "panel": _panel(row["panel"]),
                "decision": one.decision if is_approved else None,
                "into_technology_id": (one.into_technology_id or None) if is_approved else None,
                "rationale": one.rationale if is_approved else None,
                "decider": one.decider if is_approved else None,
                "approver": one.approver if is_approved else None,
                "approved_on": one.approved_on.isoformat() if is_approved else None,
                "event_digest": one.digest if is_approved else None,
                "log_digest": anchor.digest if anchor else None,
            }
        )
    return "".join(canonical_json(line) + "\n" for line in lines).encode("utf-8")


def _panel(row: Row | None) -> Row | None:
    """Return what may be published of a technology's result: no reasons, no groups."""
    if row is None:
        return None
    figures = row["figures"] or {}
    kept = {name: row[name] for name in ("n", "n_dont_know", "n_conflict", "n_skip", "outcome", "change")}
    kept["n_with_conflicted"] = row["with_conflicted"]["n"]
    kept["outcome_with_conflicted"] = row["with_conflicted"]["outcome"]
    return kept | {name: figures.get(name) for name in ("histogram", "median", "q1", "q3", "iqr", "is_disagreement", "is_bimodal")}


def note_published(review: Review, digest: str) -> None:
    """Note in the log which bytes of `decisions.jsonl` were handed to the build; the same bytes are noted once."""

    def job() -> None:
        known = any(True for _ in eventlog.events("decisions_published", review=review.review_id, sha256=digest))
        if not known:
            eventlog.append("decisions_published", {"review": review.review_id, "sha256": digest})

    write(job)
