"""States how far each value's evidence carries it, and why the focal country lacks one.

Reads: core.technology_evidence, core.reference_coverage (as frames)
Writes: ind.value (as a frame)
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from listgen.config.scoring import RECORD_BASES

_IS_SPARSE = pl.col("n_references") < pl.col("min_references")
_IS_UNCOVERED = pl.col("coverage") < pl.col("min_coverage")


@dataclass(frozen=True)
class Bars:
    """What the evidence of one indicator must reach.

    `min_coverage` and `min_references` are 0 where it stands on no references.
    """

    min_n: int
    min_national: int
    min_coverage: float = 0.0
    min_references: int = 0


def judge(measured: pl.DataFrame, bars: pl.DataFrame, evidence: pl.DataFrame) -> pl.DataFrame:
    """Return the rows with a status; a value that its evidence does not carry becomes NULL, its n stays.

    Where items weigh less than one each, `n_effective` is what they add up to, and the gate stands on that.

    Args:
        measured: Rows of the indicators' statements.
        bars: indicator_id, basis and the columns of `Bars`, one row per indicator.
        evidence: technology_id, basis, n_items, n_comparable, n_references, coverage; NULL where there are no
            references to resolve.
    """
    enough = pl.coalesce("n_effective", pl.col("n").cast(pl.Float64))
    status = (
        pl.when(_IS_SPARSE)
        .then(pl.lit("too_few"))
        .when(_IS_UNCOVERED)
        .then(pl.lit("low_coverage"))
        .when((enough < pl.col("min_n")) | (pl.col("n_national") < pl.col("min_national")))
        .then(pl.lit("too_few"))
        .when(pl.col("value").is_null())
        .then(pl.lit("not_applicable"))
        .otherwise(pl.lit("ok"))
    )
    known = measured.join(bars, on="indicator_id", validate="m:1").join(
        evidence, on=["technology_id", "basis"], how="left", validate="m:1"
    )
    kept = (
        pl.when(pl.col("status") == "ok").then(pl.col(name)).alias(name)
        for name in ("value", "value_lo", "value_hi", "caveats")
    )
    return known.with_columns(status.alias("status")).with_columns(kept).select(*measured.columns, "status")


def complete(
    judged: pl.DataFrame, bars: pl.DataFrame, evidence: pl.DataFrame, *, focal_country: str
) -> pl.DataFrame:
    """Return the rows, and one row with the reason wherever the focal country has no value.

    Args:
        judged: Rows of `judge`.
        bars: As for `judge`.
        evidence: As for `judge`, with a row for every technology and basis.
        focal_country: The country that always has a row.
    """
    key = ["indicator_id", "technology_id"]
    is_records = pl.col("basis").is_in(RECORD_BASES)
    # Others were measured and this country was not: of records it has too few; a table that does not name it
    # says nothing. Nobody was measured: records lack what is needed; published tables are of another kind
    # (broader, one office, no whole).
    others = judged.group_by(key).agg((pl.col("status") != "not_applicable").any().alias("is_applied"))
    status = (
        pl.when(pl.col("n_items") == 0)
        .then(pl.lit("missing"))
        .when(pl.col("n_comparable") == 0)
        .then(pl.lit("not_comparable"))
        .when(_IS_SPARSE)
        .then(pl.lit("too_few"))
        .when(_IS_UNCOVERED)
        .then(pl.lit("low_coverage"))
        .when(~pl.col("is_applied"))
        .then(pl.lit("not_applicable"))
        .when(pl.col("is_applied"))
        .then(pl.when(is_records).then(pl.lit("too_few")).otherwise(pl.lit("missing")))
        # References are resolved and yet no country cites another: there is one country only.
        .when(is_records & (pl.col("min_references") > 0) & (pl.col("n_references") > 0))
        .then(pl.lit("not_applicable"))
        .otherwise(pl.when(is_records).then(pl.lit("missing")).otherwise(pl.lit("not_applicable")))
    )
    present = judged.filter(pl.col("country_code") == focal_country).select(key)
    absent = (
        bars.join(evidence, on="basis")
        .join(present, on=key, how="anti")
        .join(others, on=key, how="left", validate="1:1")
    )
    rows = absent.with_columns(status.alias("status")).select(
        *key,
        pl.lit(focal_country).alias("country_code"),
        pl.when(pl.col("status") == "too_few").then(pl.lit(0, dtype=pl.Int64)).alias("n_national"),
        "status",
    )
    return pl.concat([judged, rows], how="diagonal").sort(*key, "country_code")


def grade_of() -> pl.Expr:
    """Return the grade of the evidence, of rows with basis, n_items and n_comparable.

    Sampled records where nothing comparable is held.

    Trade and supply are one grade: both say where goods come from, neither what a country knows.
    """
    sampled = (pl.col("n_items") > 0) & (pl.col("n_comparable") == 0)
    records = pl.when(sampled).then(pl.lit("records_sampled")).otherwise(pl.lit("records"))
    return (
        pl.when(pl.col("basis").is_in(RECORD_BASES))
        .then(records)
        .otherwise(pl.col("basis").replace({"trade": "supply"}))
    )
