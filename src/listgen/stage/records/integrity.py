"""Raw bytes before they are parsed: whole, the ones that were acquired, and of a kind that can be read.

Reads: data/raw.
Writes: unpacked copies in a scratch folder beside the cache, gone when the file is parsed.
"""

from __future__ import annotations

import os
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from isal import igzip

from listgen.base.errors import DataError, machine_trouble
from listgen.base.provenance import sha256_file
from listgen.base.text import t
from listgen.base.zipped import MAX_RATIO, ZipError, most_bytes
from listgen.config.models import Source
from listgen.stage.records.archive import member_as_gzip
from listgen.store.raw import HeldFile, stored_as

_CHUNK = 1 << 18
_GZIP, _ZIP = b"\x1f\x8b", b"PK\x03\x04"

# what a thread unpacks goes into one file of its own, written over by the next: fresh pages cost half the
# inflating
UNPACKED = "unpacked-"
# Unpacking once ahead of DuckDB costs a third of its own inflating and compares the check sum, which DuckDB
# does not; beyond this size the disk matters more, and the file is only checked.
_MAX_UNPACKED_AHEAD = 256_000_000
_MAX_LINE = (
    33_554_432  # bytes of one record; DuckDB sets aside twice as much, so it is told less where less will do
)


# What reading packed bytes raises when they are not whole.
_TORN = (EOFError, OSError, zlib.error)


class Readable(NamedTuple):
    """Place, compression, unpacked size and maximal line length of a raw file.

    `n_records`: how many records the raw file has, where the text to read was made from it.
    """

    path: Path
    compression: str
    n_text_bytes: int
    n_line_bytes: int = _MAX_LINE
    n_records: int | None = None


def is_gzip(held: HeldFile) -> bool:
    """Tell whether the raw bytes are there and packed by gzip."""
    return _start_of(held).startswith(_GZIP)


def is_zip(held: HeldFile) -> bool:
    """Tell whether the raw bytes are there and a ZIP archive."""
    return _start_of(held) == _ZIP


def _start_of(held: HeldFile) -> bytes:
    if not held.path.is_file():
        return b""
    with held.path.open("rb") as stream:
        return stream.read(len(_ZIP))


def check_bytes(
    held: HeldFile,
    source: Source,
    scratch: Path,
    *,
    unpack: bool = False,
    is_workbook: bool = False,
    may_be_zip: bool = False,
) -> Readable:
    """Return where and how to read a raw file, once its bytes are whole and as acquired.

    Args:
        held: The raw file.
        source: Its source; `partial: allowed` lets the readable beginning of a torn gzip file pass.
        scratch: Folder for unpacked copies.
        unpack: Leave an unpacked copy of a packed file there, unless it is very large; it stands until the
            same thread unpacks another.
        is_workbook: The file is a workbook, which is an archive inside and is left as it is.
        may_be_zip: The file may be delivered as a ZIP.

    Raises:
        DataError: The file is missing, empty, changed, an archive of another kind, torn, or would unpack to
            far more than a table does.
    """
    check_held(held)
    is_archive = is_zip(held) and may_be_zip
    if is_zip(held) and not (is_workbook or may_be_zip):
        raise bad_file(held, t("is a ZIP archive; expected the file inside, as text or gzip"))
    if not is_archive and not is_gzip(held):
        return Readable(held.path, "none", held.path.stat().st_size)
    packed = scratch / f"{held.raw_digest}.{source.id}.gz" if is_archive else held.path
    is_small = held.path.stat().st_size <= _MAX_UNPACKED_AHEAD
    target = scratch / f"{UNPACKED}{threading.get_ident()}" if unpack and is_small else None
    with _naming_the_file(held):
        if is_archive:
            member_as_gzip(held.path, packed)
        try:
            sizes = _unpack(packed, target)
        except _TORN as error:
            if is_archive or source.partial != "allowed" or machine_trouble(error):
                raise
            path = _rescue(held, scratch)
            return Readable(path, "none", path.stat().st_size)
    if target and is_archive:
        packed.unlink()
    return Readable(target, "none", *sizes) if target else Readable(packed, "gzip", *sizes)


@contextmanager
def _naming_the_file(held: HeldFile) -> Iterator[None]:
    """Raise what is wrong with packed bytes as an error of their file.

    Trouble of the machine stays as it is.
    """
    try:
        yield
    except ZipError as error:
        raise bad_file(held, str(error)) from error
    except _TORN as error:
        if machine_trouble(error):  # the file is not to blame
            raise
        raise bad_file(
            held, t("is a torn gzip file ({reason}); nothing of it was used", reason=error)
        ) from error


def check_packed(held: HeldFile) -> bool:
    """Return True if a raw file is packed by gzip, once its bytes are as acquired.

    Raises:
        DataError: It is packed, and not as acquired.
    """
    if not is_gzip(held):
        return False
    check_held(held)
    return True


def check_held(held: HeldFile) -> None:
    """Make sure that a raw file is there, is not empty and has the bytes that were acquired.

    Raises:
        DataError: It is not.
    """
    if not held.path.is_file():
        raise bad_file(held, t("is not in the raw store"))
    if held.path.stat().st_size == 0:
        raise bad_file(held, t("is empty"))
    if sha256_file(held.path) != held.raw_digest:
        raise bad_file(
            held,
            t(
                "has changed since it was acquired: its bytes no longer have the digest {digest}",
                digest=held.raw_digest[:12],
            ),
            t(
                "Remove data/raw/{path}, then run: listgen acquire {source}",
                path=stored_as(held),
                source=held.source_id,
            ),
        )


def _unpack(path: Path, target: Path | None) -> tuple[int, int]:
    """Return the unpacked size of a whole gzip file and the most its lines can have.

    Its text is kept where a target is given.
    """
    n_text_bytes, limit = 0, most_bytes(path.stat().st_size)
    longest, begun = (
        _CHUNK,
        0,
    )  # a line inside a chunk is no longer than that; only those that begin in an earlier one are measured
    target = target or Path(os.devnull)
    with igzip.open(path) as whole, target.open("r+b" if target.exists() else "wb") as stream:
        while chunk := whole.read(_CHUNK):
            n_text_bytes += len(chunk)
            if n_text_bytes > limit:
                raise ZipError(
                    t(
                        "unpacks to more than {ratio} times its size: no table does, so it is not read",
                        ratio=MAX_RATIO,
                    )
                )
            stream.write(chunk)
            end = chunk.find(b"\n")
            longest = max(longest, begun + (len(chunk) if end < 0 else end))
            begun = begun + len(chunk) if end < 0 else len(chunk) - chunk.rfind(b"\n")
        if target.is_file():
            stream.truncate()
    return n_text_bytes, min(longest + 1, _MAX_LINE)


def _rescue(held: HeldFile, scratch: Path) -> Path:
    """Return the readable beginning of a torn gzip file; only sources that declare `partial.

    Allowed` come here.
    """
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


def bad_file(held: HeldFile, what: str, step: str = "") -> DataError:
    """Return the error for an unusable raw file, with the command that may mend it, if any."""
    return DataError(
        t("Source {source}: {file} {what}.", source=held.source_id, file=held.file_name, what=what),
        t("Expected a whole {form} file.", form=held.form_id),
        step or t("Run: listgen acquire {source}", source=held.source_id),
    )
