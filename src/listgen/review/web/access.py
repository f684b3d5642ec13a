"""Who is visiting: links for experts, passwords for staff, sessions that end.

Reads: session, seat, link, staff
Writes: session, staff, the log
"""

from __future__ import annotations

import ipaddress
import secrets
import threading
import time
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac

from listgen.base.errors import UsageError, nearest
from listgen.base.provenance import sha256_text
from listgen.base.text import t
from listgen.review.domain import eventlog, links
from listgen.review.domain.frozen import frozen
from listgen.review.domain.writer import write
from listgen.review.models import Round, Seat, Staff, find_one

ANYONE, EXPERT = "anyone", "expert"
STAFF_ROLES = ("facilitator", "approver", "auditor")
ROLES = (ANYONE, EXPERT, *STAFF_ROLES)
SHORTEST_PASSWORD = 15
LONGEST_PASSWORD = 1000
LONGEST_NAME = 64
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


def _find_seat(number: int) -> Seat | None:
    """Return a seat with its round.

    The review itself cannot change, so that it is not read for each visit.
    """
    seat = find_one(Seat, id=number)
    round_ = find_one(Round, id=seat.round_id) if seat is not None else None
    if seat is None or round_ is None:
        return None
    round_.review = frozen(round_.review_id).review
    seat.round = round_
    return seat


def visitor_of(request: HttpRequest) -> Visitor:
    """Return who a request comes from.

    A session that has outlived its link, password or patience counts for nobody.
    """
    session = request.session
    if "seat" in session:
        seat = _find_seat(session["seat"])
        if seat is not None and _is_link_of(seat, session.get("link") or ""):
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
    return str(salted_hmac("listgen.review.seat", seat.pseudonym, algorithm="sha256").hexdigest())[
        :_MARK_LENGTH
    ]


def owner_mark(seat: Seat) -> str:
    """Return the person's mark across rounds: a browser shows unsent text to its author only."""
    whose = f"person {seat.person_id}" if seat.person_id else f"seat {seat.pseudonym}"
    return str(salted_hmac("listgen.review.owner", whose, algorithm="sha256").hexdigest())[:_MARK_LENGTH]


# ---- experts -------------------------------------------------------------------------------------


def _is_link_of(seat: Seat, hashed: str) -> bool:
    """Tell whether a session began with a link that is still one of the seat's."""
    return bool(hashed) and (seat.link_hash == hashed or links.seat_of(hashed) == seat.pk)


def find_seat(token: str) -> Seat | None:
    """Return the seat a link was made for, whether or not the link has expired.

    None for one that is unknown or taken back.
    """
    number = links.seat_of(links.link_hash(token))
    return _find_seat(number) if number is not None else None


def is_expired(seat: Seat) -> bool:
    """Tell whether the links of a seat have ended with its round."""
    return bool(seat.expires_at <= eventlog.now())


def sit_down(request: HttpRequest, seat: Seat, token: str) -> None:
    """Begin an expert's session on this device, under a new key, with the link that was opened."""
    request.session.flush()
    language = seat.person.language if seat.person else ""
    request.session.update({"seat": seat.pk, "link": links.link_hash(token), "language": language})
    write(lambda: eventlog.append("link_opened", {"round": seat.round.name}))


# ---- staff ---------------------------------------------------------------------------------------


def add_staff(name: str, role: str, password: str) -> None:
    """Add somebody of the staff, or give them another role or password; every session of theirs ends.

    Raises:
        UsageError: The role or the name is none, or the password too short or too plain.
    """
    if role not in STAFF_ROLES:
        raise UsageError(
            t('"{value}" is no role.', value=role) + nearest(role, STAFF_ROLES),
            t("Expected one of: {known}.", known=", ".join(STAFF_ROLES)),
        )
    if not name.strip() or name != name.strip() or len(name) > LONGEST_NAME:
        raise UsageError(
            t('"{value}" cannot be a name.', value=name),
            t("Expected 1 to {n} characters without spaces at the ends.", n=LONGEST_NAME),
        )
    refuse_easy_password(name, password)

    def job() -> None:
        held = make_password(password)
        Staff.objects.update_or_create(
            name=name, defaults={"role": role, "password": held, "is_active": True}
        )
        # Of the salted hash: it says nothing about the password, but a hash put in its place is found.
        eventlog.append("staff_set", {"staff": name, "role": role, "password_digest": sha256_text(held)})

    write(job)


