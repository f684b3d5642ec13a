"""Answers received and not yet part of a snapshot.

Kept page by page, so that a run cut off anywhere goes on where it stopped.

A page is two files, the body as received and a note with its digest; both are renamed into place, the note
last. A page whose digest does not fit (a power cut) is fetched again, so nothing here is flushed to disk page
by page. A note names the page before it (`after`), so pages of two attempts never mix. What is asked for is
one folder; a change of the question makes another.

Reads: data/raw/pending.
Writes: data/raw/pending/<source>/<digest of the question>/<unit>/<page>.body and .json.
"""

from __future__ import annotations

import datetime as dt
import json
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from listgen.base.files import write_atomically
from listgen.base.provenance import canonical_json, sha256_file
from listgen.config.workspace import Workspace

_STATE = "state.json"


@dataclass(frozen=True)
class Page:
    """One answer: its unit, number, body and what is noted of it."""

    unit: str
    number: int
    body: Path
    note: Mapping[str, Any]

    @property
    def name(self) -> str:
        """Return the name the page is known by in a snapshot."""
        return f"{self.unit}/page-{self.number:05d}.json"


class Pending:
    """The pages of one question.

    Args:
        workspace: Where.
        source_id: Whose.
        digest: Identity of the question: what is asked, of whom, for which years.
        today: The date of a new start.
        max_days: A beginning older than this is thrown away, so that last quarter's half is never finished
            this quarter.
    """

    def __init__(
        self, workspace: Workspace, source_id: str, digest: str, *, today: str, max_days: int
    ) -> None:
        home = workspace.raw / "pending" / source_id
        self.folder = home / digest[:16]
        for other in home.iterdir() if home.is_dir() else ():
            if other != self.folder:
                shutil.rmtree(other, ignore_errors=True)
        if self.folder.is_dir() and _days(self.started or "1970-01-01", today) > max_days:
            self.drop()
        if self.started is None:
            write_atomically(self.folder / _STATE, canonical_json({"started": today}).encode())

    @property
    def started(self) -> str | None:
        """Return the date on which this question was first asked; the snapshot speaks for it."""
        try:
            return str(json.loads((self.folder / _STATE).read_text(encoding="utf-8"))["started"])
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def pages(self, unit: str) -> list[Page]:
        """Return the whole pages of a unit in order; from the first damaged one on they are fetched again."""
        found: list[Page] = []
        folder = self.folder / unit
        while True:
            number = len(found) + 1
            body = folder / f"{number:05d}.body"
            try:
                note = json.loads(body.with_suffix(".json").read_text(encoding="utf-8"))
                if sha256_file(body) != note["sha256"] or note["after"] != (
                    found[-1].note["sha256"] if found else ""
                ):
                    return found
            except (OSError, ValueError, KeyError, TypeError):
                return found
            found.append(Page(unit, number, body, note))

    def keep(self, unit: str, number: int, body: bytes, note: Mapping[str, Any]) -> Page:
        """Write one page so that a crash leaves it whole or not at all."""
        path = self.folder / unit / f"{number:05d}.body"
        write_atomically(path, body, durable=False)
        write_atomically(path.with_suffix(".json"), canonical_json(note).encode(), durable=False)
        return Page(unit, number, path, note)

    def restart(self, unit: str) -> None:
        """Forget the pages of a unit."""
        shutil.rmtree(self.folder / unit, ignore_errors=True)

    def every(self, units: Iterable[str]) -> Iterator[Page]:
        """Give the pages of these units in order."""
        for unit in units:
            yield from self.pages(unit)

    def drop(self) -> None:
        """Remove everything: it became a snapshot, or nobody will go on with it."""
        shutil.rmtree(self.folder, ignore_errors=True)


def _days(earlier: str, later: str) -> int:
    return (dt.date.fromisoformat(later) - dt.date.fromisoformat(earlier)).days
