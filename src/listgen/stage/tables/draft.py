"""A first declaration for a table nobody has declared yet.

What can be told from the file, and what only a person can say.

Looks at the first rows only: which column holds areas, which years, where the header stands. The draft is
then read by the same reader that will build from it, so what is shown is what a build would get.

Reads: one file.
Writes: nothing.
"""

from __future__ import annotations

import contextlib
import re
import zipfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from listgen.base.errors import DataError
from listgen.base.text import t
from listgen.config.models import Country
from listgen.config.shapes import TO_FILL, TO_FILL_ID
from listgen.config.table import Table, TableColumns
from listgen.stage.records.endings import is_cut
from listgen.stage.tables.areas import map_areas, noted_areas
from listgen.stage.tables.cells import cell_params, year_of
from listgen.stage.tables.fileformat import PACKED_KEYS, compression_of, delimiter_found, format_of
from listgen.stage.tables.grid import as_grid, read_head, sheet_names
from listgen.stage.tables.header import clean_name, joined_names
from listgen.stage.tables.workbook import Shown, hidden_sheets, look_at
from listgen.store.raw import HeldFile

_SAMPLE_ROWS = 4000
_NULLS = list(Table(columns=TableColumns()).null_values)
_VALUE_NAMES = re.compile(
    r"^(value|obs_?value|count|number|n|quantity|share|amount|値|件数|数量|割合|生産量)$", re.IGNORECASE
)
_KEY_NAMES = re.compile(
    r"(?:^|[_ ])(?:id|code|no\.?|series|indicator|table|field|measure)$|系列|分野|指標", re.IGNORECASE
)
_UNIT_NAMES = re.compile(r"^unit|units?$|^unit_|単位", re.IGNORECASE)
_COMMODITY_NAMES = re.compile(r"commodity|mineral|material|品目|鉱種|物資", re.IGNORECASE)
_STAGE_NAMES = re.compile(r"^stage|^type$|段階|工程", re.IGNORECASE)
_FLAG_NAMES = re.compile(r"^(?:obs_?)?(?:flags?|status)$", re.IGNORECASE)
_MULTIPLIER_NAMES = re.compile(r"^(?:obs_)?unit_?mult(?:iplier)?$|^power_?code(?: code)?$", re.IGNORECASE)
_RANK_NAMES = re.compile(r"^(?:rank|x|y|no\.?|順位)$", re.IGNORECASE)
_PRINTED_UNIT = re.compile(r"単位\s*[:：]\s*([^)）\s]+)|^\(?units?\s*:\s*([^)]+)\)?$", re.IGNORECASE)
_FLAGGED = re.compile(r"^(?:[0-9.,]+|:)\s+([a-z]{1,3})$")
_YEAR_CELL = re.compile(r"\D{0,4}(?:\d{4}|元|\d{1,2})(?:\D{0,4}|-\d\d.*)")


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
    raise _no_countries(held)


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
    remarks = _remarks_on_bytes(kind, rows, is_text=kind["format"] != "xlsx" and is_cut(path, compression))
    shown = look_at(held.path, kind.get("sheet")) if kind["format"] == "xlsx" else Shown()
    draft = _Reader(held, kind, [[clean_name(cell) for cell in row] for row in rows], countries, form).draft()
    if questions := _questions_on(shown):
        draft.table["questions"] = [*draft.table.get("questions", ()), *questions]
        draft.remarks.extend(questions)
    draft.remarks[:0] = remarks
    return draft


def _remarks_on_bytes(kind: Mapping[str, Any], rows: Sequence[Sequence[str]], *, is_text: bool) -> list[str]:
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


def _visible_sheets(held: HeldFile) -> list[str]:
    """Return the names of the sheets a person sees; of a workbook in the older binary format all."""
    hidden = hidden_sheets(held.path) if zipfile.is_zipfile(held.path) else set()
    return [name for name in sheet_names(held) if name not in hidden]


