"""The rule files of `expectations/`, read strictly.

A rule that would be dropped or could not run is an error before anything runs.

Reads: the columns of all tables, and core.raw_file for the newest year.
Writes: nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import duckdb

from listgen.base.errors import ConfigError, CouldNotCheckError, nearest
from listgen.base.text import LANGUAGES, t
from listgen.config.loader import Config
from listgen.config.yamlfile import plain
from listgen.store.sqlfile import SqlFile, load_sql_file, parameter_names
from listgen.store.warehouse import Warehouse

GATES: dict[str, tuple[str, ...]] = {
    "core": ("core",),
    "ind": ("ind",),
    "score": ("score",),
    "list": ("cluster", "list"),
}
SEVERITIES = ("critical", "warning", "info")
ROWS_TYPE = "unexpected_rows_expectation"
CHECK_TYPE = "check_sql"
N_KEYS = 20


@dataclass(frozen=True)
class RuleType:
    """A kind of Great Expectations rule this project uses, and the arguments it takes."""

    short: str
    columns: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    may: tuple[str, ...] = ()


# Only kinds whose failing rows can be named by key stand here; any other kind is an error, not a silent
# extra.
RULE_TYPES: dict[str, RuleType] = {
    "expect_column_values_to_not_be_null": RuleType("not_null", ("column",)),
    "expect_column_values_to_be_unique": RuleType("unique", ("column",)),
    "expect_compound_columns_to_be_unique": RuleType("unique", ("column_list",)),
    "expect_column_values_to_be_between": RuleType("between", ("column",), may=("min_value", "max_value")),
    "expect_column_values_to_be_in_set": RuleType("in_set", ("column",), needs=("value_set",)),
    "expect_column_pair_values_a_to_be_greater_than_b": RuleType(
        "at_least", ("column_A", "column_B"), needs=("or_equal",)
    ),
    "expect_table_row_count_to_be_between": RuleType("row_count", may=("min_value", "max_value")),
    ROWS_TYPE: RuleType("rows", needs=("unexpected_rows_query",)),
}


@dataclass(frozen=True)
class Rule:
    """One rule: of a suite (Great Expectations) or of `checks/` (SQL that selects the offending rows)."""

    gate: str
    file: str
    table: str
    rule_id: str
    rule_type: str
    severity: str
    why: dict[str, str]
    key: tuple[str, ...]
    kwargs: dict[str, Any] = field(default_factory=dict)
    expect: dict[str, str] = field(default_factory=dict)

    @property
    def name(self) -> tuple[str, str]:
        """Return what identifies the rule in a build."""
        return (self.file, self.rule_id)

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the columns a suite's rule speaks of."""
        return _named_columns(RULE_TYPES[self.rule_type], self.kwargs) if self.rule_type in RULE_TYPES else ()

    def rows_query(self) -> tuple[str, dict[str, Any]] | None:
        """Return SQL and parameters that select the failing rows: key columns first, then what is wrong.

        None when it is about no row.
        """
        if self.rule_type in (ROWS_TYPE, CHECK_TYPE):
            sql = str(self.kwargs["unexpected_rows_query"]).replace("{batch}", self.table)
            return sql, dict(self.kwargs.get("params", {}))
        short = RULE_TYPES[self.rule_type].short
        if short == "row_count":
            return None
        if short == "unique":
            names = ", ".join(self.columns)
            present = " AND ".join(f"{column} IS NOT NULL" for column in self.columns)
            return (
                (
                    f"SELECT {names}, count(*) AS n_rows FROM {self.table} WHERE {present} GROUP BY {names}"
                    " HAVING count(*) > 1"
                ),
                {},
            )
        condition, params = self._condition(short)
        shown = ", ".join(dict.fromkeys((*self.key, *self.columns)))
        return f"SELECT {shown} FROM {self.table} WHERE {condition}", params

    def _condition(self, short: str) -> tuple[str, dict[str, Any]]:
        column = self.columns[0]
        if short == "not_null":
            return f"{column} IS NULL", {}
        if short == "in_set":
            return f"{column} IS NOT NULL AND {column} NOT IN (SELECT unnest($allowed))", {
                "allowed": list(self.kwargs["value_set"])
            }
        if short == "at_least":
            operator = "<" if self.kwargs["or_equal"] else "<="
            return f"{column} {operator} {self.columns[1]}", {}
        bounds = {"low": (self.kwargs.get("min_value"), "<"), "high": (self.kwargs.get("max_value"), ">")}
        used = {name: value for name, (value, _) in bounds.items() if value is not None}
        return " OR ".join(f"{column} {bounds[name][1]} ${name}" for name in used), used


