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
from listgen.base.errors import ListgenError
from listgen.base.text import t
from listgen.config.models import Source
from listgen.store.raw import Snapshot

Say = Callable[[str], None]


@dataclass(frozen=True)
class Order:
    """How one run is carried out, apart from what is asked: its budget, its clock, and whom it tells.

    `budget` is in what the provider counts: credits, or calls. `manners` replaces the rate and limits of the
    source, `again` asks even when what is held is fresh.
    """

    budget: int | None = None
    clock: Clock = SystemClock()
    say: Say = lambda text: None
    manners: Manners | None = None
    again: bool = False


def today_of(clock: Clock) -> dt.date:
    """Return the date in UTC."""
    return dt.datetime.fromtimestamp(clock.now(), dt.UTC).date()


def fetch_unless_held(
    source: Source, order: Order, held: Snapshot | None, fetch: Callable[[], Snapshot]
) -> Snapshot:
    """Return what is held where that still answers today, else what is fetched.

    Args:
        source: The source.
        order: How this run is carried out.
        held: The fresh snapshot, None where there is none or the provider is asked all the same.
        fetch: Asks the provider.

    Raises:
        ListgenError: The disk is full or the folder cannot be written.
    """
    if held is not None and not order.again:
        order.say(
            t(
                "{source}: what is held is of {date} and still fresh; nothing was asked",
                source=source.id,
                date=held.as_of_date,
            )
        )
        return held
    try:
        return fetch()
    except OSError as error:
        raise ListgenError(
            t("data/raw could not be written ({reason}).", reason=error.strerror or type(error).__name__),
            t("What was received before is kept."),
            t("Make room or mend the folder, then run: {command}", command=f"listgen acquire {source.id}"),
        ) from error
