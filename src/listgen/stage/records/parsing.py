"""One raw file to Parquet: its reader SQL over its records, which are judged one by one.

Reads: data/raw.
Writes: a scratch file, which takes its place in the cache when it is whole.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

import duckdb

from listgen.base.errors import DataError
from listgen.base.imports import imports_digest
from listgen.base.provenance import PACKAGE, canonical_json, sha256_file, sha256_text
from listgen.base.text import t
from listgen.base.zipped import ZipError
from listgen.config.models import Source
from listgen.stage.records.archive import UNPACK
from listgen.stage.records.endings import is_cut, n_json_lines, n_lines
from listgen.stage.records.excerpt import EXCERPT, read_excerpts
from listgen.stage.records.inflating import MAX_STREAMED_LINE, Inflating
from listgen.stage.records.integrity import (
    UNPACKED,
    Readable,
    bad_file,
    check_bytes,
    check_packed,
    is_gzip,
    is_zip,
)
from listgen.stage.records.quotes import check_quotes
from listgen.stage.records.xmlrecords import Answers, as_lines
from listgen.stage.tables.grid import as_grid, read_head
from listgen.stage.tables.header import clean_name, missing_column, unique_names
from listgen.stage.tables.plan import COUNT_SQL, plan_table, with_declared_cell
from listgen.store.raw import HeldFile
from listgen.store.sqlfile import SqlFile, parameter_names, quoted

# Light packing and small dictionaries: what is read once a build is not worth more, and it costs a tenth of
# the reading. Small row groups are gathered in memory that is already there; fetching more took the system
# half as long as the packing.
_PARQUET = (
    "FORMAT parquet, COMPRESSION lz4_raw, ROW_GROUP_SIZE 6144, DICTIONARY_SIZE_LIMIT 1000, PARQUET_VERSION v2"
)
_MAX_EXCERPTS = 1000  # of malformed lines, a file; the lines beyond are quarantined without one
_FIRST_REASON = (
    "arg_min(concat_ws(' ', concat(raw_line, ':'), reject_field, reject_reason, '(' || reject_excerpt ||"
    " ')'), raw_line) FILTER (WHERE reject_reason IS NOT NULL)"
)


@dataclass(frozen=True)
class StagedFile:
    """A raw file and its parsed records.

    `n_rows`: how many rows the file has, those included that its reader leaves out. `n_excluded`: records
    that its reader marks as left out by rule. `is_cut`: no line end follows its last figure.
    """

    held: HeldFile
    parquet: Path
    n_records: int
    n_rejected: int
    sql: str
    params_text: str
    n_rows: int
    is_cut: bool = False
    n_excluded: int = 0


@dataclass(frozen=True)
class Task:
    """One file to read, with everything that decides what comes out, where to unpack it, and how to stop it."""

    held: HeldFile
    source: Source
    reader: SqlFile
    wanted: Mapping[str, Sequence[str]]
    scratch: Path
    inflating: Inflating
    cursors: list[duckdb.DuckDBPyConnection]

    @property
    def layout(self) -> str:
        """Return how records lie in the file: json_lines, json_document, xml, delimited or declared."""
        return str(self.reader.header["layout"])

    @property
    def as_of_year(self) -> int:
        """Return the year the file speaks for; later years are impossible in it."""
        return int(self.held.as_of_date[:4])

    @property
    def code_digest(self) -> str:
        """Return the digest of everything but the raw bytes that decides the records."""
        parts = {
            "reader": [self.reader.header, self.reader.sql],
            "code": reading_code(),
            "duckdb": duckdb.__version__,
            "as_of_year": self.as_of_year,
            "source": self.source.id,
            "partial": self.source.partial,
            "table": self.source.table.model_dump() if self.source.table else None,
        } | {name: values for name, values in self.wanted.items() if name in self.reader.parameters}
        return sha256_text(canonical_json(parts))


@cache
def reading_code(package: Path = PACKAGE) -> str:
    """Return the digest of all code that can decide a record: this step and every module it imports."""
    return imports_digest(["stage"], package)


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
    path, compression, n_text_bytes, n_line_bytes = readable
    sql, params, n_rows_above, header = _statement(task, path, compression)
    params |= {"n_text_bytes": n_text_bytes, "n_line_bytes": n_line_bytes, "has_defects": False}
    params |= {"compression": "none"} if is_streamed else {}
    draft = task.scratch / f"{task.held.raw_digest}.{task.code_digest[:8]}.parquet"
    with closing(con.cursor()) as cursor:
        task.cursors.append(cursor)
        if task.layout == "parquet":
            sql = _with_plain_lists(cursor, sql, path)
        if task.layout == "declared":
            _check_header(cursor, task, params, header)
        origin = "file_digest" if isinstance(task.held, Answers) else _constant(task.held.raw_digest)
        shown = f"{origin} AS raw_digest, {_constant(task.source.id)} AS source_id"
        execute = partial(task.inflating.execute, cursor, path=path) if is_streamed else cursor.execute
        answer = _copy(execute, f"SELECT {shown}, * FROM (\n{sql}\n)", draft, params)
        params |= {"n_rows": answer} if is_streamed else {}  # the lines that went by
        if task.layout in ("delimited", "declared"):
            draft = _add_structural_rejects(cursor, task, draft, n_rows_above)
        elif task.layout == "json_lines":
            draft = _add_excerpts(cursor, path, compression, draft)
        n_records, n_rejected, n_excluded = _check_records(cursor, task, draft)
        n_rows, cut = _counted(cursor, task, path, params, n_records + n_excluded)
    if path.parent == task.scratch and not path.name.startswith(UNPACKED):
        path.unlink(missing_ok=True)
    parquet.parent.mkdir(parents=True, exist_ok=True)
    # What ran, without the place of the file: enough for `trace` to read the same bytes again.
    # The order of the columns counts, so their names are not sorted.
    asked = params | {
        "compression": "gzip" if is_streamed or (is_gzip(task.held) and not rewritten) else "none"
    }
    kept_params = {name: asked[name] for name in params if name in parameter_names(sql) and name != "path"}
    kept = json.dumps(kept_params | ({"rewritten": rewritten} if rewritten else {}), ensure_ascii=False)
    note = {
        "sha256": sha256_file(draft),
        "n_records": n_records,
        "n_rejected": n_rejected,
        "file_name": task.held.file_name,
    }
    note |= {"sql": sql, "params": kept, "n_rows": n_rows, "is_cut": cut, "n_excluded": n_excluded}
    draft.replace(parquet)
    parquet.with_suffix(".json").write_text(
        canonical_json(note), encoding="utf-8"
    )  # torn by a crash, it is made again
    return StagedFile(task.held, parquet, n_records, n_rejected, sql, kept, n_rows, cut, n_excluded)


def _readable(task: Task) -> tuple[Readable, str]:
    """Return where and how the records can be read, and the command that made them so."""
    if isinstance(task.held, Answers):
        path, rewritten = as_lines(task.held, task.source, task.scratch)
        return Readable(path, "none", path.stat().st_size), rewritten
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


def _counted(
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


def first_line(held: HeldFile, error: Exception) -> str:
    """Return the first line of what DuckDB says, with the file's own name in place of where it lies here."""
    return str(error).split("\n")[0].replace(str(held.path), held.file_name)


