"""A hand-made world for the tests of score, cluster and candidates.

The tables they read, with figures set by the test.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import polars as pl

from listgen.composite import indicator_settings, normalise, score_tables
from listgen.composite.aggregate import FLAGS
from listgen.config.scoring import Scoring
from listgen.config.yamlfile import load_yaml, plain
from listgen.store.warehouse import Warehouse

ROOT = Path(__file__).resolve().parents[1]
VALUE_SCHEMA = {
    "technology_id": pl.String, "indicator_id": pl.String, "country_code": pl.String, "value": pl.Float64,
    "value_lo": pl.Float64,
    "value_hi": pl.Float64, "status": pl.String, "basis": pl.String, "interval_method": pl.String,
}  # fmt: skip
RESEARCH = {
    "s1_top10_share": 0.20,
    "s2_quality_ratio": 1.5,
    "s3_log_lead": -0.75,
    "s4_elite_institutions": 0.25,
}
AUTONOMY = {
    f"{name}{suffix}": 0.5
    for suffix in ("", "_families")
    for name in ("a1_foreign_dependence", "a3_source_concentration")
}
INDISPENSABLE = {
    f"{name}{suffix}": value
    for suffix in ("", "_families")
    for name, value in {"i1_inbound_reliance": 0.20, "i2_breadth": 0.5, "i3_removal_impact": 0.15}.items()
}
# The published tables of counts.
COUNTS = {"st_share": 0.30, "st_lead": 0.0, "st_rta": 1.0, "st_momentum": 0.0}
# Every one of these scores exactly 50 on its goalposts.
MIDDLE = RESEARCH | AUTONOMY | INDISPENSABLE

DDL = """
CREATE TABLE core.technology (technology_id VARCHAR, status VARCHAR);
CREATE TABLE core.technology_series (technology_id VARCHAR, series_id VARCHAR, relation VARCHAR);
CREATE TABLE core.statistic_series (series_id VARCHAR, source_id VARCHAR, is_one_office BOOLEAN,
  period_last_year SMALLINT);
CREATE TABLE core.technology_work (technology_id VARCHAR, work_id BIGINT);
CREATE TABLE core.work (work_id BIGINT, source_id VARCHAR);
CREATE TABLE core.technology_family (technology_id VARCHAR, family_id VARCHAR, priority_year SMALLINT,
  is_comparable BOOLEAN);
CREATE TABLE core.patent_family (family_id VARCHAR, source_id VARCHAR);
CREATE TABLE core.technology_commodity (technology_id VARCHAR, commodity_id VARCHAR, stage_id VARCHAR);
CREATE TABLE core.supply (commodity_id VARCHAR, stage_id VARCHAR, source_id VARCHAR);
CREATE TABLE core.technology_hs (technology_id VARCHAR, hs_code VARCHAR);
CREATE TABLE core.trade_flow (hs_code VARCHAR, source_id VARCHAR, period_year SMALLINT);
CREATE TABLE core.trade_year (source_id VARCHAR, period_year SMALLINT, is_used BOOLEAN);
CREATE TABLE core.source (source_id VARCHAR, is_sample BOOLEAN, is_one_office BOOLEAN);
CREATE TABLE core.period (period_id VARCHAR, first_year SMALLINT, last_year SMALLINT);
CREATE TABLE core.technology_evidence (technology_id VARCHAR, basis VARCHAR, n_items BIGINT,
  n_comparable BIGINT);
CREATE TABLE core.raw_file (as_of_date DATE);
CREATE TABLE core.review_decision (technology_id VARCHAR, decision VARCHAR, into_technology_id VARCHAR,
  machine_status VARCHAR, event_digest VARCHAR);
CREATE TABLE ind.definition (indicator_id VARCHAR, name_en VARCHAR, name_ja VARCHAR, unit VARCHAR,
  basis VARCHAR, interval_method VARCHAR,
  caveats VARCHAR[]);
CREATE TABLE ind.value (technology_id VARCHAR, indicator_id VARCHAR, country_code VARCHAR, value DOUBLE,
  value_lo DOUBLE, value_hi DOUBLE,
  status VARCHAR, period_last_year SMALLINT, caveats VARCHAR[]);
CREATE TABLE ind.world (technology_id VARCHAR, indicator_id VARCHAR, country_code VARCHAR, place INTEGER[]);
"""


@cache
def read_scoring() -> Scoring:
    """Return the repository's scoring."""
    return Scoring.model_validate(plain(load_yaml(ROOT / "config" / "scoring.yaml", "config/scoring.yaml")))


def make_config(scoring: Scoring | None = None, *, seed: int = 7, draws: int = 400) -> SimpleNamespace:
    """Return the part of a configuration that the three steps use."""
    settings = SimpleNamespace(focal_country="JP", seed=seed, draws=draws)
    return SimpleNamespace(scoring=scoring or read_scoring(), settings=settings, sources={}, series={})


