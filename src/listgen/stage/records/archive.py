"""A table delivered as a ZIP.

The one file inside as gzip, without unpacking it, once it is certain to be a file and no bomb.

A ZIP member and a gzip file hold the same compressed stream between other headers, so a table of ten
gigabytes needs the disk of one. How large it claims to be is held against what it was; igzip then unpacks it
once, which finds a wrong check sum, as with any gzip file.

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
from listgen.base.zipped import ZipError, check_zip

UNPACK = "unzip -p {raw} > {text}"
_CHUNK = 1 << 20
_LOCAL_HEADER = 30
_NESTED = (b"PK\x03\x04", b"\x1f\x8b")


def member_as_gzip(path: Path, target: Path) -> None:
    """Write the one file inside a ZIP as a gzip file.

    Raises:
        ZipError: It is no whole ZIP, holds anything but one plain table, or would unpack to far more than a
            table does.
    """
    member = check_zip(path)
    try:
        with zipfile.ZipFile(path) as archive, archive.open(member) as stream:
            start = stream.read(4)
    except (zipfile.BadZipFile, EOFError, zlib.error) as error:
        raise ZipError(t("is torn or no ZIP archive ({reason})", reason=str(error)[:80])) from error
    if start.startswith(_NESTED):
        raise ZipError(t("is an archive inside an archive; expected a table"))
    with path.open("rb") as raw, target.open("wb") as out:
        raw.seek(member.header_offset)
        header = raw.read(_LOCAL_HEADER)
        n_name, n_extra = struct.unpack("<HH", header[26:30])
        raw.seek(n_name + n_extra, 1)
        out.write(b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff")
        _copy(raw, out, member.compress_size)
        out.write(struct.pack("<II", member.CRC, member.file_size & 0xFFFFFFFF))


def _copy(raw: IO[bytes], out: IO[bytes], n_bytes: int) -> None:
    while n_bytes > 0 and (chunk := raw.read(min(_CHUNK, n_bytes))):
        out.write(chunk)
        n_bytes -= len(chunk)
