"""Published tables as a source: finds the header a declaration describes and says, in SQL, where each cell's parts stand.

A source's `table` declaration is enough; there is no code per table. What a declaration means here:

- `encoding`: anything Python can decode; other encodings than UTF-8 are rewritten to UTF-8 beside the cache first.
- `header_row` (1-based, blank rows count) or `header_contains` (the first row that holds all these names); else row 1.
  Rows above the header are titles. A byte order mark is no part of a name, and line breaks in a name are blanks.
- `layout: long`: one value a row, in `columns.value`; or, without `columns.value`, one column per series: each series'
  `key` names its column.
- `layout: wide`: one column a year; `year_columns` is a regular expression for their names (its first group, if any, is
  the year), by default a four-digit year.
- `columns.series` holds the series' `key`; rows of keys not declared are not read. Without it a table is one series.
- `columns.area` is a name or code; only what config/countries.yaml knows becomes a country (`area_code`).
- `null_values` become NULL; a cell that is neither a number nor one of them is quarantined.
- A supply table names `columns.commodity` and `columns.stage`; their texts become ids in lower case with underscores.
- raw_line counts the rows below the header, from 1; blank rows do not count.

Reads: the first rows of a raw file.
Writes: nothing; `stage.reading` runs the SQL made here.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import html
import io
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from listgen.base.errors import DataError, nearest
from listgen.base.models import Country, Source, Table
from listgen.base.rawstore import HeldFile
from listgen.base.text import t

_HEAD_BYTES = 1 << 20
_YEAR = r"^\D*(\d{4})\D*$"
_WORLD = ("world", "world total", "total world", "global", "世界", "世界計", "全世界")
_MARK = re.compile(r"<(sup|sub)\b[^>]*>.*?</\1\s*>|<[^>]+>", re.IGNORECASE | re.DOTALL)
_NOTE = re.compile(r"(?:\s*(?:\[[0-9a-z]{1,2}\]|\([0-9]{1,2}\)|[*†‡§¹²³]+))+$")


@dataclass(frozen=True)
class TablePlan:
    """How one file of a declared table is read: the statement behind `declared_cell`, its parameters, rows before the data."""

    cell_sql: str
    params: dict[str, Any]
    n_rows_above: int


def plan_table(held: HeldFile, source: Source, path: Path, compression: str, cell: Sequence[str]) -> TablePlan:
    """Return how a file of a declared table is read.

    Args:
        held: The file, for messages.
        source: Its source, with the declaration.
        path: The UTF-8 text to read, from `as_utf8`.
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
    delimiter = table.delimiter or ("\t" if table.format == "tsv" else ",")
    position, names = _find_header(held, table, path, compression, delimiter)
    columns = unique_names(names)
    parts = _cell_parts(held, table, names, columns, cell)
    params: dict[str, Any] = {
        "path": str(path),
        "compression": compression,
        "delimiter": delimiter,
        "skip": position,
        "columns": dict.fromkeys(columns, "VARCHAR"),
        "null_values": list(table.null_values),
    }
    if "series_text" in cell:
        params["series_keys"] = [series.key for series in table.series if series.key is not None] if table.columns.series else []
    return TablePlan(_cell_sql(parts, cell), params, position + 1)


def as_utf8(held: HeldFile, table: Table, compression: str, folder: Path) -> tuple[Path, str]:
    """Return a path and compression under which the table is UTF-8; other encodings are rewritten into the folder.

    Raises:
        DataError: The bytes are not in the declared encoding.
    """
    try:
        encoding = codecs.lookup(table.encoding).name
    except LookupError as error:
        raise DataError(
            t('config/sources/{source}.yaml: "{encoding}" is no encoding.', source=held.source_id, encoding=table.encoding),
            t("Expected a name such as utf-8, cp932 or latin-1."),
        ) from error
    if encoding in ("utf-8", "utf-8-sig", "ascii"):
        return held.path, compression
    target = folder / f"{held.raw_digest}.{encoding}.txt"
    opener = gzip.open if compression == "gzip" else open
    n_lines = 0
    try:
        with opener(held.path, "rb") as raw, target.open("w", encoding="utf-8", newline="") as stream:
            for line in io.TextIOWrapper(raw, encoding=encoding, newline=""):
                n_lines += 1
                stream.write(line)
    except UnicodeDecodeError as error:
        raise _wrong_encoding(held, table.encoding, n_lines + 1) from error
    return target, "none"


