"""The staff's pages.

Progress without votes, reminders, extending and closing a round, results, decisions, proposals, the log.

Reads: every table of the review but, before a round is closed, no ballot's content
Writes: what rounds.py, decisions.py and proposals.py write
"""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.urls import reverse

from listgen.base.errors import UsageError
from listgen.base.text import t
from listgen.review.domain import ballots, decisions, eventlog, progress, proposals, reminders, rounds, verify
from listgen.review.domain.anchors import anchors
from listgen.review.domain.frozen import frozen
from listgen.review.domain.results import largest_of
from listgen.review.models import Card, Decision, Proposal, Review, Round, Staff
from listgen.review.web import access
from listgen.review.web.drawing import draw, evidence, refused_for_now

Row = dict[str, Any]
_JAPAN = dt.timezone(dt.timedelta(hours=9))
PART_FIELDS = ("id", "name_en", "name_ja", "definition_en", "definition_ja", "domain", "topics", "cpc")


def login(request: HttpRequest) -> HttpResponse:
    """Let staff in by name and password."""
    if request.method != "POST":
        return draw(request, "login.html", {"is_wrong": False})
    name, password = (
        request.POST.get("name", "")[: access.LONGEST_NAME],
        request.POST.get("password", "")[: access.LONGEST_PASSWORD],
    )
    attempt = access.LoginAttempt(request, name)
    if attempt.wait:
        return refused_for_now(request, "login.html", {"is_wrong": False}, attempt.wait)
    staff = access.check_staff(name, password)
    if staff is None:
        access.note_failed_login()
        return draw(request, "login.html", {"is_wrong": True}, 403)
    access.log_in(request, staff)
    return attempt.succeed(HttpResponseRedirect(reverse("staff_home")))


def home(request: HttpRequest) -> HttpResponse:
    """Show how far the round is: each person in a coarse step, not what anybody answered."""
    round_ = rounds.newest_round()
    if round_ is None:
        return draw(request, "staff_home.html", {"round": None})
    values: Row = {
        "round": round_,
        "is_open": rounds.is_open(round_),
        "rounds": list(Round.objects.filter(review=round_.review).order_by("number")),
    }
    totals = progress.totals(round_)
    values |= {"n_all": len(rounds.asked_ids(round_)), **{f"n_{name}": n for name, n in totals.items()}}
    # Names next to progress are the facilitator's business; those who read the log must not see them.
    is_facilitator = request.visitor.role == "facilitator"
    values["rows"] = progress.steps(round_) if is_facilitator else None
    values["is_facilitator"] = is_facilitator
    found = rounds.results_of(round_)
    values |= {"stability": found.get("stability"), "dropout": found.get("dropout")}
    values["local_close"] = f"{round_.closes_at.astimezone(_JAPAN):%Y-%m-%dT%H:%M}"
    return draw(request, "staff_home.html", values)


def extend(request: HttpRequest) -> HttpResponse:
    """Move the hour of closing."""
    round_ = _round()
    try:
        moment = dt.datetime.fromisoformat(request.POST.get("closes_at", ""))
        # A form has no time zone: what the facilitator types is Japan's time.
        aware = (moment if moment.tzinfo else moment.replace(tzinfo=_JAPAN)).astimezone(dt.UTC)
    except (ValueError, OverflowError) as error:
        raise UsageError(
            t("This is no date and time."), t("Expected one such as 2026-12-01T18:00.")
        ) from error
    rounds.extend(round_, aware, request.visitor.staff.name)
    return HttpResponseRedirect(reverse("staff_home"))


def close(request: HttpRequest) -> HttpResponse:
    """Close the round, once the facilitator has given their password again."""
    round_ = _round()
    if request.method != "POST":
        return draw(request, "close.html", {"round": round_, "is_wrong": False})
    staff = request.visitor.staff
    refused = access.check_again(staff, request.POST.get("password", ""))
    if refused is not None:
        return refused_for_now(request, "close.html", {"round": round_, "is_wrong": True}, refused)
    rounds.close(round_, staff.name)
    return HttpResponseRedirect(reverse("results"))


