"""Acquire: take files into the raw store exactly as they are, each with a record of where it came from.

Reads: the files a source declares, or files another step made (the sample).
Writes: data/raw (write-once, by content) and a numbered snapshot per source.
"""

from __future__ import annotations

import datetime as dt
import glob
import hashlib
import json
import os
import threading
import zlib
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from isal import igzip

from listgen import __version__
from listgen.acquire.connector import connectors
from listgen.base.errors import DataError, UsageError, machine_trouble
from listgen.base.files import sync_folder, write_atomically
from listgen.base.provenance import sha256_file
from listgen.base.text import t
from listgen.config.models import Source
from listgen.config.workspace import Workspace
from listgen.store.raw import HeldFile, Snapshot, newest_snapshot, origin_path, raw_path, snapshot_document

_CHUNK = 1 << 20
_WRITERS = 4  # every file is flushed to disk before it counts; the disk serves several at a time


@dataclass(frozen=True)
class Incoming:
    """A file offered to the store.

    Its bytes, the name it is known by, the form it will be read as, and what is noted of its request.

    `in_place`: a very large file of a mirror that is not copied; the store holds its digest and a link.
    """

    path: Path
    file_name: str
    form_id: str
    request: Mapping[str, Any] = field(default_factory=dict)
    in_place: bool = False


def find_files(workspace: Workspace, source: Source) -> list[Incoming]:
    """Return the files a source declares, in name order.

    Raises:
        UsageError: A declared path matches nothing.
    """
    found: list[Incoming] = []
    for declared in source.files:
        pattern = str(workspace.root / declared.path)
        matches = sorted(Path(match) for match in glob.glob(pattern))  # noqa: PTH207 - patterns may climb out of the root
        if not matches:
            raise UsageError(
                t("Source {source}: no file at {path}.", source=source.id, path=declared.path),
                t("Expected it relative to the workspace {root}.", root=workspace.root.name),
                t("Put the file there, or correct config/sources/{source}.yaml.", source=source.id),
            )
        found += [
            Incoming(match, os.path.relpath(match, workspace.root), declared.form)
            for match in matches
            if match.is_file()
        ]
    return found


def register(
    workspace: Workspace,
    source: Source,
    incoming: Sequence[Incoming],
    *,
    as_of: str | None = None,
    recipe: str = "",
    kept: Sequence[HeldFile] = (),
) -> Snapshot:
    """Take files into the store as the newest snapshot of a source; the same bytes again write nothing.

    Args:
        workspace: Where.
        source: Whose files they are.
        incoming: The files.
        as_of: The date the files speak for; the source's own, or today, when it is not given.
        recipe: Identity of how the files were generated or asked for, empty for files from outside.
        kept: Files of an earlier snapshot that belong to this one too and are not read again.

    Returns:
        The snapshot now newest.

    Raises:
        DataError: A compressed file is torn and the source does not allow partial files.
    """
    date = as_of or source.as_of or dt.datetime.now(dt.UTC).date().isoformat()
    with ThreadPoolExecutor(_WRITERS) as pool:
        held = tuple(
            sorted([*kept, *pool.map(lambda file: _take_in(workspace, source, file, date), incoming)])
        )
    last = newest_snapshot_or_none(workspace, source.id)
    snapshot = Snapshot(source.id, last.number + 1 if last else 1, date, held, recipe)
    if last and last.identity == snapshot.identity and last.recipe == recipe:
        return last
    record = workspace.raw / "snapshots" / source.id / f"{snapshot.number:06d}.json"
    write_atomically(
        record, json.dumps(snapshot_document(snapshot), ensure_ascii=False, indent=1, sort_keys=True).encode()
    )
    return snapshot


def newest_snapshot_or_none(workspace: Workspace, source_id: str) -> Snapshot | None:
    """Return the newest intact snapshot; a damaged one counts as none, so that acquiring again mends it."""
    try:
        return newest_snapshot(workspace.raw, source_id)
    except DataError:
        return None


def is_unchanged(workspace: Workspace, source_id: str, recipe: str) -> bool:
    """Tell whether acquiring a source again would write nothing.

    A generated source is known by its recipe.
    """
    source = workspace.config.sources[source_id]
    if source.provider is not None:
        return connectors()[source.provider].fresh_snapshot(workspace, source) is not None
    snapshot = newest_snapshot_or_none(workspace, source_id)
    if snapshot is None or snapshot.recipe != recipe:
        return False
    if recipe:
        return True
    offered = sorted(
        (file.file_name, file.form_id, sha256_file(file.path)) for file in find_files(workspace, source)
    )
    return offered == sorted((f.file_name, f.form_id, f.raw_digest) for f in snapshot.files)


