"""What the raw store holds: snapshots of sources, each a list of files by content.

The store is `data/raw/sha256/ab/<digest>` with one origin record per source beside each file, and
`data/raw/snapshots/<source>/<n>.json`, the n-th state of a source. Only the acquire step writes here.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from listgen.base.errors import DataError
from listgen.base.text import t
from listgen.store.digests import Digests


@dataclass(frozen=True, order=True)
class HeldFile:
    """One raw file of a snapshot; `path` is where its bytes are, everything else is its identity."""

    source_id: str
    form_id: str
    file_name: str
    raw_digest: str
    n_bytes: int
    as_of_date: str
    path: Path


@dataclass(frozen=True)
class Snapshot:
    """One state of a source: as of a date, these files.

    `recipe` identifies how a generated source was made.
    """

    source_id: str
    number: int
    as_of_date: str
    files: tuple[HeldFile, ...]
    recipe: str = ""

    @property
    def identity(self) -> list[list[str]]:
        """Return what makes two snapshots the same: names, forms, contents and date."""
        return sorted([f.file_name, f.form_id, f.raw_digest, self.as_of_date] for f in self.files)


def raw_path(raw: Path, digest: str) -> Path:
    """Return where the bytes of a digest stand."""
    return raw / "sha256" / digest[:2] / digest


def stored_as(held: HeldFile) -> str:
    """Return where a file's bytes are kept inside the raw store."""
    return "/".join(held.path.parts[-3:])


def origin_path(raw: Path, digest: str, source_id: str) -> Path:
    """Return where the origin record of a file of a source stands."""
    return raw / "sha256" / digest[:2] / f"{digest}.{source_id}.json"


def snapshot_document(snapshot: Snapshot) -> dict[str, Any]:
    """Return a snapshot as written to disk, paths left out."""
    files = [{key: value for key, value in asdict(file).items() if key != "path"} for file in snapshot.files]
    return {
        "source_id": snapshot.source_id,
        "number": snapshot.number,
        "as_of_date": snapshot.as_of_date,
        "recipe": snapshot.recipe,
        "files": files,
    }


def snapshots(raw: Path, source_id: str) -> Iterator[Snapshot]:
    """Give the snapshots held of a source, the newest first, as their records say.

    Raises:
        DataError: A record cannot be read.
    """
    for record in sorted((raw / "snapshots" / source_id).glob("[0-9]*.json"), reverse=True):
        try:
            document = json.loads(record.read_text(encoding="utf-8"))
            files = tuple(
                HeldFile(path=raw_path(raw, entry["raw_digest"]), **entry) for entry in document["files"]
            )
            yield Snapshot(
                source_id, document["number"], document["as_of_date"], files, document.get("recipe", "")
            )
        except (ValueError, KeyError, TypeError) as error:
            raise DataError(
                t(
                    "data/raw/snapshots/{source}/{name}: the record is damaged.",
                    source=source_id,
                    name=record.name,
                ),
                t("Expected the JSON written when the source was acquired."),
                t("Remove that file and run: listgen acquire {source}", source=source_id),
            ) from error


def newest_snapshot(raw: Path, source_id: str) -> Snapshot | None:
    """Return the newest snapshot held of a source, or None.

    Raises:
        DataError: Its record cannot be read, or a file it names is gone.
    """
    snapshot = next(snapshots(raw, source_id), None)
    if snapshot is None:
        return None
    for file in snapshot.files:
        if not file.path.is_file():
            raise DataError(
                t(
                    "data/raw: the bytes of {file} (source {source}) are gone.",
                    file=file.file_name,
                    source=source_id,
                ),
                t("Expected SHA-256 {digest}.", digest=file.raw_digest),
                t("Run: listgen acquire {source}", source=source_id),
            )
    return snapshot


def check_digests(raw: Path, files: Iterable[HeldFile]) -> None:
    """Make sure that raw files have the bytes they were acquired with.

    A file that did not change since it was hashed is not hashed again.

    Raises:
        DataError: Some have not; all of them are named.
    """
    digests = Digests(raw)
    changed = sorted({file for file in files if not _is_as_acquired(file, digests)})
    digests.save()
    if changed:
        paths, sources = (
            dict.fromkeys(stored_as(f) for f in changed),
            dict.fromkeys(f.source_id for f in changed),
        )
        raise DataError(
            "\n".join(changed_since(file) for file in changed),
            t("Expected the bytes that were acquired; nothing was promoted."),
            t(
                "Remove data/raw/{path}, then run: listgen acquire {source}",
                path=", data/raw/".join(paths),
                source=" ".join(sources),
            ),
        )


def changed_since(file: HeldFile) -> str:
    """Return the sentence about a raw file whose bytes are no longer those that were acquired."""
    template = (
        "{file} (source {source}) has changed since it was acquired: its bytes no longer have the digest"
        " {digest}."
    )
    return t(template, file=file.file_name, source=file.source_id, digest=file.raw_digest[:12])


def _is_as_acquired(file: HeldFile, digests: Digests) -> bool:
    try:
        return digests.of(file.path) == file.raw_digest
    except OSError:
        return False