def password(request: HttpRequest) -> HttpResponse:
    """Let staff change their own password, given the old one; their other sessions end."""
    staff, message = request.visitor.staff, ""
    if request.method == "POST":
        given = {name: request.POST.get(name, "") for name in ("password", "new", "again")}
        refused = access.check_again(staff, given["password"])
        if refused is not None:
            return refused_for_now(request, "password.html", {"is_wrong": True, "message": ""}, refused)
        if given["new"] == given["again"]:
            try:
                access.add_staff(staff.name, staff.role, given["new"])
                access.log_in(request, Staff.objects.get(name=staff.name))
                return HttpResponseRedirect(reverse("staff_home"))
            except UsageError as error:
                message = str(error)
        else:
            message = t("The two new passwords differ.")
    return draw(request, "password.html", {"is_wrong": False, "message": message}, 400 if message else 200)


def reminder_list(request: HttpRequest) -> HttpResponse:
    """Make fresh links for those who have not finished, and send them as a mail-merge list."""
    round_ = _round()
    made = reminders.prepare(round_, request.visitor.staff.name)
    return HttpResponse(
        reminders.reminder_csv(round_, made, settings.LISTGEN_ORIGIN),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="reminders.csv"'},
    )


def results(request: HttpRequest) -> HttpResponse:
    """Show what the panel said in the last closed round."""
    review = _review()
    rows = decisions.machine_and_panel(review)
    values = {
        "rows": [row | {"facts": json.loads(row["card"].facts)} for row in rows],
        "closed": [rounds.results_of(one) for one in rounds.closed_rounds(review)],
    }
    return draw(request, "results.html", values | {"rules": rounds.rules_of(review)})


def sheet(request: HttpRequest, technology_id: str) -> HttpResponse:
    """Show a technology's decision sheet, or draft its decision."""
    review = _review()
    card = Card.objects.filter(review=review, technology_id=technology_id).first()
    if card is None:
        raise Http404
    message, status = "", 200
    if request.method == "POST":
        try:
            _draft(request, review, technology_id)
            return HttpResponseRedirect(reverse("sheet", args=[technology_id]))
        except UsageError as error:
            message, status = str(error), 400
    return draw(request, "sheet.html", _sheet_values(request, review, card) | {"message": message}, status)


def _draft(request: HttpRequest, review: Review, technology_id: str) -> None:
    """Draft the decision of a filled sheet."""
    form = request.POST
    into = form.get("into", "") if form.get("decision") == "merge" else ""
    texts = (form.get("decision", ""), form.get("rationale", "").strip())
    # A form without results was not drawn from any: the page of an open round has no such form.
    seen = form.get("results", "")[:64] or "none"
    decisions.draft(review, technology_id, *texts, request.visitor.staff, into, seen=seen)


def _sheet_values(request: HttpRequest, review: Review, card: Card) -> dict[str, Any]:
    """Return what the page of a decision sheet shows."""
    row = next(
        row for row in decisions.machine_and_panel(review) if row["card"].technology_id == card.technology_id
    )
    panel, decision = row["panel"], row["decision"]
    is_open = _round().closed_at is None
    newest = next(reversed(rounds.digests_of_results(review)), "")
    is_outdated = decision is not None and decision.results_digest != newest
    reasons = [
        one | {"text": ballots.reason_text(one["digest"])} for one in (panel["reasons"] if panel else [])
    ]
    return row | {
        "facts": json.loads(card.facts),
        "reasons": [one for one in reasons if one["text"]],
        "given": {name: request.POST.get(name, "") for name in ("decision", "rationale", "into")},
        "choices": decisions.DECISIONS,
        "others": _names(review, card.technology_id),
        "markup": evidence(review.review_id, card.technology_id),
        "is_open": is_open,
        "results_digest": newest,
        "may_draft": request.visitor.role in decisions.DECIDERS and not is_open,
        "largest": largest_of(panel),
        "is_outdated": is_outdated,
        "may_approve": _may_approve(request, decision) and not is_open and not is_outdated,
    }


def _may_approve(request: HttpRequest, decision: Decision | Proposal | None) -> bool:
    visitor = request.visitor
    return (
        visitor.role in decisions.APPROVERS
        and decision is not None
        and not decision.approver
        and decision.decider != visitor.staff.name
    )


