"""Published tables as a source.

Finds the header a declaration describes and says, in SQL, where each cell's parts stand.

A source's `table` declaration is enough; there is no code per table. What a declaration means here:

- `format`: csv, tsv, or xlsx for a workbook (`sheet` by name, else the first). `encoding`: anything Python
  can decode.
- `title_contains`: texts that stand above the header; a file without them is another edition.
- `header_row` (1-based, blank rows count) or `header_contains` (the first row that holds all these names);
  else row 1. Rows above the header are titles. `header_rows: 2` joins a merged heading and the names under it
  by ` / `; the header's place is that of its last row. Of two columns with one name each is named with its
  place: `n (4)`. A byte order mark is no part of a name, and line breaks in a name are blanks.
- `layout: long`: one value a row, in `columns.value`; or, without `columns.value`, one column per series:
  each series' `key` names its column, and its `area` the column of its areas where blocks are side by side,
  each in its own order.
- `layout: wide`: one column a year; `year_columns` is a regular expression for their names. Its group `year`,
  or its first, is the year, its group `series` the series' key; by default a name with one year in it. A span
  or a part of a year is not a year, unless `year_names` says which year that text is filed under.
- `columns.series` holds the series' `key`; or a series' (or commodity's) `match` says what stands in its
  rows, by column. Rows of none of them are not read. Without any the table is one series.
- `columns.area` is a name or code; only what config/countries.yaml or `areas` knows becomes a country
  (`area_code`).
- `constants` hold for the whole table (`years_covered: 5`: a supply figure is the mean of the five years up
  to its own); `fill_down`: a merged cell speaks for the blank ones below it.
- `null_values` become NULL, `zero_values` 0 where the publisher says so; `value_marks` may follow a number
  (e, p, r); any other cell that is no number is quarantined. `whole`: what the figures are parts of, where no
  World row is printed (100 for percent).
- `accepts`: what a workbook shows otherwise than it stores it (percent, thousands, raised, hidden_rows,
  hidden_columns, hidden_sheet, old_format) and is read as stored; without it the build stops.
- `units`, `years`, `other_areas` and `controls` are promises that `stage.tables.promises` holds against what
  was read.
- raw_line counts the rows below the header, from 1; blank rows do not count. Rows without any value (notes)
  are not read.

Reads: the first rows of a raw file.
Writes: nothing; `stage.reading` runs the SQL made here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from listgen.base.errors import DataError
from listgen.base.text import t
from listgen.config.models import Source
from listgen.config.table import Match, Table
from listgen.stage.tables.appearance import check_appearance
from listgen.stage.tables.cells import CELLS_SQL, cell_params, year_of
from listgen.stage.tables.grid import read_head
from listgen.stage.tables.header import clean_name, find_header, missing_column, unique_names
from listgen.stage.tables.workbook import Used
from listgen.store.raw import HeldFile
from listgen.store.sqlfile import quoted

_ONE_YEAR = re.compile(r"^\D*\d{4}\D*$|^\D{0,4}(?:令和|平成|昭和|大正|明治)(?:元|\d{1,2})\D*$")
_BLANKS = "'\u00a0\u2007\u202f\u3000', '    '"
# Parts a table may leave out altogether.
_OPTIONAL = (
    "series_text",
    "unit_text",
    "value_text",
    "commodity_text",
    "stage_text",
    "flag_text",
    "multiplier_text",
)
# Columns of SDMX that say by which power of ten a figure is multiplied.
_MULTIPLIER = re.compile(r"(?:obs_)?unit_?mult(?:iplier)?|power_?code(?: code)?", re.IGNORECASE)


# A cell that a row is too short to have is NULL; an empty one is an empty text.
_ROWS = (
    "read_csv($path, delim = $delimiter, quote = '\"', escape = '\"', header = true, skip = $skip,"
    " auto_detect = false,\n    columns = $columns, null_padding = true, nullstr = '<no cell>', compression ="
    " $compression, parallel = false, store_rejects = true,\n    rejects_table = 'reject_row',"
    " rejects_scan = 'reject_scan', rejects_limit = 0)"
)


# Empty cells that a row has beyond its heading are no fault; a filled one there is.
def _beyond(n: int) -> list[str]:
    return [f"beyond_heading_{place}" for place in range(1, n + 1)]


def _text_beyond(n: int) -> str:
    return "concat(" + ", ".join(f"trim({name})" for name in _beyond(n)) + ")"


_N_BEYOND = 3  # most rows that have cells beyond the heading have few; the others are read again
_BEYOND_TEXT = _text_beyond(_N_BEYOND)


@dataclass(frozen=True)
class TablePlan:
    """How one file of a declared table is read.

    The statement behind `printed`, its parameters, the header's place and last row. `left_out_sql`: which
    rule leaves a row of `body` out, NULL for a row that counts; empty where no rule does. `n_filled_above`:
    how many rows above the records have a character.
    """

    cell_sql: str
    left_out_sql: str
    params: dict[str, Any]
    n_rows_above: int
    header: list[str]
    n_filled_above: int


def plan_table(
    held: HeldFile, source: Source, path: Path, compression: str, cell: Sequence[str]
) -> TablePlan:
    """Return how a file of a declared table is read.

    Args:
        held: The file, for messages.
        source: Its source, with the declaration.
        path: The UTF-8 text to read, from `tables.grid.as_grid`.
        compression: `none` or `gzip`.
        cell: Names of the columns the reader of this form wants.

    Raises:
        DataError: The declared header or a declared column is not there, or a series is declared that the
            header cannot hold.
    """
    table = source.table
    if table is None:
        raise DataError(
            t(
                "config/sources/{source}.yaml: {file} is read as a table, but there is no table declaration.",
                source=source.id,
                file=held.file_name,
            ),
            t("Expected `table:` with columns and series."),
        )
    delimiter = delimiter_of(table)
    rows = [
        [clean_name(name) for name in row]
        for row in read_head(held, path, compression, delimiter, table.encoding)
    ]
    header = find_header(held, table, rows)
    columns = unique_names(header.names)
    parts = _Parts(held, table, header.names, columns, cell, rows[header.position + 1 :])
    if table.format == "xlsx":
        check_appearance(held, table, parts.used(header.position + 2))
    params = cell_params(table) | {
        "path": str(path),
        "compression": compression,
        "delimiter": delimiter,
        "skip": header.position,
        "columns": dict.fromkeys([*columns, *_beyond(_N_BEYOND)], "VARCHAR"),
        "units": list(table.units),
    }
    if "series_text" in cell:
        found_by_row = table.columns.series or parts.matches
        params["series_keys"] = (
            [s.row_key for s in table.series if s.row_key is not None] if found_by_row else []
        )
    n_above = header.position + 1
    n_filled = sum(map(bool, rows[:n_above]))
    return TablePlan(parts.sql(), parts.left_out(), params, n_above, header.last_row, n_filled)


def delimiter_of(table: Table) -> str:
    """Return what separates the fields of a table once it is text."""
    return table.delimiter or ("\t" if table.format == "tsv" else ",")


def with_declared_cell(sql: str, cell_sql: str) -> str:
    """Return a table reader's statement with the cells its source declares put in front."""
    return f"WITH {cell_sql},{CELLS_SQL}\nSELECT * FROM (\n{sql}\n)"


