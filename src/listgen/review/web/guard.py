"""What stands before every page: limits, headers, who is visiting, in which language, and whether they may.

Denied by default.

Reads: session
Writes: nothing
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse

from listgen.base.errors import LockedError, UsageError
from listgen.base.text import LANGUAGES, speaking
from listgen.review.settings import MAX_BODY_BYTES
from listgen.review.web.access import ANYONE, EXPERT, Visitor, page_mark, visitor_of
from listgen.review.web.drawing import another_seat, plain, problem, refused, unavailable, wrong_method

GetResponse = Callable[[HttpRequest], HttpResponse]
View = Callable[..., HttpResponse]

LANGUAGE_COOKIE = "language"
_HEADERS = {
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
    # For what is refused before Django's own headers and the whole policy are put on.
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow",
}
_log = logging.getLogger("listgen.review")
_OURS = ("same-origin", "none", "")


class Guard:
    """Refuses what no page of ours sends, and puts the headers on whatever is answered."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Return the answer, or why there is none."""
        is_head = request.method == "HEAD"
        if is_head:
            # Asked for as a page is, so that it is answered wherever a page is; no view can take it for a
            # form.
            request.method = "GET"
        response = self._refusal(request) or self.get_response(request)
        if is_head:
            _take_out_body(response)
        for name, value in _HEADERS.items():
            response.headers.setdefault(name, value)
        return response

    def _refusal(self, request: HttpRequest) -> HttpResponse | None:
        try:
            request.get_host()
        except DisallowedHost:
            return plain("problem.host", 400)
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not length.isdigit() or int(length) > MAX_BODY_BYTES:
            return plain("problem.too_large", 413)
        # The one form of forms our pages send; every other is a parser more that could be led astray.
        charset = request.content_params.get("charset", "utf-8").lower()
        if request.method == "POST" and (request.content_type, charset) != (
            "application/x-www-form-urlencoded",
            "utf-8",
        ):
            return plain("problem.no_form", 415)
        # Browsers say whose page a form stands on; this holds even where a token leaked.
        if request.method not in ("GET", "HEAD") and request.META.get("HTTP_SEC_FETCH_SITE", "") not in _OURS:
            return plain("problem.elsewhere", 403)
        return None


def _take_out_body(response: HttpResponse) -> None:
    """Leave of an answer what HEAD asks for: its headers."""
    if response.streaming:
        response.close()
        response.streaming_content = ()
        return
    response.headers.setdefault("Content-Length", str(len(response.content)))
    response.content = b""


class Visit:
    """Finds out who is visiting, speaks their language, and turns expected errors into pages."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Return the answer in the visitor's language."""
        if _holds_nothing_character(request):
            return plain("problem.no_text", 400)
        request.visitor, request.language = (
            Visitor(),
            "en",
        )  # for the page that says that the database cannot be read
        request.language = chosen_language(request)
        request.visitor = visitor_of(request)
        request.language = chosen_language(request)
        with speaking(request.language):
            return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Return a page for an error the visitor can do something about."""
        if isinstance(error, UsageError):
            return problem(request, str(error), 400)
        if isinstance(error, LockedError):
            return problem(request, str(error), 503, "unavailable")
        if isinstance(error, DatabaseError):
            _log.error("the database refused: %s", " ".join(str(error).split()), exc_info=error)
            return unavailable(request)
        return None


def allow(roles: frozenset[str], methods: tuple[str, ...], view: View) -> View:
    """Return a view that only these roles reach with these methods: the one place that decides."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **values: Any) -> HttpResponse:  # noqa: ANN401 - as the view
        if request.method not in methods:
            return wrong_method(request, (*methods, "HEAD") if "GET" in methods else methods)
        if request.visitor.role not in roles and ANYONE not in roles:
            return refused(request, roles)
        if _is_of_another_seat(request, roles):
            return another_seat(request)
        return view(request, *args, **values)

    guarded.roles = roles  # type: ignore[attr-defined]  # the matrix of routes and roles is read off the views
    guarded.methods = methods  # type: ignore[attr-defined]  # as above
    return guarded


def _is_of_another_seat(request: HttpRequest, roles: frozenset[str]) -> bool:
    """Tell whether an expert's form was made for another person or round than the one whose session sends it.

    Two experts can share a tablet, and a page can stay open from one round to the next: the session alone
    does not say who wrote it.
    """
    seat = request.visitor.seat
    if request.method != "POST" or seat is None or EXPERT not in roles or ANYONE in roles:
        return False
    return bool(request.POST.get("mark", "") != page_mark(seat))


def _holds_nothing_character(request: HttpRequest) -> bool:
    """Tell whether U+0000 stands anywhere: nobody types it, and PostgreSQL keeps no text that holds it."""
    given = (value for _, values in request.POST.lists() for value in values)
    return any("\0" in value for value in (request.path, *request.COOKIES.values(), *given))


def chosen_language(request: HttpRequest) -> str:
    """Return the language a visitor chose, was invited in, or their browser asks for."""
    chosen = request.COOKIES.get(LANGUAGE_COOKIE, "")
    if chosen in LANGUAGES:
        return str(chosen)
    visitor: Visitor = request.visitor
    if visitor.language in LANGUAGES:
        return visitor.language
    return "ja" if request.META.get("HTTP_ACCEPT_LANGUAGE", "").lower().startswith("ja") else "en"


def remember_language(response: HttpResponse, language: str) -> None:
    """Keep the visitor's choice on their device."""
    is_tls = settings.LISTGEN_ORIGIN.startswith("https")
    response.set_cookie(
        LANGUAGE_COOKIE, language, max_age=31_536_000, httponly=True, samesite="Lax", secure=is_tls
    )
