"""Where things are in a table nobody has declared yet: its areas, its header, its years, its figures.

Looks at the first rows only.

Reads: rows of one file.
Writes: nothing.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from listgen.base.errors import DataError
from listgen.base.text import t
from listgen.config.models import Country
from listgen.config.table import Table, TableColumns
from listgen.stage.tables.areas import map_areas, noted_areas
from listgen.stage.tables.cells import cell_params, year_of
from listgen.stage.tables.header import joined_names
from listgen.store.raw import HeldFile

_NULLS = list(Table(columns=TableColumns()).null_values)
KEY_NAMES = re.compile(
    r"(?:^|[_ ])(?:id|code|no\.?|series|indicator|table|field|measure)$|系列|分野|指標", re.IGNORECASE
)
_FLAGGED = re.compile(r"^(?:[0-9.,]+|:)\s+([a-z]{1,3})$")
_YEAR_CELL = re.compile(r"\D{0,4}(?:\d{4}|元|\d{1,2})(?:\D{0,4}|-\d\d.*)")


class Layout:
    """Where the parts of one table are: the column of areas, the header, the rows of data.

    `kind` is the form of the file as declared keys, with the decimal mark and the marks of figures that its
    cells show. `names` are the column names, `body` the rows of data, `blocks` the columns of areas of blocks
    side by side.
    """

    def __init__(
        self,
        held: HeldFile,
        kind: dict[str, Any],
        rows: Sequence[list[str]],
        countries: Mapping[str, Country],
    ) -> None:
        self.held = held
        self.kind = kind
        self.rows = rows
        self.codes = _without_words(self._area_codes(countries))
        self.kind = kind | self._decimal() | self._flags()
        self.number = _number_of(self.kind.get("decimal", "."))
        self.nulls = set(self.kind.get("null_values", _NULLS))
        self.area, self.first = self._area_column()
        self.header_row, self.header_rows, self.names = self._header()
        self.names = _distinct(self.names)
        self.body = [row for row in rows[self.first :] if len(row) > self.area]
        self.blocks = self._area_blocks()

    def _area_codes(self, countries: Mapping[str, Country]) -> dict[str, str]:
        texts = {cell for row in self.rows for cell in row if cell}
        known = map_areas(texts, countries)
        return known | noted_areas(
            [text for text in texts if text not in known and len(text) < 60], countries
        )

    def _decimal(self) -> dict[str, str]:
        """Return the decimal comma if more cells are numbers with it than without."""
        cells = [cell for row in self.rows for cell in row]
        comma, point = (sum(bool(_number_of(mark).fullmatch(cell)) for cell in cells) for mark in (",", "."))
        return {"decimal": ","} if comma > point else {}

    def _flags(self) -> dict[str, list[str]]:
        """Return the marks behind figures, and the texts that print a figure's absence with one.

        Eurostat prints both: "510 p", ": c".
        """
        texts = {cell for row in self.rows for cell in row if _FLAGGED.match(cell) or cell == ":"}
        marks = sorted({match[1] for text in texts if (match := _FLAGGED.match(text))})
        absent = sorted(text for text in texts if text.startswith(":"))
        found: dict[str, list[str]] = {"value_marks": marks} if marks else {}
        return found | ({"null_values": [*_NULLS, *absent]} if absent else {})

    def _area_column(self) -> tuple[int, int]:
        """Return the column with the most names of countries, and the first row of data."""
        found: Counter[int] = Counter()
        for row in self.rows:
            found.update(
                place for place, cell in enumerate(row) if cell in self.codes and not self._is_number(cell)
            )
        if not found:
            raise no_countries(self.held)
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
        heading = bare(self.names[self.area])
        codes = {row[self.area] for row in self.body} & self.codes.keys()
        blocks = [self.area]
        for place, name in enumerate(self.names):
            cells = {row[place] for row in self.body if len(row) > place} & self.codes.keys()
            if place != self.area and bare(name) == heading and len(cells) >= max(2, 0.5 * len(codes)):
                blocks.append(place)
        return sorted(blocks)

    def block_area(self, key: str | None) -> str | None:
        """Return the column of areas of a series' block, or None where the table has one column of areas."""
        if key not in self.names or len(self.blocks) < 2:
            return None
        place = self.names.index(key)
        return self.names[max((block for block in self.blocks if block <= place), default=self.blocks[0])]

    def named(self, pattern: re.Pattern[str]) -> str | None:
        """Return the name of the first column that matches, apart from the column of areas."""
        return next(
            (
                name
                for place, name in enumerate(self.names)
                if name and place != self.area and pattern.search(name)
            ),
            None,
        )

    def _is_number(self, cell: str) -> bool:
        return bool(self.number.fullmatch(cell))

    def _is_figure(self, cell: str) -> bool:
        return self._is_number(cell) and not (cell.isdigit() and 1800 <= int(cell) <= 2100)

    def cells(self, place: int) -> list[str]:
        """Return the texts of a column, without its empty cells."""
        return [row[place] for row in self.body if len(row) > place and row[place]]

    def is_numeric(self, place: int) -> bool:
        """Return True if at least 60 % of a column's cells are numbers, or texts for a missing one."""
        cells = self.cells(place)
        return bool(cells) and sum(
            self._is_number(cell) or cell in self.nulls for cell in cells
        ) >= 0.6 * len(cells)

    def _heading_year(self, place: int, name: str) -> int | None:
        if place == self.area or not (self.is_numeric(place) or not self.cells(place)):
            return None
        year = year_of(name.rsplit(" / ", 1)[-1])
        return year if year is not None and 1800 <= year <= 2100 else None

    def year_columns(self) -> tuple[list[int], list[str]]:
        """Return the columns of years, and the names of those that repeat a year and are left out.

        Of several for one year the first, unless a merged heading tells them apart.
        """
        found = [
            (place, year)
            for place, name in enumerate(self.names)
            if (year := self._heading_year(place, name)) is not None
        ]
        if self.header_rows > 1:
            return [place for place, _ in found], []
        first = {year: place for place, year in reversed(found)}
        repeated = [self.names[place] for place, year in found if first[year] != place]
        return [place for place, year in found if first[year] == place], repeated

    def is_year_column(self, place: int) -> bool:
        """Return True if most cells of a named column are years."""
        if not self.names[place] or place == self.area:
            return False
        cells = self.cells(place)
        good = sum(
            bool(_YEAR_CELL.fullmatch(cell)) and 1800 <= (year_of(cell) or 0) <= 2100 for cell in cells
        )
        return bool(cells) and good >= 0.8 * len(cells)

    def key_column(self, columns: Mapping[str, str]) -> int | None:
        """Return the column whose texts split an area's rows: the same area stands with several of them."""
        areas = {row[self.area] for row in self.body}
        best, most = None, 1.5 * len(areas)
        for place, name in enumerate(self.names):
            if (
                not name
                or name in columns.values()
                or place == self.area
                or (self.is_numeric(place) and not KEY_NAMES.search(name))
            ):
                continue
            pairs = {(row[self.area], row[place]) for row in self.body if len(row) > place and row[place]}
            texts = {text for _, text in pairs}
            if (
                len(pairs) > most
                and len(texts) <= 200
                or (KEY_NAMES.search(name) and 1 <= len(texts) <= 200 and best is None)
            ):
                best, most = place, max(most, len(pairs))
        return best


def no_countries(held: HeldFile) -> DataError:
    """Return the error for a file without a column of countries."""
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
    """Return the areas without headings that look like codes.

    "geo" is not Georgia where the codes of the table are in capitals.
    """
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


def bare(name: str) -> str:
    """Return the last part of a heading, without the place that tells it from an equal one."""
    return re.sub(r" \([0-9]+\)$", "", name.rpartition(" / ")[2])
