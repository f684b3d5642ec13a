"""Pages for everybody: the front door, links, language and style sheets.

Reads: session, review
Writes: session
"""

from __future__ import annotations

from django.contrib.sessions.models import Session
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from listgen.base.text import LANGUAGES
from listgen.review.domain import rounds, storage
from listgen.review.domain.frozen import frozen
from listgen.review.models import Review, Seat
from listgen.review.web import access
from listgen.review.web.drawing import asset, draw, not_found, refused_for_now
from listgen.review.web.guard import remember_language

_ASSETS = {"review.css": "text/css; charset=utf-8", "review.js": "text/javascript; charset=utf-8"}
_A_YEAR = "public, max-age=31536000, immutable"


def front_door(request: HttpRequest) -> HttpResponse:
    """Lead everybody to their own first page."""
    visitor = request.visitor
    if visitor.role == access.EXPERT:
        return HttpResponseRedirect(reverse("overview"))
    return HttpResponseRedirect(reverse("staff_home")) if visitor.staff else draw(request, "door.html")


def link(request: HttpRequest, token: str) -> HttpResponse:
    """Greet whoever opens a link; only the button begins a session, so that mail scanners use nothing up."""
    # Looked up first: whatever others in the same office did, a link that works lets its owner in.
    seat = access.find_seat(token)
    if seat is None:
        seconds = access.note_dead_link(request)
        return (
            refused_for_now(request, "link_dead.html", {}, seconds)
            if seconds
            else draw(request, "link_dead.html", status=404)
        )
    if request.method == "POST" and not access.is_expired(seat):
        access.sit_down(request, seat, token)
        return HttpResponseRedirect(reverse("begin"))
    return _greet(request, seat)


def _greet(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Show the first page of a link.

    What is asked of whom, or what has become of its round and where the present one is.
    """
    person, round_ = seat.person, seat.round
    if person is not None and "language" not in request.COOKIES:
        request.language = person.language
    later = rounds.newest_round(round_.review)
    later = later if later is not None and later.number > round_.number else None
    sitting = request.visitor.seat
    values = {
        "round": round_,
        "is_open": rounds.is_open(round_),
        "is_expired": access.is_expired(seat),
        "later": later,
        "is_later_open": later is not None and rounds.is_open(later),
        # The old link gives no way into the present round; the session of the same person does.
        "is_seated": bool(
            later and sitting and person and sitting.round_id == later.pk and sitting.person_id == person.pk
        ),
        # Whoever opens this link need not be whose session is open: nothing of that session is sent or shown
        # here.
        "marks": None,
        "later_round": None,
        "rules": frozen(round_.review_id).rules,
        "n_technologies": len(rounds.asked_ids(round_)),
        # The name is for its owner: not on a link that has ended, which may lie in an old mailbox.
        "name": person.name if person is not None and not access.is_expired(seat) else "",
    }
    return draw(request, "link.html", values, 410 if access.is_expired(seat) else 200)


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
    # Not "storage": on a shared device it would take along what another expert has not been able to send. The
    # script removes the leaver's.
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


def leave_everywhere(request: HttpRequest) -> HttpResponse:
    """End every session of this visitor, on all devices."""
    mine = {name: request.session.get(name) for name in ("seat", "staff")}
    for session in Session.objects.filter(expire_date__gt=timezone.now()).iterator():
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
    return HttpResponse(
        review.style, content_type="text/css; charset=utf-8", headers={"Cache-Control": _A_YEAR}
    )


def health(request: HttpRequest) -> HttpResponse:
    """Say that the server answers and its database can be written; 503 and why if it cannot."""
    reason = storage.why_not_writable()
    return HttpResponse(
        f"{reason or 'ok'}\n", status=503 if reason else 200, content_type="text/plain; charset=utf-8"
    )
