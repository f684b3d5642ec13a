"""A provider's own list of its files, held against what was received.

A part that is short or missing is named.

Reads: raw files of the form `manifest`.
Writes: nothing.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from listgen.base.errors import DataError
from listgen.base.text import t
from listgen.config.models import MANIFEST, Source
from listgen.stage.records.task import StagedFile
from listgen.store.raw import HeldFile


def check_manifests(
    holdings: Iterable[HeldFile], staged: Sequence[StagedFile], sources: Mapping[str, Source]
) -> None:
    """Compare every manifest held with the files of its source.

    Raises:
        DataError: A manifest cannot be read, or a part it lists differs in size or records or, unless the
            source declares `partial: allowed`, is not held.
    """
    for manifest in holdings:
        if manifest.form_id == MANIFEST:
            parts = {
                _tail(file.held.file_name): file
                for file in staged
                if file.held.source_id == manifest.source_id
            }
            _check(manifest, parts, may_lack=sources[manifest.source_id].partial == "allowed")


def _check(manifest: HeldFile, parts: Mapping[str, StagedFile], *, may_lack: bool) -> None:
    problems = []
    for entry in _entries(manifest):
        url, meta = str(entry.get("url", "")), entry.get("meta") or entry
        part = parts.get(_tail(url))
        if part is None:
            problems += [] if may_lack else [t("{part} is listed but not held", part=_tail(url))]
            continue
        for name, found in (("record_count", part.n_records), ("content_length", part.held.n_bytes)):
            listed = meta.get(name)
            if isinstance(listed, int) and listed != found:
                problems.append(
                    t(
                        "{part} has {name} {found}, listed {listed}",
                        part=_tail(url),
                        name=name,
                        found=found,
                        listed=listed,
                    )
                )
    if problems:
        shown = "; ".join(problems[:5]) + ("; ..." if len(problems) > 5 else "")
        raise DataError(
            t(
                "Source {source}: {file} does not fit the files received: {problems}.",
                source=manifest.source_id,
                file=manifest.file_name,
                problems=shown,
            ),
            t("Expected every listed part whole; nothing was built."),
            t("Run: listgen acquire {source}", source=manifest.source_id),
        )


def _entries(manifest: HeldFile) -> list[dict[str, Any]]:
    """Return the entries, under the names different providers give them."""
    try:
        raw = manifest.path.read_bytes()
        document = json.loads(gzip.decompress(raw) if raw.startswith(b"\x1f\x8b") else raw)
        entries = next(document[key] for key in ("files", "entries") if key in document)
        return [dict(entry) for entry in entries]
    except (OSError, EOFError, ValueError, RecursionError, TypeError, StopIteration) as error:
        raise DataError(
            t(
                "Source {source}: {file} is no manifest that can be read.",
                source=manifest.source_id,
                file=manifest.file_name,
            ),
            t("Expected JSON with a list `files` or `entries`, each with url and meta."),
            t("Run: listgen acquire {source}", source=manifest.source_id),
        ) from error


def _tail(name: str) -> str:
    """Return the last two parts of a path.

    The partition and the file, which a part's address and its local name share.
    """
    return "/".join(PurePosixPath(name).parts[-2:])
