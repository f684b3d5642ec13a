"""Who is visiting: links for experts, passwords for staff, sessions that end.

Reads: session, seat, staff
Writes: session, staff, the log
"""

from __future__ import annotations

import threading
import time
from collections import defaultdict, deque
from dataclasses import dataclass

from django.contrib.auth.hashers import check_password, make_password
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from listgen.base.errors import UsageError, nearest
from listgen.base.provenance import sha256_text
from listgen.base.text import t
from listgen.review import eventlog, rounds
from listgen.review.frozen import frozen
from listgen.review.models import Round, Seat, Staff, find_one
from listgen.review.writer import write

ANYONE, EXPERT = "anyone", "expert"
STAFF_ROLES = ("facilitator", "approver", "auditor")
ROLES = (ANYONE, EXPERT, *STAFF_ROLES)
SHORTEST_PASSWORD = 15
LONGEST_PASSWORD = 1000
IDLE_SECONDS = 30 * 60
_SEEN_EVERY_SECONDS = 60
_MARK_LENGTH = 32  # 128 bits: no two seats share a mark
# Compared when the name is unknown, so that a wrong name takes as long as a wrong password.
_NOBODY = ""


@dataclass(frozen=True)
class Visitor:
    """Who a request comes from."""

    role: str = ANYONE
    seat: Seat | None = None
    staff: Staff | None = None
    language: str = ""


def _find_seat(**wanted: object) -> Seat | None:
    """Return a seat with its round; the review itself cannot change, so that it is not read for each visit."""
    seat = find_one(Seat, **wanted)
    round_ = find_one(Round, id=seat.round_id) if seat is not None else None
    if seat is None or round_ is None:
        return None
    round_.review = frozen(round_.review_id).review
    seat.round = round_
    return seat


def visitor_of(request: HttpRequest) -> Visitor:
    """Return who a request comes from; a session that has outlived its link, password or patience counts for nobody."""
    session = request.session
    if "seat" in session:
        seat = _find_seat(id=session["seat"])
        if seat is not None and seat.link_hash and seat.link_hash == session.get("link"):
            return Visitor(EXPERT, seat=seat, language=session.get("language", ""))
    elif "staff" in session:
        staff = Staff.objects.filter(name=session["staff"], is_active=True).first()
        is_fresh = time.time() - session.get("seen", 0) < IDLE_SECONDS
        if staff is not None and is_fresh and session.get("password") == _mark(staff):
            if time.time() - session["seen"] > _SEEN_EVERY_SECONDS:
                session["seen"] = time.time()
            return Visitor(staff.role, staff=staff)
    return Visitor()


def page_mark(seat: Seat) -> str:
    """Return the mark that ties a page, and whatever is written on it, to one seat of one round.

    A keyed digest: neither the pseudonym nor the link can be worked out from it, and it opens nothing.
    """
    return str(salted_hmac("listgen.review.seat", seat.pseudonym, algorithm="sha256").hexdigest())[:_MARK_LENGTH]


def owner_mark(seat: Seat) -> str:
    """Return the mark of the person across rounds, so that a browser shows what was not sent to its author only."""
    whose = f"person {seat.person_id}" if seat.person_id else f"seat {seat.pseudonym}"
    return str(salted_hmac("listgen.review.owner", whose, algorithm="sha256").hexdigest())[:_MARK_LENGTH]


# ---- experts ------------------------------------------------------------------------------------------------------------


def find_seat(token: str) -> Seat | None:
    """Return the seat a link leads to, None for one that is unknown, revoked or expired."""
    seat = _find_seat(link_hash=rounds.link_hash(token))
    return seat if seat is not None and seat.expires_at > eventlog.now() else None


def sit_down(request: HttpRequest, seat: Seat) -> None:
    """Begin an expert's session on this device, under a new key."""
    request.session.flush()
    language = seat.person.language if seat.person else ""
    request.session.update({"seat": seat.pk, "link": seat.link_hash, "language": language})
    write(lambda: eventlog.append("link_opened", {"round": seat.round.name}))


# ---- staff --------------------------------------------------------------------------------------------------------------


def add_staff(name: str, role: str, password: str) -> None:
    """Add somebody of the staff, or give them another role or password; every session of theirs ends.

    Raises:
        UsageError: The role is none, or the password too short or too plain.
    """
    if role not in STAFF_ROLES:
        raise UsageError(
            t('"{value}" is no role.', value=role) + nearest(role, STAFF_ROLES),
            t("Expected one of: {known}.", known=", ".join(STAFF_ROLES)),
        )
    refuse_easy_password(name, password)

    def job() -> None:
        held = make_password(password)
        Staff.objects.update_or_create(name=name, defaults={"role": role, "password": held, "is_active": True})
        # Of the salted hash: it says nothing about the password, but a hash put in its place is found.
        eventlog.append("staff_set", {"staff": name, "role": role, "password_digest": sha256_text(held)})

    write(job)


