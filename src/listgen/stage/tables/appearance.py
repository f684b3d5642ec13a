"""Stops the build if a workbook shows other figures than it stores, unless the declaration accepts it.

Reads: one workbook (.xlsx).
Writes: nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from zipfile import BadZipFile

from listgen.base.errors import DataError
from listgen.base.text import t
from listgen.config.table import Table
from listgen.stage.tables.workbook import Used, first_sheet, hidden_sheets, is_old_format, look_at
from listgen.store.raw import HeldFile


def check_appearance(held: HeldFile, table: Table, used: Used) -> None:
    """Refuse a workbook in which a person sees other figures, rows or columns than are read.

    Args:
        held: The file.
        table: Its declaration.
        used: What the declaration reads of the sheet.

    Raises:
        DataError: A cell, row, column or sheet looks otherwise than it is read; every kind is named with its
            first place.
    """
    try:
        found = {kind: text for kind, text in _differences(held, table, used) if kind not in table.accepts}
    except (
        BadZipFile,
        OSError,
        EOFError,
    ):  # whether it can be read at all is said by the reader of the sheet
        return
    if not found:
        return
    sheet = table.sheet or first_sheet(held.path) if "old_format" not in found else table.sheet or "1"
    raise DataError(
        "\n".join(
            t(
                "Source {source}: {file}, sheet {sheet}: ",
                source=held.source_id,
                file=held.file_name,
                sheet=sheet,
            )
            + text
            for text in found.values()
        ),
        t("Expected a sheet that shows what it stores; nothing of the file was used."),
        t(
            "Correct a copy of the file. Or, if the stored figures are meant and the declared unit is "
            "theirs, add"
            " to config/sources/{source}.yaml under table: accepts: [{kinds}]",
            source=held.source_id,
            kinds=", ".join(found),
        ),
    )


def _differences(held: HeldFile, table: Table, used: Used) -> Iterator[tuple[str, str]]:
    """Yield each kind of difference with its first place."""
    if is_old_format(held.path):
        yield (
            "old_format",
            t(
                "the older binary format does not tell how its cells look; save it as .xlsx to have them "
                "checked."
            ),
        )
        return
    if (table.sheet or first_sheet(held.path)) in hidden_sheets(held.path):
        yield "hidden_sheet", t("the sheet is hidden; name the one a person sees in table.sheet.")
    shown = look_at(held.path, table.sheet, used)
    if shown.percent:
        yield "percent", t("cell {cell} shows a percentage and stores its hundredth.", cell=shown.percent)
    if shown.thousands:
        yield (
            "thousands",
            t("cell {cell} shows thousands or millions and stores single units.", cell=shown.thousands),
        )
    if shown.raised:
        yield (
            "raised",
            t(
                "cell {cell} has a raised digit, a note, which reads as a part of its number.",
                cell=shown.raised,
            ),
        )
    if shown.hidden_rows:
        rows = ", ".join(map(str, shown.hidden_rows[:8]))
        yield "hidden_rows", t("rows that are hidden would be read: {rows}.", rows=rows)
    if shown.hidden_columns:
        columns = ", ".join(map(_letters, shown.hidden_columns[:8]))
        yield "hidden_columns", t("columns that are hidden would be read: {columns}.", columns=columns)


def _letters(place: int) -> str:
    """Return the name of a column: the second (1) is "B"."""
    name, rest = "", place + 1
    while rest:
        rest, letter = divmod(rest - 1, 26)
        name = chr(ord("A") + letter) + name
    return name
