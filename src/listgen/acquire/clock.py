"""Time as a network step sees it, so that a test can turn the hands instead of waiting."""

from __future__ import annotations

import time
from typing import Protocol


class Clock(Protocol):
    """What a network step asks of time: the hour, a count that never goes back, and to wait."""

    def now(self) -> float:
        """Return seconds since 1970 in UTC."""

    def monotonic(self) -> float:
        """Return seconds since some fixed moment."""

    def sleep(self, seconds: float) -> None:
        """Wait."""


class SystemClock:
    """The machine's own time."""

    def now(self) -> float:
        """Return seconds since 1970 in UTC."""
        return time.time()

    def monotonic(self) -> float:
        """Return seconds since some fixed moment."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)