# ---- the statement -------------------------------------------------------------------------------


def _statement(task: Task, path: Path, compression: str) -> tuple[str, dict[str, Any], int, list[str]]:
    """Return the SQL that reads the file, its parameters, how many rows stand above its records, and the row right above them."""
    sql, n_rows_above, header = task.reader.sql, 0, list[str]()
    params: dict[str, Any] = {"path": str(path), "compression": compression}
    if task.layout == "declared":
        plan = plan_table(task.held, task.source, path, compression, task.reader.header["cell"])
        sql, n_rows_above = with_declared_cell(sql, plan.cell_sql), plan.n_rows_above
        check_quotes(task.held, path, compression, plan.params["delimiter"])
        params, header = plan.params, plan.header
    elif task.layout == "delimited":
        delimiter = task.reader.header.get("delimiter", "\t")
        rows = read_head(task.held, path, compression, delimiter)
        if not rows:
            raise bad_file(task.held, t("is empty"))
        params["n_rows"] = check_quotes(task.held, path, compression, delimiter)
        names = _known_names(task.reader.header, rows[0])
        for wanted in task.reader.header["columns"]:
            if wanted not in names:
                raise missing_column(task.held, wanted, rows[0])
        params["columns"], n_rows_above = dict.fromkeys(unique_names(names), "VARCHAR"), 1
    given = params | {
        "as_of_year": task.as_of_year,
        "raw_digest": task.held.raw_digest,
        "source_id": task.source.id,
        **task.wanted,
    }
    return sql, given, n_rows_above, header


