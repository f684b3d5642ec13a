"""A first declaration for a table nobody has declared yet.

What can be told from the file, and what only a person can say.

Looks at the first rows only: which column holds areas, which years, where the header stands. The draft is
then read by the same reader that will build from it, so what is shown is what a build would get.

Reads: one file.
Writes: nothing.
"""

from __future__ import annotations

import contextlib
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from listgen.base.errors import DataError
from listgen.base.text import t
from listgen.config.models import Country
from listgen.config.table import Table, TableColumns
from listgen.stage.records.endings import is_cut
from listgen.stage.tables.draft.declaration import Declaration
from listgen.stage.tables.draft.layout import Layout, no_countries
from listgen.stage.tables.draft.questions import accepted_of, questions_on, remarks_on_bytes
from listgen.stage.tables.fileformat import PACKED_KEYS, compression_of, delimiter_found, format_of
from listgen.stage.tables.grid import as_grid, read_head, sheet_names
from listgen.stage.tables.header import clean_name
from listgen.stage.tables.workbook import Shown, hidden_sheets, look_at
from listgen.store.raw import HeldFile

_SAMPLE_ROWS = 4000


@dataclass
class Draft:
    """What was understood of a table.

    The declaration as data, and remarks on what a person should look at.
    """

    table: dict[str, Any]
    form: str
    header: list[str]
    remarks: list[str] = field(default_factory=list)


def draft_table(
    held: HeldFile,
    countries: Mapping[str, Country],
    scratch: Path,
    sheet: str | None = None,
    form: str | None = None,
) -> Draft:
    """Return a declaration of a table that nobody has described.

    Args:
        held: The file.
        countries: The countries the workspace knows.
        scratch: A folder for copies.
        sheet: The sheet of a workbook; the first with countries without it.
        form: statistic_table or supply_table; guessed from the header without it.

    Raises:
        DataError: The file is no table, or no column of it holds countries.
    """
    kind = format_of(held, sheet)
    sheets = _visible_sheets(held) if kind["format"] == "xlsx" and not sheet else []
    if len(sheets) < 2:
        return _draft_of(held, kind, countries, scratch, form)
    # Published workbooks often begin with a page of contents or notes: the first sheet with countries is the
    # table.
    for name in sheets:
        with contextlib.suppress(DataError):
            draft = _draft_of(held, kind | {"sheet": name}, countries, scratch, form)
            others = ", ".join(other for other in sheets if other != name)
            draft.remarks.append(
                t('Sheet "{sheet}" was read; --sheet chooses another: {others}.', sheet=name, others=others)
            )
            return draft
    raise no_countries(held)


def _draft_of(
    held: HeldFile, kind: dict[str, Any], countries: Mapping[str, Country], scratch: Path, form: str | None
) -> Draft:
    path, compression, _ = as_grid(
        held, held.path, Table(columns=TableColumns(), **kind), compression_of(held), scratch
    )
    if kind["format"] != "xlsx":
        kind |= delimiter_found(held, path, compression)
    delimiter = kind.get("delimiter") or ("\t" if kind["format"] == "tsv" else ",")
    rows = read_head(held, path, compression, delimiter)[:_SAMPLE_ROWS]
    if kind["format"] == "tsv" and rows and rows[0] and PACKED_KEYS.fullmatch(rows[0][0].strip()):
        kind |= {"packed_keys": True}
        path, compression, _ = as_grid(
            held, held.path, Table(columns=TableColumns(), **kind), compression_of(held), scratch
        )
        rows = read_head(held, path, compression, delimiter)[:_SAMPLE_ROWS]
    remarks = remarks_on_bytes(kind, rows, is_text=kind["format"] != "xlsx" and is_cut(path, compression))
    shown = look_at(held.path, kind.get("sheet")) if kind["format"] == "xlsx" else Shown()
    layout = Layout(held, kind, [[clean_name(cell) for cell in row] for row in rows], countries)
    declared = Declaration(layout, form)
    draft = Draft(declared.table, declared.form, layout.names, declared.remarks)
    if questions := questions_on(shown):
        draft.table["questions"] = [*draft.table.get("questions", ()), *questions]
        draft.remarks.extend(questions)
    if accepted := accepted_of(shown):
        draft.table["accepts"] = accepted
    draft.remarks[:0] = remarks
    return draft


def _visible_sheets(held: HeldFile) -> list[str]:
    """Return the names of the sheets a person sees; of a workbook in the older binary format all."""
    hidden = hidden_sheets(held.path) if zipfile.is_zipfile(held.path) else set()
    return [name for name in sheet_names(held) if name not in hidden]
