"""One large file, fetched so that what came is not asked for again.

A cut download goes on by Range while the file is the same.

What came stands beside the target as `.part` with a note of its ETag; without a strong ETag a download starts
anew. A provider may send the client on to another host for the bytes: that host is never shown the key, and
its address, which may itself be a short-lived permit, is kept in memory only. Reads: the network. Writes: the
target, which is there only when it is whole.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import httpx

from listgen.acquire.http import AskAgainError, Client, Response, is_same_host
from listgen.base.files import write_atomically
from listgen.base.provenance import canonical_json
from listgen.base.text import t

_CHUNK = 1 << 16
_SLOWEST_BYTES = 100_000  # a second, below which a download is given up
_MOVED = (301, 302, 303, 307, 308)
_MAX_REDIRECTS = 4
_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+)")
_MAX_REFUSAL = 64 << 10


@dataclass
class Door:
    """How a provider lets a file out.

    `before`: called before the provider (not the host it sends on to) is asked; `refused`: looks at its
    answer when that is neither the file nor a way to it, and may raise what stops the run; `unsent`: called
    when it could not be reached at all.
    """

    before: Callable[[], None] = lambda: None
    unsent: Callable[[], None] = lambda: None
    refused: Callable[[Response], None] = lambda response: None


@dataclass
class _Download:
    """One file underway: what is there, and where the bytes are while a permit lasts."""

    client: Client
    address: str
    part: Path
    n_bytes: int
    door: Door
    where: str = ""
    received: dict[str, str] = field(default_factory=dict)

    @property
    def _note(self) -> Path:
        return self.part.with_name(self.part.name + ".json")

    def _held(self) -> tuple[int, str]:
        """Return how many bytes are there and the ETag they belong to; nothing counts without both."""
        try:
            etag = str(json.loads(self._note.read_text(encoding="utf-8"))["etag"])
            size = self.part.stat().st_size
        except (OSError, ValueError, KeyError, TypeError):
            return 0, ""
        return (size, etag) if 0 < size < self.n_bytes else (0, "")

    def drop(self) -> None:
        """Forget what came."""
        self.part.unlink(missing_ok=True)
        self._note.unlink(missing_ok=True)

    def once(self) -> None:
        """Ask for what is missing and write it down."""
        size, etag = self._held()
        headers = {"Accept-Encoding": "identity"} | (
            {"Range": f"bytes={size}-", "If-Range": etag} if size else {}
        )
        deadline = (
            self.client.clock.monotonic()
            + self.client.manners.deadline_seconds
            + (self.n_bytes - size) / _SLOWEST_BYTES
        )
        for _ in range(_MAX_REDIRECTS):
            target = self.where or self.address
            try:
                if not self.where:
                    self.door.before()
                with self.client.open(target, headers) as stream:
                    if stream.status_code not in _MOVED or "location" not in stream.headers:
                        self._take(stream, size, etag, deadline)
                        return
                    self.where = self._onward(target, stream.headers["location"])
            except AskAgainError as failure:
                if failure.unsent and not self.where:
                    self.door.unsent()
                raise
        raise AskAgainError(t("it redirects in a circle"))

    def _onward(self, address: str, location: str) -> str:
        """Return where a redirect leads, which must be as safe as where it came from."""
        target = urljoin(address, location)
        if (
            urlsplit(target).scheme != "https"
            and urlsplit(target).scheme != urlsplit(self.client.base).scheme
        ):
            raise AskAgainError(
                t("it redirects to an address that is not https ({host})", host=urlsplit(target).netloc[:80])
            )
        return target

    def _take(self, stream: httpx.Response, size: int, etag: str, deadline: float) -> None:
        if stream.status_code == 206 and size:
            found = _RANGE.fullmatch(stream.headers.get("content-range", ""))
            if (
                not found
                or int(found[1]) != size
                or int(found[3]) != self.n_bytes
                or stream.headers.get("etag", etag) != etag
            ):
                self.drop()
                raise AskAgainError(t("it goes on with another file than the one begun"))
            self._write(stream, size, deadline)
        elif stream.status_code == 200:
            self._check_file(stream)
            self.drop()
            self._write(stream, 0, deadline)
        else:
            self._turned_away(stream)

    def _check_file(self, stream: httpx.Response) -> None:
        """Make sure before a byte is kept that this is the file: its size is known."""
        told = stream.headers.get("content-length", "")
        if "content-encoding" in stream.headers or (told.isdigit() and int(told) != self.n_bytes):
            self.where = ""
            raise AskAgainError(
                t(
                    "{found} bytes are offered, expected {expected:,}",
                    found=told or "?",
                    expected=self.n_bytes,
                )
            )

    def _write(self, stream: httpx.Response, size: int, deadline: float) -> None:
        etag = stream.headers.get("etag", "")
        self.received = {
            name: stream.headers[name] for name in ("etag", "last-modified") if name in stream.headers
        }
        self.received["host"] = stream.url.host
        if not size and etag.startswith('"'):
            write_atomically(self._note, canonical_json({"etag": etag}).encode(), durable=False)
        with self.part.open("ab" if size else "wb") as file:
            for chunk in (
                stream.iter_raw()
            ):  # as it comes: what is held back for a full piece is lost when the connection breaks
                size += file.write(chunk)
                if size > self.n_bytes or self.client.clock.monotonic() > deadline:
                    break
        if size > self.n_bytes:
            self.drop()
        if size != self.n_bytes:
            raise AskAgainError(
                t("{found:,} bytes came, expected {expected:,}", found=size, expected=self.n_bytes)
            )

    def _turned_away(self, stream: httpx.Response) -> None:
        """Judge an answer that is not the file; a host sent on to may only have let its permit run out."""
        status = stream.status_code
        if status == 416:
            self.drop()
        if not is_same_host(str(stream.url), self.client.base):
            if status not in (500, 502, 503, 504):
                self.where = ""
            raise AskAgainError(
                t("{host} answers {status}", host=stream.url.host, status=status), status=status
            )
        body = bytearray()
        for chunk in stream.iter_bytes(_CHUNK):
            body += chunk
            if len(body) > _MAX_REFUSAL:
                break
        found = {name.lower(): value for name, value in stream.headers.items()}
        self.door.refused(Response(self.address, status, found, bytes(body)))
        raise AskAgainError(t("it answers {status}", status=status), status=status)


def download(
    client: Client, address: str, target: Path, n_bytes: int, door: Door | None = None
) -> dict[str, str]:
    """Write a file of a known size to `target` and return its ETag, date and the host it came from.

    Args:
        client: Asks.
        address: Where the provider lets the file out.
        target: Where it goes; what came of it by then stands beside it.
        n_bytes: Its size.
        door: How the provider lets it out.

    Raises:
        WentWrongError: It could not be had whole, however often it was asked for.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    underway = _Download(client, address, target.with_name(f"{target.name}.part"), n_bytes, door or Door())
    client.persist(address, underway.once)
    underway.part.replace(target)
    underway.drop()
    return underway.received
