"""Raw bytes before they are parsed: whole, the ones that were acquired, and of a kind that can be read.

Reads: data/raw.
Writes: unpacked copies in a scratch folder beside the cache, gone when the file is parsed.
"""

from __future__ import annotations

import os
import threading
import zlib
from pathlib import Path

from isal import igzip

from listgen.base.errors import DataError
from listgen.base.models import Source
from listgen.base.provenance import sha256_file
from listgen.base.rawstore import HeldFile
from listgen.base.text import t

_CHUNK = 1 << 20
_GZIP, _ZIP = b"\x1f\x8b", b"PK\x03\x04"


UNPACKED = "unpacked-"  # what a thread unpacks goes into one file of its own, written over by the next: fresh pages cost half the inflating
# Unpacking once ahead of DuckDB costs a third of its own inflating and compares the check sum, which DuckDB does not; beyond
# this size the disk matters more, and the file is only checked.
_MAX_UNPACKED_AHEAD = 256_000_000


def check_bytes(held: HeldFile, source: Source, scratch: Path, *, unpack: bool = False, may_be_zip: bool = False) -> tuple[Path, str, int]:
    """Return where to read a raw file, how it is compressed there and its size unpacked, once its bytes are whole and as acquired.

    Args:
        held: The raw file.
        source: Its source; `partial: allowed` lets the readable beginning of a torn gzip file pass.
        scratch: Folder for unpacked copies.
        unpack: Leave an unpacked copy of a gzip file there, unless it is very large; it stands until the same thread unpacks another.
        may_be_zip: The file is a workbook, which is an archive inside.

    Raises:
        DataError: The file is missing, empty, changed, an archive, or a torn gzip file.
    """
    if not held.path.is_file():
        raise bad_file(held, t("is not in the raw store"))
    n_bytes = held.path.stat().st_size
    if n_bytes == 0:
        raise bad_file(held, t("is empty"))
    if sha256_file(held.path) != held.raw_digest:
        raise bad_file(
            held, t("has changed since it was acquired: its bytes no longer have the digest {digest}", digest=held.raw_digest[:12])
        )
    with held.path.open("rb") as stream:
        start = stream.read(4)
    if start == _ZIP and not may_be_zip:
        raise bad_file(held, t("is a ZIP archive; expected the file inside, as text or gzip"))
    if not start.startswith(_GZIP):
        return held.path, "none", n_bytes
    target = scratch / f"{UNPACKED}{threading.get_ident()}" if unpack and n_bytes <= _MAX_UNPACKED_AHEAD else None
    try:
        n_text_bytes = _unpack(held.path, target)
    except (EOFError, OSError, zlib.error) as error:
        if source.partial == "allowed":
            path = _rescue(held, scratch)
            return path, "none", path.stat().st_size
        raise bad_file(held, t("is a torn gzip file ({reason}); nothing of it was used", reason=error)) from error
    return (target, "none", n_text_bytes) if target else (held.path, "gzip", n_text_bytes)


def _unpack(path: Path, target: Path | None) -> int:
    """Return the unpacked size of a whole gzip file; its text is kept where a target is given."""
    n_text_bytes = 0
    target = target or Path(os.devnull)
    with igzip.open(path) as whole, target.open("r+b" if target.exists() else "wb") as stream:
        while chunk := whole.read(_CHUNK):
            n_text_bytes += len(chunk)
            stream.write(chunk)
        if target.is_file():
            stream.truncate()
    return n_text_bytes


def _rescue(held: HeldFile, scratch: Path) -> Path:
    """Return the readable beginning of a torn gzip file; only sources that declare `partial: allowed` come here."""
    target = scratch / f"{held.raw_digest}.part"
    with target.open("wb") as stream, held.path.open("rb") as raw:
        unpacker = zlib.decompressobj(31)
        try:
            while chunk := raw.read(_CHUNK):
                while chunk:
                    stream.write(unpacker.decompress(chunk, _CHUNK))
                    chunk = unpacker.unconsumed_tail
        except zlib.error:
            pass
    return target


def bad_file(held: HeldFile, what: str) -> DataError:
    """Return the error for a raw file that cannot be used, with the command that may mend it."""
    return DataError(
        t("Source {source}: {file} {what}.", source=held.source_id, file=held.file_name, what=what),
        t("Expected a whole {form} file.", form=held.form_id),
        t("Run: listgen acquire {source}", source=held.source_id),
    )
