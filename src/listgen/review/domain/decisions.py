"""Decisions: drafted by one person, approved by another, both on the log.

Written out as `decisions.jsonl` for the next build.

Reads: review, card, round, decision, event
Writes: decision, the log, decisions.jsonl
"""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from listgen.base.errors import UsageError, nearest
from listgen.base.provenance import canonical_json
from listgen.base.text import t
from listgen.review.domain import eventlog, rounds
from listgen.review.domain.writer import write
from listgen.review.models import Card, Decision, Event, Review, Staff

DECISIONS = ("accept", "reject", "merge", "defer")
DECIDERS = frozenset({"facilitator", "approver"})
APPROVERS = frozenset({"approver"})
LONGEST_RATIONALE = 4000

Row = dict[str, Any]


def draft(
    review: Review,
    technology_id: str,
    decision: str,
    rationale: str,
    by: Staff,
    into: str = "",
    *,
    seen: str = "",
) -> Decision:
    """Keep a decision for approval, with the digest of the results it is made on.

    Drafting again takes an approval back.

    Args:
        review: Of which review.
        technology_id: On what.
        decision: One of `DECISIONS`.
        rationale: Why; it is published.
        by: Who decides.
        into: The technology to merge into.
        seen: The digest of the results the decider read, where a page or a table says so.

    Raises:
        UsageError: A round is open, other results were read, the technology is not judged, the decision is
            none, has no rationale, or merges into nothing.
    """
    check(review, technology_id, decision, rationale, into)

    def job() -> Decision:
        newest = rounds.results_to_decide_on(review)
        if seen and seen != newest:
            raise UsageError(
                t("A round was closed after you read the results."),
                t("Expected a decision on the results of the last closed round."),
                t("Read the new results and draft the decision again."),
            )
        values = {
            "decision": decision,
            "into_technology_id": into,
            "rationale": rationale,
            "decider": by.name,
        }
        body = {"review": review.review_id, "technology_id": technology_id, "results": newest, **values}
        event = eventlog.append("decision_drafted", body)
        reset: Row = {
            "draft_digest": event.digest,
            "results_digest": newest,
            "approver": "",
            "approved_on": None,
            "digest": "",
        }
        found, _ = Decision.objects.update_or_create(
            review=review, technology_id=technology_id, defaults=values | reset
        )
        return found

    return write(job)


def check(review: Review, technology_id: str, decision: str, rationale: str, into: str) -> None:
    """Refuse what is no decision on a judged technology.

    Raises:
        UsageError: See `draft`.
    """
    known = set(Card.objects.filter(review=review).values_list("technology_id", flat=True))
    if technology_id not in known:
        raise UsageError(
            t('"{technology}" is not judged in {review}.', technology=technology_id, review=review.review_id)
        )
    if decision not in DECISIONS:
        raise UsageError(
            t('"{value}" is no decision.', value=decision) + nearest(decision, DECISIONS),
            t("Expected one of: {known}.", known=", ".join(DECISIONS)),
        )
    if not rationale.strip() or len(rationale) > LONGEST_RATIONALE:
        raise UsageError(
            t("A decision needs a rationale of 1 to {limit} characters.", limit=LONGEST_RATIONALE)
        )
    if (decision == "merge") != bool(into) or into == technology_id or (into and into not in known):
        raise UsageError(
            t('"merge" names another judged technology to merge into, other decisions none.')
            + (nearest(into, known) if into else "")
        )


def approve(review: Review, technology_id: str, draft_digest: str, by: Staff) -> Decision:
    """Approve a drafted decision as its approver read it.

    Raises:
        UsageError: A round is open, there is no draft, it or the results have changed meanwhile, or its
            decider wants to approve it.
    """

    def job() -> Decision:
        newest = rounds.results_to_decide_on(review)
        found = Decision.objects.filter(review=review, technology_id=technology_id).first()
        if found is None or found.draft_digest != draft_digest:
            raise UsageError(t("This decision has changed since you opened it."), "", t("Read it again."))
        if found.decider == by.name:
            raise UsageError(
                t("Whoever drafted a decision cannot approve it."),
                t("Expected another person with the role approver."),
            )
        if found.approver:
            return found
        if found.results_digest != newest:
            raise UsageError(
                t("The decision on {technology} was drafted on other results.", technology=technology_id),
                t("Expected a draft made after the last round was closed."),
                t("Read the new results and draft the decision again."),
            )
        body = {
            "review": review.review_id,
            "technology_id": technology_id,
            "draft": draft_digest,
            "approver": by.name,
            "results": newest,
        }
        event = eventlog.append("decision_approved", body)
        found.approver, found.approved_on, found.digest = (
            by.name,
            eventlog.moment_of(event).date(),
            event.digest,
        )
        found.save()
        return found

    return write(job)


