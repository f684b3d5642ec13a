"""The append-only log of a review: canonical JSON, each event's digest covering the one before it.

`digest = sha256(previous digest + body)`, both as text; the first event's previous digest is 64 zeros.
Staff's events carry the second and a name, because they answer for what they do. What an expert says is
sealed (version 2 of the log): the body carries only `sealed`, the digest of the event's content, and the
content (pseudonym, technology, answer, day, a salt) stays in the database. A reader of the log sees how many
votes came, and can check a receipt, but not whose vote an event is or what it says. Version 1 wrote all of it
into the body; its events are read as before.

Reads: event
Writes: event
"""

from __future__ import annotations

import datetime as dt
import json
import secrets
from collections.abc import Iterator
from typing import Any

from django.db import connection

from listgen.base.provenance import canonical_json, sha256_text
from listgen.review.models import Event, find_one

Body = dict[str, Any]

START = "0" * 64
VERSION = 2
# The kinds whose author must stay unknown: what they say is sealed.
SEALED = frozenset({"vote", "late_vote", "proposal"})
# Nothing but that it happened: an hour next to the progress of persons would name somebody.
UNTIMED = frozenset({"link_opened"})
# Of a sealed event only these stay readable.
_OPEN = ("round",)
# In plain SQL for the same reason as `find_one`: both run for every answer.
_COLUMNS = ("sequence", "body", "previous", "digest", "client_key", "subject", "content")
_LAST = "SELECT sequence, digest FROM review_event ORDER BY sequence DESC LIMIT 1"
_APPEND = f"INSERT INTO review_event ({', '.join(_COLUMNS)}) VALUES ({', '.join(['%s'] * len(_COLUMNS))})"


def now() -> dt.datetime:
    """Return the time in UTC, to the second."""
    return dt.datetime.now(dt.UTC).replace(microsecond=0)


def append(kind: str, body: Body, client_key: str | None = None) -> Event:
    """Add one event to the log and return it; call it inside a job of the writer.

    Args:
        kind: What happened.
        body: What is to be known about it.
        client_key: What makes a repeated submission the same one.
    """
    with connection.cursor() as cursor:
        cursor.execute(_LAST)
        last = cursor.fetchone()
    sequence, previous = (last[0] + 1, last[1]) if last else (1, START)
    whole = body | ({"key": client_key} if client_key else {})
    shown, content = _seal(whole) if kind in SEALED else (whole | _moment(kind), None)
    text = canonical_json(shown | {"kind": kind, "sequence": sequence})
    event = Event(
        sequence=sequence,
        body=text,
        previous=previous,
        digest=sha256_text(previous + text),
        client_key=client_key,
        subject=subject_of(whole),
        content=content,
    )
    with connection.cursor() as cursor:
        cursor.execute(_APPEND, [getattr(event, name) for name in _COLUMNS])
    return event


def _moment(kind: str) -> Body:
    return {} if kind in UNTIMED else {"at": now().isoformat()}


def _seal(body: Body) -> tuple[Body, str]:
    """Return what the log shows of an event of an expert's, and the content that its digest commits to."""
    content = canonical_json(body | {"day": now().date().isoformat(), "salt": secrets.token_hex(16)})
    return {name: body[name] for name in _OPEN if name in body} | {"sealed": sha256_text(content)}, content


def subject_of(body: Body) -> str:
    """Return whose vote on what an event is, empty for other events."""
    return (
        f"{body['pseudonym']}/{body['technology_id']}"
        if "pseudonym" in body and "technology_id" in body
        else ""
    )


def find_repeated(client_key: str) -> Event | None:
    """Return the event a submission already made, so that sending it again changes nothing."""
    return find_one(Event, client_key=client_key)


def read(event: Event) -> Body:
    """Return an event's body, with its content where that is sealed."""
    body: Body = json.loads(event.body)
    content: Body = json.loads(event.content) if event.content else {}
    content.pop("salt", None)
    return content | body


def moment_of(event: Event) -> dt.datetime:
    """Return when an event of the staff's happened, so that a table and the log say the same second."""
    return dt.datetime.fromisoformat(read(event)["at"])


def events(kind: str | None = None, **wanted: object) -> Iterator[tuple[Event, Body]]:
    """Yield events and bodies in order, those of a kind and with these values."""
    rows = Event.objects.order_by("sequence")
    if kind:
        rows = rows.filter(body__contains=f'"kind":"{kind}"')
    for event in rows.iterator(chunk_size=1000):
        body = read(event)
        if (kind is None or body["kind"] == kind) and all(
            body.get(name) == value for name, value in wanted.items()
        ):
            yield event, body


def head() -> Event | None:
    """Return the newest event."""
    return Event.objects.order_by("-sequence").first()


def log_lines() -> Iterator[str]:
    """Yield the log as it is exported, one JSON object a line.

    The body is a text in it, so that its bytes can be hashed again.
    """
    for event in Event.objects.order_by("sequence").iterator(chunk_size=1000):
        yield canonical_json({"body": event.body, "digest": event.digest, "previous": event.previous}) + "\n"


def content_lines() -> Iterator[str]:
    """Yield what the sealed events say.

    For a reader who sees neither names nor progress, because it joins all votes of a seat.
    """
    for event in Event.objects.exclude(content=None).order_by("sequence").iterator(chunk_size=1000):
        yield canonical_json({"sequence": event.sequence, "content": event.content}) + "\n"


def unsealed_rounds() -> list[str]:
    """Return the rounds whose log is of version 1: it shows the group and the votes of each pseudonym."""
    return [body["round"] for _, body in events("round_opened") if body.get("log", 1) < VERSION]


def broken_links() -> list[str]:
    """Return what is wrong with the chain itself, nothing when it is whole."""
    found: list[str] = []
    expected, previous = 1, START
    for event in Event.objects.order_by("sequence").iterator(chunk_size=1000):
        place = f"event {event.sequence}"
        if event.sequence != expected:
            found.append(f"{place}: event {expected} is missing")
        if event.previous != previous:
            found.append(f"{place}: does not follow the event before it")
        if event.digest != sha256_text(event.previous + event.body):
            found.append(f"{place}: its text is not the one its digest was made of")
        try:
            body = read(event)
        except ValueError:
            body = {}
        if body.get("sealed") != (sha256_text(event.content) if event.content is not None else None):
            found.append(f"{place}: its sealed content is missing, or is not the one its digest was made of")
        kept = (body.get("sequence"), body.get("key"), subject_of(body))
        if kept != (event.sequence, event.client_key, event.subject):
            found.append(f"{place}: number, key or subject differ from its text")
        expected, previous = event.sequence + 1, event.digest
    return found
