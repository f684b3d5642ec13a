"""What a workbook shows and its values do not say.

Percent and thousands formats, raised digits, hidden rows, columns and sheets.

A cell that shows "12.5%" contains 0.125, one that shows "1,235" in thousands contains 1234567, and "123" with
a raised 1 behind it is the text "1231". A draft asks a person which of the two is meant, and a build reads
such cells only where the declaration accepts them. The parts of the file are searched as text: no part of it
is run or resolved.

Reads: one workbook (.xlsx).
Writes: nothing.
"""

from __future__ import annotations

import gzip
import html
import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_PERCENT_IDS = {9, 10}  # the formats 0% and 0.00%, which every workbook has without naming them
# A comma behind the last digit of a format divides by a thousand: "#,##0," shows 1234567 as 1,235.
_SCALED = re.compile(r"[0#?],+(?![0-9#?,])")
_QUOTED = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')
_MAX_PART = 200_000_000


@dataclass(frozen=True)
class Shown:
    """How cells of one sheet look: places of cells (the first of each kind), and what is hidden."""

    percent: str = ""
    thousands: str = ""
    raised: str = ""
    hidden_rows: tuple[int, ...] = ()
    hidden_columns: tuple[int, ...] = ()


@dataclass(frozen=True)
class Used:
    """What a declaration reads of a sheet: rows from `first_row` (from 1), and columns by place (from 0).

    `figures` are read as numbers. Places count from the first column that is not empty, as a reader of the
    sheet counts them.
    """

    first_row: int
    figures: frozenset[int]
    columns: frozenset[int]


def hidden_sheets(path: Path) -> set[str]:
    """Return the names of the sheets a reader of the workbook does not see."""
    with zipfile.ZipFile(_unpacked(path)) as archive:
        tags = re.findall(r"<sheet\b[^>]*>", _part(archive, "xl/workbook.xml"))
    return {_attribute(tag, "name") for tag in tags if _attribute(tag, "state") in ("hidden", "veryHidden")}


def first_sheet(path: Path) -> str:
    """Return the name of the first sheet, which is read where none is declared."""
    with zipfile.ZipFile(_unpacked(path)) as archive:
        tags = re.findall(r"<sheet\b[^>]*>", _part(archive, "xl/workbook.xml"))
    return _attribute(tags[0], "name") if tags else ""


def is_old_format(path: Path) -> bool:
    """Return True for a workbook in the older binary format: nothing here can say how its cells look."""
    return not zipfile.is_zipfile(_unpacked(path))


def look_at(path: Path, sheet: str | None, used: Used | None = None) -> Shown:
    """Return how the cells of a sheet look.

    Args:
        path: A workbook; one in the older binary format says nothing.
        sheet: The sheet's name; the first without it.
        used: What is read of it; everything without it.
    """
    if is_old_format(path):
        return Shown()
    with zipfile.ZipFile(_unpacked(path)) as archive:
        body = _part(archive, _place_of(archive, sheet))
        formats = _formats(_part(archive, "xl/styles.xml"))
        raised = _raised_strings(_part(archive, "xl/sharedStrings.xml"))
    cells = [
        (head, content)
        for head, content in re.findall(r"<c\b([^>]*[^/>])>(.*?)</c>", body, re.DOTALL)
        if "<v>" in content or "<is>" in content
    ]
    left = min((_place(head)[1] for head, _ in cells), default=0)
    first: dict[str, str] = {}
    for head, content in cells:
        kind = _kind(head, content, formats, raised)
        if kind and _is_used(head, used, left):
            first.setdefault(kind, _attribute(head, "r"))
    rows = tuple(
        int(_attribute(tag, "r"))
        for tag in re.findall(r"<row\b[^>]*>", body)
        if _is_hidden(tag)
        and _attribute(tag, "r").isdigit()
        and (used is None or int(_attribute(tag, "r")) >= used.first_row)
    )
    hidden = [place for place in _hidden_columns(body) if used is None or place - left in used.columns]
    return Shown(
        first.get("percent", ""), first.get("thousands", ""), first.get("raised", ""), rows, tuple(hidden)
    )


def _hidden_columns(body: str) -> Iterator[int]:
    """Yield the places of hidden columns, from 0; a sheet has 16,384 at most."""
    for tag in re.findall(r"<col\b[^>]*>", body):
        ends = _attribute(tag, "min"), _attribute(tag, "max")
        if _is_hidden(tag) and all(map(str.isdigit, ends)):
            yield from range(int(ends[0]) - 1, min(int(ends[1]), 1 << 14))


