"""How many rows a raw file has, counted apart from the reader, so that a row the reader loses is missed.

Reads: one raw file.
Writes: nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb

from listgen.stage.records.endings import is_cut, n_json_lines, n_lines
from listgen.stage.records.task import Task
from listgen.stage.tables.plan import COUNT_SQL
from listgen.store.sqlfile import parameter_names, quoted


def count_rows(
    cursor: duckdb.DuckDBPyConnection, task: Task, path: Path, params: Mapping[str, Any], n_parsed: int
) -> tuple[int, bool]:
    """Return how many rows the file has, whatever its reader makes of them, and whether it ends inside one.

    `n_parsed`: records of the parse, which count where the text alone does not tell.
    """
    compression = str(params["compression"])
    if task.layout == "declared":
        used = {name: value for name, value in params.items() if name in parameter_names(COUNT_SQL)}
        n_torn = cursor.execute("SELECT count(DISTINCT line) FROM reject_row").fetchall()[0][0]
        is_text = task.source.table is None or task.source.table.format != "xlsx"
        n_rows = cursor.execute(COUNT_SQL, used).fetchall()[0][0]
        return n_rows + n_torn, is_text and is_cut(path, compression)
    if task.layout == "delimited":
        is_counted = task.reader.header.get("is_counted")
        told = n_lines(path, compression) if is_counted else params["n_rows"]
        return (n_parsed if told is None else told - 1), is_cut(path, compression)
    return _n_records(cursor, task, path, params) or n_parsed, False


def _n_records(
    cursor: duckdb.DuckDBPyConnection, task: Task, path: Path, params: Mapping[str, Any]
) -> int | None:
    """Return how many records a file that is not a table has; None where its form names no list of them."""
    if task.layout in ("json_lines", "xml"):
        return params.get("n_rows") or n_json_lines(path, str(params["compression"]))
    if task.layout == "parquet":
        sql = f"SELECT sum(num_rows) FROM parquet_file_metadata({quoted(path)})"
        return int(cursor.execute(sql).fetchall()[0][0])
    return _n_listed(cursor, task, params)


def _n_listed(cursor: duckdb.DuckDBPyConnection, task: Task, params: Mapping[str, Any]) -> int | None:
    """Return how many records the list of a JSON document has; a document without the list is one record."""
    listed = task.reader.header.get("list")
    if not listed:
        return None
    sql = (
        f"SELECT sum(CASE WHEN json_type(json, '$.{listed}') = 'ARRAY' THEN json_array_length(json,"
        f" '$.{listed}') ELSE 1 END) FROM read_json_objects($path, format = 'unstructured',"
        " maximum_object_size = $n_text_bytes, compression = $compression)"
    )
    return int(cursor.execute(sql, {name: params[name] for name in parameter_names(sql)}).fetchall()[0][0])
