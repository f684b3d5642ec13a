"""How one run against a provider is carried out, apart from what is asked: its budget, its clock, and whom it tells."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from listgen.acquire.clock import Clock, SystemClock
from listgen.acquire.http import Manners

Say = Callable[[str], None]


@dataclass(frozen=True)
class Order:
    """One run.

    `budget`: what it may spend of what the provider counts; `manners` replaces the rate and limits of the source; `again` asks even
    when what is held is fresh.
    """

    budget: int | None = None
    clock: Clock = SystemClock()
    say: Say = lambda text: None
    manners: Manners | None = None
    again: bool = False


def today_of(clock: Clock) -> dt.date:
    """Return the date in UTC."""
    return dt.datetime.fromtimestamp(clock.now(), dt.UTC).date()
