"""What is known outside the database of how long its log was.

Decisions written out, and those that builds registered.

A log cut at its end is whole in itself. Each `decisions.jsonl` names the length and newest digest of the log
it was made from, and the log notes the digest of each file, so that either of them shows what is missing.

Reads: data/review/decisions/decisions.jsonl, data/raw (source review_decisions)
Writes: nothing
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from listgen.base.errors import UsageError
from listgen.base.text import t
from listgen.store.raw import snapshots

DECISIONS_FILE = "decisions.jsonl"
SOURCE = "review_decisions"


@dataclass(frozen=True)
class Anchor:
    """A file of decisions.

    Where it is, its digest, its review, and the log it was made from (its head, and its length if the file
    has it).
    """

    name: str
    sha256: str
    length: int | None = None
    head: str = ""
    review_id: str = ""


def anchors(given: Iterable[Path] = ()) -> list[Anchor]:
    """Return the files of decisions that this workspace knows, and those given.

    Args:
        given: Files of decisions from elsewhere, such as an auditor's export.

    Raises:
        UsageError: A given file is not a file of decisions.
    """
    from django.conf import settings

    folder: Path = settings.LISTGEN_FOLDER
    written = folder / "decisions" / DECISIONS_FILE
    files = [(written, f"data/review/decisions/{DECISIONS_FILE}")] if written.is_file() else []
    for snapshot in snapshots(folder.parent / "raw", SOURCE):
        name = f"decisions registered as snapshot {snapshot.number}"
        files += [(file.path, name) for file in snapshot.files if file.path.is_file()]
    return [*(_read(path, name) for path, name in files), *(_read_given(path) for path in given)]


def _read_given(path: Path) -> Anchor:
    try:
        found = _read(path, str(path))
    except OSError as error:
        raise UsageError(
            t("{path} cannot be read ({reason}).", path=path, reason=error.strerror),
            "",
            t("Name a file: --decisions decisions.jsonl"),
        ) from error
    if not found.head:
        raise UsageError(
            t("{path} is not a file of decisions.", path=path),
            t("Expected the decisions.jsonl of an export or of data/review/decisions."),
        )
    return found


def _read(path: Path, name: str) -> Anchor:
    """Return what a file says of the log; nothing but its digest if it cannot be parsed.

    Older files name only the last close of a round.
    """
    content = path.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    try:
        first: dict[str, Any] = json.loads(content.split(b"\n", 1)[0])
        length = first.get("log_length")
        head = first.get("log_head_digest") if length else first.get("log_digest")
    except (ValueError, AttributeError):
        return Anchor(name, digest)
    return Anchor(
        name,
        digest,
        length if isinstance(length, int) else None,
        str(head or ""),
        str(first.get("review_id", "")),
    )