def _wrong_encoding(held: HeldFile, encoding: str, line: int) -> DataError:
    return DataError(
        t(
            "Source {source}: {file} is not {encoding} from line {line} on.",
            source=held.source_id,
            file=held.file_name,
            encoding=encoding,
            line=line,
        ),
        t("Expected every byte to be in the declared encoding; nothing of the file was used."),
        t("Correct table.encoding in config/sources/{source}.yaml, or run: listgen acquire {source}", source=held.source_id),
    )


def read_head(held: HeldFile, path: Path, compression: str, delimiter: str, encoding: str = "utf-8") -> list[list[str]]:
    """Return the first rows of a delimited UTF-8 file as lists of fields; blank rows are empty lists.

    Raises:
        DataError: The first bytes are not UTF-8.
    """
    opener = gzip.open if compression == "gzip" else open
    with opener(path, "rb") as stream:
        head = stream.read(_HEAD_BYTES)
    if len(head) == _HEAD_BYTES:
        head = head[: head.rfind(b"\n") + 1] or head
    try:
        text = head.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _wrong_encoding(held, encoding, head[: error.start].count(b"\n") + 1) from error
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))


def clean_name(name: str) -> str:
    """Return a column name on one line, composed and without surrounding blanks."""
    return re.sub(r"\s+", " ", unicodedata.normalize("NFKC", name)).strip()


def unique_names(names: Iterable[str]) -> list[str]:
    """Return names no two of which are equal, whatever their case; unnamed columns get their place as a name."""
    found: list[str] = []
    seen = {"raw_line"}
    for place, name in enumerate(names, start=1):
        free = name or f"column {place}"
        while free.lower() in seen:
            free = f"{free} ({place})"
        seen.add(free.lower())
        found.append(free)
    return found


def missing_column(held: HeldFile, wanted: str, present: Iterable[str]) -> DataError:
    """Return the error for a column that is not in a file's header, with the nearest one that is."""
    names = [name for name in present if name]
    shown = ", ".join(names[:12]) + (", ..." if len(names) > 12 else "")
    return DataError(
        t('Source {source}: {file} has no column "{column}".', source=held.source_id, file=held.file_name, column=wanted)
        + nearest(wanted, names),
        t("Its columns are: {columns}.", columns=shown),
        t("Correct config/sources/{source}.yaml, or run: listgen acquire {source}", source=held.source_id),
    )


def _find_header(held: HeldFile, table: Table, path: Path, compression: str, delimiter: str) -> tuple[int, list[str]]:
    """Return the 0-based row of the header and its names."""
    rows = [[clean_name(name) for name in row] for row in read_head(held, path, compression, delimiter, table.encoding)]
    wanted = {clean_name(name) for name in table.header_contains}
    if table.header_row is not None:
        if table.header_row <= len(rows) and wanted <= set(rows[table.header_row - 1]):
            return table.header_row - 1, rows[table.header_row - 1]
        if not wanted:
            raise _no_header(held, t("row {row}", row=table.header_row))
    elif not wanted and rows:
        return 0, rows[0]
    for position, row in enumerate(rows):
        if wanted and wanted <= set(row):
            return position, row
    best = max(rows, key=lambda row: (len(wanted & set(row)), len(row)), default=[])
    absent = next((name for name in table.header_contains if clean_name(name) not in best), None)
    raise missing_column(held, absent, best) if absent and wanted & set(best) else _no_header(held, ", ".join(table.header_contains))


def _no_header(held: HeldFile, wanted: str) -> DataError:
    return DataError(
        t("Source {source}: {file} has no header row.", source=held.source_id, file=held.file_name),
        t("Expected a row with: {wanted}.", wanted=wanted),
        t("Correct table.header_row or table.header_contains in config/sources/{source}.yaml.", source=held.source_id),
    )