def machine_and_panel(review: Review) -> list[Row]:
    """Return one row per judged technology: what the rules propose, what the panel says, what was decided."""
    panel = rounds.panel_of(review)
    decided = {one.technology_id: one for one in Decision.objects.filter(review=review)}
    return [
        {"card": card, "panel": panel.get(card.technology_id), "decision": decided.get(card.technology_id)}
        for card in Card.objects.filter(review=review).order_by("position")
    ]


# What changes the file of decisions; the newest of them is where the file says the log was.
_ANCHORED = ("round_closed", "decision_approved")


def decision_lines(review: Review) -> bytes:
    """Return `decisions.jsonl`.

    One canonical line per judged technology, the same decisions always the same bytes.

    A decided technology carries the panel's result as its deciders saw it, even if a later round was held.
    """
    closed = _newest("round_closed")
    anchor = _newest(*_ANCHORED)
    numbers = rounds.digests_of_results(review)
    panels = {number: rounds.panel_of(review, number) for number in numbers.values()}
    common = {
        "review_id": review.review_id,
        "run_id": review.run_id,
        "log_digest": closed.digest if closed else None,
        "log_length": anchor.sequence if anchor else None,
        "log_head_digest": anchor.digest if anchor else None,
    }
    lines = []
    for row in sorted(machine_and_panel(review), key=lambda row: str(row["card"].technology_id)):
        card, one = row["card"], row["decision"]
        is_approved = one is not None and bool(one.approver)
        seen = numbers.get(one.results_digest) if is_approved else None
        panel = panels[seen].get(card.technology_id) if seen else row["panel"]
        given = {
            "technology_id": card.technology_id,
            "machine_status": card.machine_status,
            "card_digest": card.digest,
        }
        shown = {"round": panel["round"] if panel else None, "panel": _panel(panel)}
        lines.append(common | given | shown | _decided(one if is_approved else None))
    return "".join(canonical_json(line) + "\n" for line in lines).encode("utf-8")


def _newest(*kinds: str) -> Event | None:
    wanted = Q()
    for kind in kinds:
        wanted |= Q(body__contains=f'"kind":"{kind}"')
    return Event.objects.filter(wanted).order_by("-sequence").first()


def _decided(one: Decision | None) -> Row:
    """Return what is written out of an approved decision, nothing but gaps without one."""
    return {
        "decision": one.decision if one else None,
        "into_technology_id": (one.into_technology_id or None) if one else None,
        "rationale": one.rationale if one else None,
        "decider": one.decider if one else None,
        "approver": one.approver if one else None,
        "approved_on": one.approved_on.isoformat() if one and one.approved_on else None,
        "event_digest": one.digest if one else None,
        "results_digest": (one.results_digest or None) if one else None,
    }


def _panel(row: Row | None) -> Row | None:
    """Return what may be published of a technology's result: no reasons, no groups."""
    if row is None:
        return None
    figures = row["figures"] or {}
    kept = {name: row[name] for name in ("n", "n_dont_know", "n_conflict", "n_skip", "outcome", "change")}
    kept["n_with_conflicted"] = row["with_conflicted"]["n"]
    kept["outcome_with_conflicted"] = row["with_conflicted"]["outcome"]
    return kept | {
        name: figures.get(name)
        for name in ("histogram", "median", "q1", "q3", "iqr", "is_disagreement", "is_bimodal")
    }


def note_published(review: Review, digest: str) -> None:
    """Note in the log which bytes of `decisions.jsonl` were handed to the build.

    The same bytes are noted once.
    """

    def job() -> None:
        known = any(
            True for _ in eventlog.events("decisions_published", review=review.review_id, sha256=digest)
        )
        if not known:
            eventlog.append("decisions_published", {"review": review.review_id, "sha256": digest})

    write(job)
