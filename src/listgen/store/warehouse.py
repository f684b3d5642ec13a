"""The build's DuckDB file: opened safely, every statement recorded so that any number can be recomputed.

Writes: prov.statement
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import duckdb
import polars as pl
import polars.selectors as cs

from listgen.base.errors import CouldNotCheckError, ListgenError, LockedError, UsageError, machine_trouble
from listgen.base.provenance import sha256_text
from listgen.base.text import t
from listgen.store.intervals import INTERVAL_MACROS
from listgen.store.jsonrecord import JSON_MACROS
from listgen.store.patentnumber import PATENT_MACROS
from listgen.store.references import REFERENCE_MACROS
from listgen.store.sqlfile import SqlFile, single_statements

# Enough for a million works in good time; DuckDB takes what it is given, so this is what keeps a build's
# memory flat.
MEMORY_MB = 600
SCHEMAS = ("core", "ind", "score", "cluster", "list", "prov")

MACROS = INTERVAL_MACROS + JSON_MACROS + PATENT_MACROS + REFERENCE_MACROS

_PROVENANCE = """
CREATE TABLE IF NOT EXISTS prov.statement (
  position INTEGER NOT NULL, step VARCHAR NOT NULL, statement_id VARCHAR NOT NULL, sql VARCHAR NOT NULL,
  params VARCHAR NOT NULL, inputs VARCHAR[] NOT NULL, PRIMARY KEY (step, statement_id));
COMMENT ON TABLE prov.statement IS
  'Each row is one SQL statement of this build, as it ran / この版で実行したSQL文';
"""

# One statement and no frame: a build records more than a hundred times, nearly always a single statement.
_RECORD = """
INSERT INTO prov.statement
SELECT (SELECT coalesce(max(position), 0) FROM prov.statement) + place, $step, id, sql, params, inputs
FROM (SELECT unnest($rows::STRUCT(
  place INTEGER, id VARCHAR, sql VARCHAR, params VARCHAR, inputs VARCHAR[])[], max_depth := 2))
