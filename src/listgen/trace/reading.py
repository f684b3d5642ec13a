"""What explaining and tracing share.

A finished build opened for reading, its rows as plain values, names checked.

Reads: a finished build's listgen.duckdb.
Writes: nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from listgen.base.errors import UsageError, nearest
from listgen.base.text import folded, t
from listgen.store.warehouse import Warehouse

_DATABASE = "listgen.duckdb"
_MAX_SHOWN = 60
_MAX_GUESSES = 6


def open_finished(folder: Path) -> Warehouse:
    """Return a finished build's database, opened for reading only."""
    return Warehouse(folder / _DATABASE, read_only=True)


def records(warehouse: Warehouse, sql: str, **params: object) -> list[dict[str, Any]]:
    """Return the rows of a query as dictionaries of plain values."""
    return [
        {key: plain_value(value) for key, value in row.items()}
        for row in warehouse.frame(sql, params).to_dicts()
    ]


def plain_value(value: object) -> object:
    """Return a value as JSON can hold it."""
    if isinstance(value, Decimal):
        return float(value)
    return value.isoformat() if isinstance(value, dt.date | dt.datetime) else value


def require_known(value: str, valid: Iterable[str], what: str) -> None:
    """Raise with the nearest valid name (all of them if few) if a name is not one of this build.

    Raises:
        UsageError: It is not.
    """
    options = list(valid)
    if value in options:
        return
    if not options:
        expected = t("Nothing was measured there.")
    elif len(options) <= _MAX_SHOWN:
        expected = t("Held: {names}.", names=", ".join(options))
    else:
        expected = ""
    raise UsageError(
        t('"{value}" is not {what} of this build.', value=value, what=what) + nearest(value, options),
        expected,
        t("The report and candidates.json hold every name."),
    )


def find_technology(warehouse: Warehouse, name: str) -> str:
    """Return the id of a technology of this build, given by its id or by its name in either language.

    Raises:
        UsageError: It is none of them.
    """
    rows = warehouse.rows(
        "SELECT technology_id, name_en, name_ja FROM core.technology ORDER BY technology_id"
    )
    ids: dict[str, str] = {
        text: row[0] for row in rows for text in (row[0], *(folded(part) for part in row[1:]))
    }
    if found := ids.get(name) or ids.get(folded(name)):
        return found
    wanted = folded(name)
    close = get_close_matches(wanted, list(ids), n=1, cutoff=0.8)
    near = close or get_close_matches(wanted, list(ids), n=3, cutoff=0.5)
    inside = (
        []
        if close
        else [row[0] for row in rows if len(wanted) > 1 and any(wanted in folded(text) for text in row[1:])]
    )
    guesses = list(dict.fromkeys([*inside, *(ids[text] for text in near)]))[:_MAX_GUESSES]
    raise UsageError(
        t('"{value}" is not {what} of this build.', value=name, what=t("a technology")),
        _guessed(guesses),
        t("The report and candidates.json hold every name."),
    )


def _guessed(names: list[str]) -> str:
    if len(names) == 1:
        return t('Did you mean "{name}"?', name=names[0])
    return t("Near it: {names}.", names=", ".join(names)) if names else ""
