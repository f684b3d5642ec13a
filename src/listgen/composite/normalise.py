"""Puts the focal country's indicator values on the 0-100 scale of their goalposts.

Reads: ind.value, ind.definition, core.technology (as frames)
Writes: score.normalised (as a frame)

Goalposts are fixed in `scoring.yaml`, never taken from the values at hand: with min-max over the current set
every score would depend on which technologies are listed (rank reversal).
"""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from listgen.base.errors import ConfigError, CouldNotCheckError, DataError, Problem, nearest
from listgen.base.text import t
from listgen.config.scoring import Scoring

TOLERANCE = 1e-9
_SETTING_KEYS = (
    "axis_id", "branch", "group_id", "indicator_id", "position", "direction", "normalise", "worst", "best",
    "points_per_unit", "importance",
)  # fmt: skip


def normalise_goalposts(value: pl.Expr) -> pl.Expr:
    """Return the value as it is: it is placed on the goalposts in its own unit."""
    return value


def normalise_symmetric_goalposts(value: pl.Expr) -> pl.Expr:
    """Return a ratio x as (x - 1) / (x + 1): a half and a double are equally far from 1 (Laursen 2015)."""
    ratio = value.clip(lower_bound=0.0)
    return (ratio - 1.0) / (ratio + 1.0)


# Found by the name a setting gives in `normalise`.
NORMALISERS: dict[str, Callable[[pl.Expr], pl.Expr]] = {
    "goalposts": normalise_goalposts,
    "symmetric_goalposts": normalise_symmetric_goalposts,
}


def unclipped_score(value: pl.Expr) -> pl.Expr:
    """Return 100 x the way from the worst to the best goalpost, not yet clipped.

    Needs the setting's columns beside it.

    Multiplied, not divided: a frame of one row takes another path through polars' division and differs in the
    last digit.
    """
    placed = pl.lit(None, dtype=pl.Float64)
    for name, function in NORMALISERS.items():
        placed = pl.when(pl.col("normalise") == name).then(function(value)).otherwise(placed)
    return (placed - pl.col("worst")) * pl.col("points_per_unit")


def indicator_settings(scoring: Scoring) -> pl.DataFrame:
    """Return one row per indicator of `scoring.yaml` with its effective importance (sum 1 per branch)."""
    rows: list[tuple[object, ...]] = []
    for axis_id, axis in scoring.axes.items():
        for branch_id, branch in axis.branches.items():
            branch_sum = sum(group.importance for group in branch.groups.values())
            for group_id, group in branch.groups.items():
                group_sum = sum(setting.importance for setting in group.indicators.values())
                for indicator_id, setting in group.indicators.items():
                    importance = group.importance / branch_sum * setting.importance / group_sum
                    place = (axis_id, branch_id, group_id, indicator_id, len(rows))
                    worst, best = map(float, setting.goalposts)
                    rows.append(
                        (
                            *place,
                            setting.direction,
                            setting.normalise,
                            worst,
                            best,
                            100.0 / (best - worst),
                            importance,
                        )
                    )
    settings = pl.DataFrame(rows, schema=list(_SETTING_KEYS), orient="row", infer_schema_length=None)
    sums = settings.group_by("axis_id", "branch").agg(pl.col("importance").sum())
    if not (sums["importance"] - 1.0).abs().max() < TOLERANCE:  # type: ignore[operator]  # a column of floats; NULL fails the comparison too
        raise CouldNotCheckError(t("The importances of a branch do not sum to 1."))
    return settings


def check_known(settings: pl.DataFrame, defined: list[str]) -> None:
    """Raise when `scoring.yaml` names an indicator that no SQL file measures.

    Args:
        settings: The rows of `indicator_settings`.
        defined: The ids of `ind.definition`.

    Raises:
        ConfigError: With every unknown name and the nearest known one.
    """
    unknown = settings.filter(~pl.col("indicator_id").is_in(defined))
    problems = []
    for axis_id, branch, group_id, indicator_id in unknown.select(
        "axis_id", "branch", "group_id", "indicator_id"
    ).iter_rows():
        where = f"axes.{axis_id}.branches.{branch}.groups.{group_id}.indicators"
        known = t('{where}: "{value}" is not an indicator.', where=where, value=indicator_id) + nearest(
            indicator_id, defined
        )
        problems.append(Problem("config/scoring.yaml", 0, 0, known))
    if problems:
        raise ConfigError(problems)