def refuse_easy_password(name: str, password: str) -> None:
    """Refuse a password that others would try first; a longer list of such may lie in `refused-passwords.txt`.

    Raises:
        UsageError: It is too short, too long, too plain, or known.
    """
    from django.conf import settings
    from django.contrib.auth.password_validation import CommonPasswordValidator

    plain = password.lower()
    listed = settings.LISTGEN_FOLDER / "refused-passwords.txt"
    is_known = plain in CommonPasswordValidator().passwords
    if not is_known and listed.is_file():
        with listed.open(encoding="utf-8", errors="replace") as lines:
            is_known = any(line.rstrip("\n") == password for line in lines)
    holds_a_name = any(word and word in plain for word in (name.lower(), "listgen"))
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD or len(set(password)) < 5 or holds_a_name or is_known:
        raise UsageError(
            t("The password is too easy."),
            t("Expected {n} characters or more, no name in it, not the same few characters, none of the best-known.", n=SHORTEST_PASSWORD),
            t("A sentence of five words will do."),
        )


def remove_staff(name: str) -> None:
    """Take somebody's access away; what they did stays in the log.

    Raises:
        UsageError: There is nobody of that name.
    """
    if not Staff.objects.filter(name=name).exists():
        raise UsageError(t('There is no staff "{name}".', name=name) + nearest(name, Staff.objects.values_list("name", flat=True)))

    def job() -> None:
        Staff.objects.filter(name=name).update(is_active=False)
        eventlog.append("staff_removed", {"staff": name})

    write(job)


def check_staff(name: str, password: str) -> Staff | None:
    """Return whom name and password belong to; unknown names take as long as wrong passwords."""
    staff = Staff.objects.filter(name=name, is_active=True).first()
    is_right = check_password(password, staff.password if staff else _nobodys_password())
    return staff if staff is not None and is_right else None


def _nobodys_password() -> str:
    global _NOBODY
    _NOBODY = _NOBODY or make_password("nobody's password, never matched")
    return _NOBODY


def log_in(request: HttpRequest, staff: Staff) -> None:
    """Begin a session of the staff, under a new key."""
    request.session.flush()
    request.session.update({"staff": staff.name, "password": _mark(staff), "seen": time.time()})
    write(lambda: eventlog.append("staff_login", {"staff": staff.name}))


def note_failed_login() -> None:
    """Note in the log that somebody failed to log in; not the name they tried, which may be a mistyped password."""
    write(lambda: eventlog.append("staff_login_failed", {}))


def _mark(staff: Staff) -> str:
    """Return what a session remembers of a password, so that a new password ends it."""
    return sha256_text(staff.password)[:16]


# ---- brute force --------------------------------------------------------------------------------------------------------


class Throttle:
    """Counts failures by key within a window; one process serves the review, so its memory is enough."""

    def __init__(self, most: int, seconds: float) -> None:
        self.most, self.seconds = most, seconds
        self._failures: dict[str, deque[float]] = defaultdict(deque)
        self._lock = threading.Lock()

    def is_exhausted(self, *keys: str) -> bool:
        """Tell whether any of the keys has failed too often."""
        with self._lock:
            return any(len(self._recent(key)) >= self.most for key in keys)

    def note_failure(self, *keys: str) -> None:
        """Count one failure for each key."""
        with self._lock:
            for key in keys:
                self._recent(key).append(time.monotonic())
            if len(self._failures) > 10_000:  # addresses nobody uses any more
                for key in [key for key in self._failures if not self._recent(key)]:
                    del self._failures[key]

    def _recent(self, key: str) -> deque[float]:
        failures = self._failures[key]
        while failures and failures[0] < time.monotonic() - self.seconds:
            failures.popleft()
        return failures


LOGINS = Throttle(most=10, seconds=900)
LINKS = Throttle(most=30, seconds=900)


def address_of(request: HttpRequest) -> str:
    """Return where a request comes from: behind the proxy, the address it vouches for."""
    from django.conf import settings

    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "")
    is_behind_proxy = settings.LISTGEN_ORIGIN.startswith("https")
    return (forwarded.split(",")[-1].strip() if is_behind_proxy and forwarded else "") or str(request.META.get("REMOTE_ADDR", ""))
