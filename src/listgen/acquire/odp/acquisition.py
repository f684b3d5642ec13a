"""Acquire the bulk tables of the USPTO Open Data Portal.

One edition, each file at most once, within the yearly allowance.

The provider lets one key have one file some twenty times a year, so a file that is held is never asked for
again, a download that was cut off goes on where it stopped, and every request that may count is counted
before it is sent.

Reads: the network.
Writes: data/raw, data/raw/allowance.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from listgen import __version__
from listgen.acquire import Incoming, newest_snapshot_or_none, register
from listgen.acquire.allowance import Allowance, Use
from listgen.acquire.clock import Clock, SystemClock
from listgen.acquire.download import Door, download
from listgen.acquire.http import Client, Manners, Response
from listgen.acquire.key import read_key
from listgen.acquire.odp.access import access_of
from listgen.acquire.odp.listing import Listed, Release, read_release, turned_away
from listgen.acquire.order import Order, fetch_unless_held, today_of
from listgen.acquire.pending import Pending
from listgen.base.errors import BudgetError, DataError, ListgenError, ProviderError, UsageError
from listgen.base.provenance import canonical_json, sha256_text
from listgen.base.text import t
from listgen.base.zipped import ZipError, check_zip, unpack_member
from listgen.config.models import KEPT_ONLY, Source
from listgen.config.workspace import Workspace
from listgen.store.raw import HeldFile, Snapshot, origin_path, raw_path

__all__ = ["acquire", "fresh_snapshot"]

_YEAR = 31_536_000.0
_RESUME_DAYS = 92  # a file already paid for out of the allowance is kept until the next edition
_FORM = "patentsview_"
_LISTING = "listing.json"
_ROOM = 1.1  # times the bytes to fetch that must be free on disk


@contextmanager
def open_client(source: Source, order: Order) -> Iterator[Client]:
    """Give a client for a source, with its key in a header.

    Raises:
        UsageError: There is no key, or one that cannot be sent.
    """
    access = access_of(source)
    key = read_key(access.secret)
    if not key:
        raise UsageError(
            t("The environment variable {variable} is not set.", variable=access.secret),
            t("Expected a key of the provider; it answers nobody without one."),
            t(
                "See docs/sources/{document}.md, then: export {variable}=...",
                document="patentsview",
                variable=access.secret,
            ),
        )
    manners = order.manners or Manners(requests_per_second=access.requests_per_second)
    resume = f"listgen acquire {source.id}"
    with Client(
        access.url, clock=order.clock, manners=manners, key=key, key_header="X-API-KEY", resume=resume
    ) as client:
        yield client


def open_allowance(workspace: Workspace, client: Client) -> Allowance:
    """Return the account of downloads."""
    return Allowance(workspace, client.host, seconds=_YEAR, clock=client.clock)


def fresh_snapshot(workspace: Workspace, source: Source, clock: Clock | None = None) -> Snapshot | None:
    """Return the newest snapshot if it answers what is declared and the portal was asked not too long ago."""
    held = newest_snapshot_or_none(workspace, source.id)
    if held is None or not held.recipe.startswith(_question(source)):
        return None
    try:
        listing = next(file for file in held.files if file.file_name.endswith(_LISTING))
        asked = json.loads(
            origin_path(workspace.raw, listing.raw_digest, source.id).read_text(encoding="utf-8")
        )["request"]["fetched_at"]
        age = (clock or SystemClock()).now() - dt.datetime.fromisoformat(asked).timestamp()
    except (OSError, ValueError, KeyError, TypeError, StopIteration):
        return None
    return held if 0 <= age <= access_of(source).fresh_days * 86_400 else None


def _question(source: Source) -> str:
    """Return the identity of what is declared: which tables of which edition."""
    access = access_of(source).model_dump(include={"url", "products", "edition"})
    return sha256_text(canonical_json(access))[:16]


def acquire(workspace: Workspace, source: Source, order: Order) -> Snapshot:
    """Fetch the files of one edition that are not held and return the snapshot of that edition.

    Args:
        workspace: Where.
        source: The source.
        order: How this run is carried out; its budget counts downloads.

    Raises:
        BudgetError: The allowance or the budget is used up; the same call goes on from there.
        DataError: A file is not what is listed, or no whole edition is.
        ProviderError: The provider or the network failed.
        UsageError: There is no key.
        ListgenError: The disk is full or cannot be written.
    """

    def fetch() -> Snapshot:
        with open_client(source, order) as client:
            return _Fetch(workspace, source, order, client).run()

    return fetch_unless_held(source, order, fresh_snapshot(workspace, source, order.clock), fetch)


def held_tables(workspace: Workspace, source: Source) -> dict[tuple[str, int], HeldFile]:
    """Return every file any snapshot of a source names and whose bytes are there, by name and size."""
    found: dict[tuple[str, int], HeldFile] = {}
    for record in sorted((workspace.raw / "snapshots" / source.id).glob("[0-9]*.json")):
        try:
            for entry in json.loads(record.read_text(encoding="utf-8"))["files"]:
                file = HeldFile(path=raw_path(workspace.raw, entry["raw_digest"]), **entry)
                if file.path.is_file() and file.path.stat().st_size == file.n_bytes:
                    found[file.file_name, file.n_bytes] = file
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return found


def pending_folder(workspace: Workspace, source: Source) -> Path:
    """Return where files stand that are fetched and in no snapshot yet.

    One place whatever is asked, for each was paid for.
    """
    return workspace.raw / "pending" / source.id / _pending_digest(source)[:16]


def _pending_digest(source: Source) -> str:
    return sha256_text(access_of(source).url)


@dataclass
class _Fetch:
    """One run."""

    workspace: Workspace
    source: Source
    order: Order
    client: Client
    n_asked: int = 0

    def run(self) -> Snapshot:
        access, held = access_of(self.source), newest_snapshot_or_none(self.workspace, self.source.id)
        today = today_of(self.client.clock).isoformat()
        for _ in range(2):
            release = read_release(self.client, access)
            recipe = f"{_question(self.source)}.{release.digest}"
            if held is not None and held.recipe == recipe:
                self.order.say(
                    t(
                        "{source}: edition {date} is held; no file was asked for",
                        source=self.source.id,
                        date=release.edition,
                    )
                )
                return held
            _refuse_older(self.source, release, held)
            pending = Pending(
                self.workspace,
                self.source.id,
                _pending_digest(self.source),
                today=today,
                max_days=_RESUME_DAYS,
            )
            kept, incoming = self._gather(release, pending)
            if read_release(self.client, access).digest != release.digest:
                continue  # what is unchanged is in the folder and is not fetched again
            snapshot = register(
                self.workspace, self.source, incoming, as_of=release.edition, recipe=recipe, kept=kept
            )
            pending.drop()
            return snapshot
        raise ProviderError(
            t("{host}: what it lists changed while the files were fetched, twice.", host=self.client.host),
            t("Expected one edition; files of two are never mixed. What was received is kept."),
            t("Run later: {command}", command=self.client.resume),
        )

    def _gather(self, release: Release, pending: Pending) -> tuple[list[HeldFile], list[Incoming]]:
        """Return the files that are held already, and those to take in, every one whole."""
        held = held_tables(self.workspace, self.source)
        kept, incoming, wanted = [], [], []
        for file in release.files:
            known = held.get((file.name, file.n_bytes))
            if known is None:
                wanted.append(file)
            else:
                kept.append(replace(known, as_of_date=release.edition, form_id=_FORM + file.table))
        self._make_sure_of_room(wanted, pending)
        for place, file in enumerate(wanted, start=1):
            path, note = self._fetch(file, pending, f"{place}/{len(wanted)}")
            incoming.append(Incoming(path, file.name, _FORM + file.table, note))
        for product, answer in release.answers.items():
            path = pending.folder / product / _LISTING
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(answer.body)
            asked = {"address": answer.url, "fetched_at": self._now(), "client": f"listgen/{__version__}"}
            incoming.append(Incoming(path, f"{product}/{release.edition}/{_LISTING}", KEPT_ONLY, asked))
        return kept, incoming

    def _make_sure_of_room(self, wanted: list[Listed], pending: Pending) -> None:
        need = sum(file.n_bytes for file in wanted if not (pending.folder / file.name).is_file())
        free = shutil.disk_usage(pending.folder).free
        if need * _ROOM > free:
            raise ListgenError(
                t("data/raw has {free:,} bytes of room; {need:,} are to be fetched.", free=free, need=need),
                t("Expected room for all of it before the first download is used up."),
                t("Make room or mend the folder, then run: {command}", command=self.client.resume),
            )

    def _fetch(self, file: Listed, pending: Pending, place: str) -> tuple[Path, Mapping[str, Any]]:
        """Return a file and what is noted of it; one that a run before left whole is used."""
        path, received = pending.folder / file.name, dict[str, str]()
        note = path.with_name(path.name + ".note")
        if not (path.is_file() and path.stat().st_size == file.n_bytes):
            note.unlink(missing_ok=True)
            self.order.say(
                t("{place} {file}: {bytes:,} bytes", place=place, file=file.name, bytes=file.n_bytes)
            )
            received = download(self.client, file.address, path, file.n_bytes, _Counter(self, file).door())
        if not note.is_file():
            self._check(file, path)
            listed = {"n_bytes": file.n_bytes, "released": file.released, "data_to": file.last}
            told = {
                "address": file.address,
                "listed": listed,
                "received": received,
                "fetched_at": self._now(),
            }
            note.write_text(canonical_json(told | {"client": f"listgen/{__version__}"}), encoding="utf-8")
        return path, dict(json.loads(note.read_text(encoding="utf-8")))

    def _check(self, file: Listed, path: Path) -> None:
        """Make sure that an archive holds its one table, whole, before it may become part of a snapshot."""
        try:
            unpack_member(path, check_zip(path, f"{file.table}.tsv"))
        except ZipError as error:
            path.unlink(missing_ok=True)
            raise DataError(
                t("{file} {what}.", file=file.name, what=error),
                t(
                    "Expected a ZIP archive of the table {table}; nothing of it was kept.",
                    table=f"{file.table}.tsv",
                ),
                t("Run: {command}", command=self.client.resume),
            ) from error

    def _now(self) -> str:
        return dt.datetime.fromtimestamp(self.client.clock.now(), dt.UTC).isoformat(timespec="seconds")


def _refuse_older(source: Source, release: Release, held: Snapshot | None) -> None:
    """Refuse a list that went back in time, unless an older edition is what was asked for."""
    if held is not None and access_of(source).edition is None and release.edition < held.as_of_date:
        raise DataError(
            t(
                "Source {source}: the release is of {date}, older than the one held ({held}).",
                source=source.id,
                date=release.edition,
                held=held.as_of_date,
            ),
            t("Expected a release at least as new; a stale copy is not taken in."),
            t(
                "Run later, or name the edition wanted under odp.edition: {command}",
                command=f"listgen acquire {source.id}",
            ),
        )


class _Counter:
    """Counts the downloads of one file.

    Args:
        fetch: The run.
        file: The file.
    """

    def __init__(self, fetch: _Fetch, file: Listed) -> None:
        self.fetch, self.file = fetch, file
        self.access = access_of(fetch.source)
        self.allowance = open_allowance(fetch.workspace, fetch.client)
        self.what = f"{file.product}/{file.table}"
        self.use: Use | None = None

    def door(self) -> Door:
        """Return what the download calls."""
        return Door(before=self.take, refused=self.refused, unsent=self.give_back)

    def take(self) -> None:
        """Count a download before it is asked for."""
        if self.allowance.used(self.what) >= self.access.yearly_downloads:
            raise self._used_up(t("was asked for {n} times within a year", n=self.access.yearly_downloads))
        if self.fetch.order.budget is not None and self.fetch.n_asked >= self.fetch.order.budget:
            raise BudgetError(
                t(
                    "{host}: the budget of {budget:,} downloads for this run is used up.",
                    host=self.fetch.client.host,
                    budget=self.fetch.n_asked,
                ),
                t("All that was received is kept."),
                t("To go on where it stopped, run: {command}", command=self.fetch.client.resume),
            )
        self.fetch.n_asked += 1
        self.use = self.allowance.take(self.what)

    def give_back(self) -> None:
        """Do not count what the provider did not let out."""
        if self.use is not None:
            self.allowance.give_back(self.use)
            self.fetch.n_asked -= 1
            self.use = None

    def refused(self, response: Response) -> None:
        """Judge why the file is not let out."""
        if response.status == 429 and re.search(rb"31[,.]?536[,.]?000|per year|annual", response.body):
            self.allowance.take(
                self.what, max(0, self.access.yearly_downloads - self.allowance.used(self.what))
            )
            raise self._used_up(t("is refused by the provider for the rest of the year"))
        if response.status < 500:  # of a failure nobody knows whether the provider counted it
            self.give_back()
        if response.status == 404:
            raise ProviderError(
                t(
                    "{host} lists {file} and does not have it (404).",
                    host=self.fetch.client.host,
                    file=self.file.name,
                ),
                t("The provider lists files before they are posted; what was received is kept."),
                t("Run later: {command}", command=self.fetch.client.resume),
            )
        raise turned_away(self.fetch.client, self.access, response)

    def _used_up(self, reason: str) -> BudgetError:
        anew = self.allowance.starts_anew(self.what)
        return BudgetError(
            t("{host}: {file} {reason}.", host=self.fetch.client.host, file=self.file.name, reason=reason),
            t(
                "The next download is free at {anew} UTC at the latest; all that was received is kept.",
                anew=f"{anew:%Y-%m-%d %H:%M}",
            ),
            t(
                "Take the file in from another copy with files: in config/sources, or run then: {command}",
                command=self.fetch.client.resume,
            ),
        )
