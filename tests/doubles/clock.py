"""Time that tests turn by hand: sleeping moves the hands and costs nothing."""

import threading
import time
from datetime import UTC, datetime

START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC).timestamp()


class TurnedClock:
    """A clock shared by a client and the double, so that both see a wait the moment one of them waits."""

    def __init__(self, start: float = START) -> None:
        self._lock = threading.Lock()
        self._start = start
        self._passed = 0.0
        self.sleeps: list[float] = []

    def now(self) -> float:
        with self._lock:
            return self._start + self._passed

    def monotonic(self) -> float:
        with self._lock:
            return self._passed

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self._passed += max(0.0, seconds)
            self.sleeps.append(seconds)

    def turn_to_midnight(self) -> None:
        """Move to just after 00:00 UTC of the next day, when the provider's budgets start anew."""
        self.sleep(86_400 - self.now() % 86_400 + 1)


class RealClock:
    """The machine's own."""

    def now(self) -> float:
        return time.time()

    def monotonic(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)
