"""The end of a text file: a file cut on its way ends inside a row, and perhaps inside a number.

Reads: a delimited file.
Writes: nothing.
"""

from __future__ import annotations

from pathlib import Path

from listgen.stage.records.inflating import LineCount
from listgen.stage.tables.grid import open_bytes

_CHUNK = 1 << 22
_DOUBTS = (b'"', b"\n\n", b"\n\r\n")  # a quoted cell may have line ends; DuckDB leaves empty lines out


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


def n_json_lines(path: Path, compression: str) -> int:
    """Return how many lines of a file have text."""
    count = LineCount()
    with open_bytes(path, compression) as raw:
        while chunk := raw.read(_CHUNK):
            count.add(chunk)
    return count.n


class RowCount:
    """The number of rows of delimited text, where line ends alone tell it.

    No quote mark, no empty line, no lone carriage return.
    """

    def __init__(self) -> None:
        """Begin before the first piece."""
        self._n_ends = self._n_returns = self._n_both = 0
        self._has_doubt = False
        self._last = b"\n"  # an empty first line is one too

    @property
    def n(self) -> int | None:
        """Return the rows, the header included; None where line ends alone do not tell."""
        is_plain = not self._has_doubt and self._n_returns == self._n_both
        return self._n_ends + (self._last[-1:] != b"\n") if is_plain else None

    def add(self, piece: bytes) -> None:
        """Count the line ends of the next piece."""
        if self._has_doubt:
            return
        seam = self._last + piece[:2]
        has_returns = b"\r" in piece or b"\r" in seam
        doubts = _DOUBTS if has_returns else _DOUBTS[:2]
        self._has_doubt = any(mark in text for text in (seam, piece) for mark in doubts)
        self._n_ends += piece.count(b"\n")
        if has_returns:
            self._n_returns += piece.count(b"\r")
            self._n_both += piece.count(b"\r\n") + (self._last[-1:] == b"\r" and piece[:1] == b"\n")
        self._last = seam[-2:] if len(piece) < 2 else piece[-2:]