def basis_of(indicator_id: str) -> str:
    """Return the basis an indicator's header declares."""
    if indicator_id.startswith("st_"):
        return "statistics"
    if indicator_id[:2] in ("a7", "i6"):
        return "supply"
    if indicator_id[:2] in ("a8", "a9", "i7", "i8"):
        return "trade"
    return "families" if indicator_id.endswith("_families") or indicator_id[:2] in ("s5", "s6") else "works"


def value_rows(
    technology_id: str, values: dict[str, float | str | tuple[float, float, float]], method: str = "wilson"
) -> list[dict]:
    """Return rows of ind.value.

    A number without interval, (value, lo, hi), or a status for a value that is missing.
    """
    rows = []
    for indicator_id, given in values.items():
        value, lo, hi = (
            (None, None, None)
            if isinstance(given, str)
            else given
            if isinstance(given, tuple)
            else (given, None, None)
        )
        status = given if isinstance(given, str) else "ok"
        row = (technology_id, indicator_id, "JP", value, lo, hi, status, basis_of(indicator_id), method)
        rows.append(dict(zip(VALUE_SCHEMA, row, strict=True)))
    return rows


def normalised_world(
    world: dict[str, dict], scoring: Scoring | None = None, method: str = "wilson"
) -> pl.DataFrame:
    """Return the normalised rows of a world {technology: {indicator: value}}."""
    rows = [
        row for technology_id, values in world.items() for row in value_rows(technology_id, values, method)
    ]
    return normalise(
        pl.DataFrame(rows, schema=VALUE_SCHEMA), indicator_settings(scoring or read_scoring()), sorted(world)
    )


def warehouse_world(world: dict[str, dict], *, method: str = "wilson", last_year: int = 2023) -> Warehouse:
    """Return a warehouse with the tables the three steps read, filled with a world."""
    warehouse = Warehouse()
    warehouse.con.execute(DDL)
    columns = ("indicator_id", "name_en", "name_ja", "unit", "basis", "interval_method", "caveats")
    ids = indicator_settings(read_scoring())["indicator_id"]
    defined = [
        dict(zip(columns, (i, f"Name of {i}", f"{i}の名", "index", basis_of(i), method, []), strict=True))
        for i in ids
    ]
    warehouse.write("ind.definition", pl.DataFrame(defined, schema_overrides={"caveats": pl.List(pl.String)}))
    warehouse.write(
        "core.technology", pl.DataFrame({"technology_id": list(world), "status": ["active"] * len(world)})
    )
    rows = [
        row for technology_id, values in world.items() for row in value_rows(technology_id, values, method)
    ]
    frame = pl.DataFrame(rows, schema=VALUE_SCHEMA).drop("basis", "interval_method")
    added = {
        "period_last_year": pl.lit(last_year, dtype=pl.Int16),
        "caveats": pl.lit([], dtype=pl.List(pl.String)),
    }
    warehouse.write("ind.value", frame.with_columns(**added))
    warehouse.execute("INSERT INTO core.period VALUES ('families', 2018, 2022)")
    warehouse.execute("INSERT INTO core.raw_file VALUES (DATE '2025-07-01')")
    return warehouse


def row_of(frame: pl.DataFrame, **keys: str) -> dict:
    """Return the one row with these keys."""
    return frame.row(
        by_predicate=pl.all_horizontal(pl.col(name) == value for name, value in keys.items()), named=True
    )


def tables_of(
    world: dict[str, dict],
    scoring: Scoring | None = None,
    flags: Sequence[str] = (),
    method: str = "wilson",
    **keys: int,
) -> dict[str, pl.DataFrame]:
    """Return the score tables of a world; the flags hold for every technology of it."""
    config = make_config(scoring, **keys)
    held = pl.DataFrame(
        {"technology_id": list(world)} | {flag: [flag in flags] * len(world) for flag in FLAGS}
    )
    return score_tables(normalised_world(world, config.scoring, method), config, held, {})


def axis_of(
    world: dict[str, dict], axis_id: str = "superiority", technology_id: str = "t", **keys: Any
) -> dict:
    """Return one row of score.technology of a world."""
    return row_of(tables_of(world, **keys)["score.technology"], technology_id=technology_id, axis_id=axis_id)


def uncommented(warehouse, schema):
    """Return the columns of a schema without a comment in both languages."""
    sql = (
        "SELECT table_name, column_name FROM duckdb_columns() WHERE schema_name = $s AND coalesce(comment,"
        " '') NOT LIKE '% / %'"
    )
    return warehouse.rows(sql, {"s": schema})
