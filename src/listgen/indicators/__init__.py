"""Measures every technology: runs one SQL file per indicator and states for each value how far its evidence carries it.

Reads: core.*
Writes: ind.value, ind.definition
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from listgen.base.config import Config
from listgen.base.errors import CouldNotCheckError
from listgen.base.scoring import Gates
from listgen.base.sqlfile import SqlFile, load_sql_dir, parameter_names
from listgen.base.text import t
from listgen.base.warehouse import Warehouse
from listgen.base.yamlfile import plain
from listgen.indicators.status import RECORDS, Bars, complete, grade_of, judge

FOLDER = Path(__file__).parent
COVERAGE_TABLE = "core.reference_coverage"
Period = tuple[int | None, int | None]
_NO_PERIOD: Period = (None, None)
_EVIDENCE = """
SELECT t.technology_id, b.basis, coalesce(e.n_items, 0) AS n_items, coalesce(e.n_comparable, 0) AS n_comparable
FROM core.technology AS t CROSS JOIN (SELECT unnest(['works', 'families', 'statistics', 'supply']) AS basis) AS b
LEFT JOIN core.technology_evidence AS e ON e.technology_id = t.technology_id AND e.basis = b.basis
ORDER BY ALL
"""
_COVERAGE = "SELECT technology_id, basis, n_references, coverage FROM core.reference_coverage ORDER BY ALL"
_RESULT: dict[str, Any] = {
    "technology_id": pl.String,
    "country_code": pl.String,
    "value": pl.Float64,
    "value_lo": pl.Float64,
    "value_hi": pl.Float64,
    "n": pl.Int64,
    "n_national": pl.Int64,
    "n_effective": pl.Float64,
    "period_first_year": pl.Int64,
    "period_last_year": pl.Int64,
    "caveats": pl.List(pl.String),
}


@dataclass(frozen=True)
class Indicator:
    """One indicator: a SQL file, or one variant of it with parameters of its own."""

    id: str
    basis: str
    file: SqlFile
    header: dict[str, Any]
    params: dict[str, Any]

    def bars(self, gates: Gates) -> Bars:
        """Return what the evidence must reach: numbers of the header, or the gates of scoring.yaml it names."""
        stated = {key: self.header[key] for key in ("min_n", "min_national")}
        numbers = {key: int(getattr(gates, bar) if isinstance(bar, str) else bar) for key, bar in stated.items()}
        if COVERAGE_TABLE in self.file.inputs:
            return Bars(**numbers, min_coverage=gates.min_reference_coverage, min_references=gates.min_references)
        return Bars(**numbers)


def load_indicators(folder: Path = FOLDER) -> list[Indicator]:
    """Return every indicator of a folder in the order of its id."""
    found = []
    for file in load_sql_dir(folder).values():
        header = plain(file.header)
        for suffix, given in (header.get("variants") or {"": {}}).items():
            params = (header.get("params") or {}) | given
            found.append(Indicator(file.id + suffix, str(given.get("basis", header["basis"])), file, header, params))
    return sorted(found, key=lambda indicator: indicator.id)


def run(warehouse: Warehouse, config: Config) -> None:
    """Fill ind.definition and ind.value."""
    for name, file in load_sql_dir(FOLDER / "tables").items():
        warehouse.run_sql("indicators", file, statement_id=f"ind.{name}")
    indicators, gates = load_indicators(), config.scoring.gates
    warehouse.write("ind.definition", pl.DataFrame([describe(indicator, indicator.bars(gates)) for indicator in indicators]))
    periods = {row[0]: (row[1], row[2]) for row in warehouse.rows("SELECT period_id, first_year, last_year FROM core.period")}
    evidence, coverage = warehouse.frame(_EVIDENCE), warehouse.frame(_COVERAGE)
    values = []
    for indicator in indicators:
        basis, bars = indicator.basis, indicator.bars(gates)
        period = periods.get(basis, _NO_PERIOD) if basis in RECORDS else _NO_PERIOD
        held, resolved = (frame.filter(pl.col("basis") == basis).drop("basis") for frame in (evidence, coverage))
        judged = judge(measure(warehouse, indicator, period), bars, resolved)
        rows = complete(judged, held, resolved, bars, basis=basis, focal_country=config.settings.focal_country)
        values.append(label(rows, indicator, grade_of(basis, held), period))
    warehouse.write("ind.value", pl.concat(values))


def describe(indicator: Indicator, bars: Bars) -> dict[str, Any]:
    """Return the row of ind.definition."""
    header, suffix = indicator.header, indicator.id.removeprefix(indicator.file.id)
    variant = (header.get("variant_names") or {}).get(suffix)
    return {
        "indicator_id": indicator.id,
        "name_en": header["name"]["en"] + (f" ({variant['en']})" if variant else ""),
        "name_ja": header["name"]["ja"] + (f"（{variant['ja']}）" if variant else ""),
        "definition_en": header["definition"]["en"],
        "definition_ja": header["definition"]["ja"],
        "unit": header["unit"],
        "basis": indicator.basis,
        "counting": header["counting"],
        "interval_method": header["interval"],
        "min_n": bars.min_n,
        "min_national": bars.min_national,
        "caveats": header["caveats"],
        "references": header["references"],
    }


def measure(warehouse: Warehouse, indicator: Indicator, period: Period) -> pl.DataFrame:
    """Return the rows of the indicator's statement, columns it does not give as NULL; both statements are recorded for `trace`."""
    file, params = indicator.file, indicator.params | {"first_year": period[0], "last_year": period[1]}
    named = {name: params[name] for name in sorted(parameter_names(file.evidence_sql)) if name in params}
    warehouse.record("indicators", f"{indicator.id}/evidence", file.evidence_sql, named, file.inputs)
    frame = warehouse.run_sql("indicators", file, params, statement_id=indicator.id)
    if frame is None:
        raise CouldNotCheckError(t("{file}.sql does not end in a SELECT.", file=file.id))
    return frame.select(
        (pl.col(name) if name in frame.columns else pl.lit(None)).cast(dtype).alias(name) for name, dtype in _RESULT.items()
    )


def label(frame: pl.DataFrame, indicator: Indicator, grades: pl.DataFrame, period: Period) -> pl.DataFrame:
    """Return the rows of ind.value: what was measured, on what basis, of what grade, in which years."""
    first_year, last_year = (pl.lit(year, dtype=pl.Int64) for year in period)
    graded = frame.join(grades, on="technology_id", how="left", validate="m:1")
    return graded.sort("technology_id", "country_code").select(
        pl.lit(indicator.id).alias("indicator_id"),
        *("technology_id", "country_code"),
        pl.lit(indicator.basis).alias("basis"),
        "grade",
        pl.coalesce("period_first_year", first_year).alias("period_first_year"),
        pl.coalesce("period_last_year", last_year).alias("period_last_year"),
        *("value", "value_lo", "value_hi", "n", "n_national", "status"),
        pl.col("caveats").fill_null(pl.lit([], dtype=pl.List(pl.String))),
    )