def check_values(values: pl.DataFrame) -> None:
    """Raise when values cannot be scored.

    Two of one indicator, `ok` without a number, or outside their own interval.

    Args:
        values: Rows of ind.value for one country.

    Raises:
        DataError: With the first offending key.
    """
    _refuse(
        values.filter(pl.struct("technology_id", "indicator_id").is_duplicated()),
        t("two values of one indicator for one country"),
    )
    scored = values.filter(pl.col("status") == "ok")
    _refuse(
        scored.filter(~pl.col("value").is_finite().fill_null(value=False)), t("status ok without a number")
    )
    slack = TOLERANCE * (1.0 + pl.col("value").abs())
    below, above = pl.col("value_lo") > pl.col("value") + slack, pl.col("value_hi") < pl.col("value") - slack
    endless = ~(pl.col("value_lo").is_finite() & pl.col("value_hi").is_finite())
    _refuse(
        scored.filter(below | above | endless),
        t("a value outside its interval, or an interval without an end"),
    )


def _refuse(rows: pl.DataFrame, what: str) -> None:
    if rows.height:
        technology_id, indicator_id = (
            rows.sort("technology_id", "indicator_id").select("technology_id", "indicator_id").row(0)
        )
        key = f"{technology_id}/{indicator_id}"
        raise DataError(
            t("ind.value: {what} ({n} rows, first: {key}).", what=what, n=rows.height, key=key),
            "",
            t("Mend the SQL file of the indicator; nothing was promoted."),
        )


def normalise(values: pl.DataFrame, settings: pl.DataFrame, technology_ids: list[str]) -> pl.DataFrame:
    """Return every technology x indicator of the settings with its score, or the status that explains why.

    Args:
        values: Rows of ind.value for the focal country: indicator_id, technology_id, value, value_lo,
            value_hi, status, and interval_method and basis from ind.definition.
        settings: The rows of `indicator_settings`.
        technology_ids: The technologies to assess; a technology without any value is still in the result.
    """
    check_values(values)
    grid = pl.DataFrame({"technology_id": technology_ids}, schema={"technology_id": pl.String}).join(
        settings, how="cross"
    )
    is_ok = pl.col("status") == "ok"
    scored = (
        grid.join(values, on=["technology_id", "indicator_id"], how="left", validate="m:1")
        .with_columns(pl.col("status").fill_null("missing"))
        .with_columns(
            pl.when(is_ok).then(pl.col(name)).alias(name) for name in ("value", "value_lo", "value_hi")
        )
        .with_columns(
            raw=unclipped_score(pl.col("value")),
            end_a=unclipped_score(pl.col("value_lo")).clip(0.0, 100.0),
            end_b=unclipped_score(pl.col("value_hi")).clip(0.0, 100.0),
        )
        .with_columns(
            score=pl.col("raw").clip(0.0, 100.0),
            # A negative direction swaps the ends; an absent end stays absent.
            score_lo=pl.when(pl.col("direction") > 0).then("end_a").otherwise("end_b"),
            score_hi=pl.when(pl.col("direction") > 0).then("end_b").otherwise("end_a"),
            is_clipped=(pl.col("raw") < -TOLERANCE) | (pl.col("raw") > 100.0 + TOLERANCE),
        )
        .drop("raw", "end_a", "end_b")
        .sort("technology_id", "position")
    )
    if scored.height != len(technology_ids) * settings.height:
        raise CouldNotCheckError(t("score.normalised: rows were lost or doubled while normalising."))
    return scored
