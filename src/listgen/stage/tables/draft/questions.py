"""What a table's bytes, cells and sheet leave open.

Remarks are for a person to look at; questions are what only a person can answer.

Reads: one file.
Writes: nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from listgen.base.text import t
from listgen.config.shapes import TO_FILL
from listgen.stage.tables.draft.layout import Layout
from listgen.stage.tables.workbook import Shown


def remarks_on_bytes(kind: Mapping[str, Any], rows: Sequence[Sequence[str]], *, is_text: bool) -> list[str]:
    """Return what the bytes leave open: an encoding that was guessed, an end without a line end."""
    found = []
    if kind.get("encoding", "utf-8") not in ("utf-8", "utf-16"):
        example = next((cell for row in rows for cell in row if not cell.isascii()), "")
        template = t(
            'The encoding {encoding} is a guess, from texts such as "{example}": check that they read well.',
            encoding=kind["encoding"],
            example=example[:40],
        )
        found.append(template)
    if is_text:
        found.append(
            t(
                "No line end follows the last figure: the file may have been cut; compare its last row with"
                " the publication."
            )
        )
    return found


def questions_on(shown: Shown) -> list[str]:
    """Return what a workbook shows otherwise than it stores it.

    Which of the two is meant only a person knows.
    """
    mark, found = TO_FILL["en"], []
    if shown.percent:
        found.append(
            t(
                "{mark}: cell {cell} shows a percentage; the table stores its hundredth. State the unit as a"
                " fraction, or correct a copy; then delete this line.",
                mark=mark,
                cell=shown.percent,
            )
        )
    if shown.thousands:
        found.append(
            t(
                "{mark}: cell {cell} shows thousands; the table stores single units. State the unit of what"
                " is stored, then delete this line.",
                mark=mark,
                cell=shown.thousands,
            )
        )
    if shown.raised:
        found.append(
            t(
                "{mark}: cell {cell} has a raised digit behind its figure, a note, which reads as a part of"
                " the number. Remove it in a copy; then delete this line.",
                mark=mark,
                cell=shown.raised,
            )
        )
    return found + _questions_on_hidden(shown)


def accepted_of(shown: Shown) -> list[str]:
    """Return what a declaration accepts once its questions are answered.

    Raised digits never, a copy has none.
    """
    found = {
        "percent": shown.percent,
        "thousands": shown.thousands,
        "hidden_rows": shown.hidden_rows,
        "hidden_columns": shown.hidden_columns,
    }
    return [kind for kind, places in found.items() if places]


def _questions_on_hidden(shown: Shown) -> list[str]:
    """Return the question on rows and columns that a person does not see."""
    if not (shown.hidden_rows or shown.hidden_columns):
        return []
    question = t(
        "{mark}: the sheet hides rows ({rows}) or columns, which are read all the same. See what they"
        " hold, then delete this line.",
        mark=TO_FILL["en"],
        rows=", ".join(map(str, shown.hidden_rows[:8])) or "-",
    )
    return [question]


def questions_on_figures(layout: Layout) -> list[str]:
    """Return what the file leaves open and no figure may be read without."""
    mark = "," if layout.kind.get("decimal") == "," else "."
    fraction = re.compile(rf"[+-]?[0-9]{{1,3}}\{mark}[0-9]+")
    shown = [
        cell
        for row in layout.body
        for place, cell in enumerate(row)
        if place != layout.area and fraction.fullmatch(cell)
    ]
    if len(shown) < 2 or not all(
        re.fullmatch(rf"[+-]?[1-9][0-9]{{0,2}}\{mark}[0-9]{{3}}", cell) for cell in shown
    ):
        return []
    question = t(
        '{mark}: is "{example}" a whole number with its thousands apart? Every figure with such a mark'
        " has three digits behind it. If so, set table.decimal to the other mark; then delete this line.",
        mark=TO_FILL["en"],
        example=shown[0],
    )
    return [question]