def _with_plain_lists(cursor: duckdb.DuckDBPyConnection, sql: str, path: Path) -> str:
    """Return the statement for a Parquet file whose repeated columns are lists, or records `list` of `element`, as BigQuery wrote them once."""
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
    """Return the names of a file's columns, those a provider has changed over the years under the one the reader uses."""
    known = {other: name for name, others in (header.get("also_called") or {}).items() for other in others}
    return [known.get(name, name) for name in names]


def _copy(
    execute: Callable[[str, dict[str, Any]], object],
    sql: str,
    target: Path,
    params: dict[str, Any] | None = None,
) -> object:
    """Write the rows of a query to a file and return the answer.

    `has_defects` is tried without first, because an eye on each record costs a tenth.
    """
    used = {name: value for name, value in (params or {}).items() if name in parameter_names(sql)}
    try:
        return execute(f"COPY (\n{sql}\n) TO {quoted(target)} ({_PARQUET})", used)
    except (duckdb.InvalidInputException, duckdb.ConversionException):
        if params is None or used.get("has_defects", True):
            raise
        params["has_defects"] = True
        return _copy(execute, sql, target, params)


def _constant(text: str) -> str:
    """Return a text that is the same in every row as SQL.

    Written once a row group, where a VARCHAR would be compared row by row.
    """
    return f"CAST({quoted(text)} AS ENUM({quoted(text)}))"


def _check_header(
    cursor: duckdb.DuckDBPyConnection, task: Task, params: Mapping[str, Any], header: Sequence[str]
) -> None:
    """Make sure that DuckDB finds the header in the row in which the declaration found it."""
    sql = (
        "SELECT * FROM read_csv($path, delim = $delimiter, quote = '\"', escape = '\"', header = false, skip"
        " = $skip, auto_detect = false, columns = $columns, null_padding = true, compression = $compression,"
        " parallel = false, ignore_errors = true) LIMIT 1"
    )
    used = {name: params[name] for name in ("path", "delimiter", "skip", "columns", "compression")}
    rows = cursor.execute(sql, used).fetchall()
    found = [_flat(value) for value in rows[0]] if rows else []
    if found != list(header):
        raise bad_file(
            task.held, t("has title rows that hide where its header stands; name it by table.header_row")
        )


def _flat(value: str | None) -> str:
    return clean_name((value or "").removeprefix("\ufeff"))


# ---- what could not be read ----------------------------------------------------------------------