def refuse_easy_password(name: str, password: str) -> None:
    """Refuse a password that others would try first.

    A longer list of such may lie in `refused-passwords.txt`.

    Raises:
        UsageError: It is too short, too long, too plain, or known.
    """
    from django.contrib.auth.password_validation import CommonPasswordValidator

    plain = password.lower()
    listed = settings.LISTGEN_FOLDER / "refused-passwords.txt"
    is_known = plain in CommonPasswordValidator().passwords
    if not is_known and listed.is_file():
        with listed.open(encoding="utf-8", errors="replace") as lines:
            is_known = any(line.rstrip("\n") == password for line in lines)
    holds_a_name = any(word and word in plain for word in (name.lower(), "listgen"))
    if (
        not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD
        or len(set(password)) < 5
        or holds_a_name
        or is_known
    ):
        raise UsageError(
            t("The password is too easy."),
            t(
                "Expected {n} characters or more, no name in it, not the same few characters, none of the"
                " best-known.",
                n=SHORTEST_PASSWORD,
            ),
            t("A sentence of five words will do."),
        )


def remove_staff(name: str) -> None:
    """Take somebody's access away; what they did stays in the log.

    Raises:
        UsageError: There is nobody of that name.
    """
    if not Staff.objects.filter(name=name).exists():
        raise UsageError(
            t('There is no staff "{name}".', name=name)
            + nearest(name, Staff.objects.values_list("name", flat=True))
        )

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
    """Note in the log that somebody failed to log in.

    Not the name they tried, which may be a mistyped password.
    """
    write(lambda: eventlog.append("staff_login_failed", {}))


def _mark(staff: Staff) -> str:
    """Return what a session remembers of a password, so that a new password ends it."""
    return sha256_text(staff.password)[:16]


# ---- guessing ------------------------------------------------------------------------------------


