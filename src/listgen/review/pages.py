"""Pages for everybody: the front door, links, language, style sheets, and what is said when something is refused.

Reads: session, review
Writes: session
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

from django.contrib.sessions.models import Session
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.defaults import page_not_found
from markupsafe import Markup

from listgen.base.errors import CouldNotCheckError
from listgen.base.provenance import canonical_json, sha256_text
from listgen.base.text import LANGUAGES, t
from listgen.review import access, rounds
from listgen.review.frozen import frozen
from listgen.review.guard import remember_language
from listgen.review.models import Card, Review
from listgen.review.wording import words

__all__ = ["page_not_found"]

_ASSETS = {"review.css": "text/css; charset=utf-8", "review.js": "text/javascript; charset=utf-8"}
_ANCHOR = re.compile(r'href=("?)#(?!tech-)')
_FOLDER = Path(__file__).resolve().parent / "assets"
_A_YEAR = "public, max-age=31536000, immutable"


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


# ---- views --------------------------------------------------------------------------------------------------------------


def front_door(request: HttpRequest) -> HttpResponse:
    """Lead everybody to their own first page."""
    visitor = request.visitor
    if visitor.role == access.EXPERT:
        return HttpResponseRedirect(reverse("overview"))
    return HttpResponseRedirect(reverse("staff_home")) if visitor.staff else draw(request, "door.html")


def link(request: HttpRequest, token: str) -> HttpResponse:
    """Greet whoever opens a link; only the button begins a session, so that mail scanners use nothing up."""
    address = f"link {access.address_of(request)}"
    seat = None if access.LINKS.is_exhausted(address) else access.find_seat(token)
    if seat is None:
        access.LINKS.note_failure(address)
        return draw(request, "link_dead.html", status=404)
    if request.method == "POST":
        access.sit_down(request, seat)
        return HttpResponseRedirect(reverse("begin"))
    person = seat.person
    if person is not None and "language" not in request.COOKIES:
        request.language = person.language
    return draw(
        request, "link.html", {"round": seat.round, "is_open": rounds.is_open(seat.round), "rules": rounds.rules_of(seat.round.review)}
    )


def language(request: HttpRequest) -> HttpResponse:
    """Change the language and go back to the page."""
    chosen, back = request.POST.get("language", ""), request.POST.get("back", "/")
    safe = back if url_has_allowed_host_and_scheme(back, None) and back.startswith("/") else "/"
    response = HttpResponseRedirect(safe)
    if chosen in LANGUAGES:
        remember_language(response, chosen)
    return response


def leave(request: HttpRequest) -> HttpResponse:
    """End the session on this device."""
    request.session.flush()
    response = HttpResponseRedirect(reverse("front_door"))
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


def leave_everywhere(request: HttpRequest) -> HttpResponse:
    """End every session of this visitor, on all devices."""
    mine = {name: request.session.get(name) for name in ("seat", "staff")}
    for session in Session.objects.iterator():
        if {name: session.get_decoded().get(name) for name in mine} == mine:
            type(request.session)(session.session_key).delete()
    return leave(request)


def static(request: HttpRequest, name: str) -> HttpResponse:
    """Send a style sheet or script."""
    if name not in _ASSETS:
        return not_found(request)
    return HttpResponse(asset(name)[0], content_type=_ASSETS[name], headers={"Cache-Control": _A_YEAR})


def card_style(request: HttpRequest, review_id: str) -> HttpResponse:
    """Send the style of the report whose cards are judged."""
    review = Review.objects.filter(review_id=review_id).first()
    if review is None:
        return not_found(request)
    return HttpResponse(review.style, content_type="text/css; charset=utf-8", headers={"Cache-Control": _A_YEAR})


def health(request: HttpRequest) -> HttpResponse:
    """Say that the server answers and its database can be read."""
    Review.objects.exists()
    return HttpResponse("ok\n", content_type="text/plain; charset=utf-8")
