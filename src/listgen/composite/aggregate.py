"""Makes axes of indicators.

One branch of evidence per axis, its coverage gate, weighted mean, interval and rank range.

Reads: score.normalised, and what score/__init__.py finds out about the evidence held (as frames)
Writes: score.technology, score.draw, score.rank_range (as frames)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import reduce

import polars as pl

from listgen.base.errors import CouldNotCheckError
from listgen.base.text import t
from listgen.composite.normalise import TOLERANCE
from listgen.config.scoring import BRANCHES, SUPPLY_BASES

# Which explanation stands when several hold with equal importance.
_REASON_ORDER = ("not_comparable", "low_coverage", "too_few", "not_applicable")
# What is known of the evidence held on a technology: its own series or its families all come from one office,
# or only series of a broader or overlapping field exist.
FLAGS = ("has_one_office_series", "has_one_office_families", "has_broader_series")
_KEY = ["technology_id", "axis_id"]
_BRANCH_KEY = [*_KEY, "branch"]


def aggregate_arithmetic(parts: list[pl.Expr]) -> pl.Expr:
    """Return the weighted arithmetic mean of `weight x score` parts."""
    return reduce(lambda left, right: left + right, parts)


def aggregate_geometric(parts: list[pl.Expr]) -> pl.Expr:
    """Return the weighted geometric mean of `weight x ln(score)` parts.

    A weakness cannot be bought off by a strength.
    """
    return reduce(lambda left, right: left + right, parts).exp()


def part_arithmetic() -> pl.Expr:
    """Return what one indicator brings into the arithmetic mean."""
    return pl.col("weight") * pl.col("score")


def part_geometric() -> pl.Expr:
    """Return what one indicator brings into the geometric mean.

    Scores below 1 count as 1, or one zero would erase an axis.
    """
    return pl.col("weight") * pl.col("score").clip(lower_bound=1.0).log()


# Found by the name an axis gives in `aggregate`.
AGGREGATES: dict[str, tuple[Callable[[], pl.Expr], Callable[[list[pl.Expr]], pl.Expr]]] = {
    "arithmetic": (part_arithmetic, aggregate_arithmetic),
    "geometric": (part_geometric, aggregate_geometric),
}


def branch_coverage(normalised: pl.DataFrame) -> pl.DataFrame:
    """Return coverage per technology, axis and branch: the importance of the indicators that have a score.

    Rounded to twelve digits, so that a coverage of exactly the gate is not lost to the order of adding.
    """
    available = pl.when(pl.col("status") == "ok").then("importance").otherwise(0.0)
    supply = pl.when(pl.col("basis").is_in(SUPPLY_BASES)).then(available).otherwise(0.0)
    return normalised.group_by(_BRANCH_KEY).agg(
        coverage=available.sum().round(12).clip(0.0, 1.0),
        supply=supply.sum().round(12),
    )


def choose_branches(coverage: pl.DataFrame, gate: float, held: pl.DataFrame) -> pl.DataFrame:
    """Return the branch each technology's axis is computed from; axes without a passing branch are absent.

    Args:
        coverage: The rows of `branch_coverage`.
        gate: The coverage below which there is no axis.
        held: technology_id and FLAGS; statistics of a single patent office are no basis of their own.
    """
    one_office = held.filter("has_one_office_series")["technology_id"].to_list()
    alone = (pl.col("branch") == "statistics") & pl.col("technology_id").is_in(one_office)
    passing = coverage.filter((pl.col("coverage") >= gate - TOLERANCE) & ~alone)
    return (
        passing.sort(*_KEY, _branch_rank())
        .unique(_KEY, keep="first", maintain_order=True)
        .select(*_BRANCH_KEY, "coverage")
    )


def rescaled_weights(normalised: pl.DataFrame, chosen: pl.DataFrame) -> pl.DataFrame:
    """Return the scored indicators of the chosen branches with weights that sum to 1.

    Missing ones are dropped, never imputed.
    """
    rows = (
        normalised.filter(pl.col("status") == "ok")
        .join(chosen, on=_BRANCH_KEY, how="inner", validate="m:1")
        .with_columns(weight=pl.col("importance") / pl.col("coverage"))
        .sort("technology_id", "position")
    )
    sums = rows.group_by(_KEY).agg(pl.col("weight").sum())
    if sums.height != chosen.height or not (sums["weight"] - 1.0).abs().lt(TOLERANCE).all():
        raise CouldNotCheckError(
            t("score.technology: weights re-scaled for missing indicators do not sum to 1.")
        )
    return rows


def axis_values(parts: pl.DataFrame, how: Mapping[str, str], index: list[str]) -> pl.DataFrame:
    """Return one value per axis and index row.

    Args:
        parts: Rows `axis_id, indicator_id, weight, score` and the index columns.
        how: The aggregate's name by axis.
        index: The columns one value stands for, without axis_id.
    """
    empty = parts.select(*index, "axis_id", pl.col("score").alias("value")).clear()
    frames = [empty]
    for axis_id, name in how.items():
        rows = parts.filter(pl.col("axis_id") == axis_id)
        if rows.is_empty():
            continue
        part, combine = AGGREGATES[name]
        # Indicators side by side and added in a fixed order: a grouped float sum may differ with the number
        # of threads.
        wide = rows.with_columns(part=part()).pivot(on="indicator_id", index=index, values="part")
        columns = sorted(set(wide.columns) - set(index))
        value = combine([pl.col(name).fill_null(0.0) for name in columns]).clip(0.0, 100.0)
        frames.append(wide.select(*index, pl.lit(axis_id).alias("axis_id"), value.alias("value")))
    return pl.concat(frames).sort("axis_id", *index)


def intervals(points: pl.DataFrame, draws: pl.DataFrame) -> pl.DataFrame:
    """Return the axis values with the 2.5-97.5 % interval of their draws.

    Where clipping pushes all draws of several indicators to one side, the interval is widened to hold the
    value.
    """
    ends = draws.group_by(_KEY).agg(
        lo=pl.col("value").quantile(0.025, interpolation="linear"),
        hi=pl.col("value").quantile(0.975, interpolation="linear"),
    )
    return points.join(ends, on=_KEY, how="left", validate="1:1").with_columns(
        lo=pl.min_horizontal("lo", "value"), hi=pl.max_horizontal("hi", "value")
    )


def rank_ranges(draws: pl.DataFrame) -> pl.DataFrame:
    """Return the 5, 50 and 95 % points of each technology's unrounded rank over the draws, 1 = highest."""
    rank = pl.col("value").rank("min", descending=True).over("axis_id", "draw")
    ranked = draws.with_columns(rank=rank)
    counts = draws.group_by("axis_id").agg(n_ranked=pl.col("technology_id").n_unique())
    # The outer points are taken outward, so that a published range never promises more than the draws.
    spread = ranked.group_by(_KEY).agg(
        rank_p05=pl.col("rank").quantile(0.05, interpolation="lower"),
        rank_p50=pl.col("rank").quantile(0.50, interpolation="nearest"),
        rank_p95=pl.col("rank").quantile(0.95, interpolation="higher"),
    )
    return (
        spread.join(counts, on="axis_id")
        .with_columns(pl.col("^rank_p.*$|^n_ranked$").cast(pl.Int32))
        .sort(*_KEY)
    )


