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
from contextlib import suppress
from functools import partial
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import numpy as np

from listgen.base.errors import DataError
from listgen.base.text import t
from listgen.stage.records.endings import n_filled_lines
from listgen.stage.tables.grid import MAX_CELL, open_bytes
from listgen.store.raw import HeldFile

_CHUNK = 1 << 22
_MAX_SAMPLE = 2000
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_NUMBER = re.compile(r"\s*[+-]?[0-9][0-9.,]*\s*")


def check_quotes(held: HeldFile, path: Path, compression: str, delimiter: str) -> int:
    """Refuse a file in which a quote mark was lost; return how many rows it has, the header included.

    The rows are counted apart from the reader of the table, so that a row which that reader loses is missed.
    Lines without a character are not rows.

    Args:
        held: The file, for messages.
        path: Its UTF-8 text.
        compression: `none` or `gzip`.
        delimiter: What separates the cells.

    Raises:
        DataError: A cell begins with a quote mark that is closed only in a later row, or never; the line is
            named.
    """
    n_rows = _rows_of_lines(path, compression, delimiter)
    if n_rows is not None:
        return n_rows
    with open_bytes(path, compression) as raw:
        shape = _shape(raw.read(_CHUNK).decode("utf-8-sig", "replace"), delimiter)
    with open_bytes(path, compression) as raw:
        text = io.TextIOWrapper(raw, encoding="utf-8-sig", errors="replace", newline="")
        n_rows, line = _rows_of_cells(text, delimiter, shape)
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


def _rows_of_lines(path: Path, compression: str, delimiter: str) -> int | None:
    """Return how many rows a file has whose every line is a row; None where lines alone do not say."""
    lines = RowLines(delimiter)
    with open_bytes(path, compression) as raw:
        while lines.is_plain and (chunk := raw.read(_CHUNK)):
            lines.add(chunk)
    return lines.end()


class RowLines:
    """The rows of delimited text of which every line is a row: the usual case, found and counted fast.

    The quote marks of such a line open and close cells of that line: of each two marks the first follows a
    delimiter and the second is followed by one, or both are a mark doubled inside a cell. Lines end alike.
    Any other file is read cell by cell.
    """

    def __init__(self, delimiter: str) -> None:
        """Begin before the first piece."""
        self._ends = np.frombuffer(delimiter.encode() + b'"\r\n', dtype=np.uint8)
        self.is_plain = len(delimiter.encode()) == 1
        self._open_line = b""
        self._n_rows = 0

    def add(self, piece: bytes) -> None:
        """Look at the lines that end in the next piece."""
        if not self.is_plain:
            return
        lines, end, self._open_line = (self._open_line + piece).rpartition(b"\n")
        self._look_at(lines + end)
        self.is_plain = self.is_plain and len(self._open_line) <= MAX_CELL

    def end(self) -> int | None:
        """Return the rows of the whole file, the header included; None if a line may be no row."""
        if self._open_line.strip(b"\r"):
            self._look_at(self._open_line + b"\n")
        return self._n_rows if self.is_plain else None

    def _look_at(self, lines: bytes) -> None:
        """Count the rows of whole lines."""
        if b"\r" in lines and lines.count(b"\r") != lines.count(b"\r\n"):
            self.is_plain = False
        elif b'"' in lines:
            self._look_at_marks(lines)
        else:
            self._n_rows += n_filled_lines(lines)

    def _look_at_marks(self, lines: bytes) -> None:
        text = np.frombuffer(b"\n" + lines.removeprefix(_BYTE_ORDER_MARK), dtype=np.uint8)
        marks, ends = np.flatnonzero(text == ord('"')), np.flatnonzero(text == ord("\n"))
        if len(marks) % 2:
            self.is_plain = False
            return
        first, second = marks[::2], marks[1::2]
        line_of = np.searchsorted(ends, marks)
        self.is_plain = bool(
            (line_of[::2] == line_of[1::2]).all()
            and np.isin(text[first - 1], self._ends).all()
            and np.isin(text[second + 1], self._ends).all()
        )
        n_letters = np.diff(ends) - 1
        is_filled = (n_letters > 1) | ((n_letters == 1) & (text[ends[:-1] + 1] != ord("\r")))
        self._n_rows += int(np.count_nonzero(is_filled))


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


def _rows_of_cells(text: io.TextIOWrapper, delimiter: str, shape: _Shape) -> tuple[int, int | None]:
    """Return how many rows a text has, and the line of the first cell that takes in rows behind it."""
    rows = csv.reader(iter(partial(text.readline, MAX_CELL), ""), delimiter=delimiter, strict=True)
    n_rows = 0
    while True:
        first = rows.line_num + 1
        try:
            row = next(rows)
        except StopIteration:
            return n_rows, None
        except csv.Error as error:
            # A mark inside a cell of one line stays with that row, which the reader sets aside.
            if "unexpected end" in str(error) or rows.line_num > first:
                return n_rows, first
            n_rows += 1
            continue
        n_rows += bool(row)
        if rows.line_num > first and _takes_rows(row, delimiter, shape):
            return n_rows, first


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
