"""One polite HTTP client for every provider.

A key that never leaves its header, a rate that is never exceeded, ends to every wait.

A failure that may pass (no connection, a cut body, a busy server) is asked again, each time after a longer
pause; a caller's `judge` looks at every answer and says whether it is one. Reads: the network. Writes:
nothing.
"""

from __future__ import annotations

import hashlib
import random
import ssl
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import TypeVar, cast
from urllib.parse import urlencode, urljoin, urlsplit

import httpx

from listgen import __version__
from listgen.acquire.clock import Clock
from listgen.base.errors import ProviderError
from listgen.base.text import t

USER_AGENT = f"listgen/{__version__}"
_MAX_REDIRECTS = 3
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 30.0
_KEPT_HEADERS = ("content-type", "date", "etag", "last-modified", "retry-after")

Judged = TypeVar("Judged")


class AskAgainError(Exception):
    """An answer that may be better the next time.

    `pause` is the provider's own wish in seconds, `unsent` that it was never reached.
    """

    def __init__(
        self, reason: str, pause: float | None = None, *, status: int = 0, unsent: bool = False
    ) -> None:
        super().__init__(reason)
        self.pause = pause
        self.status = status
        self.unsent = unsent


class WentWrongError(ProviderError):
    """A request failed for good; `last` is the failure that was met last."""

    def __init__(self, what: str, expected: str, next_step: str, last: AskAgainError) -> None:
        super().__init__(what, expected, next_step)
        self.last = last


