"""Draws every indicator from its interval, so that an axis, a rank or a rule can say how sure it is.

Reads: score.normalised (as a frame)
Writes: nothing; `aggregate` turns the drawn scores into score.draw

The stream of numbers is keyed by seed, technology and the evidence an indicator rests on: adding a technology
or an indicator changes no other's draws.
"""

from __future__ import annotations

import hashlib

import numpy as np
import polars as pl

from listgen.composite.normalise import unclipped_score

# A 95 % interval reaches 1.96 standard deviations to each side.
Z95 = 1.959963984540054
# Indicators that rest on the same evidence err together: those of one name share one stream. Shares of the
# top 10 % works and the quality come from the same works; what others cite of a country from the same
# references.
_SHARED = {
    "s1_top10_share": "top10_works",
    "s2_quality_ratio": "top10_works",
    "s3_log_lead": "top10_works",
    "s4_elite_institutions": "top10_works",
    "i1_inbound_reliance": "inbound_works",
    "i2_breadth": "inbound_works",
    "i3_removal_impact": "inbound_works",
    "i1_inbound_reliance_families": "inbound_families",
    "i2_breadth_families": "inbound_families",
    "i3_removal_impact_families": "inbound_families",
}
# Between the ends of a rounded figure, or between what two sides tell of one flow, nothing is more likely
# than anything else.
_EVEN = ("half_unit", "mirror")
_SETTINGS = ("technology_id", "axis_id", "branch", "indicator_id", "normalise", "worst", "points_per_unit")


def stream_of(seed: int, technology_id: str, indicator_id: str) -> np.random.Generator:
    """Return the random stream that belongs to one indicator of one technology."""
    digest = hashlib.sha256(f"{seed}\x1f{technology_id}\x1f{indicator_id}".encode()).digest()
    return np.random.Generator(np.random.PCG64(int.from_bytes(digest[:16], "big")))


def draw_scores(rows: pl.DataFrame, seed: int, n_draws: int) -> pl.DataFrame:
    """Return `technology_id, axis_id, branch, indicator_id, draw, score`, n_draws rows for each row given.

    A sampling interval is drawn as a split normal around the value: half the draws on each side, each side's
    standard deviation its half of the interval over 1.96, so the draws reproduce value, lo and hi. A
    half-unit interval of a printed figure, and one between two sides' reports, is drawn evenly. A value
    without an interval stays as it is. Draws outside the goalposts are clipped like values.

    Args:
        rows: Rows of `normalise` that have a score.
        seed: The workspace's seed.
        n_draws: Draws per row.
    """
    if rows.is_empty():
        return pl.DataFrame(
            schema=dict.fromkeys(_SETTINGS[:4], pl.String) | {"draw": pl.Int32, "score": pl.Float64}
        )
    even = pl.col("interval_method").is_in(_EVEN)
    drawn = (
        rows.select(*_SETTINGS, even.fill_null(value=False).alias("is_even"), *_ends())
        .with_columns(noise=_noise(rows, seed, n_draws), draw=pl.int_ranges(0, n_draws, dtype=pl.Int32))
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


def _noise(rows: pl.DataFrame, seed: int, n_draws: int) -> pl.Series:
    """Return one array per row.

    Standard normal numbers, or numbers in [0, 1) where the interval is drawn evenly.
    """
    noise = np.empty((rows.height, n_draws))
    keys = rows.select("technology_id", "indicator_id", pl.col("interval_method").is_in(_EVEN)).iter_rows()
    for index, (technology_id, indicator_id, is_even) in enumerate(keys):
        stream = stream_of(seed, technology_id, _SHARED.get(indicator_id, indicator_id))
        noise[index] = stream.random(n_draws) if is_even else stream.standard_normal(n_draws)
    return pl.Series("noise", noise, dtype=pl.Array(pl.Float64, n_draws))
