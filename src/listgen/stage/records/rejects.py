"""The records of one file that could not be read.

Rows that are not rows of the table, excerpts of malformed lines, files without a usable record.

Reads: one raw file and its parsed records.
Writes: the parsed records with the rejected ones in full.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import duckdb

from listgen.base.text import t
from listgen.stage.records.excerpt import EXCERPT, read_excerpts
from listgen.stage.records.integrity import Readable, bad_file
from listgen.stage.records.statement import ReaderStatement
from listgen.stage.records.task import PARQUET, Task
from listgen.store.sqlfile import quoted

_MAX_EXCERPTS = 1000  # of malformed lines, a file; the lines beyond are quarantined without one
_FIRST_REASON = (
    "arg_min(concat_ws(' ', concat(raw_line, ':'), reject_field, reject_reason, '(' || reject_excerpt ||"
    " ')'), raw_line) FILTER (WHERE reject_reason IS NOT NULL)"
)


class Judged(NamedTuple):
    """How many records a file has, how many of them are rejected, and how many more its reader leaves out."""

    n_records: int
    n_rejected: int
    n_excluded: int


def judge_records(
    cursor: duckdb.DuckDBPyConnection,
    task: Task,
    statement: ReaderStatement,
    readable: Readable,
    draft: Path,
) -> tuple[Path, Judged]:
    """Return the records with the rejected ones in full, and how many of each there are.

    Raises:
        DataError: There is no record, no good one, or none carries a field every file of this form has.
    """
    if task.layout in ("delimited", "declared"):
        draft = _add_torn_rows(cursor, task, draft, statement.n_rows_above)
    elif task.layout == "json_lines":
        draft = _add_excerpts(cursor, readable.path, readable.compression, draft)
    return draft, _check_records(cursor, task, draft)


def _add_torn_rows(cursor: duckdb.DuckDBPyConnection, task: Task, draft: Path, n_rows_above: int) -> Path:
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
    return _write_whole(
        cursor,
        f"""SELECT * REPLACE (
          raw_line + (SELECT count(*) FROM torn WHERE torn.n_before < record.raw_line) AS raw_line)
        FROM read_parquet({quoted(draft)}) AS record
        UNION ALL BY NAME
        SELECT $raw_digest AS raw_digest, $source_id AS source_id, raw_line, field AS reject_field,
          reason AS reject_reason, excerpt AS reject_excerpt FROM torn""",
        draft,
        {"raw_digest": task.held.raw_digest, "source_id": task.source.id},
    )


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
    return _write_whole(
        cursor,
        f"""SELECT record.* REPLACE (coalesce(record.reject_excerpt, seen.excerpt) AS reject_excerpt)
        FROM read_parquet({quoted(draft)}) AS record LEFT JOIN seen USING (raw_line)""",
        draft,
    )


def _write_whole(
    cursor: duckdb.DuckDBPyConnection, sql: str, draft: Path, params: Mapping[str, str] | None = None
) -> Path:
    """Write the records with what the reader left open, and return the new scratch file."""
    target = draft.with_suffix(".whole.parquet")
    cursor.execute(f"COPY (\n{sql}\n) TO {quoted(target)} ({PARQUET})", params or {})
    return target


def _check_records(cursor: duckdb.DuckDBPyConnection, task: Task, draft: Path) -> Judged:
    """Return how many records were read, rejected, and left out by rule."""
    expected = list(task.reader.header.get("expects") or ())
    counts = ", ".join(["count(*)", "count(reject_reason)", *(f"count({c})" for c in expected)])
    excludes = bool(task.reader.header.get("excludes"))
    kept = " WHERE excluded_by IS NULL" if excludes else ""
    row = cursor.execute(f"SELECT {counts} FROM read_parquet({quoted(draft)}){kept}").fetchall()[0]
    excluded = f"SELECT coalesce(sum(n_excluded), 0) FROM read_parquet({quoted(draft)})"
    n_excluded = cursor.execute(excluded).fetchall()[0][0] if excludes else 0
    judged = Judged(int(row[0]), int(row[1]), int(n_excluded))
    _check_usable(cursor, task, draft, judged)
    for column, count in zip(expected, row[2:], strict=True):
        if count == 0:
            raise bad_file(
                task.held,
                t("has no record with {column}: the provider may have renamed a field", column=column),
            )
    return judged


def _check_usable(cursor: duckdb.DuckDBPyConnection, task: Task, draft: Path, judged: Judged) -> None:
    """Refuse a file without a record, or without one that can be used."""
    n_records, n_rejected, n_excluded = judged
    if n_records == 0 and task.layout == "declared":
        raise bad_file(task.held, t("has no row of a declared series"))
    is_page = task.reader.header.get("is_page")
    if n_records == 0 and not (
        is_page and n_excluded
    ):  # the answer of a provider may say that there is nothing
        raise bad_file(task.held, t("is empty: it has no record"))
    if n_rejected == n_records and not is_page:
        first = cursor.execute(f"SELECT {_FIRST_REASON} FROM read_parquet({quoted(draft)})").fetchall()[0]
        raise bad_file(
            task.held,
            t("has not one usable record; the first reason: {reason}", reason=str(first[0]).strip()),
        )
