"""SQLAlchemy dialect `duckdb+eager`.

Rows are fetched before a connection is handed back, on the connection the build already has.

Great Expectations reads a result after its connection has been returned, and DuckDB drops an open result on
ROLLBACK: without this every rule would "fail" with an empty result.

Reads: whatever the rules name.
Writes: nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import duckdb
import duckdb_engine
import sqlalchemy as sa
from sqlalchemy.dialects import registry

# One process cannot hold a file open in two modes, so no second connection is opened: the dialect takes
# cursors of this one.
_shared: dict[str, duckdb.DuckDBPyConnection] = {}

_TYPES: dict[str, type[sa.types.TypeEngine[Any]]] = {
    "VARCHAR": sa.String,
    "BOOLEAN": sa.Boolean,
    "SMALLINT": sa.SmallInteger,
    "INTEGER": sa.Integer,
    "BIGINT": sa.BigInteger,
    "DOUBLE": sa.Double,
    "DATE": sa.Date,
    "TIMESTAMP": sa.DateTime,
}

_COLUMNS = """
SELECT column_name, data_type, is_nullable FROM information_schema.columns
WHERE table_name = :table AND (:schema IS NULL OR table_schema = :schema) ORDER BY ordinal_position
"""


class EagerCursor(duckdb_engine.CursorWrapper):
    """A cursor that holds all rows of its result."""

    rowcount = -1

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, wrapper: duckdb_engine.ConnectionWrapper
    ) -> None:
        super().__init__(connection, wrapper)
        self._connection = connection
        self._rows: list[Any] = []
        self.description: Any = None

    def execute(self, statement: str, parameters: Any = None, context: Any = None) -> None:  # noqa: ANN401 - the DB-API's shape
        """Run a statement and fetch everything it returns."""
        super().execute(statement, parameters, context)
        self.description = self._connection.description
        self._rows = self._connection.fetchall() if self.description else []

    def fetchone(self) -> Any:  # noqa: ANN401 - a row
        """Return the next row or None."""
        return self._rows.pop(0) if self._rows else None

    def fetchmany(self, size: int | None = None) -> list[Any]:
        """Return the next rows."""
        count = size or 1
        rows, self._rows = self._rows[:count], self._rows[count:]
        return rows

    def fetchall(self) -> list[Any]:
        """Return the remaining rows."""
        rows, self._rows = self._rows, []
        return rows


class EagerConnection(duckdb_engine.ConnectionWrapper):
    """A connection whose cursors are eager."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        super().__init__(connection)
        self._eager = connection

    def cursor(self) -> EagerCursor:
        """Return an eager cursor."""
        return EagerCursor(self._eager, self)


class EagerDialect(duckdb_engine.Dialect):
    """The dialect over a shared connection; the URL's database part is the share's name."""

    driver = "eager"
    supports_statement_cache = False

    def connect(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - the dialect's shape
        """Return a cursor of the shared connection as a connection of its own."""
        return EagerConnection(_shared[kwargs["database"]].cursor())

    def do_begin(self, dbapi_connection: Any) -> None:  # noqa: ANN401 - the dialect's shape
        """Begin nothing.

        Rules only read, and a transaction around each of a thousand small queries costs as much as the
        queries.
        """

    def do_commit(self, dbapi_connection: Any) -> None:  # noqa: ANN401 - the dialect's shape
        """End nothing."""

    def do_rollback(self, dbapi_connection: Any) -> None:  # noqa: ANN401 - the dialect's shape
        """Undo nothing."""

    def get_columns(
        self,
        connection: sa.Connection,
        table_name: str,
        schema: str | None = None,
        **kwargs: Any,  # noqa: ANN401 - SQLAlchemy's signature
    ) -> list[Any]:
        """Return a table's columns; types Great Expectations has no use for come out as NULL type."""
        rows = connection.execute(sa.text(_COLUMNS), {"table": table_name, "schema": schema}).fetchall()
        return [
            {
                "name": name,
                "type": _column_type(kind),
                "nullable": nullable == "YES",
                "default": None,
                "autoincrement": False,
                "comment": None,
            }
            for name, kind, nullable in rows
        ]

    def get_pk_constraint(
        self,
        connection: sa.Connection,
        table_name: str,
        schema: str | None = None,
        **kwargs: Any,  # noqa: ANN401 - SQLAlchemy's signature
    ) -> Any:  # noqa: ANN401 - the dialect's shape
        """Return no key: rules do not need it, and looking it up costs more than most rules."""
        return {"constrained_columns": [], "name": None}


def _column_type(name: str) -> sa.types.TypeEngine[Any]:
    if name.startswith("DECIMAL"):
        return sa.Numeric()
    return _TYPES.get(name, sa.types.NullType)()


@contextmanager
def share(connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    """Yield the URL under which SQLAlchemy reaches an open DuckDB connection while the block lasts."""
    name = f"build{len(_shared)}"
    _shared[name] = connection
    try:
        yield f"duckdb+eager:///{name}"
    finally:
        del _shared[name]


registry.register("duckdb.eager", __name__, "EagerDialect")