def _questions_on(shown: Shown) -> list[str]:
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
    if shown.hidden_rows or shown.hidden_columns:
        rows = ", ".join(map(str, shown.hidden_rows[:8])) or "-"
        found.append(
            t(
                "{mark}: the sheet hides rows ({rows}) or columns, which are read all the same. See what they"
                " hold, then delete this line.",
                mark=mark,
                rows=rows,
            )
        )
    return found


def _no_countries(held: HeldFile) -> DataError:
    return DataError(
        t("{file}: no column holds names or codes of countries.", file=held.file_name),
        t("Expected country names of config/countries.yaml, or ISO codes, in one column."),
        t(
            "Add the spellings to config/countries.yaml (aliases), or declare the table by hand: README,"
            " Adding a source."
        ),
    )


def _number_of(decimal: str) -> re.Pattern[str]:
    return re.compile(
        cell_params(Table.model_validate({"columns": {}, "decimal": decimal}))["number_pattern"]
    )


def _without_words(codes: dict[str, str]) -> dict[str, str]:
    """Return the areas without headings that look like codes ("geo" is not Georgia where the codes of the table are in capitals)."""
    small = {text for text in codes if len(text) <= 3 and text.isascii() and text.islower()}
    return (
        {text: code for text, code in codes.items() if text not in small}
        if len(codes) > 2 * len(small)
        else codes
    )


def _distinct(names: list[str]) -> list[str]:
    """Return the names of columns.

    Of equal ones the second and further with their place, as `plan` reads them.
    """
    twice = {name for name, n in Counter(names).items() if name and n > 1}
    return [f"{name} ({place})" if name in twice else name for place, name in enumerate(names, start=1)]


def _bare(name: str) -> str:
    """Return the last part of a heading, without the place that tells it from an equal one."""
    return re.sub(r" \([0-9]+\)$", "", name.rpartition(" / ")[2])


