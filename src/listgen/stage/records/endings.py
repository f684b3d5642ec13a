"""The end of a text file: a file cut on its way ends inside a row, and perhaps inside a number.

Reads: a delimited file.
Writes: nothing.
"""

from __future__ import annotations

from pathlib import Path

from listgen.stage.records.inflating import LineCount
from listgen.stage.tables.grid import open_bytes

_CHUNK = 1 << 22


def is_cut(path: Path, compression: str) -> bool:
    """Return True if a file has no line end behind its last figure or delimiter.

    "10.5" may have become "1.".
    """
    last = b""
    with open_bytes(path, compression) as raw:
        if compression == "none":
            raw.seek(max(0, path.stat().st_size - 1))
        while chunk := raw.read(_CHUNK):
            last = chunk[-1:]
    return last.isdigit() or last in (b".", b",", b"\t", b";")


def n_json_lines(path: Path, compression: str) -> int:
    """Return how many lines of a file have text."""
    count = LineCount()
    with open_bytes(path, compression) as raw:
        while chunk := raw.read(_CHUNK):
            count.add(chunk)
    return count.n


def n_filled_lines(lines: bytes) -> int:
    """Return how many lines of whole lines have more than a line end: a reader of tables skips the others."""
    n = lines.count(b"\n")
    text = b"\n" + lines
    if b"\n\n" in text or b"\n\r\n" in text:
        n = sum(bool(line.strip(b"\r")) for line in lines.split(b"\n")[:-1])
    return n
