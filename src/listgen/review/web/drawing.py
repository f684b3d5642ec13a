"""How a page is drawn, and what is said to somebody who is refused or met an error.

Reads: review, card
Writes: nothing
"""

from __future__ import annotations

import datetime as dt
import math
import re
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from markupsafe import Markup

from listgen.base.errors import CouldNotCheckError
from listgen.base.provenance import canonical_json, sha256_text
from listgen.base.text import t
from listgen.review.domain import eventlog, rounds
from listgen.review.domain.frozen import frozen
from listgen.review.models import Card, Round, Seat
from listgen.review.web import access
from listgen.review.wording import all_texts, show_time, words

_ANCHOR = re.compile(r'href=("?)#(?!tech-)')
# The fields people write in or choose from, with the text that names them.
_LABELS = {
    "answer": "given.answer",
    "reason": "propose.reason",
    "name": "propose.name",
    "definition": "propose.definition",
    "sources": "propose.sources",
    "rationale": "sheet.rationale",
}
_FOLDER = Path(__file__).resolve().parent / "assets"


@cache
def asset(name: str) -> tuple[bytes, str]:
    """Return a style sheet or script and the short digest that makes its address change when it does."""
    content = (_FOLDER / name).read_bytes()
    return content, sha256_text(content.decode("utf-8"))[:12]


def draw(
    request: HttpRequest, template: str, values: dict[str, Any] | None = None, status: int = 200
) -> HttpResponse:
    """Return a page in the visitor's language."""
    visitor = getattr(request, "visitor", access.Visitor())
    seat = visitor.seat
    review = seat.round.review if seat else rounds.newest_review()
    marks = (
        {"mark": access.page_mark(seat), "owner": access.owner_mark(seat), "number": seat.round.number}
        if seat
        else None
    )
    common = {
        **words(getattr(request, "language", "en")),
        "visitor": visitor,
        "review": review,
        "marks": marks,
        "later_round": _later_round(seat) if seat and seat.round.closed_at else None,
        # The script forgets an answer once the server has given it back on a page.
        "given_back_key": request.POST.get("key", "")
        if request.method == "POST" and 400 <= status < 500
        else "",
        "style_mark": asset("review.css")[1],
        "script_mark": asset("review.js")[1],
        "here": request.path,
        "throttled": "",
    }
    return render(request, template, common | (values or {}), status=status)


def _later_round(seat: Seat) -> Round | None:
    """Return the round under way when the visitor's own is over.

    Their session ends with their link, not with the round.
    """
    newest = rounds.newest_round(seat.round.review)
    return (
        newest
        if newest is not None and newest.number > seat.round.number and rounds.is_open(newest)
        else None
    )


def evidence(review_id: str, technology_id: str) -> Markup:
    """Return a technology's card as the report drew it, once it is proved to be the one frozen.

    Raises:
        CouldNotCheckError: It has been changed since.
    """
    held = Card.objects.get(review=review_id, technology_id=technology_id)
    if (
        sha256_text(canonical_json([held.facts, held.markup]))
        != frozen(review_id).judged[technology_id].digest
    ):
        raise CouldNotCheckError(
            t("The card of {technology} is not the one frozen.", technology=technology_id)
        )
    # Escaped when it was drawn; only links are changed: definitions and sources stand on a page of their own
    # here.
    return Markup(_ANCHOR.sub(rf"href=\1{reverse('background')}#", held.markup))


def problem(request: HttpRequest, message: str, status: int, kind: str = "refused") -> HttpResponse:
    """Return a page that says what is wrong and what to do, and gives back what was written.

    Args:
        request: What was asked.
        message: What is wrong and what to do, one sentence a line.
        status: The HTTP status.
        kind: What the script is told.
    """
    if wants_json(request):
        return JsonResponse({"status": kind, "message": message}, status=status)
    return draw(request, "problem.html", {"message": message, "given": given_back(request)}, status)


def given_back(request: HttpRequest) -> list[tuple[str, str]]:
    """Return label and text of everything somebody wrote or chose on a form, so that a refusal loses nothing.

    Never a password.
    """
    if request.method != "POST" or "password" in request.POST:
        return []
    tx = words(getattr(request, "language", "en"))["tx"]
    found = []
    for name, values in request.POST.lists():
        label = _LABELS.get(name) or (f"part.{name[2:]}" if name[:2] in ("a_", "b_") else "")
        text = _said(tx, values[-1]) if name == "answer" else values[-1].strip()
        if label in all_texts() and text:
            found.append((tx(label), text))
    return found


