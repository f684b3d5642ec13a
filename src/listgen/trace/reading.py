"""What explaining and tracing share: a finished build opened for reading, its rows as plain values, names checked.

Reads: a finished build's listgen.duckdb.
Writes: nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any

from listgen.base.errors import UsageError, nearest
from listgen.base.text import t
from listgen.base.warehouse import Warehouse

_DATABASE = "listgen.duckdb"


def open_finished(folder: Path) -> Warehouse:
    """Return a finished build's database, opened for reading only."""
    return Warehouse(folder / _DATABASE, read_only=True)


def records(warehouse: Warehouse, sql: str, **params: object) -> list[dict[str, Any]]:
    """Return the rows of a query as dictionaries of plain values."""
    return [{key: plain_value(value) for key, value in row.items()} for row in warehouse.frame(sql, params).to_dicts()]


def plain_value(value: object) -> object:
    """Return a value as JSON can hold it."""
    if isinstance(value, Decimal):
        return float(value)
    return value.isoformat() if isinstance(value, dt.date | dt.datetime) else value


def require_known(value: str, valid: Iterable[str], what: str) -> None:
    """Raise with the nearest valid name when a name is not one of this build.

    Raises:
        UsageError: It is not.
    """
    options = list(valid)
    if value not in options:
        raise UsageError(
            t('"{value}" is not {what} of this build.', value=value, what=what) + nearest(value, options),
            "",
            t("The report and candidates.json hold every name."),
        )