class _Reader:
    """Finds out what the columns of one table are."""

    def __init__(
        self,
        held: HeldFile,
        kind: dict[str, Any],
        rows: Sequence[list[str]],
        countries: Mapping[str, Country],
        form: str | None,
    ) -> None:
        self.held = held
        self.kind = kind
        self.rows = rows
        self.remarks: list[str] = []
        self.open: list[str] = []
        self.codes = _without_words(self._area_codes(countries))
        self.kind = kind | self._decimal() | self._flags()
        self.number = _number_of(self.kind.get("decimal", "."))
        self.nulls = set(self.kind.get("null_values", _NULLS))
        self.area, self.first = self._area_column()
        self.header_row, self.header_rows, self.names = self._header()
        self.names = _distinct(self.names)
        self.body = [row for row in rows[self.first :] if len(row) > self.area]
        self.blocks = self._area_blocks()
        self.form = form or self._form()

    def _area_codes(self, countries: Mapping[str, Country]) -> dict[str, str]:
        texts = {cell for row in self.rows for cell in row if cell}
        known = map_areas(texts, countries)
        return known | noted_areas(
            [text for text in texts if text not in known and len(text) < 60], countries
        )

    def draft(self) -> Draft:
        """Return the declaration and the remarks."""
        columns: dict[str, str] = {"area": self.names[self.area]}
        table = dict(self.kind) | {"header_row": self.header_row, "header_rows": self.header_rows}
        if self.header_rows == 1:
            del table["header_rows"]
        title = [cell for row in self.rows[: self.header_row - 1] for cell in row if cell]
        years = self._year_columns()
        for key, pattern in (("unit", _UNIT_NAMES), ("flag", _FLAG_NAMES), ("multiplier", _MULTIPLIER_NAMES)):
            if name := self._named(pattern):
                columns[key] = name
        if len(years) >= 2:
            table |= {
                "layout": "wide",
                "year_columns": self._year_pattern([self.names[place] for place, _ in years]),
            }
            values = [place for place, _ in years]
        else:
            table["layout"] = "long"
            values = self._long(table, columns, title)
        table["columns"] = columns
        if self.form == "supply_table":
            self._supply(table, columns)
        else:
            merged = [self.names[place].rpartition(" / ")[0] for place in values] if len(years) >= 2 else []
            keys: Sequence[str | None] = list(dict.fromkeys(filter(None, merged))) or self._keys(
                columns, values, "value" in columns or len(years) >= 2
            )
            table["series"] = [self._one_series(key, place, title) for place, key in enumerate(keys, start=1)]
        if title:
            table["title_contains"] = [title[0][:80]]
        if questions := self._questions():
            table["questions"] = questions
            self.remarks.extend(questions)
        return Draft(table, self.form, self.names, self.remarks)

    def _decimal(self) -> dict[str, str]:
        """Return the decimal comma if more cells are numbers with it than without."""
        cells = [cell for row in self.rows for cell in row]
        comma, point = (sum(bool(_number_of(mark).fullmatch(cell)) for cell in cells) for mark in (",", "."))
        return {"decimal": ","} if comma > point else {}

    def _flags(self) -> dict[str, list[str]]:
        """Return the marks behind figures, and the texts that print a figure's absence with one, as Eurostat does ("510 p", ": c")."""
        texts = {cell for row in self.rows for cell in row if _FLAGGED.match(cell) or cell == ":"}
        marks = sorted({match[1] for text in texts if (match := _FLAGGED.match(text))})
        absent = sorted(text for text in texts if text.startswith(":"))
        found: dict[str, list[str]] = {"value_marks": marks} if marks else {}
        return found | ({"null_values": [*_NULLS, *absent]} if absent else {})

    def _questions(self) -> list[str]:
        """Return what the file leaves open and no figure may be read without."""
        mark = "," if self.kind.get("decimal") == "," else "."
        fraction = re.compile(rf"[+-]?[0-9]{{1,3}}\{mark}[0-9]+")
        shown = [
            cell
            for row in self.body
            for place, cell in enumerate(row)
            if place != self.area and fraction.fullmatch(cell)
        ]
        if len(shown) < 2 or not all(
            re.fullmatch(rf"[+-]?[1-9][0-9]{{0,2}}\{mark}[0-9]{{3}}", cell) for cell in shown
        ):
            return self.open
        question = t(
            '{mark}: is "{example}" a whole number with its thousands apart? Every figure with such a mark'
            " has three digits behind it. If so, set table.decimal to the other mark; then delete this line.",
            mark=TO_FILL["en"],
            example=shown[0],
        )
        return [*self.open, question]

    # ---- where things stand ----------------------------------------------------------------------

    def _area_column(self) -> tuple[int, int]:
        """Return the column with the most names of countries, and the first row of data."""
        found: Counter[int] = Counter()
        for row in self.rows:
            found.update(
                place for place, cell in enumerate(row) if cell in self.codes and not self._is_number(cell)
            )
        if not found:
            raise _no_countries(self.held)
        area = max(
            found,
            key=lambda place: (
                len({row[place] for row in self.rows if len(row) > place and row[place] in self.codes}),
                -place,
            ),
        )
        first = next(i for i, row in enumerate(self.rows) if len(row) > area and row[area] in self.codes)
        # Regions may stand above the first country: rows with figures that are no years are data as well.
        while (
            first > 1
            and len(self.rows[first - 1]) > area
            and any(self._is_figure(cell) for cell in self.rows[first - 1])
        ):
            first -= 1
        return area, first

    def _header(self) -> tuple[int, int, list[str]]:
        """Return the header's first row (from 1), how many rows it has, and its names."""
        last = next(
            (i for i in range(self.first - 1, -1, -1) if any(self.rows[i]) and len(self.rows[i]) > self.area),
            None,
        )
        if last is None:
            raise DataError(
                t("{file}: the first row is a row of data.", file=self.held.file_name),
                t("Expected a row of column names above it."),
                t("Add one to a copy of the file, or declare the table by hand: README, Adding a source."),
            )
        height = 2 if last > 0 and sum(map(bool, self.rows[last - 1])) > 1 and not all(self.rows[last]) else 1
        return (
            last + 2 - height,
            height,
            joined_names([list(row) for row in self.rows[last + 1 - height : last + 1]]),
        )

    def _area_blocks(self) -> list[int]:
        """Return the columns of areas of blocks side by side.

        Each has the heading of the first, and countries of its own order.
        """
        heading = _bare(self.names[self.area])
        codes = {row[self.area] for row in self.body} & self.codes.keys()
        blocks = [self.area]
        for place, name in enumerate(self.names):
            cells = {row[place] for row in self.body if len(row) > place} & self.codes.keys()
            if place != self.area and _bare(name) == heading and len(cells) >= max(2, 0.5 * len(codes)):
                blocks.append(place)
        return sorted(blocks)

    def _block_area(self, key: str | None) -> str | None:
        """Return the column of areas of a series' block, or None where the table has one column of areas."""
        if key not in self.names or len(self.blocks) < 2:
            return None
        place = self.names.index(key)
        return self.names[max((block for block in self.blocks if block <= place), default=self.blocks[0])]

    def _form(self) -> str:
        return "supply_table" if self._named(_COMMODITY_NAMES) else "statistic_table"

    def _named(self, pattern: re.Pattern[str]) -> str | None:
        return next(
            (
                name
                for place, name in enumerate(self.names)
                if name and place != self.area and pattern.search(name)
            ),
            None,
        )

    # ---- what the cells are ----------------------------------------------------------------------

    def _is_number(self, cell: str) -> bool:
        return bool(self.number.fullmatch(cell))

    def _is_figure(self, cell: str) -> bool:
        return self._is_number(cell) and not (cell.isdigit() and 1800 <= int(cell) <= 2100)

    def _cells(self, place: int) -> list[str]:
        return [row[place] for row in self.body if len(row) > place and row[place]]

    def _is_numeric(self, place: int) -> bool:
        cells = self._cells(place)
        return bool(cells) and sum(
            self._is_number(cell) or cell in self.nulls for cell in cells
        ) >= 0.6 * len(cells)

    def _heading_year(self, place: int, name: str) -> int | None:
        if place == self.area or not (self._is_numeric(place) or not self._cells(place)):
            return None
        year = year_of(name.rsplit(" / ", 1)[-1])
        return year if year is not None and 1800 <= year <= 2100 else None

    def _year_columns(self) -> list[tuple[int, int]]:
        """Return the columns of years.

        Of several for one year the first, unless a merged heading tells them apart.
        """
        found = [
            (place, year)
            for place, name in enumerate(self.names)
            if (year := self._heading_year(place, name)) is not None
        ]
        if self.header_rows > 1:
            return found
        first = {year: place for place, year in reversed(found)}
        left = [self.names[place] for place, year in found if first[year] != place]
        if left:
            self.remarks.append(
                t("More than one column names the same year; left out: {columns}.", columns=", ".join(left))
            )
        return [(place, year) for place, year in found if first[year] == place]

    def _year_pattern(self, names: list[str]) -> str:
        """Return a regular expression for the headings of years and nothing else."""
        if any(" / " in name for name in names):
            return "^(?P<series>.+) / (?P<year>.+)$"
        shapes = {
            re.escape(re.sub(r"\d{4}|元|\d{1,2}(?=年)", "\0", name)).replace("\0", r"(?:\d{4}|元|\d{1,2})")
            for name in names
        }
        return "^(?:" + "|".join(sorted(shapes)) + ")$"

    def _long(self, table: dict[str, Any], columns: dict[str, str], title: list[str]) -> list[int]:
        """Declare year and value of a long table; return the columns of figures."""
        year = next(
            (
                place
                for place, name in enumerate(self.names)
                if name and place != self.area and self._is_year_column(place)
            ),
            None,
        )
        if year is None:
            found = [
                y
                for text in [*title, self.held.file_name]
                for y in map(int, re.findall(r"(?<!\d)(?:19|20)\d\d(?!\d)", text))
            ]
            table["constants"] = {"year": max(found, default=2000)}
            self.remarks.append(
                t(
                    "No column of years: table.constants.year is {year}; check it.",
                    year=table["constants"]["year"],
                )
            )
            if not found:
                self.open.append(
                    t(
                        "{mark}: no year is printed; write it under table.constants.year, then delete this"
                        " line.",
                        mark=TO_FILL["en"],
                    )
                )
        else:
            columns["year"] = self.names[year]
        figures = [
            place
            for place, name in enumerate(self.names)
            if name
            and place not in (self.area, year)
            and self._is_numeric(place)
            and not _KEY_NAMES.search(name)
            and not _RANK_NAMES.match(_bare(name))
            and name not in columns.values()
        ]
        named = [place for place in figures if _VALUE_NAMES.match(self.names[place])]
        if len(self.blocks) < 2 and (len(figures) == 1 or named):
            columns["value"] = self.names[(named or figures)[0]]
            return (named or figures)[:1]
        if self.form == "supply_table" and figures:
            columns["value"] = self.names[figures[0]]
        if not figures:
            self.remarks.append(t("No column of figures was found: name it in table.columns.value."))
        return figures

    def _is_year_column(self, place: int) -> bool:
        cells = self._cells(place)
        good = sum(
            bool(_YEAR_CELL.fullmatch(cell)) and 1800 <= (year_of(cell) or 0) <= 2100 for cell in cells
        )
        return bool(cells) and good >= 0.8 * len(cells)

    # ---- series and commodities ------------------------------------------------------------------

    def _keys(self, columns: dict[str, str], figures: list[int], has_value: bool) -> Sequence[str | None]:
        """Return the keys of the series.

        Texts of a column, names of columns of figures, or None for the whole table.
        """
        if not has_value:
            return [self.names[place] for place in figures]
        key = self._key_column(columns)
        if key is None:
            return [None]
        columns["series"] = self.names[key]
        self.remarks.append(
            t(
                'Series are told apart by "{column}": those in the first rows are drafted; strike out what'
                " you do not need.",
                column=self.names[key],
            )
        )
        return list(dict.fromkeys(self._cells(key)))[:50]

    def _key_column(self, columns: Mapping[str, str]) -> int | None:
        """Return the column whose texts split an area's rows: the same area stands with several of them."""
        areas = {row[self.area] for row in self.body}
        best, most = None, 1.5 * len(areas)
        for place, name in enumerate(self.names):
            if (
                not name
                or name in columns.values()
                or place == self.area
                or (self._is_numeric(place) and not _KEY_NAMES.search(name))
            ):
                continue
            pairs = {(row[self.area], row[place]) for row in self.body if len(row) > place and row[place]}
            texts = {text for _, text in pairs}
            if (
                len(pairs) > most
                and len(texts) <= 200
                or (_KEY_NAMES.search(name) and 1 <= len(texts) <= 200 and best is None)
            ):
                best, most = place, max(most, len(pairs))
        return best

    def _one_series(self, key: str | None, place: int, title: Sequence[str]) -> dict[str, Any]:
        area = self._block_area(key)
        unit = next((match[1] or match[2] for text in title if (match := _PRINTED_UNIT.search(text))), None)
        slug = re.sub(r"[^a-z0-9]+", "_", (key or "table").lower()).strip("_")
        return {
            "id": f"{self.held.source_id}:{slug or place}",
            **({"key": key} if key else {}),
            **({"area": area} if area else {}),
            "title": {
                "en": key or self.held.source_id,
                "ja": f"{TO_FILL['ja']}：題名（{key or self.held.source_id}）",
            },
            "measure": "count",
            "unit": unit or f"{TO_FILL['en']}: unit",
            "counting": "none",
        }

    def _supply(self, table: dict[str, Any], columns: dict[str, str]) -> None:
        commodity, stage = self._named(_COMMODITY_NAMES), self._named(_STAGE_NAMES)
        constants = dict(table.get("constants") or {})
        for key, name in (("commodity", commodity), ("stage", stage)):
            if name:
                columns[key] = name
            else:
                constants[key] = TO_FILL_ID
                self.remarks.append(
                    t(
                        "No column of {key}: say it in table.constants.{key}, as the technologies name it"
                        " under supply.",
                        key=key,
                    )
                )
        if "unit" not in columns:
            constants["unit"] = f"{TO_FILL['en']}: unit"
        if constants:
            table["constants"] = constants
