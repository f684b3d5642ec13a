"""Every address of the review with who may use it and how: one line each, denied to everybody not named."""

from __future__ import annotations

from django.urls import URLPattern, path

from listgen.review.web import pages, pages_expert, pages_staff
from listgen.review.web.access import ANYONE, EXPERT
from listgen.review.web.guard import View, allow

FACILITATOR, APPROVER, AUDITOR = "facilitator", "approver", "auditor"
STAFF = (FACILITATOR, APPROVER, AUDITOR)


def _route(address: str, view: View, name: str, *roles: str, methods: str = "GET") -> URLPattern:
    return path(address, allow(frozenset(roles), tuple(methods.split()), view), name=name)


urlpatterns = [
    _route("", pages.front_door, "front_door", ANYONE),
    _route("i/<str:token>", pages.link, "link", ANYONE, methods="GET POST"),
    _route("language", pages.language, "language", ANYONE, methods="POST"),
    _route("leave", pages.leave, "leave", ANYONE, methods="POST"),
    _route("leave-everywhere", pages.leave_everywhere, "leave_everywhere", EXPERT, *STAFF, methods="POST"),
    _route("static/<str:name>", pages.static, "static", ANYONE),
    _route("style/<str:review_id>.css", pages.card_style, "card_style", ANYONE),
    _route("health", pages.health, "health", ANYONE),
    _route("begin", pages_expert.begin, "begin", EXPERT),
    _route("judge", pages_expert.overview, "overview", EXPERT),
    _route("judge/<slug:technology_id>", pages_expert.judge, "judge", EXPERT, methods="GET POST"),
    _route("judge/<slug:technology_id>/history", pages_expert.history, "history", EXPERT),
    _route("judge/<slug:technology_id>/undo", pages_expert.undo, "undo", EXPERT, methods="POST"),
    _route("propose", pages_expert.propose, "propose", EXPERT, methods="GET POST"),
    _route("background", pages_expert.background, "background", EXPERT, *STAFF),
    _route("deadline.ics", pages_expert.deadline, "deadline", EXPERT),
    _route("staff/login", pages_staff.login, "staff_login", ANYONE, methods="GET POST"),
    _route("staff", pages_staff.home, "staff_home", *STAFF),
    _route("staff/extend", pages_staff.extend, "extend", FACILITATOR, methods="POST"),
    _route("staff/close", pages_staff.close, "close", FACILITATOR, methods="GET POST"),
    _route("staff/password", pages_staff.password, "password", *STAFF, methods="GET POST"),
    _route("staff/reminders.csv", pages_staff.reminder_list, "reminder_list", FACILITATOR, methods="POST"),
    _route("staff/results", pages_staff.results, "results", *STAFF),
    _route(
        "staff/sheet/<slug:technology_id>",
        pages_staff.sheet,
        "sheet",
        FACILITATOR,
        APPROVER,
        methods="GET POST",
    ),
    _route(
        "staff/sheet/<slug:technology_id>/approve", pages_staff.approve, "approve", APPROVER, methods="POST"
    ),
    _route("staff/proposals", pages_staff.proposal_list, "proposals", FACILITATOR, APPROVER),
    _route(
        "staff/proposals/<int:number>",
        pages_staff.proposal,
        "proposal",
        FACILITATOR,
        APPROVER,
        methods="GET POST",
    ),
    _route(
        "staff/proposals/<int:number>/approve",
        pages_staff.approve_proposal,
        "approve_proposal",
        APPROVER,
        methods="POST",
    ),
    _route("staff/audit", pages_staff.audit, "audit", AUDITOR, methods="GET POST"),
    _route("staff/log.jsonl", pages_staff.log, "log", AUDITOR),
]

handler403 = "listgen.review.web.drawing.refused_form"
handler404 = "listgen.review.web.drawing.not_found"
handler500 = "listgen.review.web.drawing.broken"
