"""Lone quote marks in delimited text: one mark without its partner makes the rows behind it part of one cell.

DuckDB reads such a file to its end without a word, so the file is looked at before it is read, whatever its
size: as a stream, with no more than one cell of it in memory.

Reads: a delimited file.
Writes: nothing.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import numpy as np

from listgen.base.errors import DataError
from listgen.base.text import t
from listgen.stage.records.endings import RowCount
from listgen.stage.tables.grid import MAX_CELL, open_bytes
from listgen.store.raw import HeldFile

_CHUNK = 1 << 22
_MAX_SAMPLE = 2000
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_NUMBER = re.compile(r"\s*[+-]?[0-9][0-9.,]*\s*")


def check_quotes(held: HeldFile, path: Path, compression: str, delimiter: str) -> int | None:
    """Refuse a file in which a quote mark was lost; return how many rows it has, the header included.

    Args:
        held: The file, for messages.
        path: Its UTF-8 text.
        compression: `none` or `gzip`.
        delimiter: What separates the cells.

    Returns:
        The rows by their line ends; None where line ends alone do not tell, as in a file with quoted cells.

    Raises:
        DataError: A cell begins with a quote mark that is closed only in a later row, or never; the line is
            named.
    """
    n_rows, is_plain = _looked_over(path, compression, delimiter)
    if is_plain:
        return n_rows
    with open_bytes(path, compression) as raw:
        shape = _shape(raw.read(_CHUNK).decode("utf-8-sig", "replace"), delimiter)
    with open_bytes(path, compression) as raw:
        text = io.TextIOWrapper(raw, encoding="utf-8-sig", errors="replace", newline="")
        line = next(_lone_marks(text, delimiter, shape), None)
    if line is not None:
        raise DataError(
            t(
                "Source {source}: {file}: line {line}: a quote mark is not closed.",
                source=held.source_id,
                file=held.file_name,
                line=line,
            ),
            t(
                "Expected a second quote mark in the same row; the rows behind it would become part of one"
                " cell."
            ),
            t(
                "Correct a copy of the file, or get it again from its publisher; nothing of the file was"
                " used."
            ),
        )
    return n_rows


def _looked_over(path: Path, compression: str, delimiter: str) -> tuple[int | None, bool]:
    """Return how many rows a file has, and whether every quote mark is closed within its line."""
    rows, marks = RowCount(), _MarksOfLines(delimiter)
    with open_bytes(path, compression) as raw:
        while chunk := raw.read(_CHUNK):
            rows.add(chunk)
            marks.add(chunk)
    return rows.n, marks.end()


class _MarksOfLines:
    """Whether the quote marks of every line open and close cells of that line: the usual case, found fast.

    Of each two marks of a line the first follows a delimiter and the second is followed by one, or both are
    a mark doubled inside a cell. Any other file is read cell by cell.
    """

    def __init__(self, delimiter: str) -> None:
        """Begin before the first piece."""
        self._ends = np.frombuffer(delimiter.encode() + b'"\r\n', dtype=np.uint8)
        self._is_plain = len(delimiter.encode()) == 1
        self._open_line = b""

    def add(self, piece: bytes) -> None:
        """Look at the lines that end in the next piece."""
        if not self._is_plain:
            return
        lines, end, self._open_line = (self._open_line + piece).rpartition(b"\n")
        self._is_plain = self._is_closed(lines + end) and len(self._open_line) <= MAX_CELL

    def end(self) -> bool:
        """Return the answer for the whole file."""
        return self._is_plain and self._is_closed(self._open_line)

    def _is_closed(self, lines: bytes) -> bool:
        if b'"' not in lines:
            return True
        text = np.frombuffer(b"\n" + lines.removeprefix(_BYTE_ORDER_MARK) + b"\n", dtype=np.uint8)
        marks = np.flatnonzero(text == ord('"'))
        if len(marks) % 2:
            return False
        first, second = marks[::2], marks[1::2]
        line_of = np.searchsorted(np.flatnonzero(text == ord("\n")), marks)
        return bool(
            (line_of[::2] == line_of[1::2]).all()
            and np.isin(text[first - 1], self._ends).all()
            and np.isin(text[second + 1], self._ends).all()
        )


class _Shape(NamedTuple):
    """How many cells most rows have, and which of them mostly are numbers."""

    width: int
    numeric: frozenset[int]

    def is_row(self, cells: list[str], first: int = 0) -> bool:
        """Return True if some cells, from a column on, are numbers wherever most rows have one.

        A sentence may have as many commas as a row has cells, and a number between two of them.
        """
        texts = [
            cell for place, cell in enumerate(cells, start=first) if place in self.numeric and cell.strip()
        ]
        return bool(texts) and all(map(_NUMBER.fullmatch, texts))


def _shape(text: str, delimiter: str) -> _Shape:
    """Return the shape of most rows."""
    rows: list[list[str]] = []
    with suppress(csv.Error):
        for row in islice(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), _MAX_SAMPLE):
            rows.append(row)  # noqa: PERF402 - what came before an error counts
    widths = Counter(len(row) for row in rows if len(row) > 1)
    width = widths.most_common(1)[0][0] if widths else 1
    usual = [row for row in rows if len(row) == width]
    found = Counter(place for row in usual for place, cell in enumerate(row) if _NUMBER.fullmatch(cell))
    return _Shape(width, frozenset(place for place, n in found.items() if n >= len(usual) / 2))


def _lone_marks(text: io.TextIOWrapper, delimiter: str, shape: _Shape) -> Iterator[int]:
    """Yield the line of every cell that takes in rows behind it."""
    rows = csv.reader(iter(partial(text.readline, MAX_CELL), ""), delimiter=delimiter, strict=True)
    while True:
        first = rows.line_num + 1
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            # A mark inside a cell of one line stays with that row, which the reader sets aside.
            if "unexpected end" in str(error) or rows.line_num > first:
                yield first
            continue
        if rows.line_num > first and _takes_rows(row, delimiter, shape):
            yield first


def _takes_rows(row: list[str], delimiter: str, shape: _Shape) -> bool:
    """Return True if a row of the table, or the end or the beginning of one, is inside a cell of a row."""
    if shape.width < 2:
        return False
    if len(row) < shape.width:
        inside = [line.split(delimiter) for line in delimiter.join(row).splitlines()[1:]]
        return any(len(cells) == shape.width and any(map(_NUMBER.fullmatch, cells)) for cells in inside)
    return any(
        _takes_rows_whole(cell.splitlines(), place, delimiter, shape)
        for place, cell in enumerate(row)
        if "\n" in cell and delimiter in cell
    )


def _takes_rows_whole(lines: list[str], place: int, delimiter: str, shape: _Shape) -> bool:
    """Return True if a cell of a row of usual width has rows in it: two lost marks of two rows.

    Its first line then ends the row it begins in, its last line begins the row it ends in.
    """
    pieces = [line.split(delimiter) for line in lines]
    begun, ended, last = pieces[0], pieces[-1], shape.width - 1
    return (
        any(len(cells) == shape.width and shape.is_row(cells) for cells in pieces)
        or (place < last and len(begun) == shape.width - place and shape.is_row(begun, place))
        or (place > 0 and len(ended) == place + 1 and shape.is_row(ended))
    )
