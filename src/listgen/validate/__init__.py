"""Gates of the build.

Every rule in `expectations/` runs, failing rows are named by key, and a critical failure stops the build.

Suites run in Great Expectations on the build's own DuckDB file; the SQL of `checks/` selects offending rows
and runs directly. A rule that was dropped or could not run is an error, never a pass.

Reads: all tables of the gate's schemas, and what `checks/` names.
Writes: prov.check
"""

from __future__ import annotations

import datetime as dt
import logging
import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import duckdb
import polars as pl

from listgen.base.errors import CheckFailedError, CouldNotCheckError
from listgen.base.provenance import canonical_json
from listgen.base.text import LANGUAGES, bilingual, language, t
from listgen.config.loader import Config
from listgen.store.warehouse import Warehouse
from listgen.validate.rules import CHECK_TYPE, GATES, N_KEYS, ROWS_TYPE, RULE_TYPES, Rule, load_rules

PASSED, FAILED, COULD_NOT_CHECK = "passed", "failed", "could_not_check"
STATUSES = (PASSED, FAILED, COULD_NOT_CHECK)

_TABLE = """
CREATE TABLE IF NOT EXISTS prov.check (
  gate VARCHAR NOT NULL, table_name VARCHAR NOT NULL, rule_id VARCHAR NOT NULL, rule_type VARCHAR NOT NULL,
  severity VARCHAR NOT NULL,
  status VARCHAR NOT NULL, n_failed BIGINT NOT NULL, failed_keys JSON NOT NULL, finding JSON NOT NULL,
  why JSON NOT NULL,
  PRIMARY KEY (table_name, rule_id));
COMMENT ON TABLE prov.check IS
  'Each row is one rule of expectations/ and what it found in this build / 検査規則1件と、この版での結果';
COMMENT ON COLUMN prov.check.gate IS 'Gate: core, ind, score or list / 検査の段階';
COMMENT ON COLUMN prov.check.table_name IS 'Table the rule is about / 対象の表';
COMMENT ON COLUMN prov.check.rule_id IS 'Rule, unique within its table / 規則の名称（表の中で一意）';
COMMENT ON COLUMN prov.check.rule_type IS
  'Kind of rule: a Great Expectations type, or check_sql / 規則の種類';
COMMENT ON COLUMN prov.check.severity IS
  'critical stops promotion, warning becomes a caveat, info is recorded / 重大度';
COMMENT ON COLUMN prov.check.status IS 'passed, failed or could_not_check / 合格・不合格・検査不能';
COMMENT ON COLUMN prov.check.n_failed IS 'Failing rows / 違反した行数';
COMMENT ON COLUMN prov.check.failed_keys IS
  'Up to 20 failing rows: key columns and what is wrong / 違反した行（最大20件）の識別子と値';
COMMENT ON COLUMN prov.check.finding IS
  'The first failing row in a sentence, en and ja; {} when passed / 最初の違反を述べた文';
COMMENT ON COLUMN prov.check.why IS 'Why the rule exists, en and ja / 規則の理由';
"""


@dataclass(frozen=True)
class CheckResult:
    """What one rule found."""

    rule: Rule
    status: str
    n_failed: int = 0
    failed_keys: list[dict[str, Any]] = field(default_factory=list)
    finding: dict[str, str] = field(default_factory=dict)

    @property
    def is_blocking(self) -> bool:
        """Tell whether this result stops the build."""
        return self.status == FAILED and self.rule.severity == "critical"


@dataclass(frozen=True)
class _Verdict:
    """What an engine said about a rule: passed, failed with a count, or an error text."""

    status: str
    n_failed: int = 0
    observed: Any = None
    error: str = ""


