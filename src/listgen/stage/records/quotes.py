"""Lone quote marks in delimited text: one mark without its partner makes the rows behind it part of one cell.

DuckDB reads such a file to its end without a word, so the file is looked at before it is read.

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
from itertools import islice
from pathlib import Path

from listgen.base.errors import DataError
from listgen.base.text import t
from listgen.stage.records.endings import RowCount
from listgen.stage.tables.grid import open_bytes
from listgen.store.raw import HeldFile

_CHUNK = 1 << 22
# Files up to this size are looked at row by row; of larger ones the marks are counted first: an odd number
# leaves one alone.
_MAX_ROW_BY_ROW = 1 << 25
_MAX_SAMPLE = 2000
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
    n_marks, n_bytes, n_rows = _counted(path, compression)
    if n_marks == 0 or (n_bytes > _MAX_ROW_BY_ROW and n_marks % 2 == 0):
        return n_rows
    with open_bytes(path, compression) as raw:
        width = _usual_width(raw.read(_CHUNK).decode("utf-8-sig", "replace"), delimiter)
    with open_bytes(path, compression) as raw:
        text = io.TextIOWrapper(raw, encoding="utf-8-sig", errors="replace", newline="")
        line = next(_lone_marks(text, delimiter, width), None)
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


def _counted(path: Path, compression: str) -> tuple[int, int, int | None]:
    """Return how many quote marks, bytes and rows a file has."""
    n_marks = n_bytes = 0
    rows = RowCount()
    with open_bytes(path, compression) as raw:
        while chunk := raw.read(_CHUNK):
            n_marks += chunk.count(b'"')
            n_bytes += len(chunk)
            rows.add(chunk)
    return n_marks, n_bytes, rows.n


def _usual_width(text: str, delimiter: str) -> int:
    """Return how many cells most rows have."""
    widths: Counter[int] = Counter()
    with suppress(csv.Error):
        widths.update(
            len(row)
            for row in islice(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), _MAX_SAMPLE)
            if len(row) > 1
        )
    return widths.most_common(1)[0][0] if widths else 1


def _lone_marks(text: io.TextIOWrapper, delimiter: str, width: int) -> Iterator[int]:
    """Yield the line of every cell that takes in rows behind it."""
    previous_limit = csv.field_size_limit(1 << 30)
    rows = csv.reader(text, delimiter=delimiter, strict=True)
    try:
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
            if rows.line_num > first and len(row) < width and _takes_rows(row, delimiter, width):
                yield first
    finally:
        csv.field_size_limit(previous_limit)


def _takes_rows(row: list[str], delimiter: str, width: int) -> bool:
    """Return True if a further line inside the cells of a row is a row of the table.

    As many cells, one of them a number.
    """
    inside = [line.split(delimiter) for line in delimiter.join(row).splitlines()[1:]]
    return width > 1 and any(len(cells) == width and any(map(_NUMBER.fullmatch, cells)) for cells in inside)
