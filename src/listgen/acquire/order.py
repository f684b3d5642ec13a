"""How one run over the network is carried out, apart from what is asked.

Reads: nothing.
Writes: nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from listgen.acquire.clock import Clock, SystemClock
from listgen.acquire.http import Manners

Say = Callable[[str], None]


@dataclass(frozen=True)
class Order:
    """How one run is carried out, apart from what is asked: its budget, its clock, and whom it tells.

    `budget` is in what the provider counts: credits, or calls. `manners` replaces the rate and limits of the source, `again` asks even
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