def explain_gaps(
    normalised: pl.DataFrame, coverage: pl.DataFrame, chosen: pl.DataFrame, held: pl.DataFrame
) -> pl.DataFrame:
    """Return grade, coverage and reason of every axis that has no branch.

    The branch spoken of is the one with most evidence; its reason is the status that holds back most
    importance. Where that only says that indicators do not apply, or nothing at all is held, the reason names
    what is held instead: filings at one office, or published series of a broader field.

    Args:
        normalised: The rows of `normalise`.
        coverage: The rows of `branch_coverage`.
        chosen: The rows of `choose_branches`.
        held: technology_id and FLAGS.
    """
    open_axes = coverage.join(chosen, on=_KEY, how="anti")
    best = open_axes.sort(*_KEY, pl.col("coverage") * -1, _branch_rank()).unique(
        _KEY, keep="first", maintain_order=True
    )
    held_back = held_back_most(normalised)
    is_statistics = pl.col("branch") == "statistics"
    statistics = (
        open_axes.filter(is_statistics)
        .join(held_back, on=_BRANCH_KEY, how="left")
        .select(
            *_KEY,
            pl.lit(value=True).alias("has_statistics"),
            pl.col("held_back").alias("statistics_held_back"),
        )
    )
    known = (
        best.join(held_back, on=_BRANCH_KEY, how="left")
        .join(statistics, on=_KEY, how="left")
        .join(held, on="technology_id", how="left")
        .with_columns(pl.col("has_statistics", *FLAGS).fill_null(value=False))
    )
    nothing, supply_only = pl.col("coverage") == 0, pl.col("coverage") == pl.col("supply")
    told_by_series = pl.col("has_statistics") & (nothing | is_statistics)
    inapplicable = (pl.col("held_back") == "not_applicable").fill_null(value=False)
    reason = (
        pl.when(inapplicable & ~is_statistics & pl.col("has_one_office_families"))
        .then(pl.lit("one_office_only"))
        .when(pl.col("held_back").is_not_null()).then("held_back")
        .when(told_by_series & pl.col("has_one_office_series")).then(pl.lit("one_office_only"))
        .when(told_by_series & pl.col("has_broader_series")).then(pl.lit("broader_series_only"))
        .when(nothing & pl.col("statistics_held_back").is_not_null()).then("statistics_held_back")
        .when(nothing).then(pl.lit("no_evidence"))
        .when(supply_only).then(pl.lit("supply_only"))
        .otherwise(pl.lit("partial"))
    )  # fmt: skip
    grade = pl.when(nothing).then(None).when(supply_only).then(pl.lit("supply")).otherwise("branch")
    return known.select(*_KEY, "coverage", grade.alias("grade"), reason.alias("reason"))


