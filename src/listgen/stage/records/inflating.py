"""Packed lines as DuckDB reads them: unpacked on the way, without a copy on disk.

igzip unpacks three times as fast as DuckDB does and compares the check sum, which DuckDB does not. Pieces are
handed over that stay in the processor's cache, and little more than a batch of records at once: the text of a
release is then touched while it is there.

Reads: data/raw.
Writes: nothing.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
from fsspec import AbstractFileSystem
from isal import igzip

from listgen.base.text import t
from listgen.base.zipped import MAX_RATIO, ZipError, most_bytes

MAX_STREAMED_LINE = 16_000_000  # bytes; up to twice this DuckDB sets aside the least it ever does
_PIECE = 1 << 18
_BATCH = 3_000_000  # bytes of whole lines; half of this costs more calls, twice this more waiting for memory


class LineCount:
    """The number of lines of a text that is read piece by piece.

    Lines of white space alone are not counted.
    """

    def __init__(self) -> None:
        """Begin before the first piece."""
        self._n_ended = 0
        self._has_text = False

    @property
    def n(self) -> int:
        """Return the lines so far; a last one without a line end counts."""
        return self._n_ended + self._has_text

    def add(self, piece: bytes) -> None:
        """Count the lines of the next piece: one search for each line end, because lines of JSON are long."""
        start = 0
        while (end := piece.find(b"\n", start)) >= 0:
            self._n_ended += self._has_text or _has_text(piece, start, end)
            self._has_text, start = False, end + 1
        self._has_text = self._has_text or _has_text(piece, start, len(piece))


def _has_text(piece: bytes, start: int, end: int) -> bool:
    return start < end and (piece[start] > ord(" ") or not piece[start:end].isspace())


class Inflating(AbstractFileSystem):  # type: ignore[misc]  # fsspec tells mypy nothing about its classes
    """The packed files in use, as a file system that DuckDB can only open and read."""

    protocol = "inflating"
    cachable = False

    def __init__(self) -> None:
        """Begin without a file."""
        super().__init__()
        self._numbers = itertools.count()
        self._paths: dict[str, Path] = {}
        self._opened: dict[str, _Inflated] = {}

    def execute(
        self, cursor: duckdb.DuckDBPyConnection, sql: str, params: Mapping[str, Any], path: Path
    ) -> int:
        """Run a statement whose parameter `path` is the text of a gzip file.

        Return how many lines of it have text.

        The file is closed however far it was read.

        Raises:
            EOFError: The statement did not read to the end of a whole file.
        """
        address = (  # each run has its own, also when two read one file
            f"{self.protocol}://{next(self._numbers)}"
        )
        self._paths[address] = path
        try:
            cursor.execute(sql, {**params, "path": address})
            if not self._opened[address].is_at_end:
                raise EOFError(address)
            return self._opened[address].lines.n
        finally:
            del self._paths[address]
            if address in self._opened:
                self._opened.pop(address).close()

    def glob(self, path: str, **_: object) -> list[str]:
        """Return the address itself: DuckDB asks what stands there before it opens it."""
        return [path]

    def info(self, path: str, **_: object) -> dict[str, Any]:
        """Return the packed size, which is what can be known before the end.

        DuckDB reckons its progress with it.
        """
        return {"name": path, "size": self._paths[path].stat().st_size, "type": "file"}

    def open(self, path: str, mode: str = "rb", **_: object) -> _Inflated:
        """Return the text of a file from its beginning."""
        self._opened[path] = _Inflated(self._paths[path])
        return self._opened[path]


class _Inflated:
    """The text of a gzip file, read once from beginning to end."""

    def __init__(self, path: Path) -> None:
        self._stream = igzip.open(path)
        self._n_left = most_bytes(path.stat().st_size)
        self._n_in_batch = 0
        self.is_at_end = False
        self.lines = LineCount()

    def read(self, n_bytes: int) -> bytes:
        """Return the next piece, or nothing where a batch ends.

        DuckDB goes on with what it has and asks again; twice nothing is the end.

        A batch ends only with a piece in which a line ends, so a line never lies in more than two of them.

        Raises:
            ZipError: The text is so much longer than the file that it cannot be a table's.
            EOFError, OSError, zlib.error: The file is torn.
        """
        if self._n_in_batch >= _BATCH:
            self._n_in_batch = 0
            return b""
        piece = self._stream.read(min(n_bytes, _PIECE))
        self.is_at_end = not piece
        self._n_left -= len(piece)
        if self._n_left < 0:
            raise ZipError(
                t(
                    "unpacks to more than {ratio} times its size: no table does, so it is not read",
                    ratio=MAX_RATIO,
                )
            )
        self._n_in_batch += len(piece)
        if self._n_in_batch >= _BATCH and b"\n" not in piece:
            self._n_in_batch = _BATCH - 1
        text = bytes(piece)
        self.lines.add(text)
        return text

    def seek(self, position: int) -> None:
        """Stay at the beginning, where DuckDB asks for it.

        Raises:
            EOFError: Another place is asked for.
        """
        if position != self._stream.tell():
            raise EOFError(position)

    def close(self) -> None:
        """Give the file back."""
        self._stream.close()
