"""One raw file to Parquet: its reader SQL over its records, which are judged one by one.

Reads: data/raw.
Writes: a scratch file, which takes its place in the cache when it is whole.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import duckdb

from listgen.base.errors import DataError
from listgen.base.provenance import canonical_json, sha256_file
from listgen.base.zipped import ZipError
from listgen.stage.records.archive import UNPACK
from listgen.stage.records.inflating import MAX_STREAMED_LINE
from listgen.stage.records.integrity import UNPACKED, Readable, check_bytes, check_packed, is_gzip, is_zip
from listgen.stage.records.rejects import judge_records
from listgen.stage.records.rowcount import count_rows
from listgen.stage.records.statement import (
    ReaderStatement,
    table_statement,
    wider_statement,
    with_plain_lists,
)
from listgen.stage.records.task import PARQUET, StagedFile, Task
from listgen.stage.records.xmlrecords import Answers, as_lines
from listgen.stage.tables.grid import as_grid
from listgen.store.raw import HeldFile
from listgen.store.sqlfile import parameter_names, quoted

Answer = TypeVar("Answer")


def parse(con: duckdb.DuckDBPyConnection, task: Task, parquet: Path) -> StagedFile:
    """Return a raw file's records as Parquet; packed lines are unpacked while they are read.

    Raises:
        DataError: The file cannot carry what its source declares.
        duckdb.Error: It is not of the form at all.
    """
    if task.layout == "json_lines" and check_packed(task.held):
        try:
            return _parse(
                con, task, parquet, Readable(task.held.path, "gzip", 0, MAX_STREAMED_LINE), is_streamed=True
            )
        except duckdb.InterruptException:
            raise
        except (DataError, duckdb.Error, ZipError, EOFError, OSError, zlib.error):
            pass  # unpacked first, it is told below what is wrong and where
    readable, rewritten = _readable(task)
    return _parse(con, task, parquet, readable, rewritten=rewritten)


def _parse(
    con: duckdb.DuckDBPyConnection,
    task: Task,
    parquet: Path,
    readable: Readable,
    *,
    is_streamed: bool = False,
    rewritten: str = "",
) -> StagedFile:
    """Return a file's records; a streamed file is unpacked while DuckDB reads it."""
    with closing(con.cursor()) as cursor:
        task.cursors.append(cursor)
        statement = _statement(cursor, task, readable)
        draft = task.scratch / f"{task.held.raw_digest}.{parquet.parent.name[:8]}.parquet"
        n_lines = _copy_records(cursor, task, statement, readable, draft, is_streamed=is_streamed)
        if task.layout == "declared" and (wider := wider_statement(cursor, statement)):
            statement = wider
            cursor.execute("DROP TABLE reject_row; DROP TABLE reject_scan")
            _copy_records(cursor, task, statement, readable, draft, is_streamed=False)
        draft, judged = judge_records(cursor, task, statement, readable, draft)
        if n_lines is None:
            n_rows, is_torn = count_rows(cursor, task, readable, statement.params)
        else:
            n_rows, is_torn = n_lines, False
    if readable.path.parent == task.scratch and not readable.path.name.startswith(UNPACKED):
        readable.path.unlink(missing_ok=True)
    is_packed = is_streamed or (is_gzip(task.held) and not rewritten)
    kept = _kept_params(statement, "gzip" if is_packed else "none", rewritten)
    staged = StagedFile(
        task.held,
        parquet,
        judged.n_records,
        judged.n_rejected,
        statement.sql,
        kept,
        n_rows,
        is_torn,
        judged.n_excluded,
    )
    _keep(draft, staged)
    return staged


def _statement(cursor: duckdb.DuckDBPyConnection, task: Task, readable: Readable) -> ReaderStatement:
    """Return the SQL that reads the file, with its parameters."""
    path, compression, n_text_bytes, n_line_bytes, _ = readable
    params: dict[str, Any] = {"path": str(path), "compression": compression}
    params |= {"as_of_year": task.as_of_year, "raw_digest": task.held.raw_digest, "source_id": task.source.id}
    params |= {
        **task.wanted,
        "n_text_bytes": n_text_bytes,
        "n_line_bytes": n_line_bytes,
        "has_defects": False,
    }
    if task.layout in ("delimited", "declared"):
        return table_statement(cursor, task, readable, params)
    if task.layout == "parquet":
        return ReaderStatement(with_plain_lists(cursor, task.reader.sql, path), params)
    return ReaderStatement(task.reader.sql, params)