def _take_in(workspace: Workspace, source: Source, file: Incoming, date: str) -> HeldFile:
    if file.path.suffix == ".gz" and source.partial == "refused" and not file.in_place:
        _refuse_torn_gzip(source, file)
    digest, n_bytes = (_link_into_store if file.in_place else _copy_into_store)(workspace.raw, file.path)
    held = HeldFile(
        source.id, file.form_id, file.file_name, digest, n_bytes, date, raw_path(workspace.raw, digest)
    )
    _write_origin(workspace.raw, source, held, file.request)
    return held


def _refuse_torn_gzip(source: Source, file: Incoming) -> None:
    try:
        with igzip.open(file.path) as stream:
            while stream.read(_CHUNK):
                pass
    except (EOFError, OSError, zlib.error) as error:
        if machine_trouble(error):
            raise
        raise DataError(
            t(
                "Source {source}: {file} is torn or no gzip file ({reason}).",
                source=source.id,
                file=file.file_name,
                reason=error,
            ),
            t(
                "Expected a whole gzip file; nothing of it was taken in, and what was held before still"
                " stands."
            ),
            t("Fetch the file again, then run: listgen acquire {source}", source=source.id),
        ) from error


def _copy_into_store(raw: Path, path: Path) -> tuple[str, int]:
    """Copy a file under its digest; return digest and size.

    The copy is renamed into place only when it is whole.
    """
    incoming = raw / "incoming"
    incoming.mkdir(parents=True, exist_ok=True)
    temporary = incoming / f"{os.getpid()}-{threading.get_ident()}-{path.name}"
    digest, size = hashlib.sha256(), 0
    try:
        with path.open("rb") as source, temporary.open("wb") as target:
            while chunk := source.read(_CHUNK):
                digest.update(chunk)
                size += len(chunk)
                target.write(chunk)
            target.flush()
            os.fsync(target.fileno())
        final = raw_path(raw, digest.hexdigest())
        if not final.exists():
            final.parent.mkdir(parents=True, exist_ok=True)
            temporary.chmod(0o444)
            temporary.rename(final)
            sync_folder(final.parent)
    finally:
        temporary.unlink(missing_ok=True)
    return digest.hexdigest(), size


def _link_into_store(raw: Path, path: Path) -> tuple[str, int]:
    """Register a file where it is under its digest; return digest and size.

    Reading it later compares the digest again.
    """
    digest = sha256_file(path)
    final = raw_path(raw, digest)
    final.parent.mkdir(parents=True, exist_ok=True)
    if not final.exists():
        final.unlink(missing_ok=True)  # a link to a file that is gone
        final.symlink_to(path.resolve())
        sync_folder(final.parent)
    return digest, path.stat().st_size


def _write_origin(raw: Path, source: Source, held: HeldFile, request: Mapping[str, Any]) -> None:
    path = origin_path(raw, held.raw_digest, source.id)
    if path.exists():
        return
    origin = {
        "source_id": source.id,
        "title": source.title.model_dump(),
        "producer": source.producer,
        "citation": source.citation,
        "url": source.url,
        "licence": source.licence.model_dump(by_alias=True),
        "grade": source.grade,
        "is_sample": source.is_sample,
        "file_name": held.file_name,
        "form_id": held.form_id,
        "sha256": held.raw_digest,
        "n_bytes": held.n_bytes,
        "as_of_date": held.as_of_date,
        "retrieved_at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "access": source.access,
        "listgen_version": __version__,
    } | ({"request": dict(request)} if request else {})
    write_atomically(path, json.dumps(origin, ensure_ascii=False, indent=1, sort_keys=True).encode())


def acquire_source(
    workspace: Workspace,
    source_id: str,
    say: Callable[[str], None] = lambda text: None,
    *,
    budget: int | None = None,
    again: bool = False,
) -> Snapshot:
    """Register the declared files of a source, or fetch what it requests, and return its newest snapshot.

    Args:
        workspace: Where.
        source_id: The source.
        say: Tells what is being done.
        budget: Credits, calls, downloads or look-ups a provider may be asked for, None for as many as it
            gives.
        again: Ask a provider even when what is held is fresh.
    """
    source = workspace.config.sources[source_id]
    if source.provider is None:
        return register(workspace, source, find_files(workspace, source))
    from listgen.acquire.order import Order

    return connectors()[source.provider].acquire(
        workspace, source, Order(budget=budget, say=say, again=again)
    )
