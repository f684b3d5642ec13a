"""A script that recomputes one value from the raw bytes with DuckDB alone, from the statements that ran.

Reads: prov.statement, prov.reading, prov.config_*.
Writes: nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from listgen.base.errors import CouldNotCheckError
from listgen.base.text import t
from listgen.store.sqlfile import fill_parameters, quoted
from listgen.store.warehouse import MACROS, RECORDS_STEP, Warehouse

MARK = "-- The value itself."
_CREATES = re.compile(r"CREATE (?:OR REPLACE )?(?:TEMP )?(?:TABLE|VIEW) ([a-z_.]+)", re.IGNORECASE)


@dataclass(frozen=True)
class _Statement:
    position: int
    table: str
    sql: str
    params: dict[str, Any]
    inputs: tuple[str, ...]


def recompute_script(warehouse: Warehouse, keys: Mapping[str, str]) -> str:
    """Return a DuckDB script to be run in the workspace folder; its last SELECT gives the value.

    Args:
        warehouse: A finished build.
        keys: indicator_id, technology_id and country_code.
    """
    row = warehouse.rows(
        "SELECT sql, params, inputs FROM prov.statement WHERE step = 'indicators' AND statement_id = $id",
        {"id": keys["indicator_id"]},
    )[0]
    made, needed = _stage_statements(warehouse), list(row[2])
    statements, views = _closure(made, needed)
    parts = [
        "-- Recomputes one value from the raw bytes. Run it with DuckDB 2 in the workspace folder.",
        "CREATE SCHEMA core;",
        MACROS.strip(),
    ]
    parts += [_config_table(warehouse, name) for name in sorted(views) if name.startswith("config_")]
    parts += record_scripts(
        warehouse, [name.removeprefix("read_") for name in sorted(views) if name.startswith("read_")]
    )
    parts += [with_values(statement.sql, statement.params).rstrip(";") + ";" for statement in statements]
    where = " AND ".join(f"{name} = {literal(keys[name])}" for name in ("technology_id", "country_code"))
    value = with_values(row[0], json.loads(row[1])).rstrip(";")
    parts += [MARK, f"SELECT value FROM (\n{value}\n) WHERE {where};"]
    return "\n\n".join(parts) + "\n"


def _stage_statements(warehouse: Warehouse) -> dict[str, _Statement]:
    """Return the statements of the stage step by the table each one makes."""
    rows = warehouse.rows(
        "SELECT position, sql, params, inputs FROM prov.statement WHERE step = 'stage' ORDER BY position"
    )
    made: dict[str, _Statement] = {}
    for position, sql, params, inputs in rows:
        match = _CREATES.search(sql)
        if match:
            made[match[1]] = _Statement(position, match[1], sql, json.loads(params), tuple(inputs))
    return made


def _closure(made: Mapping[str, _Statement], needed: list[str]) -> tuple[list[_Statement], set[str]]:
    """Return the statements that lead to the needed tables, in order, and the views they begin from."""
    found: dict[str, _Statement] = {}
    views: set[str] = set()
    while needed:
        name = needed.pop()
        if name not in made:
            views.add(name)
        elif name not in found:
            found[name] = made[name]
            needed += made[name].inputs
    return sorted(found.values(), key=lambda statement: statement.position), views


def record_scripts(warehouse: Warehouse, forms: Sequence[str]) -> list[str]:
    """Return scripts that make read_<form> from the raw bytes, with the statements that the build ran.

    Args:
        warehouse: A finished build.
        forms: The forms to read.

    Raises:
        CouldNotCheckError: The build is of a version that did not keep those statements.
    """
    common = (
        "SELECT sql FROM prov.statement WHERE step = $step AND NOT contains(statement_id, '/') ORDER BY"
        " position"
    )
    tables = [sql.rstrip(";") + ";" for (sql,) in warehouse.rows(common, {"step": RECORDS_STEP})]
    if forms and not tables:
        raise CouldNotCheckError(
            t("An earlier version made this build, without the statements that chose its records."),
            t("Expected them in prov.statement; the value itself is traced without --sql."),
            t("Take the version that made the build, or make it again with: listgen build"),
        )
    return [*tables, *(_reader(warehouse, form) for form in forms)]


def _config_table(warehouse: Warehouse, name: str) -> str:
    """Return a configuration table written out."""
    columns = warehouse.rows(f"SELECT column_name, column_type FROM (DESCRIBE prov.{name})")
    declared = ", ".join(f"{column} {kind}" for column, kind in columns)
    rows = warehouse.rows(f"SELECT * FROM prov.{name} ORDER BY ALL")
    lines = ",\n".join("(" + ", ".join(literal(value) for value in row) + ")" for row in rows)
    return f"CREATE TEMP TABLE {name} ({declared});" + (
        f"\nINSERT INTO {name} VALUES\n{lines};" if rows else ""
    )


def _reader(warehouse: Warehouse, form: str) -> str:
    """Return the reading of all raw files of a form, each id once, as the build read them."""
    rows = warehouse.rows(
        "SELECT raw_digest, source_id, sql, params FROM prov.reading WHERE form_id = $form ORDER BY"
        " source_id, raw_digest",
        {"form": form},
    )
    selects = []
    for digest, source_id, sql, params in rows:
        raw = f"data/raw/sha256/{digest[:2]}/{digest}"
        given = {"path": raw} | json.loads(params)
        note = ""
        if "rewritten" in given:  # a workbook or another encoding, which DuckDB alone does not read
            given["path"] = f"data/raw-as-text/{digest}.csv"
            command = given["rewritten"].replace("{raw}", raw).replace("{text}", given["path"])
            note = f"-- First run: mkdir -p data/raw-as-text; {command}\n"
        head = f"{note}SELECT {literal(digest)} AS raw_digest, {literal(source_id)} AS source_id, * FROM (\n"
        selects.append(sql if not digest else head + with_values(sql, given) + "\n)")
    union = "\nUNION ALL BY NAME\n".join(selects)
    if not rows or not rows[0][0]:
        return f"CREATE TEMP TABLE read_{form} AS {union};"
    used = warehouse.rows(
        "SELECT sql FROM prov.statement WHERE step = $step AND split_part(statement_id, '/', 2) = $form ORDER"
        " BY position",
        {"step": RECORDS_STEP, "form": form},
    )
    return "\n".join(
        [f"CREATE TEMP TABLE record_{form} AS\n{union};", *(sql.rstrip(";") + ";" for (sql,) in used)]
    )


def with_values(sql: str, params: Mapping[str, Any]) -> str:
    """Return a statement with its parameters written out as literals."""
    return fill_parameters(sql, lambda name: literal(params[name]))


def literal(value: object) -> str:
    """Return a value as a DuckDB literal."""
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, list | tuple):
        return "[" + ", ".join(literal(item) for item in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{literal(str(key))}: {literal(item)}" for key, item in value.items()) + "}"
    return quoted(value)