def _add_structural_rejects(
    cursor: duckdb.DuckDBPyConnection, task: Task, draft: Path, n_rows_above: int
) -> Path:
    """Return the records with the rows added that are no rows of the table.

    Their places move the numbers of those after them.
    """
    rows = cursor.execute(
        "SELECT line, min(coalesce(column_name, '')), min(CAST(error_type AS VARCHAR)), min(csv_line) FROM"
        " reject_row GROUP BY line ORDER BY line"
    ).fetchall()
    if not rows:
        return draft
    for line, _, kind, _ in rows:
        if "ENCODING" in kind:
            raise bad_file(task.held, t("is not UTF-8 in line {line}", line=line))
    cursor.execute(
        "CREATE OR REPLACE TEMP TABLE torn (raw_line BIGINT, field VARCHAR, reason VARCHAR, excerpt VARCHAR,"
        " n_before BIGINT)"
    )
    torn = [
        (
            line - n_rows_above,
            field,
            kind.lower().replace("_", " "),
            (text or "")[:EXCERPT],
            line - n_rows_above - place,
        )
        for place, (line, field, kind, text) in enumerate(rows, start=1)
    ]
    cursor.executemany("INSERT INTO torn VALUES (?, ?, ?, ?, ?)", torn)
    target = draft.with_suffix(".whole.parquet")
    _copy(
        cursor.execute,
        f"""SELECT * REPLACE (raw_line + (SELECT count(*) FROM torn WHERE torn.n_before < record.raw_line) AS raw_line)
        FROM read_parquet({quoted(draft)}) AS record
        UNION ALL BY NAME
        SELECT $raw_digest AS raw_digest, $source_id AS source_id, raw_line, field AS reject_field, reason AS reject_reason,
          excerpt AS reject_excerpt FROM torn""",
        target,
        {"raw_digest": task.held.raw_digest, "source_id": task.source.id},
    )
    return target


def _add_excerpts(cursor: duckdb.DuckDBPyConnection, path: Path, compression: str, draft: Path) -> Path:
    """Return the records with an excerpt of every malformed line.

    The file is looked at again only when there are any.
    """
    wanted = dict(
        cursor.execute(
            f"SELECT raw_line, reject_field FROM read_parquet({quoted(draft)}) WHERE reject_reason IS NOT"
            " NULL AND reject_excerpt IS NULL ORDER BY 1 LIMIT ?",
            [_MAX_EXCERPTS],
        ).fetchall()
    )
    if not wanted:
        return draft
    cursor.execute("CREATE OR REPLACE TEMP TABLE seen (raw_line BIGINT, excerpt VARCHAR)")
    cursor.executemany("INSERT INTO seen VALUES (?, ?)", read_excerpts(path, compression, wanted))
    target = draft.with_suffix(".whole.parquet")
    _copy(
        cursor.execute,
        f"""SELECT record.* REPLACE (coalesce(record.reject_excerpt, seen.excerpt) AS reject_excerpt)
        FROM read_parquet({quoted(draft)}) AS record LEFT JOIN seen USING (raw_line)""",
        target,
    )
    return target


def _check_records(cursor: duckdb.DuckDBPyConnection, task: Task, draft: Path) -> tuple[int, int, int]:
    """Return the numbers of records, of rejected ones among them, and of those that the reader marks as left out by rule.

    Raises:
        DataError: There is no record, no good one, or none carries a field every file of this form has.
    """
    expected = list(task.reader.header.get("expects") or ())
    counts = ", ".join(["count(*)", "count(reject_reason)", *(f"count({c})" for c in expected)])
    marked = task.reader.header.get("excluded")
    kept = f" WHERE NOT coalesce({marked}, false)" if marked else ""
    row = cursor.execute(f"SELECT {counts} FROM read_parquet({quoted(draft)}){kept}").fetchall()[0]
    n_records, n_rejected = int(row[0]), int(row[1])
    n_excluded = (
        cursor.execute(f"SELECT count(*) FROM read_parquet({quoted(draft)}) WHERE {marked}").fetchall()[0][0]
        if marked
        else 0
    )
    if n_records == 0 and task.layout == "declared":
        raise bad_file(task.held, t("has no row of a declared series"))
    if n_records == 0:
        raise bad_file(task.held, t("is empty: it has no record"))
    if n_rejected == n_records and not task.reader.header.get("is_page"):
        first = cursor.execute(f"SELECT {_FIRST_REASON} FROM read_parquet({quoted(draft)})").fetchall()[0]
        raise bad_file(
            task.held,
            t("has not one usable record; the first reason: {reason}", reason=str(first[0]).strip()),
        )
    for column, count in zip(expected, row[2:], strict=True):
        if count == 0:
            raise bad_file(
                task.held,
                t("has no record with {column}: the provider may have renamed a field", column=column),
            )
    return n_records, n_rejected, int(n_excluded)
