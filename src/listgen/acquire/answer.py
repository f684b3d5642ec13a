"""What a provider's answer says, read strictly: JSON that is whole or none at all, waits in seconds.

Reads: nothing.
Writes: nothing.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import math
from collections.abc import Callable
from typing import Any

from listgen import __version__
from listgen.acquire.clock import Clock
from listgen.acquire.http import AskAgainError, Response, request_digest
from listgen.base.text import t


def parse_json(body: bytes) -> Any:  # noqa: ANN401 - any JSON
    """Return the value of a strict JSON text.

    Raises:
        AskAgainError: It is cut, nested too deep, not UTF-8, says a key twice, or holds a number JSON does
            not know.
    """
    try:
        text = body.decode("utf-8")
        value = json.loads(
            text, parse_constant=_no_constant, parse_float=_finite, object_pairs_hook=_no_double
        )
    except (ValueError, RecursionError) as error:
        raise AskAgainError(
            t("its answer is no whole JSON text ({reason})", reason=str(error)[:80])
        ) from error
    return value


def parse_object(response: Response, redact: Callable[[str], str]) -> dict[str, Any]:
    """Return the JSON object of a good answer.

    Args:
        response: The answer; its status has been looked at.
        redact: Takes keys out of what an error cites.

    Raises:
        AskAgainError: It is something else, or an object that reports an error.
    """
    kind = response.headers.get("content-type", "")
    if "json" not in kind:
        raise AskAgainError(t("expected JSON, got {kind}", kind=kind.split(";")[0] or "?"))
    document = parse_json(response.body)
    if not isinstance(document, dict):
        raise AskAgainError(t("expected a JSON object"))
    if document.get("error"):
        raise AskAgainError(t("it reports an error: {error}", error=redact(str(document["error"])[:120])))
    return document


def _no_constant(name: str) -> None:
    raise ValueError(name)


def _finite(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise ValueError(text[:40])
    return value


def _no_double(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"{max(names, key=names.count)[:40]!r} twice")
    return found


def lenient(body: bytes) -> dict[str, Any]:
    """Return the object of an error's body, empty when it is none."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def seconds(value: object) -> float | None:
    """Return a wait in seconds, at most two days; None when it is no number."""
    try:
        return max(0.0, min(float(str(value)), 2 * 86_400.0))
    except ValueError:
        return None


def end_of_wait(clock: Clock, wait: float | None) -> str:
    """Return when a quota is filled again, to the minute in UTC.

    After the wait in seconds; without one at midnight.
    """
    now = clock.now()
    left = 86_400 - now % 86_400 if wait is None else wait
    return f"{dt.datetime.fromtimestamp(math.ceil((now + left) / 60) * 60, dt.UTC):%Y-%m-%d %H:%M}"


def note_of(response: Response, clock: Clock) -> dict[str, Any]:
    """Return what every provider's pages are noted for: the request, the answer's digest, time and client."""
    return {
        "address": response.url,
        "request_sha256": request_digest(response.url),
        "status": response.status,
        "headers": response.kept_headers(),
        "fetched_at": dt.datetime.fromtimestamp(clock.now(), dt.UTC).isoformat(timespec="seconds"),
        "client": f"listgen/{__version__}",
        "sha256": hashlib.sha256(response.body).hexdigest(),
        "n_bytes": len(response.body),
    }
