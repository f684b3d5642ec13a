"""The provider's own files.

The parts its manifest lists, from a mirror on this machine or an object store over HTTP.

The manifest is read before and after; when it changed, the parts between are of two releases and nothing is
taken. A part listed as before is not read again. In the present layout a format has a folder of its own, in
the older one there is JSON only.

Reads: the mirror or the store, data/raw.
Writes: data/raw.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any, Protocol

from listgen.acquire import Incoming, newest_snapshot_or_none, register
from listgen.acquire.answer import parse_json
from listgen.acquire.download import download
from listgen.acquire.http import AskAgainError, Client, Response
from listgen.acquire.openalex.access import OpenAlexAccess
from listgen.acquire.pending import Pending
from listgen.base.errors import DataError, ProviderError, UsageError
from listgen.base.provenance import canonical_json, sha256_text
from listgen.base.text import t
from listgen.config.models import MANIFEST, Source
from listgen.config.workspace import Workspace
from listgen.store.raw import HeldFile, Snapshot

_FORMS = {"jsonl": "openalex_work", "parquet": "openalex_parquet"}
_KEY = re.compile(r"data/[A-Za-z0-9_=./-]{1,200}")
_DATE = re.compile(r"updated_date=(\d{4}-\d\d-\d\d)")
_RESUME_DAYS = 14


class Place(Protocol):
    """Where the provider's files are."""

    def read(self, key: str) -> bytes | None:
        """Return a small file, None when there is none."""

    def fetch(self, key: str, n_bytes: int, target: Path) -> Path:
        """Return where a part of this size can be read; `target` is where a copy of it may be made."""


@dataclass(frozen=True)
class Part:
    """One file a manifest lists."""

    key: str
    n_bytes: int
    n_records: int


@dataclass(frozen=True)
class Manifest:
    """What the provider says its release consists of."""

    key: str
    body: bytes
    date: str
    parts: tuple[Part, ...]

    @property
    def digest(self) -> str:
        """Return the identity of the release."""
        return hashlib.sha256(self.body).hexdigest()


class Mirror:
    """A copy of the provider's files on this machine."""

    def __init__(self, folder: Path, source_id: str) -> None:
        if not folder.is_dir():
            raise UsageError(
                t("Source {source}: no folder at {path}.", source=source_id, path=folder),
                t("Expected a mirror of the provider's files with a folder data in it."),
                t("Correct openalex.mirror in config/sources/{source}.yaml.", source=source_id),
            )
        self.folder = folder

    def read(self, key: str) -> bytes | None:
        """Return a small file, None when there is none."""
        path = self.folder / key
        return path.read_bytes() if path.is_file() else None

    def fetch(self, key: str, n_bytes: int, target: Path) -> Path:
        """Return the part where it is."""
        path = self.folder / key
        if not path.is_file() or path.stat().st_size != n_bytes:
            found = (
                t("has {found} bytes, listed {listed}", found=path.stat().st_size, listed=n_bytes)
                if path.is_file()
                else t("is not there")
            )
            raise DataError(
                t("{part} {problem}.", part=key, problem=found),
                t("Expected every part the manifest lists, whole; nothing was taken in."),
                t("Complete the mirror and run the same command again."),
            )
        return path