def run_gate(warehouse: Warehouse, config: Config, gate: str) -> list[CheckResult]:
    """Return the results of all rules of a gate, after writing them to prov.check.

    Args:
        warehouse: The build.
        config: Names the rule files.
        gate: core, ind, score or list.

    Raises:
        CouldNotCheckError: A rule file is defective, a table has no suite, or a rule did not run.
        CheckFailedError: A critical rule failed.
    """
    if gate not in GATES:
        raise ValueError(f"gate {gate!r} is not one of {', '.join(GATES)}")
    rules = load_rules(warehouse, config, gate)
    verdicts = _run_suites(warehouse, [rule for rule in rules if rule.rule_type != CHECK_TYPE])
    results = [_result(warehouse, rule, verdicts.get(rule.name)) for rule in rules]
    _record(warehouse, gate, results)
    _stop_if_unchecked(gate, results)
    _stop_if_failed(gate, results)
    return results


# ---- suites --------------------------------------------------------------------------------------


def _run_suites(warehouse: Warehouse, rules: Sequence[Rule]) -> dict[tuple[str, str], _Verdict]:
    """Return Great Expectations' verdict on every rule; a rule without one did not run."""
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    from listgen.validate.dialect import share

    by_table: dict[str, list[Rule]] = defaultdict(list)
    for rule in rules:
        by_table[rule.table].append(rule)
    verdicts: dict[tuple[str, str], _Verdict] = {}
    # Prefect lets every library's news through, and one of its modules asks for more than the whole.
    for name in ("great_expectations", "great_expectations.data_context.types.base"):
        logging.getLogger(name).setLevel(logging.WARNING)
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    with share(warehouse.con) as url:
        # All tables are declared at once: the context writes its whole configuration anew at every
        # declaration.
        declare: Any = context.data_sources.add_sql
        source = declare(
            "build",
            connection_string=url,
            create_temp_table=False,
            assets=[_asset(table) for table in by_table],
        )
        try:
            for table, mine in by_table.items():
                verdicts |= _run_suite(
                    source.get_asset(table).get_batch_definition("all").get_batch(), table, mine
                )
        finally:
            source.get_engine().dispose()
    return verdicts


def _asset(table: str) -> dict[str, Any]:
    schema, name = table.split(".")
    return {
        "type": "table",
        "name": table,
        "table_name": name,
        "schema_name": schema,
        "batch_definitions": [{"name": "all"}],
    }


def _run_suite(batch: Any, table: str, rules: Sequence[Rule]) -> dict[tuple[str, str], _Verdict]:  # noqa: ANN401 - a GX batch
    """Return the verdict on each rule of a table.

    All are asked for yes or no, and only who says no is asked how often.
    """
    verdicts = _ask(batch, table, rules, "BOOLEAN_ONLY")
    doubtful = [rule for rule in rules if verdicts[rule.name].status != PASSED]
    return verdicts | _ask(batch, table, doubtful, "BASIC") if doubtful else verdicts


def _ask(
    batch: Any,  # noqa: ANN401 - as above
    table: str,
    rules: Sequence[Rule],
    result_format: str,
) -> dict[tuple[str, str], _Verdict]:
    import great_expectations as gx

    # GX drops a rule it does not know with one log line, so what it kept is counted below.
    suite = gx.ExpectationSuite(
        name=table,
        expectations=[
            {
                "type": rule.rule_type,
                "kwargs": dict(rule.kwargs),
                "severity": rule.severity,
                "meta": {"rule": list(rule.name)},
            }
            for rule in rules
        ],
    )
    answer = batch.validate(suite, result_format={"result_format": result_format})
    verdicts = {tuple(result.expectation_config.meta["rule"]): _verdict(result) for result in answer.results}
    if not len(rules) == len(suite.expectations) == len(answer.results) == len(verdicts):
        missing = ", ".join(rule.rule_id for rule in rules if rule.name not in verdicts) or "?"
        said = {
            "table": table,
            "missing": missing,
            "counts": f"{len(rules)} / {len(suite.expectations)} / {len(answer.results)}",
        }
        raise CouldNotCheckError(
            t(
                "expectations/{table}.json: rules in the file / taken / run: {counts}; missing: {missing}.",
                **said,
            ),
            t("A rule that cannot run is never a pass."),
        )
    return verdicts