def with_other_rows(sql: str, columns: Sequence[str], left_out_sql: str) -> str:
    """Return a table reader's statement with the rows that have no cell in it.

    Rows that have more figures than headings are set aside; rows that a rule leaves out are counted by rule.
    """
    printed = ", ".join(_identifier(name) for name in columns)
    beyond = (
        f"{sql}\nUNION ALL BY NAME SELECT raw_line, '' AS reject_field, 'too many columns' AS reject_reason,"
        f"\n  left(concat_ws(',', {printed}), 80) AS reject_excerpt FROM body WHERE {_BEYOND_TEXT} <> ''"
    )
    if not left_out_sql:
        return beyond
    ruled = f"SELECT {left_out_sql} AS excluded_by FROM body WHERE {_BEYOND_TEXT} = ''"
    return (
        f"{beyond}\nUNION ALL BY NAME SELECT excluded_by, count(*) AS n_excluded\n  FROM ({ruled})"
        "\n  WHERE excluded_by <> '' GROUP BY excluded_by"
    )


def with_wider_rows(sql: str, columns: Sequence[str], width: int) -> tuple[str, list[str]]:
    """Return a table reader's statement and its columns for rows of more cells beyond the heading."""
    names = [name for name in columns if name not in _beyond(_N_BEYOND)]
    n_beyond = width - len(names)
    return sql.replace(_BEYOND_TEXT, _text_beyond(n_beyond)), [*names, *_beyond(n_beyond)]