class _Reader:
    """Reads the files of one gate and gathers every defect before it gives up."""

    def __init__(self, warehouse: Warehouse, gate: str, parameters: Mapping[str, Any]) -> None:
        self.warehouse = warehouse
        self.gate = gate
        self.parameters = parameters
        self.columns = _columns_by_table(warehouse)
        self.problems: list[str] = []

    def suite(self, name: str, path: Path) -> list[Rule]:
        """Return the rules of one suite file."""
        shown = f"expectations/{name}"
        table = name.removesuffix(".json")
        document = self._json(shown, path)
        if document is None:
            return []
        rules = document.get("expectations")
        meta = _object(document.get("meta"))
        if document.get("name") != table:
            self.problems.append(t('{file}: name must be "{name}".', file=shown, name=table))
        if not _is_text(meta.get("why")) or not _is_text(meta.get("grain")):
            self.problems.append(t("{file}: meta needs grain and why, each with en and ja.", file=shown))
        if not isinstance(rules, list) or not rules:
            self.problems.append(t("{file}: holds no rule.", file=shown))
            return []
        key = tuple(str(column) for column in meta.get("key") or ())
        self._known_columns(shown, "meta.key", table, key)
        found = [self._rule(shown, table, key, index, raw) for index, raw in enumerate(rules)]
        kept = [rule for rule in found if rule is not None]
        self._unique_ids(shown, kept)
        return kept

    def check(self, name: str, path: Path) -> Rule | None:
        """Return the rule of one file of `checks/`, None if it is defective or of another gate."""
        shown = f"expectations/{name}"
        try:
            file = _load_check(path, path.stat().st_mtime_ns)
        except (OSError, UnicodeDecodeError, CouldNotCheckError, ConfigError) as error:
            self.problems.append(t("{file}: cannot be read ({reason}).", file=shown, reason=str(error)))
            return None
        header = plain(file.header)
        self._known_gate(shown, header.get("gate"))
        if header.get("gate") != self.gate:
            return None
        before = len(self.problems)
        if header.get("id") != file.id:
            self.problems.append(
                t('{file}: id must be the file\'s name, "{name}".', file=shown, name=file.id)
            )
        self._severity_and_texts(
            shown, file.id, header.get("severity"), header.get("why"), header.get("expect")
        )
        table, key = str(header.get("table")), tuple(header.get("key") or ())
        if table not in self.columns:
            self.problems.append(
                t('{file}: table "{table}" does not exist.', file=shown, table=table)
                + nearest(table, self.columns)
            )
        params = self._bound(shown, file.sql)
        sql = file.sql.rstrip().rstrip(";")
        if len(self.problems) == before:
            self._probe(shown, file.id, sql, params, key)
        if len(self.problems) > before:
            return None
        kwargs = {"unexpected_rows_query": sql, "params": params}
        texts = {"why": header["why"], "expect": header["expect"]}
        return Rule(
            self.gate, shown, table, file.id, CHECK_TYPE, header["severity"], key=key, kwargs=kwargs, **texts
        )

    def _known_gate(self, shown: str, gate: object) -> None:
        """Report a gate that no step has."""
        if gate not in GATES:
            message = t(
                '{file}: gate "{gate}" is not one of {allowed}.',
                file=shown,
                gate=gate,
                allowed=", ".join(GATES),
            )
            self.problems.append(message + nearest(gate, GATES))

    def complete(self, suites: Iterable[str]) -> None:
        """Report tables without a suite and suites without a table."""
        tables = {table for schema in GATES[self.gate] for table in self.warehouse.tables(schema)}
        for table in sorted(tables - set(suites)):
            self.problems.append(t("{table}: has no suite; expected expectations/{table}.json.", table=table))
        for table in sorted(set(suites) - tables):
            message = t("expectations/{table}.json: the table does not exist in this build.", table=table)
            self.problems.append(message + nearest(table, tables))

    def _json(self, shown: str, path: Path) -> dict[str, Any] | None:
        try:
            document = json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=_no_duplicates)
        except (OSError, ValueError, RecursionError) as error:
            self.problems.append(
                t("{file}: cannot be read ({reason}).", file=shown, reason=str(error).split("\n")[0])
            )
            return None
        if not isinstance(document, dict):
            self.problems.append(t("{file}: holds no rule.", file=shown))
            return None
        return document

    def _rule(self, shown: str, table: str, key: tuple[str, ...], index: int, raw: object) -> Rule | None:
        if not isinstance(raw, dict):
            self.problems.append(t("{file}: rule {rule}: is not an object.", file=shown, rule=index))
            return None
        before = len(self.problems)
        kind, meta = str(raw.get("type")), _object(raw.get("meta"))
        if kind not in RULE_TYPES:
            message = t('{file}: rule {rule}: type "{type}" is unknown.', file=shown, rule=index, type=kind)
            self.problems.append(message + nearest(kind, RULE_TYPES))
            return None
        kwargs = self._resolved(shown, index, _object(raw.get("kwargs")))
        rule_id = str(meta.get("id") or _derived_id(RULE_TYPES[kind], kwargs))
        expect = meta.get("expect") if kind == ROWS_TYPE else {"en": "-", "ja": "-"}
        self._severity_and_texts(shown, rule_id, raw.get("severity"), meta.get("why"), expect)
        if set(raw) - {"type", "kwargs", "severity", "meta"}:
            self.problems.append(
                t("{file}: rule {rule}: unknown keys {keys}.", file=shown, rule=rule_id, keys=sorted(raw))
            )
        self._arguments(shown, rule_id, table, RULE_TYPES[kind], kwargs)
        if kind == ROWS_TYPE and len(self.problems) == before and table in self.columns:
            self._probe(
                shown, rule_id, str(kwargs["unexpected_rows_query"]).replace("{batch}", table), {}, key
            )
        if len(self.problems) > before:
            return None
        return Rule(
            self.gate,
            shown,
            table,
            rule_id,
            kind,
            raw["severity"],
            meta["why"],
            key,
            kwargs,
            meta.get("expect") or {},
        )

    def _resolved(self, shown: str, rule: object, kwargs: dict[str, Any]) -> dict[str, Any]:
        """Return the arguments with `{"$PARAMETER": name}` replaced by the value of this build."""
        found = dict(kwargs)
        for argument, value in kwargs.items():
            if isinstance(value, dict) and set(value) == {"$PARAMETER"}:
                found[argument] = self._parameter(shown, rule, value["$PARAMETER"])
        return found

    def _parameter(self, shown: str, rule: object, name: str) -> Any:  # noqa: ANN401 - the parameter's own type
        if self.parameters.get(name) is None:
            message = t(
                '{file}: rule {rule}: parameter "{name}" has no value here.', file=shown, rule=rule, name=name
            )
            self.problems.append(message + nearest(name, self.parameters))
        return self.parameters.get(name)

    def _bound(self, shown: str, sql: str) -> dict[str, Any]:
        return {name: self._parameter(shown, "-", name) for name in sorted(parameter_names(sql))}

    def _severity_and_texts(
        self, shown: str, rule: str, severity: object, why: object, expect: object
    ) -> None:
        if severity not in SEVERITIES:
            allowed = ", ".join(SEVERITIES)
            message = t(
                '{file}: rule {rule}: severity "{value}" is not one of {allowed}.',
                file=shown,
                rule=rule,
                value=severity,
                allowed=allowed,
            )
            self.problems.append(message + nearest(severity, SEVERITIES))
        for name, text in (("why", why), ("expect", expect)):
            if not _is_text(text):
                self.problems.append(
                    t("{file}: rule {rule}: {name} needs en and ja.", file=shown, rule=rule, name=name)
                )

    def _arguments(
        self, shown: str, rule: str, table: str, kind: RuleType, kwargs: Mapping[str, Any]
    ) -> None:
        wrong = sorted(set(kwargs) - {*kind.columns, *kind.needs, *kind.may}) + sorted(
            {*kind.columns, *kind.needs} - set(kwargs)
        )
        if wrong:
            self.problems.append(
                t(
                    "{file}: rule {rule}: arguments missing or unknown: {names}.",
                    file=shown,
                    rule=rule,
                    names=", ".join(wrong),
                )
            )
            return
        self._known_columns(shown, rule, table, _named_columns(kind, kwargs))
        if kind.may:
            self._bounds(shown, rule, kwargs.get("min_value"), kwargs.get("max_value"))
        if "value_set" in kind.needs and not (isinstance(kwargs["value_set"], list) and kwargs["value_set"]):
            self.problems.append(
                t("{file}: rule {rule}: value_set must be a list that is not empty.", file=shown, rule=rule)
            )
        if "unexpected_rows_query" in kind.needs and "{batch}" not in str(kwargs["unexpected_rows_query"]):
            self.problems.append(
                t(
                    "{file}: rule {rule}: the query must read the table as {batch}.",
                    file=shown,
                    rule=rule,
                    batch="{batch}",
                )
            )

    def _bounds(self, shown: str, rule: str, low: object, high: object) -> None:
        numbers = [
            bound for bound in (low, high) if isinstance(bound, int | float) and not isinstance(bound, bool)
        ]
        if len(numbers) != sum(bound is not None for bound in (low, high)) or not numbers:
            self.problems.append(
                t(
                    "{file}: rule {rule}: min_value and max_value must be numbers, at least one of them"
                    " given.",
                    file=shown,
                    rule=rule,
                )
            )
        elif len(numbers) == 2 and numbers[0] > numbers[1]:
            self.problems.append(
                t(
                    "{file}: rule {rule}: min_value {low} is above max_value {high}.",
                    file=shown,
                    rule=rule,
                    low=low,
                    high=high,
                )
            )

    def _known_columns(self, shown: str, rule: str, table: str, columns: Iterable[str]) -> None:
        known = self.columns.get(table)
        for column in columns if known is not None else ():
            if known is not None and column not in known:
                message = t(
                    '{file}: rule {rule}: {table} has no column "{column}".',
                    file=shown,
                    rule=rule,
                    table=table,
                    column=column,
                )
                self.problems.append(message + nearest(column, known))

    def _probe(
        self, shown: str, rule: str, sql: str, params: Mapping[str, Any], key: tuple[str, ...]
    ) -> None:
        """Report SQL that does not bind, or that does not return the key columns."""
        try:
            cursor = self.warehouse.con.execute(f"SELECT * FROM ({sql}\n) LIMIT 0", dict(params))
            returned = [column[0] for column in cursor.description or []]
            cursor.fetchall()
        except duckdb.Error as error:
            reason = " ".join(str(error).split())  # DuckDB names the nearest columns below its first line
            self.problems.append(
                t("{file}: rule {rule}: the SQL does not run: {reason}", file=shown, rule=rule, reason=reason)
            )
            return
        missing = [column for column in key if column not in returned]
        if missing or not key:
            names = ", ".join(missing) or "-"
            self.problems.append(
                t(
                    "{file}: rule {rule}: the SQL must return the key columns ({names}).",
                    file=shown,
                    rule=rule,
                    names=names,
                )
            )

    def _unique_ids(self, shown: str, rules: list[Rule]) -> None:
        ids = [rule.rule_id for rule in rules]
        for twice in sorted({rule_id for rule_id in ids if ids.count(rule_id) > 1}):
            self.problems.append(
                t("{file}: rule {rule} stands twice; give one of them a meta.id.", file=shown, rule=twice)
            )


