"""The append-only log of a review: canonical JSON, each event's digest covering the one before it.

`digest = sha256(previous digest + body)`, both as text; the first event's previous digest is 64 zeros. Experts' events carry the
day only and a pseudonym of one round; staff's carry the second and a name, because they answer for what they do.

Reads: event
Writes: event
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from typing import Any

from django.db import connection

from listgen.base.provenance import canonical_json, sha256_text
from listgen.review.models import Event, find_one

Body = dict[str, Any]

START = "0" * 64
# The kinds whose author must stay unknown, and therefore the hour.
OF_EXPERTS = frozenset({"vote", "late_vote", "proposal", "link_opened"})
# In plain SQL for the same reason as `find_one`: both run for every answer.
_COLUMNS = ("sequence", "body", "previous", "digest", "client_key", "subject")
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
    moment = now()
    when = {"day": moment.date().isoformat()} if kind in OF_EXPERTS else {"at": moment.isoformat()}
    sequence, previous = (last[0] + 1, last[1]) if last else (1, START)
    whole = body | when | {"kind": kind, "sequence": sequence} | ({"key": client_key} if client_key else {})
    text = canonical_json(whole)
    event = Event(
        sequence=sequence,
        body=text,
        previous=previous,
        digest=sha256_text(previous + text),
        client_key=client_key,
        subject=subject_of(whole),
    )
    with connection.cursor() as cursor:
        cursor.execute(_APPEND, [getattr(event, name) for name in _COLUMNS])
    return event


def subject_of(body: Body) -> str:
    """Return whose vote on what an event is, empty for other events."""
    return f"{body['pseudonym']}/{body['technology_id']}" if "pseudonym" in body and "technology_id" in body else ""


def find_repeated(client_key: str) -> Event | None:
    """Return the event a submission already made, so that sending it again changes nothing."""
    return find_one(Event, client_key=client_key)


def read(event: Event) -> Body:
    """Return an event's body."""
    body: Body = json.loads(event.body)
    return body


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
        if (kind is None or body["kind"] == kind) and all(body.get(name) == value for name, value in wanted.items()):
            yield event, body


def head() -> Event | None:
    """Return the newest event."""
    return Event.objects.order_by("-sequence").first()


def log_lines() -> Iterator[str]:
    """Yield the log as it is exported, one JSON object a line; the body stands in it as text, so that its bytes can be hashed again."""
    for event in Event.objects.order_by("sequence").iterator(chunk_size=1000):
        yield canonical_json({"body": event.body, "digest": event.digest, "previous": event.previous}) + "\n"


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
        kept = (body.get("sequence"), body.get("key"), subject_of(body))
        if kept != (event.sequence, event.client_key, event.subject):
            found.append(f"{place}: number, key or subject differ from its text")
        expected, previous = event.sequence + 1, event.digest
    return found
