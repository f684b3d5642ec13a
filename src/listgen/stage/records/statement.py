"""The SQL that reads one raw file, with its parameters: that of the file's form, fitted to the file.

Reads: the first rows of a raw file.
Writes: nothing.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb

from listgen.base.text import t
from listgen.stage.records.integrity import Readable, bad_file
from listgen.stage.records.quotes import check_quotes
from listgen.stage.records.task import Task
from listgen.stage.tables.grid import read_head
from listgen.stage.tables.header import clean_name, missing_column, unique_names
from listgen.stage.tables.plan import plan_table, with_declared_cell, with_other_rows, with_wider_rows
from listgen.store.sqlfile import quoted

_MANY = 1000


@dataclass(frozen=True)
class ReaderStatement:
    """The SQL that reads a file and its parameters; of a table also `n_rows`, its rows below the header.

    `n_rows_above`: how many rows are above the records. `header`: the row right above them.
    """

    sql: str
    params: dict[str, Any]
    n_rows_above: int = 0
    header: tuple[str, ...] = ()


def table_statement(
    cursor: duckdb.DuckDBPyConnection, task: Task, readable: Readable, params: Mapping[str, Any]
) -> ReaderStatement:
    """Return the SQL that reads a table, a declared one or one of a known form, with its parameters.

    Args:
        cursor: Where the header is compared with what DuckDB finds.
        task: The file.
        readable: Where to read it.
        params: The parameters that every reader has.
    """
    if task.layout == "delimited":
        statement = _delimited(task, readable.path, readable.compression)
        return replace(statement, params={**params, **statement.params})
    statement = _declared(task, readable.path, readable.compression)
    statement = replace(statement, params={**statement.params, **params})
    _check_header(cursor, task, statement)
    return statement


def wider_statement(cursor: duckdb.DuckDBPyConnection, statement: ReaderStatement) -> ReaderStatement | None:
    """Return the statement with columns for the empty cells that rows have far beyond the heading.

    Empty cells there are no fault, however many. None if the reading set aside no such row.
    """
    columns, delimiter = statement.params["columns"], statement.params["delimiter"]
    width = len(columns)
    cursor.execute("SELECT csv_line FROM reject_row WHERE error_type = 'TOO MANY COLUMNS'")
    while rows := cursor.fetchmany(_MANY):
        for (line,) in rows:
            cells = next(csv.reader(io.StringIO(line, newline=""), delimiter=delimiter), [])
            if not any(cell.strip() for cell in cells[len(columns) :]):
                width = max(width, len(cells))
    if width == len(columns):
        return None
    sql, names = with_wider_rows(statement.sql, list(columns), width)
    return replace(statement, sql=sql, params=statement.params | {"columns": dict.fromkeys(names, "VARCHAR")})


def _declared(task: Task, path: Path, compression: str) -> ReaderStatement:
    """Return the SQL for a table that its source declares."""
    plan = plan_table(task.held, task.source, path, compression, task.reader.header["cell"])
    n_rows = check_quotes(task.held, path, compression, plan.params["delimiter"])
    params = plan.params | {"n_rows": n_rows - plan.n_filled_above}
    sql = with_declared_cell(task.reader.sql, plan.cell_sql)
    sql = with_other_rows(sql, plan.params["columns"], plan.left_out_sql)
    return ReaderStatement(sql, params, plan.n_rows_above, tuple(plan.header))


def _delimited(task: Task, path: Path, compression: str) -> ReaderStatement:
    """Return the SQL for a table of a known form: its first row names the columns."""
    delimiter = task.reader.header.get("delimiter", "\t")
    rows = read_head(task.held, path, compression, delimiter)
    if not rows:
        raise bad_file(task.held, t("is empty"))
    n_rows = check_quotes(task.held, path, compression, delimiter)
    names = _known_names(task.reader.header, rows[0])
    for wanted in task.reader.header["columns"]:
        if wanted not in names:
            raise missing_column(task.held, wanted, rows[0])
    params = {"n_rows": n_rows - 1, "columns": dict.fromkeys(unique_names(names), "VARCHAR")}
    return ReaderStatement(task.reader.sql, params, n_rows_above=1)


def with_plain_lists(cursor: duckdb.DuckDBPyConnection, sql: str, path: Path) -> str:
    """Return the statement for a Parquet file whose repeated columns may be records `list` of `element`.

    BigQuery once wrote lists so.
    """
    kinds = cursor.execute(
        f"SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM read_parquet({quoted(path)}))"
    ).fetchall()
    old = [name for name, kind in kinds if kind.startswith("STRUCT(list STRUCT(element ")]
    plain = ", ".join(f'[item.element FOR item IN "{name}".list] AS "{name}"' for name in old)
    return (
        re.sub(r"FROM (read_parquet\([^()]*\))", rf"FROM (SELECT * REPLACE ({plain}) FROM \1)", sql)
        if old
        else sql
    )


def _known_names(header: Mapping[str, Any], names: Sequence[str]) -> list[str]:
    """Return the names of a file's columns.

    Those a provider has changed over the years are given under the name the reader uses.
    """
    known = {other: name for name, others in (header.get("also_called") or {}).items() for other in others}
    return [known.get(name, name) for name in names]


def _check_header(cursor: duckdb.DuckDBPyConnection, task: Task, statement: ReaderStatement) -> None:
    """Make sure that DuckDB finds the header in the row in which the declaration found it."""
    params = statement.params
    sql = (
        "SELECT * FROM read_csv($path, delim = $delimiter, quote = '\"', escape = '\"', header = false, skip"
        " = $skip, auto_detect = false, columns = $columns, null_padding = true, compression = $compression,"
        " parallel = false, ignore_errors = true) LIMIT 1"
    )
    used = {name: params[name] for name in ("path", "delimiter", "skip", "columns", "compression")}
    rows = cursor.execute(sql, used).fetchall()
    found = [_flat(value) for value in rows[0]] if rows else []
    width = len(statement.header)
    if found[:width] != list(statement.header) or any(found[width:]):
        raise bad_file(
            task.held, t("has title rows that hide where its header stands; name it by table.header_row")
        )


def _flat(value: str | None) -> str:
    return clean_name((value or "").removeprefix("\ufeff"))
