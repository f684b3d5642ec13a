"""Raw bytes before they are parsed: whole, the ones that were acquired, and of a kind that can be read.

Reads: data/raw.
Writes: nothing but the readable beginning of a torn file, beside the cache, where a source allows it.
"""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path

from listgen.base.errors import DataError
from listgen.base.models import Source
from listgen.base.provenance import sha256_file
from listgen.base.rawstore import HeldFile
from listgen.base.text import t

_CHUNK = 1 << 20
_GZIP, _ZIP = b"\x1f\x8b", b"PK\x03\x04"


def check_bytes(held: HeldFile, source: Source, scratch: Path) -> tuple[Path, str, int]:
    """Return where to read a raw file, how it is compressed and its size unpacked, once its bytes are whole and the ones acquired.

    Args:
        held: The raw file.
        source: Its source; `partial: allowed` lets the readable beginning of a torn gzip file pass.
        scratch: Folder for that beginning.

    Raises:
        DataError: The file is missing, empty, changed, an archive, or a torn gzip file.
    """
    if not held.path.is_file():
        raise bad_file(held, t("is not in the raw store"))
    if held.path.stat().st_size == 0:
        raise bad_file(held, t("is empty"))
    if sha256_file(held.path) != held.raw_digest:
        raise bad_file(
            held, t("has changed since it was acquired: its bytes no longer have the digest {digest}", digest=held.raw_digest[:12])
        )
    with held.path.open("rb") as stream:
        start = stream.read(4)
    if start == _ZIP:
        raise bad_file(held, t("is a ZIP archive; expected the file inside, as text or gzip"))
    if not start.startswith(_GZIP):
        return held.path, "none", held.path.stat().st_size
    n_text_bytes = 0
    try:
        # DuckDB finds a truncated stream but does not compare the check sum, so a flipped bit would pass.
        with gzip.open(held.path) as whole:
            while chunk := whole.read(_CHUNK):
                n_text_bytes += len(chunk)
    except (EOFError, OSError, zlib.error) as error:
        if source.partial == "allowed":
            path = _rescue(held, scratch)
            return path, "none", path.stat().st_size
        raise bad_file(held, t("is a torn gzip file ({reason}); nothing of it was used", reason=error)) from error
    return held.path, "gzip", n_text_bytes


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
