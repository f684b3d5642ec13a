"""Units of a question become pages.

Each asked for until it is whole and fits what stood before it, then kept.

Reads: the network, data/raw/pending.
Writes: data/raw/pending.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from listgen.acquire.answer import note_of, parse_json
from listgen.acquire.http import AskAgainError
from listgen.acquire.openalex.api import Answer, Api, CursorLostError, TooLargeError
from listgen.acquire.openalex.matching import mismatch
from listgen.acquire.openalex.question import Question, Unit
from listgen.acquire.order import Say
from listgen.acquire.pending import Page, Pending
from listgen.base.errors import ProviderError
from listgen.base.text import t

_MAX_RESTARTS = 2
_SMALLEST_PAGE = 10
_SAY_SECONDS = 5.0


@dataclass
class _Progress:
    """How far a unit is: what was seen, how much the provider said there is, and where it goes on."""

    seen: set[str] = field(default_factory=set)
    n_counted: int = 0
    count: int | None = None
    cursor: str | None = "*"
    n_pages: int = 0
    last_digest: str = ""


class Fetcher:
    """Fetches the units of one question.

    Args:
        api: The provider.
        question: What is asked.
        pending: Where pages are kept.
        say: Tells what is being done.
    """

    def __init__(self, api: Api, question: Question, pending: Pending, say: Say = lambda text: None) -> None:
        self.api, self.question, self.pending, self.say = api, question, pending, say

    def fetch_all(self, units: Iterable[Unit]) -> None:
        """Make sure that every unit is held whole."""
        wanted, last_said = list(units), self.api.client.clock.monotonic()
        for number, unit in enumerate(wanted, start=1):
            asked, now = self.fetch(unit), self.api.client.clock.monotonic()
            if asked and (now - last_said >= _SAY_SECONDS or number == len(wanted)):
                spent = self.api.spent
                self.say(
                    t(
                        "{unit}: {number} of {total}, {spent:,} credits",
                        unit=unit.name,
                        number=number,
                        total=len(wanted),
                        spent=spent,
                    )
                )
                last_said = now

    def fetch(self, unit: Unit) -> bool:
        """Make sure that a unit is held whole; return whether anything had to be asked for.

        A unit whose records do not come to the number the provider gives is read once more from the start; if
        it then still does not, it is kept and its last page is noted as unconfirmed.

        Raises:
            ProviderError: Its cursor was lost again and again.
        """
        asked = False
        for attempt in range(_MAX_RESTARTS + 1):
            try:
                progress = self._recall(unit)
                while progress.cursor is not None:
                    asked = True
                    self._fetch_page(unit, progress, is_final=attempt == _MAX_RESTARTS)
            except (CursorLostError, _NotWholeError):
                self.pending.restart(unit.name)
                continue
            return asked
        raise ProviderError(
            t(
                "{host}: {unit} could not be read to its end: its cursor was lost each time.",
                host=self.api.client.host,
                unit=unit.name,
            ),
            t("Everything else that was received is kept."),
            t("Run: {command}", command=self.api.client.resume),
        )

    def fetch_one(self, unit: Unit) -> Page:
        """Return the answer about one record, asked for once; a record that is gone is an answer too."""
        held = self.pending.pages(unit.name)
        if held:
            return held[0]
        answer = self.api.ask_one(unit.path, unit.params)
        return self._keep(unit, _Progress(), answer, cursor=None, is_unconfirmed=False)

    def _recall(self, unit: Unit) -> _Progress:
        """Return how far a unit is by the pages held."""
        progress = _Progress()
        for page in self.pending.pages(unit.name):
            document = parse_json(page.body.read_bytes())
            self._advance(progress, document["group_by"] if unit.is_group else document["results"], page)
        return progress

    def _advance(self, progress: _Progress, rows: list[dict[str, Any]], page: Page) -> None:
        progress.seen |= {str(row.get("id") or row.get("key")) for row in rows}
        progress.n_counted += _counted(rows)
        progress.count = int(page.note["count"])
        progress.cursor = page.note["next_cursor"]
        progress.n_pages, progress.last_digest = page.number, page.note["sha256"]

    def _fetch_page(self, unit: Unit, progress: _Progress, *, is_final: bool) -> None:
        answer = self._ask(unit, progress)
        following = _next_cursor(unit, progress, answer)
        rows = answer.rows
        is_whole = following is not None or _is_whole(unit, progress, answer)
        if not is_whole and not is_final:
            raise _NotWholeError
        page = self._keep(
            unit, progress, answer, cursor=following, is_unconfirmed=answer.is_suspect or not is_whole
        )
        self._advance(progress, rows, page)

    def _ask(self, unit: Unit, progress: _Progress) -> Answer:
        """Return the next page; a page that is too large to be sent is asked for in smaller pieces."""
        size = self.question.access.page_size

        def oddity(answer: Answer) -> str | None:
            other = mismatch(unit.params, answer.rows)
            if other is not None:  # never kept: it would take the place of what was asked for
                raise AskAgainError(other, pause=1.0)
            return _oddity(unit, progress, answer, size)

        while True:
            params = {**unit.params, "corpus": self.question.access.corpus, "cursor": str(progress.cursor)}
            if not unit.is_group:
                params["per_page"] = str(size)
            try:
                return self.api.ask_page(unit.path, params, price=unit.credits, accept=oddity)
            except TooLargeError as error:
                if unit.is_group or size <= _SMALLEST_PAGE:
                    raise ProviderError(
                        t(
                            "{unit} is too large for the provider to send, even {size} records at a time.",
                            unit=unit.name,
                            size=size,
                        ),
                        t("What was received before is kept."),
                        t("Run later: {command}", command=self.api.client.resume),
                    ) from error
                size = max(_SMALLEST_PAGE, size // 2)

    def _about_one(self, answer: Answer) -> dict[str, Any]:
        """Return what an answer about one record is noted for.

        Its present id, and whether it lies outside the corpus asked for.
        """
        is_outside = self.question.access.corpus == "core" and answer.document.get("is_xpac") is True
        return {"answered": answer.document.get("id", ""), "is_outside": is_outside}

    def _keep(
        self, unit: Unit, progress: _Progress, answer: Answer, *, cursor: str | None, is_unconfirmed: bool
    ) -> Page:
        response = answer.response
        note = note_of(response, self.api.client.clock) | {
            "count": answer.meta.get("count"),
            "n_records": len(answer.rows) if answer.meta else int(response.status == 200),
            "next_cursor": cursor,
            "after": progress.last_digest,
            "is_unconfirmed": is_unconfirmed,
            "about": dict(unit.about) | ({} if answer.meta else self._about_one(answer)),
        }
        return self.pending.keep(unit.name, progress.n_pages + 1, response.body, note)


class _NotWholeError(Exception):
    """The pages of a unit do not come to what the provider says there is."""


def _oddity(unit: Unit, progress: _Progress, answer: Answer, size: int) -> str | None:
    """Return what does not fit about a page: records seen before, too few, or too many."""
    ids = [str(row.get("id") or row.get("key")) for row in answer.rows]
    if len(set(ids)) != len(ids) or progress.seen.intersection(ids):
        return t("the page repeats records of an earlier one")
    if unit.is_group:
        return None
    count = int(answer.meta["count"])
    if progress.count is not None and count != progress.count:
        return t("the number of records changed from {before} to {now}", before=progress.count, now=count)
    if len(ids) != min(size, count - len(progress.seen)):
        return t(
            "the page has {found} records, expected {expected}",
            found=len(ids),
            expected=min(size, count - len(progress.seen)),
        )
    return None


def _next_cursor(unit: Unit, progress: _Progress, answer: Answer) -> str | None:
    """Return where to go on; None at the end.

    A cursor after the last record leads to an empty page, which is not asked for; one that leads to nothing
    new leads nowhere.
    """
    cursor = answer.meta.get("next_cursor")
    seen = progress.seen | {str(row.get("id") or row.get("key")) for row in answer.rows}
    is_stuck = len(seen) == len(progress.seen)
    at_end = is_stuck or not cursor or (not unit.is_group and len(seen) >= int(answer.meta["count"]))
    return None if at_end else str(cursor)


def _is_whole(unit: Unit, progress: _Progress, answer: Answer) -> bool:
    """Tell at the end of a unit whether all of it is there.

    Records: as many different ones as the provider counts. Groups by country with the unknown one: a work has
    a country or none, so the groups add up to at least the number of works.
    """
    count = int(answer.meta["count"])
    if unit.is_group:
        return progress.n_counted + _counted(answer.rows) >= count
    return len(progress.seen | {str(row["id"]) for row in answer.rows}) == count


def _counted(rows: Iterable[dict[str, Any]]) -> int:
    """Return the sum over groups; records count nothing."""
    return sum(int(row.get("count") or 0) for row in rows)