def held_back_most(normalised: pl.DataFrame) -> pl.DataFrame:
    """Return the status that holds back most importance of each technology, axis and branch.

    Of equal ones the first in _REASON_ORDER.
    """
    place = pl.col("status").replace_strict(_REASON_ORDER, range(len(_REASON_ORDER)))
    return (
        normalised.filter(pl.col("status").is_in(_REASON_ORDER))
        .group_by(*_BRANCH_KEY, "status")
        .agg(pl.col("importance").sum().round(9))
        .sort(*_BRANCH_KEY, pl.col("importance") * -1, place)
        .unique(_BRANCH_KEY, keep="first", maintain_order=True)
        .select(*_BRANCH_KEY, pl.col("status").alias("held_back"))
    )


def technology_scores(
    normalised: pl.DataFrame, points: pl.DataFrame, chosen: pl.DataFrame, gaps: pl.DataFrame
) -> pl.DataFrame:
    """Return every technology x axis: the score with its interval, or the reason why there is none."""
    scored = points.join(chosen, on=_KEY, how="inner", validate="1:1").select(
        *_KEY, "value", "lo", "hi", "coverage", pl.col("branch").alias("grade"), pl.lit("ok").alias("status")
    )
    missing = gaps.with_columns(status=pl.lit("insufficient_evidence"))
    both = pl.concat([scored, missing], how="diagonal").sort(_KEY)
    expected = normalised.select(_KEY).unique()
    if both.height != expected.height or both.join(expected, on=_KEY, how="semi").height != expected.height:
        raise CouldNotCheckError(t("score.technology: an axis was lost or doubled while aggregating."))
    return both


def _branch_rank() -> pl.Expr:
    return pl.col("branch").replace_strict(BRANCHES, range(len(BRANCHES)), return_dtype=pl.Int8)
