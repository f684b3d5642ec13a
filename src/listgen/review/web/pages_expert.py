"""An expert's pages.

The overview, one technology at a time, history and undo, proposals, what the figures mean.

Reads: seat, round, card, ballot, reason, event
Writes: what ballots.py and proposals.py write
"""

from __future__ import annotations

import re
import secrets
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from markupsafe import Markup

from listgen.base.errors import UsageError
from listgen.base.text import t
from listgen.review.domain import ballots, proposals, rounds
from listgen.review.domain.ballots import Content
from listgen.review.domain.frozen import Frozen, Judged, closed_results, frozen
from listgen.review.domain.results import largest_of
from listgen.review.models import Ballot, Proposal, Review, Seat
from listgen.review.web.drawing import draw, evidence, problem, wants_json
from listgen.review.wording import say

Row = dict[str, Any]


def begin(request: HttpRequest) -> HttpResponse:
    """Lead to the first technology without an answer, or to the overview when there is none."""
    seat: Seat = request.visitor.seat
    left = _unanswered(seat, "")
    return HttpResponseRedirect(_address("judge", left[0], "") if left else reverse("overview"))


def overview(request: HttpRequest) -> HttpResponse:
    """Show all technologies with the answers given so far."""
    seat: Seat = request.visitor.seat
    mine = {ballot.technology_id: ballot for ballot in Ballot.objects.filter(pseudonym=seat.pseudonym)}
    rows = [
        {"card": card, "facts": card.facts, "content": ballots.content_of(mine.get(card.technology_id))}
        for card in _cards(seat)
    ]
    values = {
        "rows": rows,
        "round": seat.round,
        "is_open": rounds.is_open(seat.round),
        "left": _unanswered(seat, ""),
    }
    return draw(request, "overview.html", values | _progress(seat, ""))


def judge(request: HttpRequest, technology_id: str) -> HttpResponse:
    """Show one technology, or keep what is said on it."""
    card = _card(request.visitor.seat, technology_id)
    return _save(request, card) if request.method == "POST" else _page(request, card)


def history(request: HttpRequest, technology_id: str) -> HttpResponse:
    """Show every state of one's own ballot with its receipt."""
    seat: Seat = request.visitor.seat
    card = _card(seat, technology_id)
    steps = list(reversed(ballots.history(seat.pseudonym, technology_id)))
    values = {
        "card": card,
        "facts": card.facts,
        "steps": steps,
        "key": secrets.token_hex(8),
        "round": seat.round,
    }
    return draw(request, "history.html", values | {"is_open": rounds.is_open(seat.round)})


def undo(request: HttpRequest, technology_id: str) -> HttpResponse:
    """Go back one step, or say a chosen earlier state again."""
    seat: Seat = request.visitor.seat
    card = _card(seat, technology_id)
    sequence = _number(request, "sequence")
    if sequence is None:
        outcome = ballots.undo(seat, card, revision=_number(request, "revision"), key=_key(request))
    else:
        outcome = ballots.restore(seat, card, sequence, key=_key(request))
    if outcome.status == "stale":
        return problem(request, say(request.language, "conflict.stale"), 409)
    if outcome.status == "closed":
        return _page(request, card, status=409, conflict="closed")
    return HttpResponseRedirect(_address("judge", technology_id, _domain(request)) + "#vote")


def propose(request: HttpRequest) -> HttpResponse:
    """Take a proposal."""
    seat: Seat = request.visitor.seat
    given = {name: request.POST.get(name, "") for name in (*proposals.FIELDS, "kind", "technology_id")}
    message, status = "", 200
    if request.method == "POST":
        try:
            proposals.propose(seat, given["kind"], given["technology_id"], given, key=_key(request))
            return HttpResponseRedirect(reverse("propose") + "?thanks=1")
        except UsageError as error:
            message, status = str(error), 400
    else:
        given["technology_id"] = request.GET.get("technology", "")
    mine = Proposal.objects.filter(pseudonym=seat.pseudonym).order_by("sequence")
    values = {
        "given": given,
        "message": message,
        "kinds": proposals.KINDS,
        "key": secrets.token_hex(8),
        "is_open": rounds.is_open(seat.round),
    }
    values["mine"] = [{"proposal": one, "content": proposals.content_of(one)} for one in mine]
    values["cards"] = [
        {"id": card.technology_id, "name": card.facts["name"]} for card in _frozen(seat).judged.values()
    ]
    return draw(request, "propose.html", values | {"is_thanked": "thanks" in request.GET}, status)


def background(request: HttpRequest) -> HttpResponse:
    """Show what the indicators mean and where the data come from; no score stands here."""
    seat: Seat | None = request.visitor.seat
    review = Review.objects.get(pk=seat.round.review_id) if seat else rounds.newest_review()
    # The report's own markup, escaped when it was drawn.
    return draw(request, "background.html", {"markup": Markup(review.background) if review else ""})


