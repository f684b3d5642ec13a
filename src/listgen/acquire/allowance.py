"""What a provider lets one key have within a time, counted by us: downloads of a file a year, bytes a week.

The count outlives the run, is written before the request is sent, and belongs to the provider's host,
whichever source asks.

Reads: data/raw/allowance.
Writes: data/raw/allowance/<host>.json.
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from pathlib import Path

from listgen.acquire.clock import Clock
from listgen.base.errors import DataError
from listgen.base.files import write_atomically
from listgen.base.provenance import canonical_json
from listgen.base.text import t
from listgen.config.workspace import Workspace


@dataclass(frozen=True, order=True)
class Use:
    """One thing that was had: when, what of, and how much."""

    at: float
    what: str
    amount: int


class Allowance:
    """The account of one provider.

    Args:
        workspace: Where.
        host: The provider.
        seconds: How long a use counts.
        clock: Time.

    Raises:
        DataError: The account is damaged.
    """

    def __init__(self, workspace: Workspace, host: str, *, seconds: float, clock: Clock) -> None:
        self.path: Path = workspace.raw / "allowance" / f"{host.replace(':', '_')}.json"
        self.seconds, self.clock = seconds, clock
        self._uses = [use for use in self._read() if use.at > clock.now() - seconds]

    def used(self, what: str) -> int:
        """Return how much of something still counts."""
        return sum(
            use.amount for use in self._uses if use.what == what and use.at > self.clock.now() - self.seconds
        )

    def take(self, what: str, amount: int = 1) -> Use:
        """Note a use before it happens, so that one cut off by anything counts too."""
        use = Use(self.clock.now(), what, amount)
        self._uses.append(use)
        self._write()
        return use

    def add(self, what: str, amount: int) -> None:
        """Add to what was had within this hour.

        What comes in thousands of small pieces is not listed piece by piece.
        """
        hour = self.clock.now() // 3600 * 3600
        before = sum(use.amount for use in self._uses if use.what == what and use.at == hour)
        self._uses = [use for use in self._uses if (use.what, use.at) != (what, hour)] + [
            Use(hour, what, before + amount)
        ]
        self._write()

    def give_back(self, use: Use) -> None:
        """Take a use back that the provider did not grant."""
        self._uses.remove(use)
        self._write()

    def starts_anew(self, what: str) -> dt.datetime:
        """Return when the oldest use of something stops counting."""
        oldest = min((use.at for use in self._uses if use.what == what), default=self.clock.now())
        return dt.datetime.fromtimestamp(oldest + self.seconds, dt.UTC)

    def _read(self) -> list[Use]:
        if not self.path.is_file():
            return []
        try:
            return [
                Use(float(at), str(what), int(amount))
                for at, what, amount in json.loads(self.path.read_text(encoding="utf-8"))
            ]
        except (OSError, ValueError, TypeError) as error:
            raise DataError(
                t("data/raw/allowance/{name}: the account is damaged.", name=self.path.name),
                t("Expected what was written when the provider was last asked."),
                t(
                    "Remove that file; counting then begins anew, and the provider may refuse earlier than"
                    " the plan says."
                ),
            ) from error

    def _write(self) -> None:
        rows = [[use.at, use.what, use.amount] for use in sorted(self._uses)]
        write_atomically(self.path, canonical_json(rows).encode())