@lru_cache(maxsize=256)
def _load_check(path: Path, modified: int) -> SqlFile:
    """Return a parsed check.

    Each gate looks at all of them, and reading a header costs more than most checks.
    """
    return load_sql_file(path)


def load_rules(warehouse: Warehouse, config: Config, gate: str) -> list[Rule]:
    """Return all rules of a gate, suites first, in the order of the files.

    Args:
        warehouse: The build; every table and column a rule names must exist in it.
        config: Gives the rule files and the values of parameters.
        gate: core, ind, score or list.

    Raises:
        CouldNotCheckError: Some file or rule is defective, or a table has no suite; all problems are in it.
    """
    reader = _Reader(warehouse, gate, _parameters(warehouse, config))
    known = {schema for schemas in GATES.values() for schema in schemas}
    rules: list[Rule] = []
    suites: list[str] = []
    for name, path in config.expectation_files.items():
        schema = name.split(".")[0]
        if name.endswith(".json") and schema in GATES[gate]:
            suites.append(name.removesuffix(".json"))
            rules += reader.suite(name, path)
        elif name.endswith(".json") and schema not in known:
            reader.problems.append(
                t("expectations/{file}: no gate checks the schema {schema}.", file=name, schema=schema)
            )
        elif name.endswith(".sql"):
            check = reader.check(name, path)
            rules += [check] if check else []
    reader.complete(suites)
    if reader.problems:
        raise CouldNotCheckError(
            t(
                "The checks of gate {gate} cannot run:\n{lines}\n",
                gate=gate,
                lines="\n".join(f"  {line}" for line in reader.problems),
            ),
            t("A rule that cannot run is never a pass."),
            t("Mend the lines above, then run: listgen build"),
        )
    return sorted(rules, key=lambda rule: rule.rule_type == CHECK_TYPE)


