"""Published tables as a source: finds the header a declaration describes and says, in SQL, where each cell's parts stand.

A source's `table` declaration is enough; there is no code per table. What a declaration means here:

- `format`: csv, tsv, or xlsx for a workbook (`sheet` by name, else the first). `encoding`: anything Python can decode.
- `title_contains`: texts that stand above the header; a file without them is another edition.
- `header_row` (1-based, blank rows count) or `header_contains` (the first row that holds all these names); else row 1.
  Rows above the header are titles. `header_rows: 2` joins a merged heading and the names under it by ` / `; the header's
  place is that of its last row. A byte order mark is no part of a name, and line breaks in a name are blanks.
- `layout: long`: one value a row, in `columns.value`; or, without `columns.value`, one column per series: each series'
  `key` names its column.
- `layout: wide`: one column a year; `year_columns` is a regular expression for their names. Its group `year`, or its first,
  is the year, its group `series` the series' key; by default a name with one year in it.
- `columns.series` holds the series' `key`; or a series' (or commodity's) `match` says what stands in its rows, by column.
  Rows of none of them are not read. Without any the table is one series.
- `columns.area` is a name or code; only what config/countries.yaml or `areas` knows becomes a country (`area_code`).
- `constants` hold for the whole table (`years_covered: 5`: a supply figure is the mean of the five years up to its own);
  `fill_down`: a merged cell speaks for the blank ones below it.
- `null_values` become NULL, `zero_values` 0 where the publisher says so; `value_marks` may follow a number (e, p, r); any other
  cell that is no number is quarantined. `whole`: what the figures are parts of, where no World row is printed (100 for percent).
- `units`, `years`, `other_areas` and `controls` are promises that `stage.tables.promises` holds against what was read.
- raw_line counts the rows below the header, from 1; blank rows do not count. Rows without any value (notes) are not read.

Reads: the first rows of a raw file.
Writes: nothing; `stage.reading` runs the SQL made here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from listgen.base.errors import DataError
from listgen.base.text import t
from listgen.config.models import Source
from listgen.config.table import Match, Table
from listgen.stage.tables.cells import CELLS_SQL, cell_params, year_of
from listgen.stage.tables.grid import read_head
from listgen.stage.tables.header import clean_name, find_header, missing_column, unique_names
from listgen.store.raw import HeldFile

_ONE_YEAR = re.compile(r"^\D*\d{4}\D*$|^\D{0,4}(?:令和|平成|昭和|大正|明治)(?:元|\d{1,2})\D*$")
_BLANKS = "'\u00a0\u2007\u202f\u3000', '    '"
# Parts a table may leave out altogether.
_OPTIONAL = ("series_text", "unit_text", "value_text", "commodity_text", "stage_text")


@dataclass(frozen=True)
class TablePlan:
    """How one file of a declared table is read: the statement behind `printed`, its parameters, the header's place and last row."""

    cell_sql: str
    params: dict[str, Any]
    n_rows_above: int
    header: list[str]


def plan_table(held: HeldFile, source: Source, path: Path, compression: str, cell: Sequence[str]) -> TablePlan:
    """Return how a file of a declared table is read.

    Args:
        held: The file, for messages.
        source: Its source, with the declaration.
        path: The UTF-8 text to read, from `tables.grid.as_grid`.
        compression: `none` or `gzip`.
        cell: Names of the columns the reader of this form wants.

    Raises:
        DataError: The declared header or a declared column is not there, or a series is declared that the header cannot hold.
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
    rows = [[clean_name(name) for name in row] for row in read_head(held, path, compression, delimiter, table.encoding)]
    header = find_header(held, table, rows)
    columns = unique_names(header.names)
    parts = _Parts(held, table, header.names, columns, cell)
    params = cell_params(table) | {
        "path": str(path),
        "compression": compression,
        "delimiter": delimiter,
        "skip": header.position,
        "columns": dict.fromkeys(columns, "VARCHAR"),
        "units": list(table.units),
    }
    if "series_text" in cell:
        found_by_row = table.columns.series or parts.matches
        params["series_keys"] = [s.row_key for s in table.series if s.row_key is not None] if found_by_row else []
    return TablePlan(parts.sql(), params, header.position + 1, header.last_row)


def delimiter_of(table: Table) -> str:
    """Return what separates the fields of a table once it is text."""
    return table.delimiter or ("\t" if table.format == "tsv" else ",")


def with_declared_cell(sql: str, cell_sql: str) -> str:
    """Return a table reader's statement with the cells its source declares put in front."""
    return f"WITH printed AS (\n{cell_sql}\n),{CELLS_SQL}\nSELECT * FROM (\n{sql}\n)"


# ---- the cells --------------------------------------------------------------------------------------------------------