"""

# The step of prov.statement whose statements choose the records that the tables are made of.
RECORDS_STEP = "records"

# What DuckDB raises for bytes that are not those it wrote; a check sum that does not hold is an error of no
# kind at all.
_DAMAGE = (duckdb.IOException, duckdb.SerializationException, duckdb.FatalException, duckdb.InternalException)
_HOLDER = re.compile(r"Conflicting lock is held in (?P<program>.+?)(?: by user \S+)? \(PID (?P<pid>\d+)\)")


@dataclass(frozen=True)
class Statement:
    """One statement as it ran.

    What it is called, its text, the values bound to it and the tables it reads.
    """

    id: str
    sql: str
    params: Mapping[str, Any]
    inputs: tuple[str, ...]


def connect(
    path: Path | str = ":memory:", *, read_only: bool = False, threads: int | None = None
) -> duckdb.DuckDBPyConnection:
    """Return a connection that loads no extension from anywhere and stays inside its memory.

    Args:
        path: The database file, or `:memory:`.
        read_only: Open without the right to write.
        threads: Number of threads; None takes LISTGEN_THREADS, then two at most.

    Raises:
        UsageError: LISTGEN_THREADS or LISTGEN_MEMORY is not a whole number above zero.
    """
    wanted = threads or usual_threads()
    megabytes = _positive("LISTGEN_MEMORY", MEMORY_MB)
    con = duckdb.connect(str(path), read_only=read_only)
    for statement in (
        "SET autoinstall_known_extensions=false",
        "SET autoload_known_extensions=false",
        f"SET threads={int(wanted)}",
        f"SET memory_limit='{megabytes}MB'",  # larger work spills beside the file
        "SET TimeZone='UTC'",
        "SET enable_progress_bar=false",
    ):
        con.execute(statement)
    return con


def usual_threads() -> int:
    """Return LISTGEN_THREADS, or two at most."""
    return _positive("LISTGEN_THREADS", min(2, os.cpu_count() or 1))


def _positive(name: str, usual: int) -> int:
    """Return a whole number above zero from the environment, or the usual one where it says nothing."""
    text = os.environ.get(name, "").strip()
    if not text:
        return usual
    if not text.isdecimal() or int(text) == 0:
        raise UsageError(
            t('The environment variable {name} is "{value}".', name=name, value=text),
            t("Expected a whole number above zero."),
        )
    return int(text)


def _unreadable(path: Path, reason: str) -> ListgenError:
    file = f"{path.parent.name}/{path.name}"
    holder = _HOLDER.search(reason)
    if holder:
        return LockedError(
            t(
                "{file} is held open by process {pid} ({program}).",
                file=file,
                pid=holder["pid"],
                program=holder["program"],
            ),
            t("Expected a build that nobody writes to."),
            t("Close it there, then run the command again."),
        )
    return ListgenError(
        t(
            "{file} is damaged ({reason}).",
            file=file,
            reason=reason.split("\n")[0].replace(str(path), path.name),
        ),
        t("It holds nothing of its own: it is made from the raw bytes and can be made again."),
        t("Run: listgen build"),
    )


class _ArrowRows:
    """Rows as the Arrow stream interface gives them, and nothing else of the frame or query they come from.

    DuckDB would ask pyarrow to read a polars frame as such, and polars would keep DuckDB's types in memory
    until the process ends, where they are reported as lost.
    """

    def __init__(self, rows: pl.DataFrame | duckdb.DuckDBPyRelation) -> None:
        """Keep the rows as long as somebody may read them."""
        self._rows = rows

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """Return the rows as a stream."""
        return self._rows.__arrow_c_stream__(requested_schema)


class Warehouse:
    """One DuckDB file with the schemas of a build.

    Args:
        path: The file; made when it does not exist, unless `read_only`.
        read_only: Open a finished build.
    """

    def __init__(self, path: Path | str = ":memory:", *, read_only: bool = False) -> None:
        self.path = Path(path)
        self._is_finished = read_only
        self._is_in_transaction = False
        with self._damage_told():
            self.con = connect(path, read_only=read_only)
        if not read_only:
            for schema in SCHEMAS:
                self.con.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
            self.con.execute(MACROS)
            self.con.execute(_PROVENANCE)

    def __enter__(self) -> Self:
        """Return itself; the connection is closed at the end of the block."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connection."""
        self.close()

    def close(self) -> None:
        """Close the connection; a second call does nothing."""
        self.con.close()

    def shut_out_files(self) -> None:
        """Let no later statement reach a file or change a setting.

        From here on SQL, whoever wrote it, sees the tables only.
        """
        self.con.execute("SET enable_external_access=false")
        self.con.execute("SET lock_configuration=true")

    @contextmanager
    def _damage_told(self) -> Iterator[None]:
        """Tell in one sentence that a finished build is damaged or held by another program.

        What is wrong with a statement stays as it is.
        """
        try:
            yield
        except duckdb.Error as error:
            is_damage = type(error) is duckdb.Error or isinstance(error, _DAMAGE)
            if not self._is_finished or not is_damage or machine_trouble(error):
                raise
            raise _unreadable(self.path, str(error)) from error

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Make everything in the block one commit.

        A table's many comments would otherwise each wait for the disk.
        """
        self.con.execute("BEGIN")
        self._is_in_transaction = True
        try:
            yield
        except BaseException:
            with suppress(duckdb.Error):  # an interrupted connection has rolled back by itself
                self.con.execute("ROLLBACK")
            raise
        finally:
            self._is_in_transaction = False
        self.con.execute("COMMIT")

    def settle(self) -> None:
        """Commit what the transaction under way has written and go on in a new one.

        DuckDB plans a query by what it knows of committed tables; of others it knows next to nothing, and a
        query over several of them can take ten times as long.
        """
        if self._is_in_transaction:
            self.con.execute("COMMIT")
            self.con.execute("BEGIN")

    def execute(self, sql: str, params: Mapping[str, Any] | None = None) -> None:
        """Run a statement with bound parameters, reading nothing."""
        self.rows(sql, params)

    def frame(self, sql: str, params: Mapping[str, Any] | None = None) -> pl.DataFrame:
        """Return the rows of a query."""
        with self._damage_told():
            return pl.DataFrame(_ArrowRows(self.con.sql(sql, params=dict(params or {}))))

    def rows(self, sql: str, params: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
        """Return the rows of a small query as tuples."""
        with self._damage_told():
            return self.con.execute(sql, dict(params or {})).fetchall()

    def scalar(self, sql: str, params: Mapping[str, Any] | None = None) -> Any:  # noqa: ANN401 - the type is the query's
        """Return the first value of the first row, or None."""
        found = self.rows(sql, params)
        return found[0][0] if found else None

    def has_table(self, table: str) -> bool:
        """Tell whether `schema.table` exists."""
        schema, name = table.split(".")
        return bool(
            self.scalar(
                "SELECT count(*) FROM duckdb_tables() WHERE schema_name = $s AND table_name = $n",
                {"s": schema, "n": name},
            )
        )

    def tables(self, schema: str) -> list[str]:
        """Return the `schema.table` names of a schema, sorted."""
        sql = "SELECT schema_name || '.' || table_name FROM duckdb_tables() WHERE schema_name = $s ORDER BY 1"
        return [row[0] for row in self.rows(sql, {"s": schema})]

    def write(self, table: str, frame: pl.DataFrame) -> None:
        """Insert a frame into an existing table, columns matched by name."""
        if frame.is_empty():
            return
        with self.shown("incoming_frame", frame):
            self.con.execute(f"INSERT INTO {table} BY NAME SELECT * FROM incoming_frame")

    @contextmanager
    def shown(self, name: str, frame: pl.DataFrame) -> Iterator[None]:
        """Let SQL read a frame as a table of this name, without a copy."""
        # DuckDB refuses a column of polars' type Null; text that is NULL can be inserted into any column.
        typed = frame.with_columns(cs.by_dtype(pl.Null).cast(pl.String))
        self.con.register(name, _ArrowRows(typed))
        try:
            yield
        finally:
            self.con.unregister(name)

    def drop_temporary(self) -> None:
        """Drop every temporary table and view: what a step made on its way, no later step may read."""
        for kind, listed in (
            ("VIEW", "duckdb_views() WHERE temporary AND NOT internal"),
            ("TABLE", "duckdb_tables() WHERE temporary"),
        ):
            for (name,) in self.rows(f"SELECT {kind.lower()}_name FROM {listed} ORDER BY 1"):
                self.execute(f"DROP {kind} {name}")

    def content_digests(self) -> dict[str, str]:
        """Return a digest of every table's rows, blind to the order in which they were stored.

        The database file itself is a cache: its bytes depend on how DuckDB laid out its blocks, its rows do
        not.
        """
        digests: dict[str, str] = {}
        for table in [name for schema in SCHEMAS for name in self.tables(schema)]:
            columns = [row[0] for row in self.rows(f"SELECT column_name FROM (DESCRIBE {table})")]
            row = " || chr(31) || ".join(
                f'coalesce(CAST("{column}" AS VARCHAR), chr(30))' for column in columns
            )
            # Halves of the rows' MD5 are summed: exact integers, so order and threads do not matter.
            sql = f"SELECT count(*), sum(CAST(md5_number_lower({row}) AS HUGEINT)) FROM {table}"
            digests[table] = sha256_text(repr(self.rows(sql)[0]))
        return digests

    def run_sql(
        self,
        step: str,
        file: SqlFile,
        params: Mapping[str, Any] | None = None,
        *,
        statement_id: str | None = None,
    ) -> pl.DataFrame | None:
        """Run a file's statements with only the parameters they name, and record them.

        Return the rows of a SELECT.

        Args:
            step: The step that runs it.
            file: The SQL file.
            params: All parameters at hand.
            statement_id: The id to record, the file's own by default (an indicator with variants has
                several).

        Raises:
            CouldNotCheckError: A parameter the statement names was not given.
        """
        given = dict(params or {})
        missing = sorted(file.parameters - given.keys())
        if missing:
            raise CouldNotCheckError(
                t("{file}.sql: parameter(s) {names} not given.", file=file.id, names=", ".join(missing))
            )
        used = {name: given[name] for name in sorted(file.parameters)}
        self.record(step, Statement(statement_id or file.id, file.sql, used, file.inputs))
        result: pl.DataFrame | None = None
        for statement in single_statements(file.sql):
            mine = {name: used[name] for name in statement.parameters}
            if statement.is_select:
                result = self.frame(statement.sql, mine)
            else:
                self.execute(statement.sql, mine)
        return result

    def record(self, step: str, *statements: Statement) -> None:
        """Keep the text and parameters of statements for `trace`, in the order given."""
        rows = [
            {
                "place": place,
                "id": one.id,
                "sql": one.sql,
                "params": json.dumps(dict(one.params), ensure_ascii=False, sort_keys=True, default=str),
                "inputs": list(one.inputs),
            }
            for place, one in enumerate(statements, start=1)
        ]
        self.execute(_RECORD, {"step": step, "rows": rows})
