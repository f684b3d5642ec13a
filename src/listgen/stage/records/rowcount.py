"""How many rows a raw file has, counted apart from the reader, so that a row the reader loses is missed.

Reads: one raw file.
Writes: nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import duckdb

from listgen.base.errors import CouldNotCheckError
from listgen.base.text import t
from listgen.stage.records.endings import is_cut, n_json_lines
from listgen.stage.records.integrity import Readable
from listgen.stage.records.task import Task
from listgen.store.sqlfile import parameter_names, quoted


def count_rows(
    cursor: duckdb.DuckDBPyConnection, task: Task, readable: Readable, params: Mapping[str, Any]
) -> tuple[int, bool]:
    """Return how many rows the file has, whatever its reader makes of them, and whether it ends inside one.

    A row is counted by the bytes of the file: line ends and quote marks, the length of a list of JSON, the
    elements of XML, the note of a Parquet file.
    """
    path, compression = readable.path, str(params["compression"])
    if task.layout in ("delimited", "declared"):
        table = task.source.table if task.layout == "declared" else None
        is_text = table is None or table.format != "xlsx"
        return params["n_rows"], is_text and is_cut(path, compression)
    if task.layout == "json_document":
        return _n_listed(cursor, task, params), False
    if task.layout == "parquet":
        sql = f"SELECT sum(num_rows) FROM parquet_file_metadata({quoted(path)})"
        return int(cursor.execute(sql).fetchall()[0][0]), False
    n_records = readable.n_records
    return n_json_lines(path, compression) if n_records is None else n_records, False


def _n_listed(cursor: duckdb.DuckDBPyConnection, task: Task, params: Mapping[str, Any]) -> int:
    """Return how many records the list of a JSON document has; a document without the list is one record.

    Raises:
        CouldNotCheckError: The reader's head does not name the list.
    """
    listed = task.reader.header.get("list")
    if listed is None:
        raise CouldNotCheckError(
            t("read/{reader}.sql: its head does not say where the records are.", reader=task.reader.id),
            t("Expected `list:` with the name of the array that has one record each."),
            t("Mend the file, then run: listgen build"),
        )
    sql = (
        f"SELECT sum(CASE WHEN json_type(json, '$.{listed}') = 'ARRAY' THEN json_array_length(json,"
        f" '$.{listed}') ELSE 1 END) FROM read_json_objects($path, format = 'unstructured',"
        " maximum_object_size = $n_text_bytes, compression = $compression)"
    )
    return int(cursor.execute(sql, {name: params[name] for name in parameter_names(sql)}).fetchall()[0][0])