class _Parts:
    """The SQL of every part a reader wants of a cell: a column, a constant, or several columns unfolded into rows."""

    def __init__(self, held: HeldFile, table: Table, names: list[str], columns: list[str], cell: Sequence[str]) -> None:
        self.held = held
        self.table = table
        self.names = names
        self.columns = columns
        self.cell = cell
        self.matches = any(series.match for series in table.series) or bool(table.commodities)
        self.unfolded: list[tuple[str, str, str]] = []  # year, series key, column
        self.parts = {part: expression for part in cell if (expression := self._declared(part)) is not None}
        self._unfold()
        self._match()
        self._refuse_missing()

    def sql(self) -> str:
        """Return the SELECT behind `printed`; names come from the file's header and are quoted."""
        shown = [f"{self.parts[part]} AS {part}" for part in self.cell if part in self.parts]
        shown += [f"CAST(NULL AS VARCHAR) AS {part}" for part in self.cell if part not in self.parts]
        return (
            "SELECT raw_line, "
            + ", ".join(shown)
            + "\nFROM (SELECT row_number() OVER () AS raw_line, *\n  FROM read_csv($path, delim = $delimiter, "
            "quote = '\"', escape = '\"', header = true, skip = $skip, auto_detect = false,\n    columns = $columns, null_padding = true, "
            "compression = $compression, parallel = false, store_rejects = true,\n    rejects_table = 'reject_row', rejects_scan = 'reject_scan', "
            "rejects_limit = 0))" + self._conditions()
        )

    def _declared(self, part: str) -> str | None:
        key = part.removesuffix("_text")
        name, constant = getattr(self.table.columns, key, None), getattr(self.table.constants, key, None)
        if name is None:
            return None if constant is None else _text(str(constant))
        column = _identifier(self._column(name))
        if key not in self.table.fill_down:
            return column
        return f"last_value(nullif(trim({column}), '') IGNORE NULLS) OVER (ORDER BY raw_line)"

    def _column(self, wanted: str) -> str:
        try:
            return self.columns[self.names.index(clean_name(wanted))]
        except ValueError:
            raise missing_column(self.held, wanted, self.names) from None

    def _unfold(self) -> None:
        """Turn columns of years, or of series, into rows."""
        table = self.table
        if table.layout == "wide":
            self.unfolded = self._year_columns()
            self.parts["year_text"] = _unnested(year for year, _, _ in self.unfolded)
            if any(series for _, series, _ in self.unfolded):
                self.parts["series_text"] = _unnested(series for _, series, _ in self.unfolded)
        elif "value_text" not in self.parts and "series_text" in self.cell:
            self.unfolded = [("", s.key, self._column(s.key)) for s in table.series if s.key is not None]
            self.parts["series_text"] = _unnested(series for _, series, _ in self.unfolded)
        if self.unfolded:
            self.parts["value_text"] = f"unnest([{', '.join(_identifier(column) for _, _, column in self.unfolded)}])"
        if "column_text" in self.cell:
            column = table.columns.value
            self.parts["column_text"] = _unnested(c for _, _, c in self.unfolded) if self.unfolded else _text(column or "value")

    def _year_columns(self) -> list[tuple[str, str, str]]:
        pattern = re.compile(self.table.year_columns) if self.table.year_columns else _ONE_YEAR
        found = []
        for name, column in zip(self.names, self.columns, strict=True):
            match = pattern.search(name)
            if match is None:
                continue
            groups = match.groupdict()
            label = groups.get("year") or next((group for group in match.groups() if group), match[0])
            year = year_of(label)
            if year is not None:
                found.append((str(year), (groups.get("series") or "").strip(), column))
                self._refuse_twice(found)
            elif self.table.year_columns:
                raise DataError(
                    t(
                        'Source {source}: {file}: the column "{column}" names no year.',
                        source=self.held.source_id,
                        file=self.held.file_name,
                        column=name,
                    ),
                    t('Expected one year in what table.year_columns finds there ("{label}").', label=label),
                    t("Correct table.year_columns in config/sources/{source}.yaml.", source=self.held.source_id),
                )
        if not found:
            raise missing_column(self.held, self.table.year_columns or "2020", self.names)
        return found

    def _refuse_twice(self, found: list[tuple[str, str, str]]) -> None:
        """Refuse two columns for one year: which of them is meant, only the declaration can say."""
        year, series, column = found[-1]
        other = next((name for known, key, name in found[:-1] if (known, key) == (year, series)), None)
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
        whens = [f"WHEN {self._matched(match)} THEN {_text(label)}" for match, label in choices]
        return "CASE " + " ".join(whens) + " END"

    def _matched(self, match: Match) -> str:
        tests = []
        for name, texts in match.items():
            wanted = ", ".join(_text(clean_name(text)) for text in ([texts] if isinstance(texts, str) else texts))
            tests.append(f"trim(regexp_replace(translate({_identifier(self._column(name))}, {_BLANKS}), '\\s+', ' ', 'g')) IN ({wanted})")
        return " AND ".join(tests)

    def _conditions(self) -> str:
        """Return which rows count: those of a declared item, with a value in them."""
        tests = []
        if "commodity_text" in self.cell and self.table.commodities:
            tests.append(f"({self.parts['commodity_text']}) IS NOT NULL")
        if self.unfolded:
            tests.append(_any_filled(column for _, _, column in self.unfolded))
        elif self.table.constants.year is not None and self.table.columns.value is not None:
            tests.append(_any_filled([self._column(self.table.columns.value)]))
        return "\nWHERE " + "\n  AND ".join(tests) if tests else ""

    def _refuse_missing(self) -> None:
        needed = [part for part in self.cell if part.endswith("_text") and part not in _OPTIONAL and part != "column_text"]
        needed += ["value_text"] if not self.unfolded else []
        needed += [part for part in ("commodity_text", "stage_text") if part in self.cell]
        for part in needed:
            if part not in self.parts:
                key = part.removesuffix("_text")
                raise DataError(
                    t("config/sources/{source}.yaml: table.columns.{key} is missing.", source=self.held.source_id, key=key),
                    t("Expected one of the columns of {file}: {columns}.", file=self.held.file_name, columns=", ".join(self.columns[:12])),
                )


def _unnested(labels: Iterable[str]) -> str:
    return f"unnest([{', '.join(map(_text, labels))}])"


def _any_filled(columns: Iterable[str]) -> str:
    return "coalesce(" + ", ".join(f"nullif(trim({_identifier(column)}), '')" for column in columns) + ") IS NOT NULL"


def _identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