class Throttle:
    """Lets a key fail `free` times, then makes it wait.

    A minute, twice as long after each further failure, at most a quarter of an hour.

    An attempt counts as failed until it has succeeded, so that attempts sent at the same time are not all
    free. An hour without a failure clears the count. One process serves the review, so its memory is enough.
    """

    first_seconds, longest_seconds, forgotten_after = 60.0, 900.0, 3600.0

    def __init__(self, free: int) -> None:
        self.free = free
        self.clock = time.monotonic
        self._failures: dict[str, tuple[int, float]] = {}
        self._lock = threading.Lock()

    def wait(self, key: str) -> float:
        """Return the seconds until the key may try again, 0 for now."""
        with self._lock:
            n, last = self._count(key)
        if n < self.free:
            return 0.0
        # The exponent is bounded: a long attack must not make the number overflow.
        delay = min(self.longest_seconds, self.first_seconds * 2.0 ** min(n - self.free, 10))
        return max(0.0, last + delay - self.clock())

    def note_attempt(self, key: str) -> None:
        """Count an attempt as failed."""
        with self._lock:
            self._failures[key] = (self._count(key)[0] + 1, self.clock())
            if len(self._failures) > _MOST_KEYS:
                newest = sorted(self._failures.items(), key=lambda item: item[1][1])[_MOST_KEYS // 2 :]
                self._failures = dict(newest)

    def take_back(self, key: str) -> None:
        """Uncount one attempt that turned out not to be a failure."""
        with self._lock:
            n, last = self._count(key)
            if n:
                self._failures[key] = (n - 1, last)

    def clear(self, key: str = "") -> None:
        """Forget a key's failures, or everybody's."""
        with self._lock:
            self._failures = {other: count for other, count in self._failures.items() if key and other != key}

    def _count(self, key: str) -> tuple[int, float]:
        n, last = self._failures.get(key, (0, 0.0))
        return (n, last) if self.clock() - last < self.forgotten_after else (0, 0.0)


_MOST_KEYS = 20_000
# By name and address together: a wrong password locks out neither its owner elsewhere nor a colleague in the
# same office.
LOGINS = Throttle(free=5)
# By name over all addresses, and by address over all names, only where the name has not logged in before: an
# attack from many places stays bounded, and its target still gets in from their own browser or address.
LOGINS_OF_NAME, LOGINS_OF_ADDRESS = Throttle(free=100), Throttle(free=100)
# Passwords asked for again within a session; no stranger reaches them.
AGAIN = Throttle(free=5)
# Links that lead nowhere, by address; a link that works is never refused.
LINKS = Throttle(free=30)
_KNOWN_COOKIE = "known"
_KNOWN_SECONDS = 180 * 86_400
_known_places: set[tuple[str, str]] = set()


def forget_failures() -> None:
    """Forget every failure, as a restart does."""
    for one in (LOGINS, LOGINS_OF_NAME, LOGINS_OF_ADDRESS, AGAIN, LINKS):
        one.clear()
    _known_places.clear()


class LoginAttempt:
    """One attempt to log in as somebody, counted before the password is compared."""

    def __init__(self, request: HttpRequest, name: str) -> None:
        self.name, self.address = name, _network(address_of(request))
        browser = _known_browser(request, name)
        is_known = bool(browser) or (name, self.address) in _known_places
        self._pair = f"{name} {browser or self.address}"
        others = ((LOGINS_OF_NAME, name), (LOGINS_OF_ADDRESS, self.address))
        self._counts = ((LOGINS, self._pair), *(() if is_known else others))
        self.wait = max(throttle.wait(key) for throttle, key in self._counts)
        if not self.wait:
            for throttle, key in self._counts:
                throttle.note_attempt(key)

    def succeed(self, response: HttpResponse) -> HttpResponse:
        """Forget this name's failures here, and record the browser and the address as the name's own."""
        LOGINS.clear(self._pair)
        for throttle, key in self._counts[1:]:
            throttle.take_back(key)
        if len(_known_places) > _MOST_KEYS:
            _known_places.clear()
        _known_places.add((self.name, self.address))
        mark = signing.dumps([_mark_of_name(self.name), secrets.token_hex(8)], salt="listgen.review.known")
        is_tls = settings.LISTGEN_ORIGIN.startswith("https")
        name = f"__Host-{_KNOWN_COOKIE}" if is_tls else _KNOWN_COOKIE
        response.set_cookie(
            name, mark, max_age=_KNOWN_SECONDS, httponly=True, samesite="Strict", secure=is_tls
        )
        return response


def _known_browser(request: HttpRequest, name: str) -> str:
    """Return the mark of a browser in which this name has logged in before, empty for any other.

    It opens nothing by itself.
    """
    given = request.COOKIES.get(f"__Host-{_KNOWN_COOKIE}") or request.COOKIES.get(_KNOWN_COOKIE) or ""
    try:
        whose, mark = signing.loads(given, salt="listgen.review.known", max_age=_KNOWN_SECONDS)
    except (signing.BadSignature, ValueError, TypeError):
        return ""
    return str(mark) if whose == _mark_of_name(name) else ""


def _mark_of_name(name: str) -> str:
    """Return what a browser keeps of a name.

    On a shared machine the cookie must not say who logs in there.
    """
    return str(salted_hmac("listgen.review.known", name, algorithm="sha256").hexdigest())[:_MARK_LENGTH]


def check_again(staff: Staff, given: str) -> float | None:
    """Compare the password of somebody who is logged in.

    Return None if it is theirs, else the seconds until they may try again.
    """
    seconds = AGAIN.wait(staff.name)
    if seconds:
        return seconds
    AGAIN.note_attempt(staff.name)
    if check_staff(staff.name, given[:LONGEST_PASSWORD]) is None:
        return AGAIN.wait(staff.name)
    AGAIN.clear(staff.name)
    return None


def note_dead_link(request: HttpRequest) -> float:
    """Count a link that leads nowhere, and return how many seconds this address is refused more of them.

    0 for not at all.
    """
    address = _network(address_of(request))
    seconds = LINKS.wait(address)
    if not seconds:
        LINKS.note_attempt(address)
    return seconds


def _network(address: str) -> str:
    """Return what counts as one address: of IPv6 the half that an office or a home shares."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network((found, 64), strict=False)) if found.version == 6 else str(found)


def address_of(request: HttpRequest) -> str:
    """Return where a request comes from: behind the proxy, the address it vouches for."""
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "")
    is_behind_proxy = settings.LISTGEN_ORIGIN.startswith("https")
    return (forwarded.split(",")[-1].strip() if is_behind_proxy and forwarded else "") or str(
        request.META.get("REMOTE_ADDR", "")
    )
