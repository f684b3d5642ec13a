"""Core tables for the tests of indicators.

The columns of the real stage, filled with the few rows a test writes down.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import polars as pl

from listgen.config.scoring import Scoring
from listgen.config.yamlfile import load_yaml, plain
from listgen.store.warehouse import Warehouse

ROOT = Path(__file__).resolve().parents[1]
STAGE = ROOT / "src" / "listgen" / "stage" / "core"
CASES = Path(__file__).parent / "indicators"
# What every row of a table has unless it says otherwise; a case only writes down what its arithmetic needs.
USUAL: dict[str, dict[str, Any]] = {
    "core.technology_work": {"technology_id": "t", "publication_year": 2021, "is_comparable": True},
    "core.technology_family": {"technology_id": "t", "priority_year": 2021, "is_comparable": True,
        "is_universe": True},
    "core.patent_family": {"priority_year": 2021, "is_comparable": True, "is_universe": True,
        "is_international": True,
        "n_publications": 1, "family_kind": "docdb"},
    "core.patent_family_country": {"role": "inventor"},
    "core.citation_flow": {"technology_id": "t", "basis": "works"},
    "core.reference_coverage": {"technology_id": "t", "basis": "works", "n_references": 100, "coverage": 1.0},
    "core.technology_series": {"technology_id": "t", "relation": "exact"},
    "core.statistic_series": {
        "source_id": "s", "measure": "count", "unit": "families", "counting": "full", "printed_decimals": 0,
        "is_one_office": False,
        "period_first_year": 2016, "period_last_year": 2017,
    },
    "core.statistic": {"raw_digest": "d", "raw_line": 1},
    "core.technology_commodity": {"technology_id": "t", "stage_id": "mine", "importance": 1.0},
    "core.supply": {"stage_id": "mine", "period_year": 2023, "years_covered": 1, "source_id": "s",
        "raw_digest": "d", "raw_line": 1},
    "core.technology_hs": {"technology_id": "t", "first_revision": "H6"},
    "core.import_origin": {"source_id": "s", "period_year": 2024, "raw_digest": "d", "raw_line": 1},
    "core.export_position": {"source_id": "s", "period_year": 2024, "raw_digest": "d", "raw_line": 1},
    "core.source": {"source_id": "s", "is_comparable": True},
    "core.technology": {"technology_id": "t", "status": "active"},
    "core.technology_evidence": {"technology_id": "t"},
}  # fmt: skip
# Facts that indicators share: filled by the stage's own statement from the rows of a case, where it does not
# give them.
FACTS = ("core.country_output", "core.series_choice", "core.supply_position")
COUNTRIES = ("CN", "DE", "JP", "KR", "US")
PERIODS = [(name, first, first + 4) for name, first in (("works", 2019), ("families", 2018))]


@cache
def core_tables() -> str:
    """Return the statements that make every core table of the stage, without constraints.

    A case leaves out what it does not need.
    """
    with Warehouse() as warehouse:
        for path in sorted(STAGE.glob("*.sql")):
            for statement in duckdb.extract_statements(path.read_text(encoding="utf-8")):
                if (
                    statement.type == duckdb.StatementType.CREATE
                    and f"CREATE TABLE core.{path.stem}" in statement.query
                ):
                    warehouse.execute(statement.query)
        columns = warehouse.rows(
            "SELECT table_name, string_agg('\"' || column_name || '\" ' || data_type, ', ' ORDER BY"
            " column_index) FROM duckdb_columns() WHERE schema_name = 'core' GROUP BY table_name ORDER BY"
            " table_name"
        )
    return "".join(f"CREATE TABLE core.{table} ({listed});" for table, listed in columns)


def make_warehouse(tables: dict[str, list[dict[str, Any]]] | None = None) -> Warehouse:
    """Return a warehouse with every core table of the stage and the rows given."""
    warehouse = Warehouse()
    warehouse.execute(core_tables())
    given = {name: [dict(row) for row in rows] for name, rows in (tables or {}).items()}
    given.setdefault("core.country", [{"country_code": code} for code in COUNTRIES])
    given.setdefault(
        "core.period", [{"period_id": n, "first_year": a, "last_year": b} for n, a, b in PERIODS]
    )
    given.setdefault("core.source", [{}])
    _add_raw_rows(given)
    for table, rows in given.items():
        filled = [USUAL.get(table, {}) | row for row in rows]
        if filled:
            warehouse.write(table, pl.DataFrame(filled, infer_schema_length=None, strict=False))
    for table in FACTS:
        if table not in given:
            warehouse.execute(statement_of(table, duckdb.StatementType.INSERT))
    warehouse.execute(statement_of("core.citation_credit", duckdb.StatementType.CREATE))
    return warehouse


@cache
def statement_of(table: str, kind: duckdb.StatementType) -> str:
    """Return the statement of the stage that makes or fills a table."""
    statements = duckdb.extract_statements(
        (STAGE / f"{table.removeprefix('core.')}.sql").read_text(encoding="utf-8")
    )
    return next(one.query for one in statements if one.type == kind)


def _add_raw_rows(given: dict[str, list[dict[str, Any]]]) -> None:
    """Give every work and family of a technology its raw row, where the case has none."""
    works = {row["work_id"] for row in given.get("core.technology_work", [])}
    held = {row["work_id"] for row in given.get("core.work", [])}
    given.setdefault("core.work", []).extend({"work_id": w} for w in sorted(works - held))
    for row in given["core.work"]:
        row |= {"raw_digest": "d", "raw_line": row["work_id"]}
    families = {row["family_id"] for row in given.get("core.technology_family", [])}
    described = {row["family_id"] for row in given.get("core.patent_family", [])}
    given.setdefault("core.patent_family", []).extend({"family_id": f} for f in sorted(families - described))
    published = [
        {"family_id": f, "publication_number": f"{f}-1", "raw_digest": "d", "raw_line": 1}
        for f in sorted(families)
    ]
    given.setdefault("core.patent_publication", published)


def rows_of(table: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the rows of a case's table, written as `columns` and `rows`."""
    return [dict(zip(table["columns"], row, strict=True)) for row in table["rows"]]


def read_cases(indicator_id: str) -> list[dict[str, Any]]:
    """Return the hand-checked cases of one indicator."""
    path = CASES / f"{indicator_id}.yaml"
    return plain(load_yaml(path, path.name))["cases"]


def read_scoring(**changes: object) -> Scoring:
    """Return the repository's scoring with some top-level keys replaced."""
    return Scoring.model_validate(
        plain(load_yaml(ROOT / "config" / "scoring.yaml", "config/scoring.yaml")) | changes
    )


def make_config(*, seed: int = 7, draws: int = 300, focal_country: str = "JP") -> SimpleNamespace:
    """Return the part of a configuration the steps under test use."""
    settings = SimpleNamespace(focal_country=focal_country, seed=seed, draws=draws)
    caveats = plain(load_yaml(ROOT / "config" / "caveats.yaml", "config/caveats.yaml"))["caveats"]
    return SimpleNamespace(scoring=read_scoring(), settings=settings, caveats=caveats)


def frame_of(rows: list[tuple[Any, ...]], *names: str) -> pl.DataFrame:
    """Return a small frame written row by row."""
    return pl.DataFrame(rows, schema=list(names), orient="row")
