"""How the double's answers go over the wire, whole or broken."""

import contextlib
import socket
import struct
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler

from doubles.faults import MISTAKEN

_XML = (
    b"<?xml version='1.0' encoding='UTF-8'?><Error><Code>SlowDown</Code><Message>response too"
    b" large</Message></Error>"
)
_HTML = b"<!doctype html><title>Hotel WiFi</title><p>Please accept our terms</p>"


@dataclass
class Answer:
    """A response before it is sent; `document` is what the body says, when it says JSON."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    document: dict | None = None


class Handler(BaseHTTPRequestHandler):
    """One connection; `double` is set on the subclass a server makes."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = (
        True  # headers and body are two writes; the second must not wait for the first to be acknowledged
    )
    server_version, sys_version = "double", ""

    def log_message(self, *arguments: object) -> None:
        pass

    def date_time_string(self, timestamp: float | None = None) -> str:
        return formatdate(self.double.clock.now() + getattr(self, "skew", 0), usegmt=True)

    def do_HEAD(self) -> None:
        # As the provider's edge does: no length, whatever the body would be.
        self.send_response(200)
        self.send_header("Connection", "close")
        self.end_headers()

    def do_GET(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        self._respond(*self.double.handle(self.path, headers))

    def do_POST(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(int(headers.get("content-length", 0)))
        self._respond(*self.double.handle_post(self.path, headers, body))

    def _respond(self, answer: Answer, seen: object) -> None:
        fault = self.double.faults.pick(self.path)
        if fault is None:
            self.double.remember(self.path, answer)
            self._send(answer)
            return
        seen.fault = fault.do
        if fault.do in ("status_504", "rate_429", "plan_429", "key_401"):
            self.double.refund(seen)
        sender = getattr(self, f"_{fault.do}", None)
        if fault.do.startswith("status_"):
            self._send(
                Answer(
                    int(fault.do[-3:]),
                    b'{"error":"Gateway timeout","message":"try again","reason":"query_timeout"}',
                )
            )
        elif fault.do in ("partial_200", "stale_page", "dup_page", *MISTAKEN):
            self._send(self.double.spoil(fault.do, self.path, answer))
        elif sender is not None:
            with contextlib.suppress(OSError):
                sender(answer, fault.value)

    def _send(self, answer: Answer, *, length: int | None = None, body: bytes | None = None) -> None:
        self.send_response(answer.status)
        for name, value in {"Content-Type": "application/json", **answer.headers}.items():
            self.send_header(name, value)
        body = answer.body if body is None else body
        self.send_header("Content-Length", str(len(answer.body) if length is None else length))
        self.end_headers()
        with contextlib.suppress(OSError):
            self.wfile.write(body)

    def _drop(self) -> None:
        """Close with a reset, not with a goodbye."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    # ---- faults ----------------------------------------------------------------------------------

    def _xml_503(self, answer: Answer, value: object) -> None:
        self._send(Answer(503, _XML, {"Content-Type": "text/xml"}))

    def _rate_429(self, answer: Answer, value: object) -> None:
        body = b'{"error":"Rate limit exceeded","message":"Too many requests per second.","retryAfter":1}'
        self._send(Answer(429, body, {"Retry-After": str(value or 1)}))

    def _plan_429(self, answer: Answer, value: object) -> None:
        self._send(
            Answer(
                429,
                b'{"error":"Plan upgrade required","message":"The \\"sort\\" parameter requires a paid'
                b' plan."}',
            )
        )

    def _key_401(self, answer: Answer, value: object) -> None:
        self._send(Answer(401, b'{"error":"Invalid or missing API key","message":"API key not found"}'))

    def _cut_body(self, answer: Answer, value: object) -> None:
        keep = int(len(answer.body) * float(value if value is not None else 0.6))
        self._send(answer, body=answer.body[:keep])
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def _reset(self, answer: Answer, value: object) -> None:
        self._send(answer, body=answer.body[: len(answer.body) // 3])
        self.wfile.flush()
        self._drop()

    def _garbage(self, answer: Answer, value: object) -> None:
        self._send(Answer(200, b'{"meta": {"count": 1' + b"\x00\xff\xfe" * 50))

    def _captive_portal(self, answer: Answer, value: object) -> None:
        self._send(Answer(200, _HTML, {"Content-Type": "text/html"}))

    def _empty_body(self, answer: Answer, value: object) -> None:
        self._send(Answer(200, b""))

    def _error_in_200(self, answer: Answer, value: object) -> None:
        self._send(Answer(200, b'{"error":"Internal error","message":"shard failure"}'))

    def _wrong_encoding(self, answer: Answer, value: object) -> None:
        self._send(Answer(200, answer.body, {**answer.headers, "Content-Encoding": "gzip"}))

    def _slow_drip(self, answer: Answer, value: object) -> None:
        """One byte a second until the client hangs up: the clock is turned, nobody waits."""
        self.send_response(200)
        for name, value in {
            "Content-Type": "application/json",
            **answer.headers,
            "Content-Length": str(len(answer.body)),
        }.items():
            self.send_header(name, value)
        self.end_headers()
        for place in range(min(len(answer.body) - 1, 400)):
            self.wfile.write(answer.body[place : place + 1])
            self.wfile.flush()
            self.double.clock.sleep(1)
        self.connection.recv(1)
        self._drop()

    def _delay(self, answer: Answer, value: object) -> None:
        self.double.clock.sleep(float(value or 3))
        self._send(answer)

    def _clock_skew(self, answer: Answer, value: object) -> None:
        self.skew = float(value or -9 * 86_400)
        self._send(answer)
        self.skew = 0

    def _redirect(self, answer: Answer, value: object) -> None:
        self._send(Answer(302, b"", {"Location": str(value)}))

    def _huge(self, answer: Answer, value: object) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Connection", "close")
        self.end_headers()
        with contextlib.suppress(OSError):
            for _ in range(int(value or 4096)):
                self.wfile.write(b" " * 65_536)
        self.close_connection = True

    def _bomb(self, answer: Answer, value: object) -> None:
        import gzip

        body = gzip.compress(b" " * (int(value or 512) << 20), 9)
        self._send(Answer(200, body, {"Content-Encoding": "gzip"}))
