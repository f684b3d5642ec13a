"""A ZIP archive that holds one table.

Judged before anything is unpacked, so that no archive can fill the disk or leave its place.

Archives come from providers and from people; a bomb, a path that leads elsewhere, several members or a link
are refused by name.
"""

from __future__ import annotations

import os
import stat
import struct
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from listgen.base.errors import machine_trouble
from listgen.base.text import t

MAX_UNPACKED_BYTES = 64 << 30
MAX_RATIO = 200  # tables of text pack to a tenth, seldom to a fortieth; the format allows a thousandth
SMALL = 64_000_000  # nothing below this size can harm
_MAX_DIRECTORY = 1 << 20
_CHUNK = 1 << 20
_END, _END_64, _LOCATOR_64 = b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07"


class ZipError(Exception):
    """An archive that is not what it should be; the text says how."""


def check_zip(path: Path, suffix: str = "") -> zipfile.ZipInfo:
    """Return the one member of an archive by what its directory says.

    `unpack_member` compares it with the bytes.

    Args:
        path: The archive.
        suffix: What the member's name must end with.

    Raises:
        ZipError: It is torn, a bomb, leads elsewhere, or holds anything but one plain member.
    """
    try:
        if _directory_bytes(path) > _MAX_DIRECTORY:
            raise ZipError(t("lists too many members"))
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, struct.error, NotImplementedError) as error:
        if machine_trouble(error):
            raise
        raise ZipError(t("is torn or no ZIP archive ({reason})", reason=str(error)[:80])) from error
    for member in members:
        _check_name(member)
    members = [
        member for member in members if not member.filename.startswith("__MACOSX/")
    ]  # what a Mac adds beside the file
    if len(members) != 1:
        shown = ", ".join(member.filename[:60] for member in members[:3])
        raise ZipError(t("holds {n} members ({shown}); expected one table", n=len(members), shown=shown))
    member = members[0]
    if not member.filename.endswith(suffix):
        raise ZipError(
            t(
                "holds {member}; expected a name that ends in {suffix}",
                member=repr(member.filename[:80]),
                suffix=suffix,
            )
        )
    if member.file_size > min(MAX_UNPACKED_BYTES, most_bytes(member.compress_size)):
        packed, size = member.compress_size, member.file_size
        raise ZipError(
            t("would grow from {packed:,} to {size:,} bytes, which no table does", packed=packed, size=size)
        )
    return member


def most_bytes(n_packed: int) -> int:
    """Return how much a packed table of a size may unpack to."""
    return max(SMALL, MAX_RATIO * n_packed)


def unpack_member(path: Path, member: zipfile.ZipInfo, target: Path | None = None) -> int:
    """Return the size of a member read to its end, its check sum compared.

    Its bytes are kept where a target is given.

    Raises:
        ZipError: The bytes are not what the directory says.
    """
    n_bytes = 0
    try:
        with (
            zipfile.ZipFile(path) as archive,
            archive.open(member) as whole,
            (target or Path(os.devnull)).open("wb") as stream,
        ):
            while chunk := whole.read(_CHUNK):
                n_bytes += len(chunk)
                stream.write(chunk)
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise ZipError(t("is torn or no ZIP archive ({reason})", reason=str(error)[:80])) from error
    if n_bytes != member.file_size:
        raise ZipError(t("is torn or no ZIP archive ({reason})", reason=f"{n_bytes} != {member.file_size}"))
    return n_bytes


def _check_name(member: zipfile.ZipInfo) -> None:
    """Refuse a member that would be written elsewhere, or that is no plain file."""
    name = PurePosixPath(member.orig_filename.replace("\\", "/"))
    if name.is_absolute() or ".." in name.parts or ":" in name.parts[0] or "\0" in member.orig_filename:
        raise ZipError(t("holds a path that leads elsewhere: {path}", path=repr(member.orig_filename[:80])))
    mode = member.external_attr >> 16
    is_plain = not mode or stat.S_IFMT(mode) in (0, stat.S_IFREG)
    if (
        member.is_dir()
        or not is_plain
        or member.flag_bits & 1
        or member.compress_type != zipfile.ZIP_DEFLATED
    ):
        raise ZipError(
            t("holds {member}, which is no plain file packed by deflate", member=repr(member.filename[:80]))
        )


def _directory_bytes(path: Path) -> int:
    """Return how large an archive says its list of members is, before the list is read."""
    with path.open("rb") as stream:
        size = stream.seek(0, os.SEEK_END)
        start = max(0, size - (1 << 16) - 64)
        stream.seek(start)
        tail = stream.read()
        place = tail.rfind(_END)
        if place < 0:
            raise zipfile.BadZipFile("no end of directory")
        (listed,) = struct.unpack_from("<L", tail, place + 12)
        if listed == 0xFFFFFFFF and tail[place - 20 : place - 16] == _LOCATOR_64:
            (where,) = struct.unpack_from("<Q", tail, place - 12)
            stream.seek(where)
            end = stream.read(56)
            if end[:4] == _END_64:
                (listed,) = struct.unpack_from("<Q", end, 40)
        return int(listed)
