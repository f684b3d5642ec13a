"""What the doubles of providers have in common.

A server on loopback, a log of what was asked, faults, a clock.
"""

import contextlib
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.server import ThreadingHTTPServer

from doubles.clock import RealClock
from doubles.faults import FaultPlan
from doubles.wire import Answer, Handler


@dataclass
class Seen:
    """One request as the double saw it."""

    at: float
    target: str
    headers: dict[str, str]
    method: str = "GET"
    status: int = 0
    n_bytes: int = 0
    fault: str = ""


class _QuietServer(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away, or a connection we broke on purpose, is no news."""


class Provider:
    """A server; subclasses answer.

    Args:
        clock: Its clock; give a TurnedClock to both sides and nobody really waits.
        faults: What goes wrong.
        port: Where, any free one for 0.
    """

    def __init__(self, *, clock=None, faults: FaultPlan | None = None, port: int = 0) -> None:
        self.clock, self.faults = clock or RealClock(), faults or FaultPlan()
        self.lock = threading.Lock()
        self.log: list[Seen] = []
        self.on_request: Callable[[int], None] = lambda number: None
        self.server = _QuietServer(("127.0.0.1", port), type("BoundHandler", (Handler,), {"double": self}))
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def __enter__(self):
        threading.Thread(
            target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        ).start()
        return self

    def __exit__(self, *stop: object) -> None:
        self.server.shutdown()
        self.server.server_close()

    @property
    def calls(self) -> int:
        return len(self.log)

    def handle(self, target: str, headers: dict[str, str]) -> tuple[Answer, Seen]:
        return self._handle("GET", target, headers, b"")

    def handle_post(self, target: str, headers: dict[str, str], body: bytes) -> tuple[Answer, Seen]:
        return self._handle("POST", target, headers, body)

    def _handle(self, method: str, target: str, headers: dict[str, str], body: bytes) -> tuple[Answer, Seen]:
        seen = Seen(self.clock.now(), target, headers, method)
        with self.lock:
            self.log.append(seen)
            number = len(self.log)
        self.on_request(number)
        answer = self.answer(method, target, headers, body)
        seen.status, seen.n_bytes = answer.status, len(answer.body)
        return answer, seen

    def answer(self, method: str, target: str, headers: dict[str, str], body: bytes) -> Answer:
        raise NotImplementedError

    def refund(self, seen: Seen) -> None:
        """Nothing is charged by the request here."""

    def remember(self, target: str, answer: Answer) -> None:
        """Nothing is served stale unless a double says so."""

    def spoil(self, kind: str, target: str, answer: Answer) -> Answer:
        """Return a wrong answer that looks like a right one; the right one where there is no such thing."""
        return answer


def serve(double: Provider, *others: Provider, told: str) -> None:
    """Serve until stopped, for trying a connector by hand."""
    with contextlib.ExitStack() as stack:
        for server in (*others, double):
            stack.enter_context(server)
        print(f"{double.url}  ({told})", flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            threading.Event().wait()
        print(f"{double.calls} requests")