@dataclass(frozen=True)
class Response:
    """A whole answer: body as decoded by HTTP."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes

    def kept_headers(self) -> dict[str, str]:
        """Return the headers worth keeping beside the body."""
        wanted = {
            name: value
            for name, value in self.headers.items()
            if name in _KEPT_HEADERS or name.startswith("x-ratelimit")
        }
        return dict(sorted(wanted.items()))


@dataclass(frozen=True)
class Manners:
    """How a client behaves.

    Requests a second, seconds a request may take in all, tries, and the largest body it takes in.
    """

    requests_per_second: float = 8.0
    deadline_seconds: float = 60.0
    attempts: int = 10
    max_bytes: int = 64 << 20


class _TimedStream(httpx.SyncByteStream):
    """A body read piece by piece as the network gives it, also while its decoder has nothing to give yet."""

    def __init__(self, body: httpx.SyncByteStream, check: Callable[[], None]) -> None:
        self._body, self._check = body, check

    def __iter__(self) -> Iterator[bytes]:
        """Give the pieces until the check objects."""
        for piece in self._body:
            self._check()
            yield piece

    def close(self) -> None:
        """Close the connection it comes from."""
        self._body.close()


class Client:
    """Asks one host.

    Args:
        base: Its address.
        clock: Time.
        manners: Rate, deadline, tries, size.
        key: Sent as Bearer header to this host and to no other; empty for none.
        key_header: The header the provider wants the bare key in, where it is not a Bearer token.
        resume: The command that goes on after a failure, told in errors.
        trusted: Certificates to verify the host with, the system's when None; there is no way to switch
            verifying off.
    """

    def __init__(
        self,
        base: str,
        *,
        clock: Clock,
        manners: Manners | None = None,
        key: str = "",
        key_header: str = "",
        resume: str,
        trusted: ssl.SSLContext | None = None,
    ) -> None:
        self.base, self.clock, self.resume = base.rstrip("/"), clock, resume
        self.manners = manners or Manners()
        self.calls = 0
        self.before_send: Callable[[], None] = lambda: None
        self._signature: dict[str, str] = {}
        self._hidden: set[str] = set()
        self.use_key(key, key_header)
        self._has_answered = False
        self._last_sent: float | None = None
        self._random = random.Random()
        timeout = httpx.Timeout(min(30.0, self.manners.deadline_seconds), connect=10.0)
        self._http = httpx.Client(
            verify=trusted or _usual_trust(),
            follow_redirects=False,
            timeout=timeout,
            headers={"User-Agent": USER_AGENT},
        )

    def __enter__(self) -> Client:
        """Return itself."""
        return self

    def __exit__(self, *stop: object) -> None:
        """Close the connections."""
        self._http.close()

    @property
    def host(self) -> str:
        """Return the host's name, for people."""
        return urlsplit(self.base).netloc

    def use_key(self, key: str, header: str = "") -> None:
        """Send this key from now on; one used before stays struck out of every text."""
        self._signature = {header or "Authorization": key if header else f"Bearer {key}"} if key else {}
        self._hidden |= {key} - {""}

    def redact(self, text: str) -> str:
        """Return a text a provider sent with every key struck out."""
        for key in self._hidden:
            text = text.replace(key, "***")
        return text

    def address(self, path: str, params: Mapping[str, str]) -> str:
        """Return the full address of a request.

        Parameters in name order, so that one request has one address.
        """
        query = urlencode(sorted(params.items()), safe=":,|*-")
        return f"{self.base}{path}" + (f"?{query}" if query else "")

    def get(self, path: str, params: Mapping[str, str], judge: Callable[[Response], Judged]) -> Judged:
        """Return what `judge` makes of the answer, asked as often as it takes.

        Args:
            path: Path below the base.
            params: Parameters of the request.
            judge: Looks at an answer; raises AskAgainError when it may be better the next time, ListgenError
                when it will not.

        Raises:
            WentWrongError: It did not get better.
        """
        address = self.address(path, params)
        return self.persist(address, lambda: judge(self._once(address)))

    def post(
        self, path: str, fields: Mapping[str, str], user: tuple[str, str], judge: Callable[[Response], Judged]
    ) -> Judged:
        """Return what `judge` makes of the answer to a form sent under a name and password used only here."""
        self._hidden |= set(user)
        address, content = self.address(path, {}), urlencode(fields).encode()
        headers = {"Authorization": "Basic " + b64encode(":".join(user).encode()).decode()}

        def ask() -> Judged:
            deadline = self.clock.monotonic() + self.manners.deadline_seconds
            return judge(
                self._send(
                    address,
                    deadline,
                    headers | {"Content-Type": "application/x-www-form-urlencoded"},
                    content,
                )
            )

        return self.persist(address, ask)

    def persist(self, address: str, ask: Callable[[], Judged]) -> Judged:
        """Return what `ask` returns, called again as often as it takes while it raises AskAgainError.

        Raises:
            WentWrongError: It did not get better.
        """
        for attempt in range(1, self.manners.attempts + 1):
            try:
                return ask()
            except AskAgainError as failure:
                if attempt == self._patience():
                    raise self._give_up(address, failure, attempt) from failure
                self.clock.sleep(self._pause(failure, attempt))
        raise AssertionError("unreachable")

    def _patience(self) -> int:
        """Return how often to try.

        A host that never answered is most likely out of reach, and nobody should wait for it.
        """
        return self.manners.attempts if self._has_answered else min(3, self.manners.attempts)

    def _pause(self, failure: AskAgainError, attempt: int) -> float:
        if failure.pause is not None:
            return failure.pause
        if not self._has_answered:
            return 0.2 * attempt
        longest: float = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2 ** (attempt - 1))
        return longest * (0.5 + self._random.random() / 2)

    def _give_up(self, address: str, failure: AskAgainError, attempts: int) -> WentWrongError:
        return WentWrongError(
            t(
                "{host}: {reason} ({attempts} tries, last {url}).",
                host=self.host,
                reason=failure,
                attempts=attempts,
                url=address[:200],
            ),
            t("What was received before is kept."),
            t("Check the network, then run: {command}", command=self.resume),
            failure,
        )

    # ---- one request -----------------------------------------------------------------------------

    def _once(self, address: str) -> Response:
        """Send one request, follow redirects on the same host, and return the whole answer."""
        deadline = self.clock.monotonic() + self.manners.deadline_seconds
        for _ in range(_MAX_REDIRECTS + 1):
            response = self._send(address, deadline)
            location = response.headers.get("location")
            if response.status not in (301, 302, 303, 307, 308) or location is None:
                return response
            target = urljoin(address, location)
            if not is_same_host(target, self.base):
                raise AskAgainError(
                    t(
                        "it redirects to another host ({host}), which is not followed",
                        host=urlsplit(target).netloc[:80],
                    )
                )
            address = target
        raise AskAgainError(t("it redirects in a circle"))

    def _send(
        self,
        address: str,
        deadline: float,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
    ) -> Response:
        with self.open(address, headers, content) as stream:
            body = self._read(stream, deadline)
            found = {name.lower(): value for name, value in stream.headers.items()}
            return Response(address, stream.status_code, found, body)

    @contextmanager
    def open(
        self, address: str, headers: Mapping[str, str] | None = None, content: bytes | None = None
    ) -> Iterator[httpx.Response]:
        """Send one request, no faster than allowed, and give its answer as it comes in.

        Only this client's own host is sent the key.

        Raises:
            AskAgainError: The connection failed.
        """
        self.before_send()
        self._keep_rate()
        self.calls += 1
        signature = self._signature if is_same_host(address, self.base) else {}
        sent = {**signature, **(headers or {})}
        try:
            with self._http.stream(
                "GET" if content is None else "POST", address, headers=sent, content=content
            ) as stream:
                self._has_answered = True
                yield stream
        except httpx.DecodingError as error:
            raise AskAgainError(t("its answer is not encoded as it says")) from error
        except httpx.TransportError as error:
            raise AskAgainError(
                _tell(error), unsent=isinstance(error, httpx.ConnectError | httpx.ConnectTimeout)
            ) from error

    def _read(self, stream: httpx.Response, deadline: float) -> bytes:
        """Return the whole body; a length that does not fit is an error of the transport below."""
        parts, size = [], 0
        stream.stream = _TimedStream(
            cast(httpx.SyncByteStream, stream.stream), lambda: self._keep_deadline(deadline)
        )
        for chunk in stream.iter_bytes():  # as it comes: pieces of a set size would be waited for
            parts.append(chunk)
            size += len(chunk)
            if size > self.manners.max_bytes:
                raise ProviderError(
                    t(
                        "{host}: its answer is larger than {limit:,} bytes.",
                        host=self.host,
                        limit=self.manners.max_bytes,
                    ),
                    t("Expected a page of at most a few million bytes; nothing of it was kept."),
                    t("Set a smaller page_size in config/sources, then run: {command}", command=self.resume),
                )
        return b"".join(parts)

    def _keep_deadline(self, deadline: float) -> None:
        if self.clock.monotonic() > deadline:
            raise AskAgainError(
                t("the answer was not whole after {seconds:.0f} s", seconds=self.manners.deadline_seconds)
            )

    def _keep_rate(self) -> None:
        """Wait until the next request may be sent.

        Requests are spaced, so no second ever holds more than allowed.
        """
        now = self.clock.monotonic()
        if self._last_sent is not None:
            wait = self._last_sent + 1 / self.manners.requests_per_second - now
            if wait > 0:
                self.clock.sleep(wait)
        self._last_sent = self.clock.monotonic()


@cache
def _usual_trust() -> ssl.SSLContext:
    """Return the certificates a host is verified with, read once a process."""
    return httpx.create_ssl_context()


def is_same_host(address: str, other: str) -> bool:
    """Tell whether two addresses lead to the same server by the same scheme."""
    return urlsplit(address)[:2] == urlsplit(other)[:2]


def _tell(error: httpx.TransportError) -> str:
    """Return what happened to the connection in words a person can act on."""
    text = str(error)
    if "CERTIFICATE_VERIFY_FAILED" in text or "certificate" in text.lower():
        return t("its certificate could not be verified")
    if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout):
        return t("no connection could be made")
    if isinstance(error, httpx.TimeoutException):
        return t("it did not answer in time")
    return t("the connection broke before the answer was whole")


def request_digest(address: str) -> str:
    """Return the identity of a request: method and address, which never hold a key."""
    return hashlib.sha256(f"GET {address}".encode()).hexdigest()