def _verdict(result: Any) -> _Verdict:  # noqa: ANN401 - a GX validation result
    found, error = dict(result.result or {}), _exception_text(result.exception_info)
    if result.success and not error:
        return _Verdict(PASSED)
    if error or not found:
        return _Verdict(COULD_NOT_CHECK, error=error or "no result")
    observed = found.get("observed_value")
    return _Verdict(FAILED, int(found.get("unexpected_count") or observed or 1), observed)


def _exception_text(info: object) -> str:
    """Return the exception's first line; GX nests the record one level deeper when a metric failed."""
    records = [info, *info.values()] if isinstance(info, Mapping) else []
    for record in records:
        if isinstance(record, Mapping) and record.get("raised_exception"):
            return str(record.get("exception_message") or "?").strip().split("\n")[0]
    return ""


# ---- rows ----------------------------------------------------------------------------------------


def _result(warehouse: Warehouse, rule: Rule, verdict: _Verdict | None) -> CheckResult:
    """Return a rule's result, its failing rows named in a fixed order."""
    if rule.rule_type == CHECK_TYPE:
        verdict = _Verdict(FAILED)
    if verdict is None:
        verdict = _Verdict(COULD_NOT_CHECK, error="no result")
    if verdict.status == PASSED:
        return CheckResult(rule, PASSED)
    query = rule.rows_query() if verdict.status == FAILED else None
    try:
        rows, n_rows = _failing_rows(warehouse, *query) if query else ([], verdict.n_failed)
    except duckdb.Error as error:
        verdict = _Verdict(COULD_NOT_CHECK, error=str(error).split("\n")[0])
    if verdict.status == COULD_NOT_CHECK:
        return CheckResult(
            rule, COULD_NOT_CHECK, finding=bilingual("could not run: {reason}", reason=verdict.error)
        )
    if query and not n_rows:
        if rule.rule_type == CHECK_TYPE:
            return CheckResult(rule, PASSED)
        # GX says failed and the rows cannot be found: two answers to one question are no answer.
        return CheckResult(
            rule, COULD_NOT_CHECK, finding=bilingual("could not run: {reason}", reason="no failing row found")
        )
    n_failed = n_rows if query else 1
    return CheckResult(rule, FAILED, n_failed, rows, _finding(rule, rows, n_failed, verdict.observed))


def _failing_rows(warehouse: Warehouse, sql: str, params: dict[str, Any]) -> tuple[list[dict[str, Any]], int]:
    cursor = warehouse.con.execute(
        f"SELECT *, count(*) OVER () AS n_rows_ FROM ({sql}\n) ORDER BY ALL LIMIT {N_KEYS}", params
    )
    names = [column[0] for column in cursor.description or []]
    found = cursor.fetchall()
    rows = [{name: _plain(value) for name, value in zip(names[:-1], row, strict=False)} for row in found]
    return rows, int(found[0][-1]) if found else 0


def _plain(value: object) -> Any:  # noqa: ANN401 - any JSON value
    """Return a value JSON can carry."""
    if isinstance(value, Decimal):
        value = float(value)
    if isinstance(value, float):
        # Sums of doubles differ in their last digits with the number of threads; the record must not.
        return float(f"{value:.12g}") if math.isfinite(value) else str(value)
    if isinstance(value, dt.date | dt.datetime):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value if value is None or isinstance(value, bool | int | str) else str(value)


# ---- words ---------------------------------------------------------------------------------------


def _finding(rule: Rule, rows: list[dict[str, Any]], n_failed: int, observed: object) -> dict[str, str]:
    """Return the first failing row in a sentence, by key, and how many more there are."""
    first = rows[0] if rows else {}
    # A duplicate is known only by the columns it shares with its twin.
    key = ", ".join(f"{name}={first[name]}" for name in rule.key if name in first) or ", ".join(
        f"{k}={v}" for k, v in first.items()
    )
    detail = _detail(rule, first, observed)
    more = bilingual(" (and {n} more)", n=n_failed - 1)
    return {
        language: (f"{key}: " if key else "") + detail[language] + (more[language] if n_failed > 1 else "")
        for language in LANGUAGES
    }


