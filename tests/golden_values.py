"""The numbers a build comes to, as text that can be compared.

`make golden` writes them, `test_golden.py` compares them.

Each table is a list of rows, sorted by key, one row a line. Columns that the database keeps as floating point
are rounded to nine significant digits, and what is below 1e-12 is 0: sums may differ in their last digits
between processors. Nothing else is rounded. Texts, digests and lists of caveats are left out, and
`score.draw`: the draws are summarised by intervals, p and ranks.
"""

import json
import math
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import duckdb

GOLDEN = Path(__file__).parent / "golden"
DIGITS = 9
TINY = 1e-12


class Table(NamedTuple):
    """A table of the build: the columns that name a row, and those that are compared."""

    key: tuple[str, ...]
    columns: tuple[str, ...]


TABLES = {
    "ind.value": Table(
        ("indicator_id", "technology_id", "country_code", "basis", "period_first_year", "period_last_year"),
        ("grade", "value", "value_lo", "value_hi", "n", "n_national", "status"),
    ),
    "score.normalised": Table(
        ("technology_id", "axis_id", "group_id", "branch", "indicator_id", "country_code"),
        (
            "value",
            "value_lo",
            "value_hi",
            "score",
            "score_lo",
            "score_hi",
            "importance",
            "is_clipped",
            "status",
        ),
    ),
    "score.technology": Table(
        ("technology_id", "axis_id"), ("value", "lo", "hi", "coverage", "grade", "status", "reason")
    ),
    "score.rank_range": Table(("technology_id", "axis_id"), ("rank_p05", "rank_p50", "rank_p95", "n_ranked")),
    "score.monopoly_risk": Table(
        ("technology_id",),
        (
            *("leader_country_code", "second_country_code", "k", "ratio", "ratio_lo", "ratio_hi"),
            *("risk_class", "p_high", "p_medium", "p_low", "n", "status"),
        ),
    ),
    "cluster.member": Table(("technology_id",), ("cluster_id", "stability", "status", "reason")),
    "cluster.label": Table(
        ("cluster_id",),
        ("n_members", "stability", "centre_autonomy", "centre_superiority", "centre_indispensability"),
    ),
    "list.candidate": Table(
        ("technology_id",), ("status", "rules_judged", "pareto_front", "best_rule_id", "best_rule_p")
    ),
    "list.decided": Table(
        ("technology_id",), ("machine_status", "status", "decision", "into_technology_id", "is_overtaken")
    ),
    "list.reason": Table(("technology_id", "rule_id"), ("p", "margin", "is_evaluable", "is_met", "inputs")),
}


def rounded(value: Any) -> Any:
    """Return a value of the database as the file has it.

    Floating point rounded, JSON read and rounded inside.
    """
    if isinstance(value, float):
        return 0.0 if abs(value) < TINY else float(f"{value:.{DIGITS}g}")
    if isinstance(value, dict):
        return {name: rounded(part) for name, part in value.items()}
    if isinstance(value, list):
        return [rounded(part) for part in value]
    return value


def read_build(database: Path) -> dict[str, list[list[Any]]]:
    """Return the rows of every table of `TABLES`, key columns first, sorted by key.

    Args:
        database: The `listgen.duckdb` of a finished build.
    """
    tables = {}
    with duckdb.connect(str(database), read_only=True) as con:
        for name, table in TABLES.items():
            columns = ", ".join(f'"{column}"' for column in (*table.key, *table.columns))
            order = ", ".join(f'"{column}"' for column in table.key)
            rows = con.execute(f"SELECT {columns} FROM {name} ORDER BY {order}").fetchall()
            at = len(table.key) + table.columns.index("inputs") if "inputs" in table.columns else -1
            tables[name] = [
                [rounded(json.loads(cell) if i == at else cell) for i, cell in enumerate(row)] for row in rows
            ]
    return tables