class Bucket:
    """An object store that serves the provider's files over HTTP."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def read(self, key: str) -> bytes | None:
        """Return a small file, None when there is none."""

        def judge(response: Response) -> bytes | None:
            if response.status in (403, 404):  # a public store says 403 for what is not there
                return None
            if response.status != 200:
                raise AskAgainError(t("it answers {status}", status=response.status))
            return response.body

        return self.client.get(f"/{key}", {}, judge)

    def fetch(self, key: str, n_bytes: int, target: Path) -> Path:
        """Return a copy of the part; one left whole by a run that was cut off is used."""
        if not target.is_file() or target.stat().st_size != n_bytes:
            download(self.client, self.client.address(f"/{key}", {}), target, n_bytes)
        return target


def acquire_snapshot(
    workspace: Workspace,
    source: Source,
    access: OpenAlexAccess,
    place: Place,
    today: str,
    *,
    again: bool = False,
) -> Snapshot:
    """Take the release a place holds into the store and return it as the newest snapshot.

    Args:
        workspace: Where.
        source: The source.
        access: How it is asked.
        place: Where the provider's files are.
        today: The date of a new start.
        again: Read everything anew even when the manifest is the one held.

    Raises:
        DataError: A part does not fit its manifest, or the release is older than the one held.
        ProviderError: The release changed while it was read, twice.
    """
    held = newest_snapshot_or_none(workspace, source.id)
    for _ in range(2):
        manifest = _read_manifest(place, access, source)
        recipe = sha256_text(canonical_json(["snapshot", access.format, manifest.digest]))
        if held is not None and held.recipe == recipe and not again:
            return held
        _refuse_older(source, manifest, held)
        pending = Pending(workspace, source.id, recipe, today=today, max_days=_RESUME_DAYS)
        kept, incoming = _gather(
            place, access, manifest, pending, {} if again else _unchanged(held, manifest)
        )
        if _read_manifest(place, access, source).digest != manifest.digest:
            pending.drop()
            continue
        snapshot = register(workspace, source, incoming, as_of=manifest.date, recipe=recipe, kept=kept)
        pending.drop()
        return snapshot
    raise ProviderError(
        t("Source {source}: its manifest changed while the parts were read, twice.", source=source.id),
        t("Expected one release; parts of two are never mixed, and nothing was taken in."),
        t("Run later: {command}", command=f"listgen acquire {source.id}"),
    )


def new_parts(workspace: Workspace, source: Source, access: OpenAlexAccess, place: Place) -> list[Part]:
    """Return the parts of the present release that are not held."""
    manifest = _read_manifest(place, access, source)
    unchanged = _unchanged(newest_snapshot_or_none(workspace, source.id), manifest)
    return [part for part in manifest.parts if part.key not in unchanged]


def _gather(
    place: Place,
    access: OpenAlexAccess,
    manifest: Manifest,
    pending: Pending,
    unchanged: Mapping[str, HeldFile],
) -> tuple[list[HeldFile], list[Incoming]]:
    """Return the parts that are held already, and the files to take in."""
    kept, incoming = [], []
    for part in manifest.parts:
        if part.key in unchanged:
            kept.append(replace(unchanged[part.key], as_of_date=manifest.date))
            continue
        path = place.fetch(part.key, part.n_bytes, pending.folder / part.key)
        incoming.append(Incoming(path, part.key, _FORMS[access.format], in_place=access.keep == "link"))
    deleted_key = str(PurePosixPath(manifest.key).parent / "deleted_ids.csv")
    deleted = place.read(deleted_key)
    incoming.append(_beside(pending, manifest.key, manifest.body, MANIFEST))
    if deleted is not None and len(deleted.splitlines()) > 1:
        incoming.append(_beside(pending, deleted_key, deleted, "openalex_deleted"))
    return kept, incoming


def _beside(pending: Pending, key: str, body: bytes, form: str) -> Incoming:
    """Return a small file that stands beside the parts, written down to be taken in."""
    path = pending.folder / key
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(body)
    return Incoming(path, key, form)


def _unchanged(held: Snapshot | None, manifest: Manifest) -> dict[str, HeldFile]:
    """Return the held files a manifest lists as the held one did.

    Records only ever leave a part, so size and number tell.
    """
    if held is None:
        return {}
    before = next((file for file in held.files if file.form_id == MANIFEST), None)
    if before is None:
        return {}
    listed = {part.key: part for part in _parts(before.path.read_bytes())}
    files = {file.file_name: file for file in held.files}
    return {
        part.key: files[part.key]
        for part in manifest.parts
        if listed.get(part.key) == part and part.key in files
    }


# ---- the manifest --------------------------------------------------------------------------------


def _read_manifest(place: Place, access: OpenAlexAccess, source: Source) -> Manifest:
    """Return the manifest of works, in the present layout or the older one."""
    keys = [
        f"data/{access.format}/works/manifest.json",
        *(["data/works/manifest"] if access.format == "jsonl" else []),
    ]
    for key in keys:
        body = place.read(key)
        if body is not None:
            parts = tuple(_parts(body))
            if not parts:
                break
            return Manifest(key, body, _date(body, parts), parts)
    raise DataError(
        t("Source {source}: no manifest that lists parts at {keys}.", source=source.id, keys=", ".join(keys)),
        t("A release is whole when its manifest is there; it is written last."),
        t(
            "Correct the place in config/sources/{source}.yaml, or run later: listgen acquire {source}",
            source=source.id,
        ),
    )


def _parts(body: bytes) -> list[Part]:
    """Return the parts a manifest lists.

    Raises:
        DataError: It is no manifest, or lists a path that leads elsewhere.
    """
    try:
        document = parse_json(body)
        entries = document.get("files", document.get("entries"))
        return sorted((_part(entry) for entry in entries), key=lambda part: part.key)
    except (AskAgainError, AttributeError, KeyError, TypeError, ValueError) as error:
        raise DataError(
            t("The manifest cannot be read ({reason}).", reason=str(error)[:120]),
            t("Expected JSON with a list `files` or `entries`, each with url and meta."),
        ) from error


def _part(entry: dict[str, Any]) -> Part:
    meta = entry.get("meta") or entry
    key = re.sub(r"^s3://[^/]+/", "", str(entry["url"]))
    if not _KEY.fullmatch(key) or ".." in key or "//" in key:
        raise ValueError(t("it lists a path that leads elsewhere: {path}", path=key[:80]))
    return Part(key, int(meta["content_length"]), int(meta.get("record_count") or 0))


def _date(body: bytes, parts: tuple[Part, ...]) -> str:
    """Return the date of a release: its own, or the newest of its parts in the layout that names none."""
    stated = str(parse_json(body).get("date") or "")[:10]
    if re.fullmatch(r"\d{4}-\d\d-\d\d", stated):
        return stated
    found = [match[1] for part in parts if (match := _DATE.search(part.key))]
    if not found:
        raise DataError(
            t("The manifest names neither its date nor dated parts."),
            t("Expected parts in folders updated_date=YYYY-MM-DD."),
        )
    return max(found)


def _refuse_older(source: Source, manifest: Manifest, held: Snapshot | None) -> None:
    if held is not None and manifest.date < held.as_of_date:
        raise DataError(
            t(
                "Source {source}: the release is of {date}, older than the one held ({held}).",
                source=source.id,
                date=manifest.date,
                held=held.as_of_date,
            ),
            t("Expected a release at least as new; a stale copy is not taken in."),
            t("Bring the mirror up to date, then run: listgen acquire {source}", source=source.id),
        )
