"""Measures every technology.

Runs one SQL file per indicator and states for each value how far its evidence carries it.

Reads: core.*
Writes: ind.value, ind.definition, ind.world
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from listgen.base.errors import ConfigError, CouldNotCheckError, Problem
from listgen.base.text import t
from listgen.config.loader import Config
from listgen.config.scoring import BASES, RECORD_BASES, Gates
from listgen.indicators.definition import FOLDER, Indicator, describe, load_indicators
from listgen.indicators.header import sql_problems
from listgen.indicators.resampled import resample
from listgen.indicators.status import complete, grade_of, judge
from listgen.store.sqlfile import load_sql_dir, parameter_names
from listgen.store.warehouse import Statement, Warehouse

__all__ = ["FOLDER", "Indicator", "indicator_problems", "load_indicators", "measure", "run"]

Period = tuple[int | None, int | None]
_NO_PERIOD: Period = (None, None)
_MEASURED = """
CREATE OR REPLACE TEMP TABLE measured (
  indicator_id VARCHAR, technology_id VARCHAR, country_code VARCHAR, value DOUBLE, value_lo DOUBLE,
  value_hi DOUBLE, n BIGINT,
  n_national BIGINT, n_effective DOUBLE, period_first_year BIGINT, period_last_year BIGINT, caveats VARCHAR[])
"""
_EVIDENCE = """
SELECT t.technology_id, b.basis, coalesce(e.n_items, 0) AS n_items,
  coalesce(e.n_comparable, 0) AS n_comparable, c.n_references, c.coverage
FROM core.technology AS t CROSS JOIN (SELECT unnest($bases) AS basis) AS b
LEFT JOIN core.technology_evidence AS e ON e.technology_id = t.technology_id AND e.basis = b.basis
LEFT JOIN core.reference_coverage AS c ON c.technology_id = t.technology_id AND c.basis = b.basis
ORDER BY ALL
"""


def run(warehouse: Warehouse, config: Config) -> None:
    """Fill ind.definition and ind.value."""
    for name, file in load_sql_dir(FOLDER / "tables").items():
        warehouse.run_sql("indicators", file, statement_id=f"ind.{name}")
    indicators, gates = load_indicators(caveats=config.caveats), config.scoring.gates
    warehouse.write(
        "ind.definition",
        pl.DataFrame([describe(indicator, indicator.bars(gates)) for indicator in indicators]),
    )
    periods = {
        row[0]: (row[1], row[2])
        for row in warehouse.rows("SELECT period_id, first_year, last_year FROM core.period")
    }
    measured = measure(
        warehouse, {indicator: periods.get(indicator.basis, _NO_PERIOD) for indicator in indicators}
    )
    evidence = warehouse.frame(_EVIDENCE, {"bases": list(BASES)})
    bars = pl.DataFrame(
        [bars_of(indicator, gates, periods) for indicator in indicators], infer_schema_length=None
    )
    measured, places = resample(
        warehouse, config.settings, indicators, measured, [config.settings.focal_country]
    )
    warehouse.write("ind.world", places)
    judged = judge(measured, bars, evidence)
    rows = complete(judged, bars, evidence, focal_country=config.settings.focal_country)
    warehouse.write("ind.value", label(rows, bars, evidence))


def bars_of(indicator: Indicator, gates: Gates, periods: Mapping[str, Period]) -> dict[str, Any]:
    """Return the row of `bars` of one indicator.

    Its id, basis and period, and what its evidence must reach.
    """
    first_year, last_year = (
        periods.get(indicator.basis, _NO_PERIOD) if indicator.basis in RECORD_BASES else _NO_PERIOD
    )
    named = {
        "indicator_id": indicator.id,
        "basis": indicator.basis,
        "first_year": first_year,
        "last_year": last_year,
    }
    return named | asdict(indicator.bars(gates))


def indicator_problems(
    config: Config, warehouse: Warehouse | None = None, folder: Path = FOLDER
) -> list[Problem]:
    """Return what is wrong with the indicators' files, for `listgen doctor`.

    Args:
        config: Gives the caveats.
        warehouse: A finished build of this version, whose tables the SQL is held against.
        folder: Where the files are.
    """
    try:
        indicators = load_indicators(folder, config.caveats)
    except ConfigError as error:
        return error.problems
    columns = [line.split()[0] for part in _MEASURED.split("(", 1)[1].split(",") if (line := part.strip())]
    files = {indicator.file.id: indicator for indicator in indicators}
    return [
        problem
        for one in files.values()
        for problem in sql_problems(one.file, one.params, columns, warehouse)
    ]


def measure(warehouse: Warehouse, periods: Mapping[Indicator, Period]) -> pl.DataFrame:
    """Return the rows of every indicator's statement, columns it does not give as NULL.

    All statements are recorded for `trace`.

    The rows stay in DuckDB until all are measured: one transfer in place of one per indicator.

    Args:
        warehouse: The build, staged.
        periods: First and last year of each indicator's window, (None, None) where its series have windows of
            their own.

    Raises:
        CouldNotCheckError: A statement names a parameter nobody gives.
    """
    warehouse.execute(_MEASURED)
    statements = []
    for indicator, period in periods.items():
        file, params = indicator.file, indicator.params | {"first_year": period[0], "last_year": period[1]}
        missing = sorted(file.parameters - params.keys())
        if missing:
            raise CouldNotCheckError(
                t("{file}.sql: parameter(s) {names} not given.", file=file.id, names=", ".join(missing))
            )
        used = {name: params[name] for name in sorted(file.parameters)}
        named = {name: params[name] for name in sorted(parameter_names(file.evidence_sql)) if name in params}
        statements += [
            Statement(f"{indicator.id}/evidence", file.evidence_sql, named, file.inputs),
            Statement(indicator.id, file.sql, used, file.inputs),
        ]
        sql = (
            f"INSERT INTO measured BY NAME SELECT $indicator_id AS indicator_id, found.* FROM ({file.sql}\n)"
            " AS found"
        )
        try:
            warehouse.execute(sql, used | {"indicator_id": indicator.id})
        except (duckdb.ParserException, duckdb.BinderException, duckdb.CatalogException) as error:
            raise CouldNotCheckError(
                t(
                    "indicators/{file}.sql: the SQL does not run: {reason}",
                    file=file.id,
                    reason=" ".join(str(error).split()),
                ),
                "",
                t("Mend the file, then run: listgen doctor"),
            ) from error
    warehouse.record("indicators", *statements)
    measured = warehouse.frame("FROM measured ORDER BY indicator_id, technology_id, country_code")
    warehouse.execute("DROP TABLE measured")
    return measured


def label(rows: pl.DataFrame, bars: pl.DataFrame, evidence: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of ind.value: what was measured, on what basis, of what grade, in which years."""
    known = rows.join(bars, on="indicator_id", validate="m:1").join(
        evidence, on=["technology_id", "basis"], how="left", validate="m:1"
    )
    return known.sort("indicator_id", "technology_id", "country_code").select(
        *("indicator_id", "technology_id", "country_code", "basis"),
        grade_of().alias("grade"),
        pl.coalesce("period_first_year", "first_year").alias("period_first_year"),
        pl.coalesce("period_last_year", "last_year").alias("period_last_year"),
        *("value", "value_lo", "value_hi", "n", "n_national", "status"),
        pl.col("caveats").fill_null(pl.lit([], dtype=pl.List(pl.String))),
    )
