"""Format, encoding and delimiter of a table, as far as its bytes show them.

Reads: one file.
Writes: nothing.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Any

from listgen.base.errors import DataError
from listgen.base.text import t
from listgen.stage.tables.grid import open_bytes, read_head
from listgen.store.raw import HeldFile

_KANA = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
_ENCODINGS = ("utf-8", "cp932", "euc_jp", "cp1252")
# The first heading of Eurostat's TSV: the keys of a row, packed into one column.
PACKED_KEYS = re.compile(r"\w+(?:,\w+)+\\\w+")
_DELIMITERS = (",", "\t", ";", "|")


def compression_of(held: HeldFile) -> str:
    """Return `gzip` or `none`, from the first bytes."""
    with held.path.open("rb") as stream:
        return "gzip" if stream.read(2) == b"\x1f\x8b" else "none"


def format_of(held: HeldFile, sheet: str | None) -> dict[str, Any]:
    """Return format and encoding, from the bytes."""
    with open_bytes(held.path, compression_of(held)) as stream:
        head = stream.read(1 << 20)
    if head.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        return {"format": "xlsx", **({"sheet": sheet} if sheet else {})}
    if not head.strip() or b"\x00" in head[:2000] and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise DataError(
            t("{file} is no table that can be read.", file=held.file_name),
            t("Expected CSV, TSV or a workbook, as text or gzip."),
            "",
        )
    return {"format": "csv", "encoding": _encoding(head)}


def _encoding(head: bytes) -> str:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    for encoding in _ENCODINGS:
        try:
            text = head[: head.rfind(b"\n") + 1 or None].decode(encoding)
        except UnicodeDecodeError:
            continue
        if encoding in ("utf-8", "cp1252") or _KANA.search(text):
            return encoding
    return "latin-1"


def delimiter_found(held: HeldFile, path: Path, compression: str) -> dict[str, Any]:
    """Return the mark that gives the most rows of one width."""
    best, most = ",", 0
    first = next((row[0] for row in read_head(held, path, compression, "\t") if row), "")
    if PACKED_KEYS.fullmatch(first.strip()):
        return {"format": "tsv"}
    for mark in _DELIMITERS:
        widths = Counter(len(row) for row in read_head(held, path, compression, mark)[:200] if len(row) > 1)
        width, n = widths.most_common(1)[0] if widths else (0, 0)
        if n * min(width, 30) > most:
            best, most = mark, n * min(width, 30)
    if best == "\t":
        return {"format": "tsv"}
    return {} if best == "," else {"delimiter": best}
