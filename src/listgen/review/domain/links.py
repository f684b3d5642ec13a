"""Links of a seat: the one of its invitation (`rounds.py`) and those of its reminders; all end together.

Only hashes are stored. A reminder therefore cannot repeat the link of the invitation: it carries a new one,
and both work.

Reads: seat, link
Writes: link
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable

from listgen.review.models import Link, Seat, find_one

_LINK_BYTES = 24  # 192 bits


def new_token() -> str:
    """Return the secret part of a new link."""
    return secrets.token_urlsafe(_LINK_BYTES)


def link_hash(token: str) -> str:
    """Return what is stored of a link."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def add_link(seat: Seat) -> str:
    """Give a seat one more link and return its secret part; call it inside a job of the writer."""
    token = new_token()
    Link.objects.create(link_hash=link_hash(token), seat=seat)
    return token


def remove_links(seat: Seat) -> None:
    """Make the links of a seat's reminders worthless; call it inside a job of the writer."""
    Link.objects.filter(seat=seat).delete()


def take_back(tokens: Iterable[str]) -> int:
    """Make links that reached nobody worthless, and return how many; call it inside a job of the writer."""
    return int(Link.objects.filter(link_hash__in=[link_hash(token) for token in tokens]).delete()[0])


def seat_of(hashed: str) -> int | None:
    """Return the id of the seat that a link leads to, None for an unknown or withdrawn link."""
    seat = find_one(Seat, link_hash=hashed)
    if seat is not None:
        return int(seat.pk)
    found = find_one(Link, link_hash=hashed)
    return int(found.seat_id) if found is not None else None