def _place(head: str) -> tuple[int, int]:
    """Return row (from 1) and column (from 0) of a cell: "B3" is (3, 1)."""
    match = re.fullmatch(r"([A-Z]{1,3})([0-9]{1,7})", _attribute(head, "r"))
    if match is None:
        return 0, 0
    column = 0
    for letter in match[1]:
        column = 26 * column + ord(letter) - ord("A") + 1
    return int(match[2]), column - 1


def _is_used(head: str, used: Used | None, left: int) -> bool:
    """Return True if a cell is read as a figure."""
    row, column = _place(head)
    return used is None or (row >= used.first_row and column - left in used.figures)


def _kind(head: str, content: str, formats: list[str], raised: set[int]) -> str:
    if _attribute(head, "t") == "inlineStr":
        return "raised" if _is_raised(content) else ""
    value = re.search(r"<v>([^<]*)</v>", content)
    if value is None:
        return ""
    if _attribute(head, "t") == "s":
        return "raised" if value[1].isdigit() and int(value[1]) in raised else ""
    style = _attribute(head, "s")
    return formats[int(style)] if style.isdigit() and int(style) < len(formats) else ""


def _formats(styles: str) -> list[str]:
    """Return what each cell style does to a number: percent, thousands, or nothing."""
    codes = {
        int(_attribute(tag, "numFmtId")): (_QUOTED.sub("", html.unescape(_attribute(tag, "formatCode"))))
        for tag in re.findall(r"<numFmt\b[^>]*>", styles)
    }
    styled = re.search(r"<cellXfs\b.*?</cellXfs>", styles, re.DOTALL)
    numbers = [
        int(_attribute(tag, "numFmtId") or 0)
        for tag in re.findall(r"<xf\b[^>]*>", styled[0] if styled else "")
    ]
    return [_effect(number, codes.get(number, "")) for number in numbers]


def _effect(number: int, code: str) -> str:
    if number in _PERCENT_IDS or "%" in code:
        return "percent"
    return "thousands" if _SCALED.search(code) else ""


def _raised_strings(strings: str) -> set[int]:
    """Return the places of texts that read as a number only because a raised digit is glued to it."""
    items = re.findall(r"<si>(.*?)</si>|<si/>", strings, re.DOTALL)
    return {place for place, item in enumerate(items) if _is_raised(item)}


def _is_raised(item: str) -> bool:
    """Return True if a text of several runs has raised digits that could be read as part of the number."""
    runs = re.findall(r"<r>(.*?)</r>", item, re.DOTALL)
    texts = ["".join(re.findall(r"<t\b[^>]*>([^<]*)</t>", run)) for run in runs]
    is_raised = any(
        re.search(r'val="su(?:per|b)script"', run) and text.strip().isdigit()
        for run, text in zip(runs, texts, strict=True)
    )
    return is_raised and bool(re.fullmatch(r"[\d.,\s]+", "".join(texts)))


def _place_of(archive: zipfile.ZipFile, sheet: str | None) -> str:
    """Return the part of the archive that is a sheet."""
    tags = re.findall(r"<sheet\b[^>]*>", _part(archive, "xl/workbook.xml"))
    chosen = next((tag for tag in tags if sheet is None or _attribute(tag, "name") == sheet), "")
    wanted = _attribute(chosen, "r:id")
    for tag in re.findall(r"<Relationship\b[^>]*>", _part(archive, "xl/_rels/workbook.xml.rels")):
        if wanted and _attribute(tag, "Id") == wanted:
            target = _attribute(tag, "Target")
            return target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    return ""


def _unpacked(path: Path) -> Path | io.BytesIO:
    """Return a workbook's bytes, of a gzip file those inside it."""
    with path.open("rb") as stream:
        is_packed = stream.read(2) == b"\x1f\x8b"
    return io.BytesIO(gzip.decompress(path.read_bytes())) if is_packed else path


def _part(archive: zipfile.ZipFile, name: str) -> str:
    if name not in archive.namelist() or archive.getinfo(name).file_size > _MAX_PART:
        return ""
    return archive.read(name).decode("utf-8", "replace")


def _attribute(tag: str, name: str) -> str:
    match = re.search(rf'(?:^|\s){re.escape(name)}="([^"]*)"', tag)
    return html.unescape(match[1]) if match else ""


def _is_hidden(tag: str) -> bool:
    return _attribute(tag, "hidden") in ("1", "true")
