"""Acquire from UN Comtrade.

What the declared technologies' goods are traded for, told by importers and by exporters.

Reads: the network.
Writes: data/raw.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from listgen.acquire import Incoming, newest_snapshot_or_none, register
from listgen.acquire.answer import note_of
from listgen.acquire.clock import Clock, SystemClock
from listgen.acquire.comtrade.access import access_of
from listgen.acquire.comtrade.api import KEY_HEADER, Answer, Api
from listgen.acquire.comtrade.question import Question, Unit, make_question
from listgen.acquire.http import Client, Manners
from listgen.acquire.key import read_key
from listgen.acquire.order import Order, fetch_unless_held, today_of
from listgen.acquire.pending import Page, Pending
from listgen.base.provenance import canonical_json
from listgen.base.text import t
from listgen.config.models import ANSWER_INDEX, KEPT_ONLY, Source
from listgen.config.workspace import Workspace
from listgen.store.raw import Snapshot

__all__ = ["acquire", "fresh_snapshot"]

_RESUME_DAYS = 14
_INDEX = "requests.jsonl"
_SAY_SECONDS = 5.0


def fresh_snapshot(workspace: Workspace, source: Source, clock: Clock | None = None) -> Snapshot | None:
    """Return the newest snapshot if it is recent and answers its day's question, with or without a key."""
    held = newest_snapshot_or_none(workspace, source.id)
    if held is None:
        return None
    date = dt.date.fromisoformat(held.as_of_date)
    age = (today_of(clock or SystemClock()) - date).days
    asked = {
        make_question(workspace.config, source, date, has_key=has_key).digest for has_key in (True, False)
    }
    return held if held.recipe in asked and 0 <= age <= access_of(source).fresh_days else None


def acquire(workspace: Workspace, source: Source, order: Order) -> Snapshot:
    """Fetch everything a source asks for and return its snapshot.

    What was fetched before a stop is not fetched again.

    Args:
        workspace: Where.
        source: The source.
        order: How this run is carried out.

    Raises:
        BudgetError: A budget is spent; the same call goes on from there.
        ProviderError: The provider or the network failed.
        UsageError: The key cannot be sent, or nothing is declared to ask for.
        ListgenError: The disk is full or the folder cannot be written.
    """
    held = fresh_snapshot(workspace, source, order.clock)
    return fetch_unless_held(source, order, held, lambda: _acquire(workspace, source, order))


def _acquire(workspace: Workspace, source: Source, order: Order) -> Snapshot:
    access = access_of(source)
    key, today = read_key(access.secret), today_of(order.clock)
    question = make_question(workspace.config, source, today, has_key=bool(key))
    pending = Pending(workspace, source.id, question.digest, today=today.isoformat(), max_days=_RESUME_DAYS)
    manners = order.manners or Manners(
        requests_per_second=access.requests_per_second, deadline_seconds=300, max_bytes=512 << 20
    )
    resume = f"listgen acquire {source.id}"
    with Client(
        access.url, clock=order.clock, manners=manners, key=key, key_header=KEY_HEADER, resume=resume
    ) as client:
        pages = _Fetcher(Api(client, question, budget=order.budget), question, pending, order).fetch_all()
    snapshot = _register(workspace, question, pending, pages)
    pending.drop()
    return snapshot


class _Fetcher:
    """Makes sure that every unit is held whole.

    One that is cut off at the provider's limit is asked for in halves.
    """

    def __init__(self, api: Api, question: Question, pending: Pending, order: Order) -> None:
        self.api, self.question, self.pending, self.order = api, question, pending, order

    def fetch_all(self) -> list[Page]:
        """Return the pages of all units in order."""
        pages: list[Page] = []
        units, clock = self.question.units, self.api.client.clock
        last_said = clock.monotonic()
        for number, unit in enumerate(units, start=1):
            pages += self._fetch(unit)
            if self.api.spent and (clock.monotonic() - last_said >= _SAY_SECONDS or number == len(units)):
                told = {"unit": unit.name, "number": number, "total": len(units), "calls": self.api.spent}
                self.order.say(t("{unit}: {number} of {total}, {calls:,} calls", **told))
                last_said = clock.monotonic()
        return pages

    def _fetch(self, unit: Unit) -> Iterator[Page]:
        held = self.pending.pages(unit.name)
        halves = unit.halves()
        if held:
            yield held[0]
            return
        was_cut = bool(halves) and (self.pending.folder / halves[0].name).is_dir()
        answer = None if was_cut else self.api.ask(unit)
        if answer is not None and (not halves or len(answer.rows) < self.question.max_rows):
            yield self._keep(unit, answer)
            return
        for half in halves:
            yield from self._fetch(half)

    def _keep(self, unit: Unit, answer: Answer) -> Page:
        note = note_of(answer.response, self.api.client.clock) | {
            "n_records": len(answer.rows),
            "after": "",
            "is_unconfirmed": len(answer.rows) >= self.question.max_rows,
        }
        return self.pending.keep(unit.name, 1, answer.response.body, note)


def _register(workspace: Workspace, question: Question, pending: Pending, pages: list[Page]) -> Snapshot:
    """Take the pages into the store, with an index that says what each is an answer to.

    An empty answer is kept, not read.
    """
    incoming, lines = [], []
    for page in pages:
        wanted = ("address", "request_sha256", "status", "sha256", "n_records", "is_unconfirmed")
        lines.append(canonical_json({"unit": page.unit} | {name: page.note[name] for name in wanted}))
        incoming.append(
            Incoming(
                page.body,
                page.name,
                "comtrade_page" if page.note["n_records"] else KEPT_ONLY,
                dict(page.note),
            )
        )
    index = pending.folder / _INDEX
    index.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
    incoming.append(Incoming(index, _INDEX, ANSWER_INDEX))
    return register(workspace, question.source, incoming, as_of=pending.started, recipe=question.digest)