def _cell_parts(held: HeldFile, table: Table, names: list[str], columns: list[str], cell: Sequence[str]) -> dict[str, Any]:
    """Return, by wanted cell column, the file's column, or a list of (label, column) where several columns are unfolded."""
    parts: dict[str, Any] = {}
    declared = table.columns.model_dump()
    for part in cell:
        wanted = declared[part.removesuffix("_text")]
        if wanted is not None:
            parts[part] = _column(held, wanted, names, columns)
    if table.layout == "wide":
        parts["year_text"] = _year_columns(held, table, names, columns)
    elif "value_text" not in parts and "series_text" in cell:
        parts["series_text"] = [(s.key, _column(held, s.key, names, columns)) for s in table.series if s.key is not None]
    needed = [part for part in cell if part not in ("series_text", "unit_text", "value_text")]
    if not isinstance(parts.get("year_text"), list) and not isinstance(parts.get("series_text"), list):
        needed.append("value_text")
    for part in needed:
        if part not in parts:
            key = part.removesuffix("_text")
            raise DataError(
                t("config/sources/{source}.yaml: table.columns.{key} is missing.", source=held.source_id, key=key),
                t("Expected one of the columns of {file}: {columns}.", file=held.file_name, columns=", ".join(columns[:12])),
            )
    return parts


def _column(held: HeldFile, wanted: str, names: list[str], columns: list[str]) -> str:
    try:
        return columns[names.index(clean_name(wanted))]
    except ValueError:
        raise missing_column(held, wanted, names) from None


def _year_columns(held: HeldFile, table: Table, names: list[str], columns: list[str]) -> list[tuple[str, str]]:
    pattern = re.compile(table.year_columns or _YEAR)
    found = [
        (match[1] if pattern.groups else match[0], column)
        for name, column in zip(names, columns, strict=True)
        if (match := pattern.search(name))
    ]
    if not found:
        raise missing_column(held, table.year_columns or "2020", names)
    return found


def _cell_sql(parts: Mapping[str, Any], cell: Sequence[str]) -> str:
    """Return the SELECT behind `declared_cell`; names come from the file's header and are quoted."""
    shown = []
    for part in cell:
        found = parts.get(part)
        if isinstance(found, list):
            labels, columns = [label for label, _ in found], [column for _, column in found]
            shown.append(f"unnest([{', '.join(map(_text, labels))}]) AS {part}")
            shown.append(f"unnest([{', '.join(map(_identifier, columns))}]) AS value_text")
        elif found is not None:
            shown.append(f"{_identifier(found)} AS {part}")
        elif part != "value_text":
            shown.append(f"CAST(NULL AS VARCHAR) AS {part}")
    return (
        "SELECT raw_line, "
        + ", ".join(shown)
        + "\nFROM (SELECT row_number() OVER () AS raw_line, *\n  FROM read_csv($path, delim = $delimiter, "
        "quote = '\"', escape = '\"', header = true, skip = $skip, auto_detect = false,\n    columns = $columns, null_padding = true, "
        "compression = $compression, parallel = false, store_rejects = true,\n    rejects_table = 'reject_row', rejects_scan = 'reject_scan', "
        "rejects_limit = 0))"
    )


def _identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def clean_area(text: str) -> str:
    """Return an area name without tags, entities and footnote marks, composed (NFKC), trimmed and in lower case."""
    plain = unicodedata.normalize("NFKC", _MARK.sub("", html.unescape(_MARK.sub("", text))))
    return re.sub(r"\s+", " ", _NOTE.sub("", plain.strip())).strip().casefold()


def map_areas(texts: Iterable[str], countries: Mapping[str, Country]) -> dict[str, str]:
    """Return the area code of every printed area name that is a country or the world; other names are absent.

    Args:
        texts: Area names or codes as printed.
        countries: The countries the workspace knows, by ISO code.
    """
    known = {clean_area(code): code for code in countries}
    for code, country in countries.items():
        for name in (country.name.en, country.name.ja, *country.aliases):
            known.setdefault(clean_area(name), code)
    known |= dict.fromkeys(_WORLD, "WORLD")
    return {text: known[clean_area(text)] for text in sorted(set(texts)) if clean_area(text) in known}
