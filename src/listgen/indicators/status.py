"""States for each measured value how far its evidence carries it, and gives the focal country a row that says why it has none.

Reads: core.technology_evidence, core.reference_coverage (as frames)
Writes: ind.value (as a frame)
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

RECORDS = ("works", "families")


@dataclass(frozen=True)
class Bars:
    """What the evidence of one indicator must reach; `min_coverage` and `min_references` are 0 where it stands on no references."""

    min_n: int
    min_national: int
    min_coverage: float = 0.0
    min_references: int = 0


def judge(measured: pl.DataFrame, bars: Bars, coverage: pl.DataFrame) -> pl.DataFrame:
    """Return the rows with a status; a value that its evidence does not carry becomes NULL, its n stays.

    Where items weigh less than one each, `n_effective` is what they add up to, and the gate stands on that.

    Args:
        measured: Rows of an indicator's statement.
        bars: What the evidence must reach.
        coverage: technology_id, n_references, coverage; a technology that is not in it has no references to resolve.
    """
    enough = pl.coalesce("n_effective", pl.col("n").cast(pl.Float64))
    status = (
        pl.when(pl.col("n_references") < bars.min_references)
        .then(pl.lit("too_few"))
        .when(pl.col("coverage") < bars.min_coverage)
        .then(pl.lit("low_coverage"))
        .when((enough < bars.min_n) | (pl.col("n_national") < bars.min_national))
        .then(pl.lit("too_few"))
        .when(pl.col("value").is_null())
        .then(pl.lit("not_applicable"))
        .otherwise(pl.lit("ok"))
    )
    known = measured.join(coverage, on="technology_id", how="left", validate="m:1").with_columns(status.alias("status"))
    kept = (pl.when(pl.col("status") == "ok").then(pl.col(name)).alias(name) for name in ("value", "value_lo", "value_hi", "caveats"))
    return known.drop("n_references", "coverage").with_columns(kept)


def complete(
    judged: pl.DataFrame, evidence: pl.DataFrame, coverage: pl.DataFrame, bars: Bars, *, basis: str, focal_country: str
) -> pl.DataFrame:
    """Return the rows and, for every technology in which the focal country has none, one that says why.

    Args:
        judged: Rows of `judge`.
        evidence: technology_id, n_items, n_comparable of the basis, one row per technology.
        coverage: As for `judge`.
        bars: As for `judge`.
        basis: works, families, statistics or supply.
        focal_country: The country that always has a row.
    """
    is_records = basis in RECORDS
    present = judged.filter(pl.col("country_code") == focal_country).select("technology_id")
    sparse = coverage.filter(pl.col("n_references") < bars.min_references)["technology_id"].to_list()
    uncovered = coverage.filter(pl.col("coverage") < bars.min_coverage)["technology_id"].to_list()
    # Others were measured and this country was not: of records it has too few; a table that does not name it says nothing.
    # Nobody was measured: records lack what is needed; published tables are of another kind (broader, one office, no whole).
    measured = judged["technology_id"].unique().to_list()
    applied = judged.filter(pl.col("status") != "not_applicable")["technology_id"].unique().to_list()
    status = (
        pl.when(pl.col("n_items") == 0)
        .then(pl.lit("missing"))
        .when(pl.col("n_comparable") == 0)
        .then(pl.lit("not_comparable"))
        .when(pl.col("technology_id").is_in(sparse))
        .then(pl.lit("too_few"))
        .when(pl.col("technology_id").is_in(uncovered))
        .then(pl.lit("low_coverage"))
        .when(pl.col("technology_id").is_in(measured) & ~pl.col("technology_id").is_in(applied))
        .then(pl.lit("not_applicable"))
        .when(pl.col("technology_id").is_in(measured))
        .then(pl.lit("too_few" if is_records else "missing"))
        .otherwise(pl.lit("missing" if is_records else "not_applicable"))
    )
    absent = evidence.join(present, on="technology_id", how="anti").with_columns(status.alias("status"))
    rows = absent.select(
        "technology_id",
        pl.lit(focal_country).alias("country_code"),
        pl.when(pl.col("status") == "too_few").then(pl.lit(0, dtype=pl.Int64)).alias("n_national"),
        "status",
    )
    return pl.concat([judged, rows], how="diagonal").sort("technology_id", "country_code")


def grade_of(basis: str, evidence: pl.DataFrame) -> pl.DataFrame:
    """Return technology_id and the grade of the evidence: sampled records where nothing comparable is held.

    Args:
        basis: works, families, statistics or supply.
        evidence: As for `complete`.
    """
    sampled = (pl.col("n_items") > 0) & (pl.col("n_comparable") == 0)
    records = pl.when(sampled).then(pl.lit("records_sampled")).otherwise(pl.lit("records"))
    return evidence.select("technology_id", (records if basis in RECORDS else pl.lit(basis)).alias("grade"))
