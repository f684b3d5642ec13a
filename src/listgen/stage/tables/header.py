"""The header of a published table.

Where it stands, what its columns are called, and what must stand above it.

Reads: the first rows of a table.
Writes: nothing.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from listgen.base.errors import DataError, nearest
from listgen.base.text import t
from listgen.config.table import Table
from listgen.store.raw import HeldFile

_JOINT = " / "


@dataclass(frozen=True)
class Header:
    """A header found.

    The 0-based place of its last row, the names (merged headings joined), and the last row as printed.
    """

    position: int
    names: list[str]
    last_row: list[str]


def find_header(held: HeldFile, table: Table, rows: list[list[str]]) -> Header:
    """Return the header the declaration describes."""
    position = _header_place(held, table, rows)
    above = " ".join(name for row in rows[: position + 1 - table.header_rows] for name in row)
    for text in table.title_contains:
        if clean_name(text) not in above:
            raise DataError(
                t(
                    'Source {source}: {file} has no title "{text}" above row {row}.',
                    source=held.source_id,
                    file=held.file_name,
                    text=text,
                    row=position + 1,
                ),
                t(
                    "Expected the edition the declaration was written for; above the header stands: {above}",
                    above=above[:160] or "-",
                ),
                t(
                    "Correct config/sources/{source}.yaml, or run: listgen acquire {source}",
                    source=held.source_id,
                ),
            )
    return Header(
        position, joined_names(rows[max(0, position + 1 - table.header_rows) : position + 1]), rows[position]
    )


def _header_place(held: HeldFile, table: Table, rows: list[list[str]]) -> int:
    """Return the 0-based place of the header's last row."""
    wanted = {clean_name(name) for name in table.header_contains}
    height = table.header_rows
    if table.header_row is not None:
        last = table.header_row - 1 + height - 1
        if last < len(rows) and wanted <= _words(rows[last + 1 - height : last + 1]):
            return last
        if not wanted:
            raise _no_header(held, t("row {row}", row=table.header_row))
    elif not wanted and len(rows) >= height:
        return height - 1
    for last in range(height - 1, len(rows)):
        if wanted and wanted <= _words(rows[last + 1 - height : last + 1]):
            return last
    best = max(rows, key=lambda row: (len(wanted & set(row)), len(row)), default=[])
    absent = next((name for name in table.header_contains if clean_name(name) not in best), None)
    if absent and wanted & set(best):
        raise missing_column(held, absent, best, rows.index(best) + 1)
    raise _no_header(held, ", ".join(table.header_contains))


def _words(rows: list[list[str]]) -> set[str]:
    return {name for row in rows for name in row} | set(joined_names(rows))


def joined_names(rows: list[list[str]]) -> list[str]:
    """Return the names of a header of several rows.

    A merged heading, printed once, speaks for the blank columns right of it.
    """
    *upper, last = rows
    names = [[] for _ in last]  # type: list[list[str]]
    for row in upper:
        heading = ""
        for place, parts in enumerate(names):
            heading = (row[place] if place < len(row) else "") or heading
            parts.append(heading)
    return [
        _JOINT.join(dict.fromkeys(part for part in [*parts, name] if part))
        for parts, name in zip(names, last, strict=True)
    ]


def _no_header(held: HeldFile, wanted: str) -> DataError:
    return DataError(
        t("Source {source}: {file} has no header row.", source=held.source_id, file=held.file_name),
        t("Expected a row with: {wanted}.", wanted=wanted),
        t(
            "Correct table.header_row or table.header_contains in config/sources/{source}.yaml.",
            source=held.source_id,
        ),
    )


def clean_name(name: str) -> str:
    """Return a column name on one line, composed and without surrounding blanks."""
    return re.sub(r"\s+", " ", unicodedata.normalize("NFKC", name)).strip()


def unique_names(names: Iterable[str]) -> list[str]:
    """Return names no two of which are equal, whatever their case.

    Unnamed columns get their place as a name.
    """
    found: list[str] = []
    seen = {"raw_line"}
    for place, name in enumerate(names, start=1):
        free = name or f"column {place}"
        while free.lower() in seen:
            free = f"{free} ({place})"
        seen.add(free.lower())
        found.append(free)
    return found


def missing_column(held: HeldFile, wanted: str, present: Iterable[str], row: int = 0) -> DataError:
    """Return the error for a column that is not in a file's header, with the nearest one that is."""
    names = [name for name in present if name]
    shown = ", ".join(names[:12]) + (", ..." if len(names) > 12 else "")
    place = (
        t("Its columns, in row {row}, are: {columns}.", row=row, columns=shown)
        if row
        else t("Its columns are: {columns}.", columns=shown)
    )
    return DataError(
        t(
            'Source {source}: {file} has no column "{column}".',
            source=held.source_id,
            file=held.file_name,
            column=wanted,
        )
        + nearest(wanted, names),
        place,
        t("Correct config/sources/{source}.yaml, or run: listgen acquire {source}", source=held.source_id),
    )