def approve(request: HttpRequest, technology_id: str) -> HttpResponse:
    """Approve a decision somebody else drafted."""
    decisions.approve(_review(), technology_id, request.POST.get("draft", ""), request.visitor.staff)
    return HttpResponseRedirect(reverse("results"))


def proposal_list(request: HttpRequest) -> HttpResponse:
    """Show what the panel proposes."""
    names = _names(_review())
    rows = [
        {"proposal": one, "content": proposals.content_of(one), "name": names.get(one.technology_id)}
        for one in proposals.of_review(_review())
    ]
    return draw(request, "proposals.html", {"rows": rows})


def proposal(request: HttpRequest, number: int) -> HttpResponse:
    """Show one proposal, or answer it."""
    found = Proposal.objects.filter(
        pk=number, round__review=_review(), round__closed_at__isnull=False
    ).first()
    if found is None:
        raise Http404
    if request.method == "POST":
        proposals.answer(found, request.POST.get("outcome", ""), _change(request), request.visitor.staff)
        return HttpResponseRedirect(reverse("proposal", args=[number]))
    domains = {
        card.domain_id: json.loads(card.facts)["domain"] for card in Card.objects.filter(review=_review())
    }
    values = {
        "proposal": found,
        "content": proposals.content_of(found),
        "change": proposals.change_of(found),
        "parts": ("a", "b") if found.kind == "split" else ("a",),
        "fields": PART_FIELDS,
        "domains": domains,
        "may_draft": request.visitor.role in decisions.DECIDERS and _round().closed_at is not None,
        "is_applied": proposals.is_applied(found),
        "mark": proposals.answer_mark(found),
        # A proposer writes in one language; the other is left to whoever answers.
        "prefilled": "definition_en"
        if proposals.content_of(found)["definition"].isascii()
        else "definition_ja",
        "may_approve": _may_approve(request, found)
        and found.outcome != "open"
        and _round().closed_at is not None,
        "others": _names(_review(), found.technology_id),
        "name": _names(_review()).get(found.technology_id),
    }
    return draw(request, "proposal.html", values)


def _change(request: HttpRequest) -> Row:
    """Return the change of configuration as the form gives it, empty fields left out."""
    parts = [
        {name: request.POST.get(f"{part}_{name}", "").strip() for name in PART_FIELDS} for part in ("a", "b")
    ]
    kept = [{name: value for name, value in part.items() if value} for part in parts]
    into = request.POST.get("into", "").strip()
    return {"parts": [part for part in kept if part]} | ({"into": into} if into else {})


def approve_proposal(request: HttpRequest, number: int) -> HttpResponse:
    """Approve the answer somebody else gave to a proposal."""
    found = Proposal.objects.filter(
        pk=number, round__review=_review(), round__closed_at__isnull=False
    ).first()
    if found is None:
        raise Http404
    proposals.approve(found, request.POST.get("draft", ""), request.visitor.staff)
    return HttpResponseRedirect(reverse("proposals"))


def audit(request: HttpRequest) -> HttpResponse:
    """Check the whole database against its log and show what was found."""
    if request.method == "POST":
        heads = tuple(part for part in request.POST.get("digest", "").split() if part)
        return draw(
            request,
            "audit.html",
            {"findings": verify.findings(heads, anchors()), "head": eventlog.head(), "is_checked": True},
        )
    return draw(request, "audit.html", {"findings": [], "head": eventlog.head(), "is_checked": False})


def log(request: HttpRequest) -> HttpResponse:
    """Send the whole log, one event a line."""
    response = StreamingHttpResponse(eventlog.log_lines(), content_type="application/x-ndjson")
    response.headers["Content-Disposition"] = 'attachment; filename="log.jsonl"'
    return response


def _names(review: Review, without: str = "") -> dict[str, Row]:
    """Return the names of the judged technologies by id, without one."""
    return {
        key: card.facts["name"]
        for key, card in sorted(frozen(review.review_id).judged.items())
        if key != without
    }


def _round() -> Round:
    round_ = rounds.newest_round()
    if round_ is None:
        raise UsageError(
            t("No round has been opened yet."), "", t("Run: listgen review open --panel panel.csv")
        )
    return round_


def _review() -> Review:
    return _round().review