def deadline(request: HttpRequest) -> HttpResponse:
    """Send the hour of closing as a calendar entry (RFC 5545); it holds no link."""
    round_ = request.visitor.seat.round
    opens, closes = (f"{moment:%Y%m%dT%H%M%SZ}" for moment in (round_.opens_at, round_.ended_at))
    lines = (
        *(
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            "PRODID:-//listgen//review//EN",
            "BEGIN:VEVENT",
            f"UID:{round_.name}@listgen",
        ),
        *(
            f"DTSTAMP:{opens}",
            f"DTSTART:{closes}",
            f"DTEND:{closes}",
            f"SUMMARY:{say(request.language, 'deadline.summary')}",
        ),
        *("END:VEVENT", "END:VCALENDAR", ""),
    )
    headers = {"Content-Disposition": 'attachment; filename="deadline.ics"'}
    return HttpResponse("\r\n".join(lines), content_type="text/calendar; charset=utf-8", headers=headers)


# ---- one technology ------------------------------------------------------------------------------


def _page(
    request: HttpRequest, card: Judged, *, status: int = 200, conflict: str = "", own: Content | None = None
) -> HttpResponse:
    seat: Seat = request.visitor.seat
    ballot = ballots.find_ballot(seat.pseudonym, card.technology_id)
    saved = ballots.content_of(ballot)
    domain = _domain(request)
    is_informed = ballots.is_informed(seat.round, ballot)
    earlier = _earlier(seat, card)
    steps = ballots.history(seat.pseudonym, card.technology_id) if ballot else []
    values = {
        "card": card,
        "facts": card.facts,
        "markup": evidence(seat.round.review_id, card.technology_id) if is_informed else None,
        "round": seat.round,
        "rules": _frozen(seat).rules,
        "ballot": ballot,
        "saved": saved,
        "content": own or saved,
        "conflict": conflict,
        "earlier": earlier,
        "is_outside": _is_outside(seat, card, saved),
        "ties": ballots.TIES,
        "longest": ballots.LONGEST_REASON,
        "key": secrets.token_hex(8),
        "is_open": rounds.is_open(seat.round),
        "receipt": steps[-1].receipt if steps else "",
        "can_undo": bool(ballots.present_states(steps)),
        "before_last": ballots.content_of_step(ballots.before_last(steps)),
        "domain": domain,
        "domains": _domains(seat),
        **_progress(seat, domain),
        **_neighbours(seat, card, domain),
    }
    return draw(request, "judge.html", values, status)


def _save(request: HttpRequest, card: Judged) -> HttpResponse:
    seat: Seat = request.visitor.seat
    content = _read_form(request, card)
    if content.answer == "conflict" and not content.ties:
        return _answer(request, card, "ties", content, 400)
    outcome = ballots.cast(seat, card, content, revision=_number(request, "revision") or 0, key=_key(request))
    if outcome.status in ("stale", "closed"):
        return _answer(request, card, outcome.status, content, 409)
    here = _address("judge", card.technology_id, _domain(request))
    is_answered = request.POST.get("answer") != "keep"
    target = (
        _after(seat, card, content, _domain(request), is_first=outcome.was_blind)
        if is_answered
        else here + "#vote"
    )
    if wants_json(request):
        revised = outcome.ballot.revision if outcome.ballot else 0
        return JsonResponse(
            {"status": outcome.status, "revision": revised, "receipt": outcome.receipt, "next": target}
        )
    return HttpResponseRedirect(target)


def _read_form(request: HttpRequest, card: Judged) -> Content:
    """Return what the form says.

    Raises:
        UsageError: It says what no button of ours sends.
    """
    form, seat = request.POST, request.visitor.seat
    said, reason = form.get("answer", ""), form.get("reason", "").replace("\r\n", "\n").strip()
    if len(reason) > ballots.LONGEST_REASON:
        raise UsageError(t("The reason is longer than {limit} characters.", limit=ballots.LONGEST_REASON))
    if said == "repeat":
        own = _own_earlier(seat, card)
        if own is None:
            raise UsageError(
                t("There is no earlier answer of yours to keep."),
                t("Expected one of the buttons of the page."),
            )
        return replace(own, reason=reason or own.reason)
    if said == "keep":
        before = ballots.content_of(ballots.find_ballot(seat.pseudonym, card.technology_id))
        return Content(before.answer, before.rating, reason, before.ties)
    if (
        said.isascii()
        and said.isdigit()
        and len(said) == 1
        and 1 <= int(said) <= _frozen(seat).rules.scale.points
    ):
        return Content("rating", int(said), reason)
    if said not in ("dont_know", "conflict", "skip"):
        raise UsageError(t("This is no answer."), t("Expected one of the buttons of the page."))
    ties = tuple(tie for tie in ballots.TIES if tie in form.getlist("ties")) if said == "conflict" else ()
    return Content(said, None, reason, ties)


def _answer(request: HttpRequest, card: Judged, conflict: str, content: Content, status: int) -> HttpResponse:
    """Return a page that gives back what could not be kept as it was."""
    if wants_json(request):
        return JsonResponse({"status": conflict}, status=status)
    return _page(request, card, status=status, conflict=conflict, own=content)


