"""Acquire look-ups at the EPO's Open Patent Services.

The family, or the bibliographic data, of one publication after the other.

Every answer is kept as received; what was once answered is kept from snapshot to snapshot, because a build
that learnt a family from it must not lose it. `requests.jsonl` says what each answer is about, and of which
publications nothing is known.

Reads: the network, the current build.
Writes: data/raw, data/raw/allowance.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from listgen.acquire import Incoming, newest_snapshot_or_none, register
from listgen.acquire.allowance import Allowance
from listgen.acquire.answer import note_of
from listgen.acquire.clock import Clock, SystemClock
from listgen.acquire.http import Client, Manners
from listgen.acquire.key import read_key
from listgen.acquire.ops.access import OpsAccess, access_of
from listgen.acquire.ops.api import Api, Found
from listgen.acquire.ops.question import families_to_look_up
from listgen.acquire.order import Order, fetch_unless_held, today_of
from listgen.acquire.pending import Page, Pending
from listgen.base.errors import BudgetError, UsageError
from listgen.base.provenance import canonical_json, sha256_text
from listgen.base.text import t
from listgen.config.models import ANSWER_INDEX, KEPT_ONLY, Source
from listgen.config.workspace import Workspace
from listgen.store.raw import Snapshot

__all__ = ["acquire", "fresh_snapshot", "left_to_ask"]

_WEEK = 7 * 86_400.0
_RESUME_DAYS = 14
_INDEX = "requests.jsonl"
_EARLIER_INDEX = "requests.json"  # one array; written before answers had to be confirmed
_FORM = "epo_ops"
_SAY_EVERY = 25
_MAX_ANSWER = 16 << 20  # the largest families hold a few thousand members


@dataclass(frozen=True, order=True)
class Unit:
    """One question: a service and a publication."""

    service: str
    number: str

    @property
    def name(self) -> str:
        """Return the name its answer is known by."""
        return f"{self.service}/{self.number}"


def fresh_snapshot(workspace: Workspace, source: Source, clock: Clock | None = None) -> Snapshot | None:
    """Return the newest snapshot if nothing is left to look up."""
    held = newest_snapshot_or_none(workspace, source.id)
    return (
        held
        if held is not None and not left_to_ask(workspace, source, today_of(clock or SystemClock()))
        else None
    )


def left_to_ask(workspace: Workspace, source: Source, today: dt.date, *, again: bool = False) -> list[Unit]:
    """Return what is to be looked up: what was never answered, then what was answered too long ago.

    Of a family one publication is enough; another one is tried in a later run when the first is not known.
    """
    access, known = access_of(source), _index_of(newest_snapshot_or_none(workspace, source.id))
    wanted = dict[Unit, None]()
    for numbers in families_to_look_up(workspace, access):
        for service in access.services:
            units = [Unit(service, number) for number in numbers]
            if not any(known[unit]["status"] == 200 for unit in units if unit in known):
                wanted |= dict.fromkeys([unit for unit in units if unit not in known][:1])
    oldest = (today - dt.timedelta(days=access.fresh_days)).isoformat()
    stale = [unit for unit, line in known.items() if again or str(line["asked_on"]) < oldest]
    return [*wanted, *stale]


def acquire(workspace: Workspace, source: Source, order: Order) -> Snapshot:
    """Look up what is not known yet and return the snapshot of everything that is.

    Args:
        workspace: Where.
        source: The source.
        order: How this run is carried out; its budget counts look-ups.

    Raises:
        BudgetError: A quota is used up; what was received is in the snapshot, and the same call goes on from
            there.
        ProviderError: The services or the network failed.
        UsageError: There is no key.
        ListgenError: The disk is full or cannot be written.
    """
    return fetch_unless_held(source, order, None, lambda: _LookUps(workspace, source, order).run())


def open_allowance(workspace: Workspace, client: Client) -> Allowance:
    """Return the account of bytes."""
    return Allowance(workspace, client.host, seconds=_WEEK, clock=client.clock)


def open_client(source: Source, order: Order) -> Client:
    """Return a client for a source; it has no token yet."""
    access = access_of(source)
    manners = order.manners or Manners(requests_per_second=access.requests_per_second, max_bytes=_MAX_ANSWER)
    return Client(access.url, clock=order.clock, manners=manners, resume=f"listgen acquire {source.id}")


def read_user(access: OpsAccess) -> tuple[str, str]:
    """Return key and secret of the registration.

    Raises:
        UsageError: One of them is not set or cannot be sent.
    """
    found = []
    for variable in (access.key, access.secret):
        found.append(read_key(variable))
        if not found[-1]:
            raise UsageError(
                t("The environment variable {variable} is not set.", variable=variable),
                t("Expected a key of the provider; it answers nobody without one."),
                t(
                    "See docs/sources/{document}.md, then: export {variable}=...",
                    document="epo_ops",
                    variable=variable,
                ),
            )
    return found[0], found[1]


@dataclass
class _LookUps:
    """One run."""

    workspace: Workspace
    source: Source
    order: Order

    def run(self) -> Snapshot:
        access, today = access_of(self.source), today_of(self.order.clock)
        held = newest_snapshot_or_none(self.workspace, self.source.id)
        left = left_to_ask(self.workspace, self.source, today, again=self.order.again)
        units = left[: min(access.lookups, self.order.budget or access.lookups)]
        if held is not None and not units:
            self.order.say(
                t("{source}: nothing is left to look up; nothing was asked", source=self.source.id)
            )
            return held
        pending = Pending(
            self.workspace,
            self.source.id,
            sha256_text(access.url),
            today=today.isoformat(),
            max_days=_RESUME_DAYS,
        )
        stopped = None
        if units:
            try:
                self._ask_all(units, pending)
            except BudgetError as error:
                stopped = error
        pages = {unit: found[0] for unit in units if (found := pending.pages(unit.name))}
        snapshot = self._register(held, pages, pending)
        pending.drop()
        if stopped is not None:
            raise stopped
        if len(left) > len(units):
            n_left = len(left) - len(units)
            self.order.say(
                t("{source}: {n:,} publications are left for the next run", source=self.source.id, n=n_left)
            )
        return snapshot

    def _ask_all(self, units: list[Unit], pending: Pending) -> None:
        access = access_of(self.source)
        user = read_user(access)
        with open_client(self.source, self.order) as client:
            api = Api(client, access, user, open_allowance(self.workspace, client))
            for place, unit in enumerate(units, start=1):
                if pending.pages(unit.name):
                    continue
                found = api.look_up(unit.service, unit.number)
                pending.keep(unit.name, 1, found.response.body, self._note(unit, found, str(pending.started)))
                if place % _SAY_EVERY == 0 or place == len(units):
                    self.order.say(
                        t("{unit}: {number} of {total}", unit=unit.name, number=place, total=len(units))
                    )

    def _note(self, unit: Unit, found: Found, asked_on: str) -> dict[str, Any]:
        return note_of(found.response, self.order.clock) | {
            "service": unit.service,
            "number": unit.number,
            "fault": found.fault,
            "is_unconfirmed": found.is_unconfirmed,
            "asked_on": asked_on,
            "after": "",
        }

    def _register(self, held: Snapshot | None, pages: Mapping[Unit, Page], pending: Pending) -> Snapshot:
        """Take the answers into the store beside those held.

        A newer answer about the same publication replaces the older.
        """
        lines = {unit: line for unit, line in _index_of(held).items() if unit not in pages}
        lines |= {unit: _line(page) for unit, page in pages.items()}
        date = max((str(line["asked_on"]) for line in lines.values()), default=str(pending.started))
        renewed = {_file_name(unit) for unit in pages} | {_INDEX, _EARLIER_INDEX}
        kept = (
            [replace(file, as_of_date=date) for file in held.files if file.file_name not in renewed]
            if held
            else []
        )
        incoming = [
            Incoming(page.body, _file_name(unit), _FORM, dict(page.note))
            for unit, page in pages.items()
            if page.note["status"] == 200
        ]
        text = "".join(canonical_json(lines[unit] | {"unit": unit.name}) + "\n" for unit in sorted(lines))
        index = pending.folder / _INDEX
        index.write_text(text or "\n", encoding="utf-8")  # a build refuses an empty file
        incoming.append(Incoming(index, _INDEX, ANSWER_INDEX if lines else KEPT_ONLY))
        return register(
            self.workspace, self.source, incoming, as_of=date, recipe=sha256_text(text), kept=kept
        )


def _file_name(unit: Unit) -> str:
    return f"{unit.name}.xml"


def _line(page: Page) -> dict[str, Any]:
    """Return what the index says of an answer.

    Nothing that differs between a run that was cut off and one that was not.
    """
    wanted = (
        "service",
        "number",
        "address",
        "request_sha256",
        "status",
        "fault",
        "sha256",
        "n_bytes",
        "is_unconfirmed",
        "asked_on",
    )
    return {name: page.note[name] for name in wanted}


def _index_of(held: Snapshot | None) -> dict[Unit, dict[str, Any]]:
    """Return what was ever answered, by question."""
    paths = {file.file_name: file.path for file in held.files} if held else {}
    if _INDEX in paths:
        text = paths[_INDEX].read_text(encoding="utf-8")
        lines = [json.loads(line) for line in text.splitlines() if line]
    elif _EARLIER_INDEX in paths:
        lines = json.loads(paths[_EARLIER_INDEX].read_text(encoding="utf-8"))
    else:
        lines = []
    return {Unit(line["service"], line["number"]): line for line in lines}
