"""Acquire from OpenAlex: works and the works they cite, counts by country, or the provider's own files.

Reads: the network, or a mirror.
Writes: data/raw.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from listgen.acquire import Incoming, newest_snapshot_or_none, register
from listgen.acquire.clock import Clock, SystemClock
from listgen.acquire.http import Client, Manners
from listgen.acquire.key import read_key
from listgen.acquire.openalex.access import access_of
from listgen.acquire.openalex.api import Api
from listgen.acquire.openalex.cited import fetch_cited
from listgen.acquire.openalex.fetch import Fetcher
from listgen.acquire.openalex.question import Question, Unit, make_question
from listgen.acquire.openalex.snapshot import Bucket, Mirror, Place, acquire_snapshot
from listgen.acquire.order import Order, fetch_unless_held, today_of
from listgen.acquire.pending import Page, Pending
from listgen.base.provenance import canonical_json
from listgen.config.models import KEPT_ONLY, Source
from listgen.config.workspace import Workspace
from listgen.store.raw import Snapshot

__all__ = ["acquire", "fresh_snapshot"]

_RESUME_DAYS = 14
_INDEX = "requests.jsonl"
_MAX_SMALL_FILE = 512 << 20  # manifests and the list of deleted works


def open_client(source: Source, order: Order) -> Client:
    """Return a client for a source; its key comes from the environment and goes nowhere but into a header.

    Raises:
        UsageError: The key cannot be sent.
    """
    access = access_of(source)
    manners = order.manners or Manners(requests_per_second=access.requests_per_second)
    resume = f"listgen acquire {source.id}"
    return Client(access.url, clock=order.clock, manners=manners, key=read_key(access.secret), resume=resume)


def fresh_snapshot(workspace: Workspace, source: Source, clock: Clock | None = None) -> Snapshot | None:
    """Return the newest snapshot if it answers today's question and is not too old to stand for today."""
    today = today_of(clock or SystemClock())
    held = newest_snapshot_or_none(workspace, source.id)
    if held is None:
        return None
    age = (today - dt.date.fromisoformat(held.as_of_date)).days
    if access_of(source).route == "snapshot":
        return held if 0 <= age <= access_of(source).fresh_days else None
    question = make_question(workspace.config, source, dt.date.fromisoformat(held.as_of_date))
    return held if held.recipe == question.digest and 0 <= age <= access_of(source).fresh_days else None


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
    is_release = access_of(source).route == "snapshot"  # whose manifest is looked at every time
    held = None if is_release else fresh_snapshot(workspace, source, order.clock)
    return fetch_unless_held(source, order, held, lambda: _acquire(workspace, source, order))


def _acquire(workspace: Workspace, source: Source, order: Order) -> Snapshot:
    if access_of(source).route == "snapshot":
        return _take_release(workspace, source, order)
    question = make_question(workspace.config, source, today_of(order.clock))
    pending = Pending(
        workspace, source.id, question.digest, today=today_of(order.clock).isoformat(), max_days=_RESUME_DAYS
    )
    with open_client(source, order) as client:
        api = Api(client, secret=question.access.secret, budget=order.budget)
        fetcher = Fetcher(api, question, pending, order.say)
        if not all(pending.pages(unit.name) for unit in question.units):
            api.learn_corpus(question.access.corpus)
        fetcher.fetch_all(question.units)
        units = [*question.units, *fetch_cited(fetcher)]
    snapshot = _register(workspace, question, pending, units)
    pending.drop()
    return snapshot


def _take_release(workspace: Workspace, source: Source, order: Order) -> Snapshot:
    """Take in the provider's files from the mirror or the object store a source names."""
    with open_place(workspace, source, order) as place:
        return acquire_snapshot(
            workspace, source, access_of(source), place, today_of(order.clock).isoformat(), again=order.again
        )


@contextmanager
def open_place(workspace: Workspace, source: Source, order: Order) -> Iterator[Place]:
    """Give the mirror or the object store a source names."""
    access = access_of(source)
    if access.mirror is not None:
        yield Mirror((workspace.root / access.mirror).resolve(), source.id)
        return
    manners = order.manners or Manners(
        requests_per_second=access.requests_per_second, max_bytes=_MAX_SMALL_FILE
    )
    with Client(
        access.bucket_url or "", clock=order.clock, manners=manners, resume=f"listgen acquire {source.id}"
    ) as client:
        yield Bucket(client)


def _register(workspace: Workspace, question: Question, pending: Pending, units: Iterable[Unit]) -> Snapshot:
    """Take the pages into the store, with an index that says what each is an answer to."""
    wanted = list(units)
    grouped = {unit.name for unit in wanted if unit.is_group}
    incoming, lines = [], []
    for page in pending.every(unit.name for unit in wanted):
        lines.append(canonical_json(_line(page)))
        if page.note["status"] == 200:
            form = "openalex_groups" if page.unit in grouped else "openalex_page"
            incoming.append(
                Incoming(page.body, page.name, form if _is_staged(page) else KEPT_ONLY, dict(page.note))
            )
    index = pending.folder / _INDEX
    index.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
    incoming.append(Incoming(index, _INDEX, "openalex_request"))
    return register(workspace, question.source, incoming, as_of=pending.started, recipe=question.digest)


def _is_staged(page: Page) -> bool:
    """Tell whether a page carries records for the tables.

    An empty one and a work outside the corpus are only kept.
    """
    return bool(page.note["n_records"]) and not page.note["about"].get("is_outside")


def _line(page: Page) -> dict[str, object]:
    """Return what the index says of a page.

    Nothing that differs between a run that was cut off and one that was not.
    """
    wanted = ("address", "request_sha256", "status", "sha256", "count", "n_records", "is_unconfirmed")
    return {
        "unit": page.unit,
        "page": page.number,
        **{name: page.note[name] for name in wanted},
        **page.note["about"],
    }


def read_index(path: Path) -> list[dict[str, object]]:
    """Return the lines of an index."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