def _after(seat: Seat, card: Judged, content: Content, domain: str, *, is_first: bool) -> str:
    """Return where an answer leads.

    To the evidence after a blind vote, to the reason where one is asked for, else to the next.
    """
    here = _address("judge", card.technology_id, domain)
    if is_first and content.answer == "rating":
        return here + "#evidence"
    if _is_outside(seat, card, content) and not content.reason:
        return here + "#reason-asked"
    left = [
        technology_id for technology_id in _unanswered(seat, domain) if technology_id != card.technology_id
    ]
    order = _ids(seat)
    later = [
        technology_id
        for technology_id in left
        if order.index(technology_id) > order.index(card.technology_id)
    ]
    return _address("judge", (later or left)[0], domain) if left else reverse("overview")


def _earlier_result(seat: Seat, card: Judged) -> Row | None:
    """Return the panel's last result on a technology, None where no earlier round asked."""
    return closed_results(seat.round.review_id, seat.round.number - 1).get(card.technology_id)


def _earlier(seat: Seat, card: Judged) -> Row | None:
    """Return the panel's last result on a technology and this person's last answer, None if not asked yet."""
    result = _earlier_result(seat, card)
    if result is None:
        return None
    own = _own_earlier(seat, card)
    reasons = [row | {"text": ballots.reason_text(row["digest"])} for row in result["reasons"]]
    return {
        "result": result,
        "largest": largest_of(result),
        "own": own,
        "reasons": [row for row in reasons if row["text"]],
    }


def _own_earlier(seat: Seat, card: Judged) -> Content | None:
    """Return what this person last answered on a technology in an earlier round."""
    if seat.person_id is None or seat.round.number == 1:
        return None
    mine = Seat.objects.filter(
        round__review=seat.round.review_id, round__number__lt=seat.round.number, person=seat.person_id
    )
    for own in mine.order_by("-round__number"):
        content = ballots.content_of(ballots.find_ballot(own.pseudonym, card.technology_id))
        if content.answer:
            return content
    return None


def _is_outside(seat: Seat, card: Judged, content: Content) -> bool:
    """Return True if a rating is outside the middle half of the last round, so that a reason is needed."""
    earlier = _earlier_result(seat, card)
    figures = earlier["figures"] if earlier else None
    return bool(
        figures
        and figures["q1"] is not None
        and content.rating is not None
        and not figures["q1"] <= content.rating <= figures["q3"]
    )


# ---- the way through -----------------------------------------------------------------------------


def _frozen(seat: Seat) -> Frozen:
    return frozen(seat.round.review_id)


def _cards(seat: Seat) -> list[Judged]:
    """Return the technologies the seat's round asks about."""
    judged = _frozen(seat).judged
    return [judged[technology_id] for technology_id in rounds.asked_ids(seat.round)]


def _ids(seat: Seat, domain: str = "") -> list[str]:
    """Return the technologies of the seat's round, of a domain or all, in the order of judging."""
    return [card.technology_id for card in _cards(seat) if domain in ("", card.domain_id)]


def _card(seat: Seat, technology_id: str) -> Judged:
    card = _frozen(seat).judged.get(technology_id) if technology_id in rounds.asked_ids(seat.round) else None
    if card is None:
        raise Http404
    return card


def _domain(request: HttpRequest) -> str:
    """Return the domain the visitor keeps to, empty for all."""
    return str(request.POST.get("domain") or request.GET.get("domain") or "")[:64]


def _domains(seat: Seat) -> dict[str, Row]:
    return {card.domain_id: card.facts["domain"] for card in _cards(seat)}


def _unanswered(seat: Seat, domain: str) -> list[str]:
    done = ballots.answered(seat)
    return [technology_id for technology_id in _ids(seat, domain) if technology_id not in done]


def _progress(seat: Seat, domain: str) -> Row:
    done, wanted = ballots.answered(seat), _ids(seat, domain)
    return {"n_done": len(done & set(wanted)), "n_all": len(wanted)}


def _neighbours(seat: Seat, card: Judged, domain: str) -> Row:
    ids = [
        one.technology_id
        for one in _cards(seat)
        if domain in ("", one.domain_id) or one.technology_id == card.technology_id
    ]
    place = ids.index(card.technology_id)
    return {
        "place": place + 1,
        "previous_address": _address("judge", ids[place - 1], domain) if place else "",
        "next_address": (
            _address("judge", ids[place + 1], domain) if place + 1 < len(ids) else reverse("overview")
        ),
    }


def _address(name: str, technology_id: str, domain: str) -> str:
    return reverse(name, args=[technology_id]) + (f"?{urlencode({'domain': domain})}" if domain else "")


def _number(request: HttpRequest, name: str) -> int | None:
    """Return a number of a form, None where there is none."""
    given = str(request.POST.get(name, ""))
    return int(given) if re.fullmatch(r"[0-9]{1,9}", given) else None


def _key(request: HttpRequest) -> str:
    return str(request.POST.get("key", ""))[:64]