def to_text(tables: dict[str, list[list[Any]]]) -> str:
    """Return the file's text: names of the columns once a table, then one row a line."""
    parts = []
    for name, rows in tables.items():
        lines = [list(TABLES[name].key + TABLES[name].columns), *rows]
        texts = (
            json.dumps(line, ensure_ascii=False, sort_keys=True, separators=(",", ":")) for line in lines
        )
        parts.append(f"{json.dumps(name)}: [\n" + ",\n".join(texts) + "\n]")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def read_golden(name: str) -> dict[str, list[list[Any]]]:
    """Return the tables of a golden file, each with its line of column names first."""
    return json.loads((GOLDEN / f"{name}.json").read_text("utf-8"))


def differences(golden: dict[str, list[list[Any]]], tables: dict[str, list[list[Any]]]) -> list[str]:
    """Return one line for each value that differs: where it is, what it was, what it is now."""
    found = []
    for name, table in TABLES.items():
        old, new = (_named(rows, len(table.key)) for rows in (golden.get(name, [[]])[1:], tables[name]))
        header = golden.get(name, [[]])[0]
        if header != list(table.key + table.columns):
            found.append(f"{name}: columns {header} -> {list(table.key + table.columns)}")
            continue
        for key in sorted(old.keys() | new.keys()):
            place = f"{name}[{', '.join(key)}]"
            if key not in old or key not in new:
                found.append(f"{place}: {old.get(key, 'no row')} -> {new.get(key, 'no row')}")
                continue
            for column, before, after in zip(table.columns, old[key], new[key], strict=True):
                found += [
                    f"{place}.{column}{path}: {was} -> {now}" for path, was, now in _changes(before, after)
                ]
    return found


def _named(rows: list[list[Any]], width: int) -> dict[tuple[str, ...], list[Any]]:
    return {tuple(str(part) for part in row[:width]): row[width:] for row in rows}


def _changes(before: Any, after: Any, path: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Yield the places inside two values that differ.

    Floats may differ by one unit of their last digit kept.
    """
    if isinstance(before, dict) and isinstance(after, dict):
        for name in sorted(before.keys() | after.keys()):
            yield from _changes(before.get(name, "nothing"), after.get(name, "nothing"), f"{path}.{name}")
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for i, (old, new) in enumerate(zip(before, after, strict=True)):
            yield from _changes(old, new, f"{path}[{i}]")
    elif not _are_equal(before, after):
        yield path, before, after


def _are_equal(before: Any, after: Any) -> bool:
    if isinstance(before, float) and isinstance(after, float):
        return math.isclose(before, after, rel_tol=10.0 ** (1 - DIGITS) * 1.01, abs_tol=TINY)
    return type(before) is type(after) and before == after


def write_golden(name: str, root: Path) -> None:
    """Write a golden file from the current build of a workspace, and say how many values changed."""
    tables = read_build(root / "data" / "current" / "listgen.duckdb")
    path = GOLDEN / f"{name}.json"
    changed = len(differences(read_golden(name), tables)) if path.is_file() else -1
    if changed:
        path.write_text(to_text(tables), "utf-8")
    print(
        f"{path.relative_to(GOLDEN.parents[1])}: "
        + ("written" if changed < 0 else f"{changed} values changed")
    )


def main() -> None:
    """Refresh both workspaces in a folder that is then removed, and write what changed."""
    from conftest import copy_configuration
    from real_world import TABLES as REAL_DATA
    from real_world import refresh_real
    from running import listgen

    with tempfile.TemporaryDirectory() as folder:
        sample = Path(folder) / "sample"
        copy_configuration(sample)
        done = listgen(sample, "refresh", "--no-prefect")
        assert done.returncode == 0, done.stderr
        write_golden("sample", sample)
        if not REAL_DATA.is_file():
            print("tests/golden/real.json: not compared, ../shared/data is not there")
            return
        refresh_real(Path(folder) / "real")
        write_golden("real", Path(folder) / "real")


if __name__ == "__main__":
    main()