def _detail(rule: Rule, row: Mapping[str, Any], observed: object) -> dict[str, str]:
    """Return what is wrong with a row and what was expected of it."""
    if rule.rule_type in (ROWS_TYPE, CHECK_TYPE):
        values = ", ".join(f"{name}={value}" for name, value in row.items() if name not in rule.key)
        expected = bilingual("expected")
        return {
            language: (f"{values}; " if values else "") + f"{expected[language]}: {rule.expect[language]}"
            for language in LANGUAGES
        }
    names = ", ".join(rule.columns)
    value = row.get(rule.columns[0]) if rule.columns else observed
    low, high = (rule.kwargs.get(bound, "") for bound in ("min_value", "max_value"))
    match RULE_TYPES[rule.rule_type].short:
        case "not_null":
            return bilingual("{column} is empty", column=names)
        case "unique":
            return bilingual("{columns} stands {n} times", columns=names, n=row.get("n_rows"))
        case "in_set":
            allowed = ", ".join(map(str, rule.kwargs["value_set"]))
            return bilingual(
                '{column} "{value}" is not one of {allowed}', column=names, value=value, allowed=allowed
            )
        case "at_least":
            other = rule.columns[1]
            return bilingual(
                "{column} {value} is below {other} {bound}",
                column=rule.columns[0],
                value=value,
                other=other,
                bound=row.get(other),
            )
        case "row_count":
            return bilingual("{n} rows, expected {low}..{high}", n=value, low=low, high=high)
    return bilingual("{column} {value} outside {low}..{high}", column=names, value=value, low=low, high=high)


# ---- record and stop -----------------------------------------------------------------------------


def _record(warehouse: Warehouse, gate: str, results: Sequence[CheckResult]) -> None:
    warehouse.con.execute(_TABLE)
    warehouse.execute("DELETE FROM prov.check WHERE gate = $gate", {"gate": gate})
    rows = [
        {
            "gate": gate,
            "table_name": r.rule.table,
            "rule_id": r.rule.rule_id,
            "rule_type": r.rule.rule_type,
            "severity": r.rule.severity,
            "status": r.status,
            "n_failed": r.n_failed,
            "failed_keys": canonical_json(r.failed_keys),
            "finding": canonical_json(r.finding),
            "why": canonical_json(r.rule.why),
        }
        for r in sorted(results, key=lambda result: (result.rule.table, result.rule.rule_id))
    ]
    warehouse.write("prov.check", pl.DataFrame(rows))


def _lines(results: Sequence[CheckResult]) -> str:
    shown = [f"  {r.rule.table}: {r.finding[language()]} [{r.rule.rule_id}]" for r in results[:N_KEYS]]
    if len(results) > N_KEYS:
        shown.append("  " + t("and {n} more", n=len(results) - N_KEYS))
    return "\n".join(shown)


def _stop_if_unchecked(gate: str, results: Sequence[CheckResult]) -> None:
    unchecked = [result for result in results if result.status == COULD_NOT_CHECK]
    if unchecked or not results:
        raise CouldNotCheckError(
            t(
                "{n} rule(s) of gate {gate} could not be checked:\n{lines}\n",
                n=len(unchecked),
                gate=gate,
                lines=_lines(unchecked),
            ),
            t("A rule that cannot run is never a pass."),
        )


def _stop_if_failed(gate: str, results: Sequence[CheckResult]) -> None:
    blocking = [result for result in results if result.is_blocking]
    if blocking:
        raise CheckFailedError(
            t("{n} critical check(s) failed:\n{lines}\n", n=len(blocking), lines=_lines(blocking)),
            t("Nothing was promoted; the rows are in checks.json of this build."),
            t("Run: listgen check"),
        )