def _said(tx: Callable[..., str], answer: str) -> str:
    """Return an answer as its button says it, empty for the button that only keeps the reason."""
    if answer.isdecimal() and len(answer) == 1:
        return tx("said.rating", rating=answer)
    return tx(f"said.{answer}") if f"said.{answer}" in all_texts() else ""


def wants_json(request: HttpRequest) -> bool:
    """Tell whether a script asks, not a person."""
    return "application/json" in request.META.get("HTTP_ACCEPT", "")


def refused(request: HttpRequest, roles: frozenset[str]) -> HttpResponse:
    """Return the answer for somebody who may not see a page: the way in, if they are nobody yet."""
    is_nobody = request.visitor.role == access.ANYONE
    if is_nobody and access.EXPERT not in roles:
        return HttpResponseRedirect(reverse("staff_login"))
    if wants_json(request):
        return JsonResponse({"status": "refused"}, status=403)
    return draw(request, "refused.html", {"is_nobody": is_nobody, "given": given_back(request)}, 403)


def refused_for_now(
    request: HttpRequest, template: str, values: dict[str, Any], seconds: float
) -> HttpResponse:
    """Return a page that says a secret was wrong, and if more tries must wait, until when.

    In words and as `Retry-After`.
    """
    if not seconds:
        return draw(request, template, values, 403)
    moment = eventlog.now() + dt.timedelta(seconds=math.ceil(seconds))
    # Shown to the minute, so rounded up: trying at the minute shown must work.
    shown = moment + dt.timedelta(seconds=-moment.second % 60)
    language = getattr(request, "language", "en")
    throttled = words(language)["tx"]("throttled", n=math.ceil(seconds / 60), time=show_time(language, shown))
    response = draw(request, template, values | {"throttled": throttled}, 429)
    response.headers["Retry-After"] = str(math.ceil(seconds))
    return response


def another_seat(request: HttpRequest) -> HttpResponse:
    """Return the answer for a form that was made for another person or another round.

    Nothing of it is stored.
    """
    return problem(request, words(request.language)["tx"]("problem.another_seat"), 409, "another_seat")


def refused_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Return the answer for a form that is not ours or has outlived its session."""
    return problem(request, words(getattr(request, "language", "en"))["tx"]("problem.form"), 403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Return the page for an address that leads nowhere."""
    return problem(request, words(getattr(request, "language", "en"))["tx"]("problem.not_found"), 404)


def wrong_method(request: HttpRequest, methods: tuple[str, ...]) -> HttpResponse:
    """Return the page for a method that an address does not accept, such as opening a form's target."""
    response = problem(request, words(request.language)["tx"]("problem.method"), 405)
    response.headers["Allow"] = ", ".join(methods)
    return response


def plain(key: str, status: int) -> HttpResponse:
    """Return a refusal in both languages, for a request from which no visitor's language is read."""
    texts = all_texts()[key]
    return HttpResponse(
        f"{texts['en']}\n{texts['ja']}\n", status=status, content_type="text/plain; charset=utf-8"
    )


def broken(request: HttpRequest) -> HttpResponse:
    """Return the page for an error of ours; it says nothing about the inside and gives back what was written.

    Also for an error of the database outside a view: the session is saved after it.
    """
    is_storage = isinstance(sys.exc_info()[1], DatabaseError)
    return _own_failure(request, "unavailable" if is_storage else "broken", 503 if is_storage else 500)


def unavailable(request: HttpRequest) -> HttpResponse:
    """Return the page for a database that cannot be read or written at the moment, such as on a full disk.

    Nothing was saved.
    """
    return _own_failure(request, "unavailable", 503)


def _own_failure(request: HttpRequest, kind: str, status: int) -> HttpResponse:
    try:
        response = problem(
            request, words(getattr(request, "language", "en"))["tx"](f"problem.{kind}"), status, kind
        )
    except Exception:  # whatever broke may break this page too
        response = plain(f"problem.{kind}", status)
    if status == 503:
        response.headers["Retry-After"] = "60"
    return response
