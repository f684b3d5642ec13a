"""Draws every indicator from its interval, so that an axis, a rank or a rule can say how sure it is.

Reads: score.normalised (as a frame)
Writes: nothing; `aggregate` turns the drawn scores into score.draw

What rests on works or families takes its place from the resampled worlds (ind.world), so that the indicators
of one draw rise and fall together as their evidence does; how far, their own intervals say. In the language
of the field: the margins are calibrated, the copula is that of the bootstrap (Iman & Conover 1982).
Everything else has a stream of numbers of its own, keyed by seed, technology and indicator: adding one
changes no other's draws.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import ndtri

from listgen.composite.normalise import unclipped_score
from listgen.worlds import stream_of

# A 95 % interval reaches 1.96 standard deviations to each side.
Z95 = 1.959963984540054
# The place of every resampled world, in (0, 1), by technology and indicator.
Places = Mapping[tuple[str, str], NDArray[np.float64]]
# Between the ends of a rounded figure, or between what two sides tell of one flow, nothing is more likely
# than anything else.
_EVEN = ("half_unit", "mirror")
_SETTINGS = ("technology_id", "axis_id", "branch", "indicator_id", "normalise", "worst", "points_per_unit")


def places_of(worlds: pl.DataFrame) -> Places:
    """Return the places of the rows of ind.world."""
    return {
        (technology_id, indicator_id): (place.to_numpy() + 0.5) / len(place)
        for technology_id, indicator_id, place in zip(
            worlds["technology_id"], worlds["indicator_id"], worlds["place"], strict=True
        )
    }


def draw_scores(rows: pl.DataFrame, seed: int, n_draws: int, places: Places) -> pl.DataFrame:
    """Return `technology_id, axis_id, branch, indicator_id, draw, score`, n_draws rows for each row given.

    A sampling interval is drawn as a split normal around the value: half the draws on each side, each side's
    standard deviation its half of the interval over 1.96, so the draws reproduce value, lo and hi. A
    half-unit interval of a printed figure, and one between two sides' reports, is drawn evenly. A value
    without an interval stays as it is. Draws outside the goalposts are clipped like values.

    Args:
        rows: Rows of `normalise` that have a score.
        seed: The workspace's seed.
        n_draws: Draws per row.
        places: Places of the resampled worlds; an indicator without any is drawn independently.
    """
    if rows.is_empty():
        return pl.DataFrame(
            schema=dict.fromkeys(_SETTINGS[:4], pl.String) | {"draw": pl.Int32, "score": pl.Float64}
        )
    even = pl.col("interval_method").is_in(_EVEN)
    drawn = (
        rows.select(*_SETTINGS, even.fill_null(value=False).alias("is_even"), *_ends())
        .with_columns(
            noise=_noise(rows, seed, n_draws, places), draw=pl.int_ranges(0, n_draws, dtype=pl.Int32)
        )
        .explode("noise", "draw")
    )
    side = (
        pl.when(pl.col("noise") < 0)
        .then(pl.col("value") - pl.col("value_lo"))
        .otherwise(pl.col("value_hi") - pl.col("value"))
    )
    evenly = pl.col("value_lo") + (pl.col("value_hi") - pl.col("value_lo")) * pl.col("noise")
    value = pl.when("is_even").then(evenly).otherwise(pl.col("value") + pl.col("noise") * side * (1.0 / Z95))
    return drawn.select(*_SETTINGS[:4], "draw", unclipped_score(value).clip(0.0, 100.0).alias("score"))


def _ends() -> list[pl.Expr]:
    """Return value and interval ends; an absent end is the value itself.

    Nothing is known to vary on that side.
    """
    value = pl.col("value")
    lo, hi = (pl.col(name).fill_null(value) for name in ("value_lo", "value_hi"))
    return [
        value,
        pl.min_horizontal(lo, value).alias("value_lo"),
        pl.max_horizontal(hi, value).alias("value_hi"),
    ]


def _noise(rows: pl.DataFrame, seed: int, n_draws: int, places: Places) -> pl.Series:
    """Return one array per row.

    Standard normal numbers, or numbers in [0, 1) where the interval is drawn evenly.
    """
    noise = np.empty((rows.height, n_draws))
    keys = rows.select("technology_id", "indicator_id", pl.col("interval_method").is_in(_EVEN)).iter_rows()
    for index, (technology_id, indicator_id, is_even) in enumerate(keys):
        place, stream = (
            places.get((technology_id, indicator_id)),
            stream_of(seed, technology_id, indicator_id),
        )
        if place is not None:
            noise[index] = place if is_even else ndtri(place)
        else:
            noise[index] = stream.random(n_draws) if is_even else stream.standard_normal(n_draws)
    return pl.Series("noise", noise, dtype=pl.Array(pl.Float64, n_draws))
