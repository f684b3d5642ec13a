"""A table delivered as a ZIP: the one file inside as gzip, without unpacking it, once it is certain to be a file and no bomb.

A ZIP member and a gzip file hold the same compressed stream between other headers, so a table of ten gigabytes needs the disk of one.
How large it claims to be is held against what it was; igzip then unpacks it once, which finds a wrong check sum, as with any gzip file.

Reads: a raw file.
Writes: a scratch copy beside the cache, gone when the file is parsed.
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from pathlib import Path
from typing import IO

from listgen.base.text import t

UNPACK = "unzip -p {raw} > {text}"
# Tables of text shrink to a tenth, seldom to a fortieth; deflate can shrink a run of zeros to a thousandth.
MAX_RATIO = 200
SMALL = 64_000_000  # nothing below this size can harm
_CHUNK = 1 << 20
_ENCRYPTED = 0x1
_LOCAL_HEADER = 30
_NESTED = (b"PK\x03\x04", b"\x1f\x8b")


class ArchiveError(Exception):
    """A ZIP that is not read; its text says why."""


def member_as_gzip(path: Path, target: Path) -> None:
    """Write the one file inside a ZIP as a gzip file.

    Raises:
        ArchiveError: It is no whole ZIP, holds several files or another archive, is encrypted, or would unpack to far more than a table does.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            member = _only_member(archive)
            with archive.open(member) as stream:
                start = stream.read(4)
    except (zipfile.BadZipFile, EOFError, OSError, zlib.error, NotImplementedError, ValueError) as error:
        raise ArchiveError(t("is no whole ZIP archive ({reason})", reason=error)) from error
    if start.startswith(_NESTED):
        raise ArchiveError(t("is an archive inside an archive; expected a table"))
    with path.open("rb") as raw, target.open("wb") as out:
        raw.seek(member.header_offset)
        header = raw.read(_LOCAL_HEADER)
        n_name, n_extra = struct.unpack("<HH", header[26:30])
        raw.seek(n_name + n_extra, 1)
        out.write(b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff")
        _copy(raw, out, member.compress_size)
        out.write(struct.pack("<II", member.CRC, member.file_size & 0xFFFFFFFF))


def _only_member(archive: zipfile.ZipFile) -> zipfile.ZipInfo:
    members = [member for member in archive.infolist() if not member.is_dir() and not member.filename.startswith("__MACOSX/")]
    if len(members) != 1:
        raise ArchiveError(t("is a ZIP archive of {count} files; expected one table", count=len(members)))
    member = members[0]
    if member.flag_bits & _ENCRYPTED:
        raise ArchiveError(t("is an encrypted ZIP archive"))
    if member.compress_type != zipfile.ZIP_DEFLATED:
        raise ArchiveError(t("is a ZIP archive packed by method {method}; expected deflate (8)", method=member.compress_type))
    if member.file_size > most_bytes(member.compress_size):
        ratio = member.file_size / max(1, member.compress_size)
        raise ArchiveError(
            t(
                "would unpack to {size} MB, {ratio} times its size: no table does, so it was not unpacked",
                size=member.file_size // 1_000_000,
                ratio=round(ratio),
            )
        )
    return member


def most_bytes(n_packed: int) -> int:
    """Return how much a packed file of a size may unpack to."""
    return max(SMALL, MAX_RATIO * n_packed)


def _copy(raw: IO[bytes], out: IO[bytes], n_bytes: int) -> None:
    while n_bytes > 0 and (chunk := raw.read(min(_CHUNK, n_bytes))):
        out.write(chunk)
        n_bytes -= len(chunk)
