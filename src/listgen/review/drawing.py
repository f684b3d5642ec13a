"""How a page is drawn, and what is said to somebody who is refused or met an error.

Reads: review, card
Writes: nothing
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from markupsafe import Markup

from listgen.base.errors import CouldNotCheckError
from listgen.base.provenance import canonical_json, sha256_text
from listgen.base.text import t
from listgen.review import access, rounds
from listgen.review.frozen import frozen
from listgen.review.models import Card
from listgen.review.wording import words

_ANCHOR = re.compile(r'href=("?)#(?!tech-)')
_FOLDER = Path(__file__).resolve().parent / "assets"


@cache
def asset(name: str) -> tuple[bytes, str]:
    """Return a style sheet or script and the short digest that makes its address change when it does."""
    content = (_FOLDER / name).read_bytes()
    return content, sha256_text(content.decode("utf-8"))[:12]


def draw(request: HttpRequest, template: str, values: dict[str, Any] | None = None, status: int = 200) -> HttpResponse:
    """Return a page in the visitor's language."""
    visitor = getattr(request, "visitor", access.Visitor())
    review = visitor.seat.round.review if visitor.seat else rounds.newest_review()
    common = {
        **words(getattr(request, "language", "en")),
        "visitor": visitor,
        "review": review,
        "style_mark": asset("review.css")[1],
        "script_mark": asset("review.js")[1],
        "here": request.path,
    }
    return render(request, template, common | (values or {}), status=status)


def evidence(review_id: str, technology_id: str) -> Markup:
    """Return a technology's card as the report drew it, once it is proved to be the one frozen.

    Raises:
        CouldNotCheckError: It has been changed since.
    """
    held = Card.objects.get(review=review_id, technology_id=technology_id)
    if sha256_text(canonical_json([held.facts, held.markup])) != frozen(review_id).judged[technology_id].digest:
        raise CouldNotCheckError(t("The card of {technology} is not the one frozen.", technology=technology_id))
    # Escaped when it was drawn; only links are changed: definitions and sources stand on a page of their own here.
    return Markup(_ANCHOR.sub(rf"href=\1{reverse('background')}#", held.markup))


def problem(request: HttpRequest, message: str, status: int) -> HttpResponse:
    """Return a page that says what is wrong and what to do."""
    if wants_json(request):
        return JsonResponse({"status": "refused", "message": message}, status=status)
    return draw(request, "problem.html", {"message": message}, status)


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
    return draw(request, "refused.html", {"is_nobody": is_nobody}, 403)


def refused_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Return the answer for a form that is not ours or has outlived its session."""
    return problem(request, words(getattr(request, "language", "en"))["tx"]("problem.form"), 403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Return the page for an address that leads nowhere."""
    return problem(request, words(getattr(request, "language", "en"))["tx"]("problem.not_found"), 404)


def broken(request: HttpRequest) -> HttpResponse:
    """Return the page for an error of ours; it says nothing about the inside."""
    return HttpResponse(
        "The server met an error of its own. / サーバー側で問題が起きた。\n", status=500, content_type="text/plain; charset=utf-8"
    )