def _parameters(warehouse: Warehouse, config: Config) -> dict[str, Any]:
    sql = "SELECT max(year(CAST(as_of_date AS DATE))) FROM core.raw_file"
    newest = warehouse.scalar(sql) if warehouse.has_table("core.raw_file") else None
    return {
        "source_ids": sorted(config.used_sources),
        "focal_country": config.settings.focal_country,
        "draws": config.settings.draws,
        "newest_year": newest,
        "next_year": None if newest is None else newest + 1,
    }


def _columns_by_table(warehouse: Warehouse) -> dict[str, frozenset[str]]:
    sql = (
        "SELECT schema_name || '.' || table_name, list(column_name) FROM duckdb_columns() WHERE NOT internal"
        " GROUP BY 1"
    )
    return {table: frozenset(columns) for table, columns in warehouse.rows(sql)}


def _named_columns(kind: RuleType, kwargs: Mapping[str, Any]) -> tuple[str, ...]:
    named = [kwargs[argument] for argument in kind.columns if argument in kwargs]
    return tuple(str(column) for value in named for column in (value if isinstance(value, list) else [value]))


def _derived_id(kind: RuleType, kwargs: Mapping[str, Any]) -> str:
    columns = ", ".join(_named_columns(kind, kwargs))
    return f"{kind.short}({columns})" if columns else kind.short


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _is_text(value: object) -> bool:
    return (
        isinstance(value, dict)
        and set(value) == set(LANGUAGES)
        and all(isinstance(text, str) and text.strip() for text in value.values())
    )


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice in one object")
    return found
