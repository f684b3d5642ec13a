"""The end of a text file: a file cut on its way ends inside a row, and perhaps inside a number.

Reads: a delimited file.
Writes: nothing.
"""

from __future__ import annotations

from pathlib import Path

from listgen.stage.tables.grid import open_bytes

_CHUNK = 1 << 22


def is_cut(path: Path, compression: str) -> bool:
    """Return True if a file has no line end behind its last figure: "10.5" may have become "1."."""
    last = b""
    with open_bytes(path, compression) as raw:
        while chunk := raw.read(_CHUNK):
            last = chunk[-1:]
    return last.isdigit() or last in (b".", b",")


def n_lines(path: Path, compression: str) -> int:
    """Return how many lines a file has; a last one without a line end counts, empty ones do not."""
    n = 0
    with open_bytes(path, compression) as raw:
        for line in raw:
            n += bool(line.strip())
    return n