def _copy_records(
    cursor: duckdb.DuckDBPyConnection,
    task: Task,
    statement: ReaderStatement,
    readable: Readable,
    draft: Path,
    *,
    is_streamed: bool,
) -> int | None:
    """Write what the statement reads to a scratch file; return how many lines went by, of a stream."""
    params, path = statement.params, readable.path
    origin = "file_digest" if isinstance(task.held, Answers) else _constant(task.held.raw_digest)
    shown = f"{origin} AS raw_digest, {_constant(task.source.id)} AS source_id"
    sql = f"SELECT {shown}, * FROM (\n{statement.sql}\n)"
    if not is_streamed:
        _copy(cursor.execute, sql, draft, params)
        return None
    params["compression"] = "none"
    return _copy(partial(task.inflating.execute, cursor, path=path), sql, draft, params)


def _copy(
    execute: Callable[[str, dict[str, Any]], Answer], sql: str, target: Path, params: dict[str, Any]
) -> Answer:
    """Write the rows of a query to a file and return the answer.

    `has_defects` is tried without first, because an eye on each record costs a tenth.
    """
    used = {name: value for name, value in params.items() if name in parameter_names(sql)}
    try:
        return execute(f"COPY (\n{sql}\n) TO {quoted(target)} ({PARQUET})", used)
    except (duckdb.InvalidInputException, duckdb.ConversionException):
        if used.get("has_defects", True):
            raise
        params["has_defects"] = True
        return _copy(execute, sql, target, params)


def _constant(text: str) -> str:
    """Return a text that is the same in every row as SQL.

    Written once a row group, where a VARCHAR would be compared row by row.
    """
    return f"CAST({quoted(text)} AS ENUM({quoted(text)}))"


def _kept_params(statement: ReaderStatement, compression: str, rewritten: str) -> str:
    """Return what ran, without the place of the file: enough for `trace` to read the same bytes again.

    The order of the columns counts, so their names are not sorted.
    """
    used = parameter_names(statement.sql) - {"path"}
    asked = statement.params | {"compression": compression}
    kept = {name: asked[name] for name in statement.params if name in used}
    return json.dumps(kept | ({"rewritten": rewritten} if rewritten else {}), ensure_ascii=False)


def _keep(draft: Path, staged: StagedFile) -> None:
    """Move a scratch file to its place in the cache, with a note of its digest and counts."""
    note = {
        "sha256": sha256_file(draft),
        "n_records": staged.n_records,
        "n_rejected": staged.n_rejected,
        "file_name": staged.held.file_name,
        "sql": staged.sql,
        "params": staged.params_text,
        "n_rows": staged.n_rows,
        "is_cut": staged.is_cut,
        "n_excluded": staged.n_excluded,
    }
    staged.parquet.parent.mkdir(parents=True, exist_ok=True)
    draft.replace(staged.parquet)
    # A note torn by a crash is made again.
    staged.parquet.with_suffix(".json").write_text(canonical_json(note), encoding="utf-8")


def _readable(task: Task) -> tuple[Readable, str]:
    """Return where and how the records can be read, and the command that made them so."""
    if isinstance(task.held, Answers):
        path, rewritten, n_records = as_lines(task.held, task.source, task.scratch)
        return Readable(path, "none", path.stat().st_size, n_records=n_records), rewritten
    table = task.source.table if task.layout == "declared" else None
    is_workbook = table is not None and table.format == "xlsx"
    is_rows = task.layout in ("json_lines", "delimited")
    readable = check_bytes(
        task.held,
        task.source,
        task.scratch,
        unpack=is_rows or is_workbook,
        is_workbook=is_workbook,
        may_be_zip=is_rows,
    )
    rewritten = UNPACK if is_zip(task.held) and not is_workbook else ""
    if table is not None:
        path, compression, rewritten = as_grid(
            task.held, readable.path, table, readable.compression, task.scratch
        )
        readable = readable._replace(path=path, compression=compression)
    return readable, rewritten


def first_line(held: HeldFile, error: Exception) -> str:
    """Return the first line of what DuckDB says, with the file's own name in place of where it lies here."""
    return str(error).split("\n")[0].replace(str(held.path), held.file_name)
