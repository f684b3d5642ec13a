"""SQL files with a YAML header: one statement an auditor can read, and what it stands on.

A file opens with `/*--- <yaml> ---*/`; the SQL follows and also runs by hand. In an indicator a line `--
evidence` parts the statement from a second one that lists the raw rows behind one value.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

import duckdb

from listgen.base.errors import CouldNotCheckError
from listgen.base.text import t
from listgen.config.yamlfile import parse_yaml_text

_HEADER = re.compile(r"\A\s*/\*---\n(?P<header>.*?)\n---\*/\n(?P<body>.*)\Z", re.DOTALL)
_EVIDENCE = re.compile(r"^--\s*evidence\s*$", re.MULTILINE)
_PARAMETER = re.compile(r"(?<![\w$])\$([a-z_][a-z0-9_]*)")
_SILENT = re.compile(r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'", re.DOTALL)


@dataclass(frozen=True)
class SqlFile:
    """One SQL file.

    Its id (the file's stem), header, statement and, for indicators, the evidence statement.
    """

    id: str
    path: Path
    header: dict[str, Any]
    sql: str
    evidence_sql: str = ""
    inputs: tuple[str, ...] = field(default=())

    @property
    def parameters(self) -> frozenset[str]:
        """Return the names of the `$name` parameters the statement uses."""
        return parameter_names(self.sql)


@dataclass(frozen=True)
class SingleStatement:
    """One of the statements in a text, as DuckDB parted them."""

    sql: str
    is_select: bool
    parameters: frozenset[str]


@lru_cache(maxsize=1024)  # parsing a statement takes milliseconds
def single_statements(sql: str) -> tuple[SingleStatement, ...]:
    """Return the statements in a text in their order.

    Raises:
        duckdb.ParserException: The text is not SQL.
    """
    return tuple(
        SingleStatement(one.query, one.type == duckdb.StatementType.SELECT, frozenset(one.named_parameters))
        for one in duckdb.extract_statements(sql)
    )


def parameter_names(sql: str) -> frozenset[str]:
    """Return the names of the `$name` parameters in statements, as DuckDB finds them.

    A text that is not SQL has none: DuckDB says what is wrong with it when it is run.
    """
    try:
        return frozenset(name for one in single_statements(sql) for name in one.parameters)
    except duckdb.ParserException:
        return frozenset()


def quoted(text: object) -> str:
    """Return a text or path as a constant of SQL."""
    return "'" + str(text).replace("'", "''") + "'"


def fill_parameters(sql: str, fill: Callable[[str], str]) -> str:
    """Return a statement with every parameter replaced by what `fill` gives for its name.

    Comments and texts stay.
    """
    parts, place = [], 0
    for silent in _SILENT.finditer(sql):
        parts += [_PARAMETER.sub(lambda match: fill(match[1]), sql[place : silent.start()]), silent[0]]
        place = silent.end()
    return "".join([*parts, _PARAMETER.sub(lambda match: fill(match[1]), sql[place:])])


def load_sql_file(path: Path) -> SqlFile:
    """Return one parsed file.

    Raises:
        CouldNotCheckError: The file has no header or the header is not a mapping; it ships with the package,
            so this is a defect of ours.
    """
    match = _HEADER.match(path.read_text(encoding="utf-8"))
    if match is None:
        raise CouldNotCheckError(
            t("{file}: no /*--- header ---*/ at the top.", file=path.name),
            t("Every SQL file says what it is in a YAML header."),
        )
    header = parse_yaml_text(match["header"], path.name)
    if not isinstance(header, dict):
        raise CouldNotCheckError(
            t("{file}: the header is not a mapping.", file=path.name),
            t("Expected keys such as table, grain, inputs."),
        )
    parts = _EVIDENCE.split(match["body"], maxsplit=1)
    evidence = parts[1].strip() if len(parts) > 1 else ""
    return SqlFile(path.stem, path, header, parts[0].strip(), evidence, tuple(header.get("inputs") or ()))


def load_sql_dir(directory: Path) -> dict[str, SqlFile]:
    """Return all `*.sql` files of a folder by id, in name order."""
    return {path.stem: load_sql_file(path) for path in sorted(directory.glob("*.sql"))}


def order_by_inputs(files: Mapping[str, SqlFile], produces: Mapping[str, str]) -> list[SqlFile]:
    """Return the files so that every file stands after those that make its inputs.

    Args:
        files: Files by id.
        produces: The table each file makes, by id; inputs that no file makes are taken as given.

    Raises:
        CouldNotCheckError: The inputs form a circle.
    """
    maker = {table: file_id for file_id, table in produces.items()}
    graph = {
        file_id: sorted({maker[name] for name in file.inputs if name in maker and maker[name] != file_id})
        for file_id, file in sorted(files.items())
    }
    try:
        return [files[file_id] for file_id in _stable_order(graph)]
    except CycleError as error:
        raise CouldNotCheckError(
            t("SQL files need each other in a circle: {names}.", names=", ".join(error.args[1]))
        ) from error


def _stable_order(graph: Mapping[str, Iterable[str]]) -> list[str]:
    sorter: TopologicalSorter[str] = TopologicalSorter(graph)
    sorter.prepare()
    order: list[str] = []
    while sorter.is_active():
        ready = sorted(sorter.get_ready())
        order.extend(ready)
        sorter.done(*ready)
    return order