# ---- the cells -----------------------------------------------------------------------------------


class _Unfolded(NamedTuple):
    """A column that becomes a row of its own.

    The year and series it speaks for, and the column of its areas, if it has its own.
    """

    year: str
    series: str
    column: str
    area: str | None = None


class _Parts:
    """The SQL of every part a reader wants of a cell.

    A column, a constant, or several columns unfolded into rows.
    """

    def __init__(
        self,
        held: HeldFile,
        table: Table,
        names: list[str],
        columns: list[str],
        cell: Sequence[str],
        rows: Sequence[list[str]],
    ) -> None:
        self.held = held
        self.table = table
        self.names = names
        self.columns = columns
        self.cell = cell
        self.matches = any(series.match for series in table.series) or bool(table.commodities)
        self.rows = rows
        self.unfolded: list[_Unfolded] = []
        self.parts = {part: expression for part in cell if (expression := self._declared(part)) is not None}
        self._unfold()
        self._match()
        self._refuse_missing()
        self._refuse_other_areas()
        self._refuse_multiplier()

    def sql(self) -> str:
        """Return `body`, the rows, and `printed`, their cells; names come from the header and are quoted."""
        shown = [f"{self.parts[part]} AS {part}" for part in self.cell if part in self.parts]
        shown += [f"CAST(NULL AS VARCHAR) AS {part}" for part in self.cell if part not in self.parts]
        return (
            f"body AS (\nSELECT row_number() OVER () AS raw_line, *\n  FROM {_ROWS}\n),"
            "\nprinted AS (\nSELECT raw_line, "
            + ", ".join(shown)
            + f"\nFROM (FROM body WHERE {_BEYOND_TEXT} = '')"
            + self._where()
            + "\n)"
        )

    def used(self, first_row: int) -> Used:
        """Return what is read of a sheet: its rows from `first_row` on, its figures, its declared columns."""
        figures = [one.column for one in self.unfolded]
        if self.table.columns.value and not self.unfolded:
            figures.append(self._column(self.table.columns.value))
        names = [
            name
            for name in (
                self.table.columns.area,
                *self._named_columns(),
                *(series.area for series in self.table.series),
            )
            if name
        ]
        columns = [*figures, *map(self._column, names)]
        return Used(
            first_row,
            frozenset(map(self.columns.index, figures)),
            frozenset(map(self.columns.index, columns)),
        )

    def _declared(self, part: str) -> str | None:
        key = part.removesuffix("_text")
        name, constant = getattr(self.table.columns, key, None), getattr(self.table.constants, key, None)
        if name is None:
            return None if constant is None else quoted(str(constant))
        column = _identifier(self._column(name))
        if key not in self.table.fill_down:
            return column
        return f"last_value(nullif(trim({column}), '') IGNORE NULLS) OVER (ORDER BY raw_line)"

    def _column(self, wanted: str) -> str:
        """Return the column with a printed name.

        Of equal names none is taken, but each can be named with its place: "n (4)".
        """
        name = clean_name(wanted)
        places = [place for place, known in enumerate(self.names) if known == name]
        if len(places) > 1:
            raise self._equal_names(name, places)
        if places:
            return self.columns[places[0]]
        match = re.fullmatch(r"(.+) \(([0-9]+)\)", name)
        place = int(match[2]) - 1 if match else -1
        if match and place < len(self.names) and self.names[place] == match[1]:
            return self.columns[place]
        raise missing_column(self.held, wanted, self.names)

    def _equal_names(self, name: str, places: Sequence[int]) -> DataError:
        return DataError(
            t(
                'Source {source}: {file}: the columns {places} are all called "{column}".',
                source=self.held.source_id,
                file=self.held.file_name,
                places=", ".join(str(place + 1) for place in places),
                column=name,
            ),
            t(
                "Expected a name of one column. With its place a column has one: {names}.",
                names=", ".join(f'"{name} ({p + 1})"' for p in places),
            ),
            t("Write one of these names in config/sources/{source}.yaml.", source=self.held.source_id),
        )

    def _unfold(self) -> None:
        """Turn columns of years, or of series, into rows."""
        table = self.table
        if table.layout == "wide":
            self.unfolded = self._year_columns()
            self.parts["year_text"] = _unnested(one.year for one in self.unfolded)
            if any(one.series for one in self.unfolded):
                self.parts["series_text"] = _unnested(one.series for one in self.unfolded)
        elif "value_text" not in self.parts and "series_text" in self.cell:
            self.unfolded = [
                _Unfolded("", s.key, self._column(s.key), self._column(s.area) if s.area else None)
                for s in table.series
                if s.key is not None
            ]
            self.parts["series_text"] = _unnested(one.series for one in self.unfolded)
            self._unfold_areas()
        if self.unfolded:
            self.parts["value_text"] = (
                f"unnest([{', '.join(_identifier(one.column) for one in self.unfolded)}])"
            )
        if "column_text" in self.cell:
            column = table.columns.value
            self.parts["column_text"] = (
                _unnested(one.column for one in self.unfolded) if self.unfolded else quoted(column or "value")
            )

    def _unfold_areas(self) -> None:
        """Give each series of a block its block's own column of areas."""
        if not any(one.area for one in self.unfolded):
            return
        common = self.parts.get("area_text", "CAST(NULL AS VARCHAR)")
        self.parts["area_text"] = (
            "unnest(["
            + ", ".join(_identifier(one.area) if one.area else common for one in self.unfolded)
            + "])"
        )

    def _refuse_other_areas(self) -> None:
        """Refuse a figure between which and its area another column of areas stands.

        That column may be the one it belongs to.
        """
        common = self._column(self.table.columns.area) if self.table.columns.area else None
        figures = self.unfolded or (
            [_Unfolded("", "", self._column(self.table.columns.value))] if self.table.columns.value else []
        )
        declared = {self._column(name) for name in self._named_columns()}
        for one in figures:
            area = one.area or common
            if area is None:
                continue
            first, last = sorted((self.columns.index(area), self.columns.index(one.column)))
            for place in range(first + 1, last):
                if self.columns[place] not in declared and self._holds_areas_of(
                    self.columns.index(area), place
                ):
                    raise self._between(area, self.columns[place], one.column)

    def _named_columns(self) -> Iterable[str]:
        """Return the columns the declaration names for something else than areas and figures."""
        columns = self.table.columns
        yield from filter(
            None, (columns.year, columns.series, columns.unit, columns.commodity, columns.stage)
        )
        yield from self._matching_columns()

    def _holds_areas_of(self, area: int, place: int) -> bool:
        """Return True if a column has mostly the texts of the column of areas."""
        mine, other = (
            {row[column] for row in self.rows if len(row) > column and row[column]}
            for column in (area, place)
        )
        return len(mine & other) >= max(2, 0.5 * min(len(mine), len(other)))

    def _refuse_multiplier(self) -> None:
        """Refuse figures to be multiplied by a power of ten that the declaration does not name."""
        if self.table.columns.multiplier:
            return
        declared = {self._column(name) for name in self._named_columns()}
        for place, name in enumerate(self.names):
            powers = {row[place] for row in self.rows if len(row) > place} - {"", "0", "0.0"}
            if _MULTIPLIER.fullmatch(name) and powers and self.columns[place] not in declared:
                raise DataError(
                    t(
                        'Source {source}: {file}: the column "{column}" multiplies the figures by a power of'
                        " ten.",
                        source=self.held.source_id,
                        file=self.held.file_name,
                        column=name,
                    ),
                    t("Expected the declaration to say so; the figures would be too small."),
                    t(
                        'Write "multiplier: {column}" under table.columns in config/sources/{source}.yaml.',
                        column=name,
                        source=self.held.source_id,
                    ),
                )

    def _between(self, area: str, other: str, figure: str) -> DataError:
        return DataError(
            t(
                'Source {source}: {file}: between the areas in "{area}" and the figures in "{figure}" stands'
                ' another column of areas, "{other}".',
                source=self.held.source_id,
                file=self.held.file_name,
                area=area,
                figure=figure,
                other=other,
            ),
            t(
                "Expected blocks side by side, each with its own order of areas, to name their column of"
                " areas."
            ),
            t(
                'Write "area: {other}" in the series of that block in config/sources/{source}.yaml.',
                other=other,
                source=self.held.source_id,
            ),
        )

    def _year_columns(self) -> list[_Unfolded]:
        pattern = re.compile(self.table.year_columns) if self.table.year_columns else _ONE_YEAR
        found: list[_Unfolded] = []
        for name, column in zip(self.names, self.columns, strict=True):
            match = pattern.search(name)
            if match is None:
                continue
            groups = match.groupdict()
            label = groups.get("year") or next((group for group in match.groups() if group), match[0])
            year = self.table.year_names.get(label.strip(), year_of(label))
            if year is None:
                raise self._no_year(name, label)
            found.append(_Unfolded(str(year), (groups.get("series") or "").strip(), column))
            self._refuse_twice(found)
        if not found:
            raise missing_column(self.held, self.table.year_columns or "2020", self.names)
        return found

    def _no_year(self, name: str, label: str) -> DataError:
        return DataError(
            t(
                'Source {source}: {file}: the column "{column}" names no year.',
                source=self.held.source_id,
                file=self.held.file_name,
                column=name,
            ),
            t(
                'Expected one whole year in what is found there ("{label}"), not a span, a part of a year or'
                " a sign.",
                label=label,
            ),
            t(
                "Correct table.year_columns in config/sources/{source}.yaml, or say under table.year_names"
                " which year that text is filed under.",
                source=self.held.source_id,
            ),
        )

    def _refuse_twice(self, found: list[_Unfolded]) -> None:
        """Refuse two columns for one year: which of them is meant, only the declaration can say."""
        year, series, column, _ = found[-1]
        other = next((one.column for one in found[:-1] if (one.year, one.series) == (year, series)), None)
        if other is not None:
            raise DataError(
                t(
                    'Source {source}: {file}: the columns "{column}" and "{other}" both name {year}.',
                    source=self.held.source_id,
                    file=self.held.file_name,
                    column=other,
                    other=column,
                    year=year,
                ),
                t("Expected one column a year and series."),
                t("Correct table.year_columns in config/sources/{source}.yaml.", source=self.held.source_id),
            )

    def _match(self) -> None:
        """Find series and commodities by what stands in other columns of their rows."""
        if any(series.match for series in self.table.series):
            self.parts["series_text"] = self._chosen((s.match, s.id) for s in self.table.series if s.match)
        if self.table.commodities and "commodity_text" in self.cell:
            items = self.table.commodities
            self.parts["commodity_text"] = self._chosen((item.match, item.commodity) for item in items)
            self.parts["stage_text"] = self._chosen((item.match, item.stage) for item in items)
            if any(item.unit for item in items):
                self.parts["wanted_unit"] = self._chosen((item.match, item.unit or "") for item in items)
                self.parts.setdefault("unit_text", self.parts["wanted_unit"])

    def _chosen(self, choices: Iterable[tuple[Match, str]]) -> str:
        whens = [f"WHEN {self._matched(match)} THEN {quoted(label)}" for match, label in choices]
        return "CASE " + " ".join(whens) + " END"

    def _matched(self, match: Match) -> str:
        tests = []
        for name, texts in match.items():
            wanted = ", ".join(
                quoted(clean_name(text)) for text in ([texts] if isinstance(texts, str) else texts)
            )
            tests.append(
                f"trim(regexp_replace(translate({_identifier(self._column(name))}, {_BLANKS}), '\\s+', ' ',"
                f" 'g')) IN ({wanted})"
            )
        return " AND ".join(tests)

    def left_out(self) -> str:
        """Return which rule leaves a row out, as SQL; empty where no rule does."""
        rules = [f"WHEN NOT ({test}) THEN {quoted(rule)}" for test, rule in self._conditions()]
        return "CASE " + " ".join(rules) + " END" if rules else ""

    def _where(self) -> str:
        tests = [test for test, _ in self._conditions()]
        return "\nWHERE " + "\n  AND ".join(tests) if tests else ""

    def _conditions(self) -> list[tuple[str, str]]:
        """Return which rows count (those of a declared item, with a value in them), and why others do not."""
        tests = []
        if "commodity_text" in self.cell and self.table.commodities:
            tests.append(
                (f"({self.parts['commodity_text']}) IS NOT NULL", "a commodity that is not declared")
            )
        if self.unfolded:
            filled = _any_filled(one.column for one in self.unfolded)
            cut = self._cut_before_figures()
            tests.append((f"({filled} OR {cut})" if cut else filled, "a note, or empty"))
        elif self.table.constants.year is not None and self.table.columns.value is not None:
            tests.append((_any_filled([self._column(self.table.columns.value)]), "a note, or empty"))
        return tests

    def _cut_before_figures(self) -> str:
        """Return what shows a row that ends before its first figure.

        It names its area and its item, and has no cell behind them.

        A note under the table fills one cell. Empty without a column of items, where the two look alike.
        """
        columns = self.table.columns
        items = [name for name in (columns.series, columns.commodity, *self._matching_columns()) if name]
        if not items or not columns.area:
            return ""
        named = [self._column(columns.area), *dict.fromkeys(self._column(name) for name in items)]
        ends = " AND ".join(f"{_identifier(one.column)} IS NULL" for one in self.unfolded)
        return (
            "("
            + " AND ".join(f"nullif(trim({_identifier(name)}), '') IS NOT NULL" for name in named)
            + f" AND {ends})"
        )

    def _matching_columns(self) -> Iterator[str]:
        """Yield the columns whose texts tell series or commodities apart."""
        for match in (
            *(series.match for series in self.table.series),
            *(item.match for item in self.table.commodities),
        ):
            yield from match

    def _refuse_missing(self) -> None:
        needed = [
            part
            for part in self.cell
            if part.endswith("_text") and part not in _OPTIONAL and part != "column_text"
        ]
        needed += ["value_text"] if not self.unfolded else []
        needed += [part for part in ("commodity_text", "stage_text") if part in self.cell]
        for part in needed:
            if part not in self.parts:
                key = part.removesuffix("_text")
                raise DataError(
                    t(
                        "config/sources/{source}.yaml: table.columns.{key} is missing.",
                        source=self.held.source_id,
                        key=key,
                    ),
                    t(
                        "Expected one of the columns of {file}: {columns}.",
                        file=self.held.file_name,
                        columns=", ".join(self.columns[:12]),
                    ),
                )


def _unnested(labels: Iterable[str]) -> str:
    return f"unnest([{', '.join(map(quoted, labels))}])"


def _any_filled(columns: Iterable[str]) -> str:
    return (
        "coalesce("
        + ", ".join(f"nullif(trim({_identifier(column)}), '')" for column in columns)
        + ") IS NOT NULL"
    )


def _identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
