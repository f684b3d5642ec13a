"""Pareto fronts: which technologies no other one dominates on the three axes.

Reads: score.technology
Writes: cluster.front
"""

from __future__ import annotations

import polars as pl

from listgen.config.scoring import AXES
from listgen.store.warehouse import Statement, Warehouse


def write_fronts(warehouse: Warehouse) -> None:
    """Fill cluster.front of a build."""
    scores = warehouse.frame(
        "SELECT technology_id, axis_id, status, value FROM score.technology ORDER BY ALL"
    )
    warehouse.write("cluster.front", pareto_fronts(scores))
    method = "-- computed in polars by pairwise comparison of the axis scores: fronts/pareto.py"
    warehouse.record("cluster", Statement("fronts", method, {"axes": list(AXES)}, ("score.technology",)))


def pareto_fronts(scores: pl.DataFrame) -> pl.DataFrame:
    """Return the front of every technology that has all three axes.

    1 for those no other dominates, 2 once they are gone, ...

    One dominates another when it is at least as high on every axis and higher on one; equal profiles share a
    front.
    """
    points = scores.filter(pl.col("status") == "ok").pivot(
        on="axis_id", on_columns=list(AXES), index="technology_id", values="value"
    )
    left = points.drop_nulls().sort("technology_id")
    fronts = [pl.DataFrame(schema={"technology_id": pl.String, "pareto_front": pl.Int32})]
    while left.height:
        pairs = left.join(left, how="cross", suffix="_other")
        as_high = pl.all_horizontal(pl.col(f"{axis}_other") >= pl.col(axis) for axis in AXES)
        higher = pl.any_horizontal(pl.col(f"{axis}_other") > pl.col(axis) for axis in AXES)
        dominated = pairs.filter(as_high & higher).select("technology_id").unique()
        front = left.join(dominated, on="technology_id", how="anti")
        fronts.append(
            front.select("technology_id", pl.lit(len(fronts), dtype=pl.Int32).alias("pareto_front"))
        )
        left = left.join(front, on="technology_id", how="anti")
    return pl.concat(fronts)
