"""Normalisation: each function takes one indicator (more is better) and returns it on a common scale.

Multiply an indicator by its direction first (`directed`). Missing values stay missing. Except for goalposts,
a score depends on which units are compared.

Reads: nothing
Writes: nothing
"""

from __future__ import annotations

import numpy as np
import polars as pl
from scipy import stats

from listgen.composite.functions.catalogue import Catalogue, Matrix, Vector
from listgen.composite.normalise import normalise_symmetric_goalposts

NORMALISATIONS = Catalogue("normalisation")


def directed(values: Matrix, directions: Vector) -> Matrix:
    """Return every indicator times its direction, 1 or -1."""
    result: Matrix = values * directions
    return result


def _ranks(values: Vector) -> Vector:
    """Return ascending ranks from 1; ties get the best, hence lowest, rank; missing values stay missing."""
    ranks: Vector = np.asarray(stats.rankdata(values, method="min", nan_policy="omit"), dtype=np.float64)
    return ranks


def _ends(values: Vector) -> tuple[float, float]:
    """Return the least and the greatest of the available values, NaN if there are none."""
    present = values[~np.isnan(values)]
    return (float(present.min()), float(present.max())) if present.size else (np.nan, np.nan)


def _divided(values: Vector, divisor: float) -> Vector:
    """Return the quotient; an indicator without spread cannot be normalised and is missing."""
    if not divisor:
        return np.full_like(values, np.nan)
    result: Vector = values / divisor
    return result


@NORMALISATIONS.add
def min_max(values: Vector, *, low: float = 0.0, high: float = 100.0) -> Vector:
    """Return low + (high - low) (x - min) / (max - min)."""
    least, greatest = _ends(values)
    return low + _divided(values - least, greatest - least) * (high - low)


@NORMALISATIONS.add
def z_score(values: Vector, *, mean: float = 0.0, deviation: float = 1.0) -> Vector:
    """Return the distance from the mean in standard deviations (divisor n - 1), moved to given ones."""
    least, greatest = _ends(values)
    if not greatest > least:
        return np.full_like(values, np.nan)
    return mean + deviation * _divided(values - np.nanmean(values), float(np.nanstd(values, ddof=1)))


@NORMALISATIONS.add
def rank(values: Vector) -> Vector:
    """Return the rank from below: 1 is the lowest value, ties get the lowest rank."""
    return _ranks(values)


@NORMALISATIONS.add
def borda(values: Vector) -> Vector:
    """Return the number of units below: the rank from below minus 1."""
    return _ranks(values) - 1.0


@NORMALISATIONS.add
def percentile_rank(values: Vector) -> Vector:
    """Return the share of the other units that are below, 0 to 1."""
    return _divided(borda(values), float(np.count_nonzero(~np.isnan(values)) - 1))


@NORMALISATIONS.add
def distance_to_maximum(values: Vector) -> Vector:
    """Return 1 - (max - x) / (max - min): 1 is the best unit, 0 the last."""
    least, greatest = _ends(values)
    return 1.0 - _divided(greatest - values, greatest - least)


@NORMALISATIONS.add
def distance_to_reference(values: Vector, *, reference: float, is_capped: bool = False) -> Vector:
    """Return 1 - (reference - x) / (reference - min): 1 is the reference, above 1 better unless capped."""
    score = 1.0 - _divided(reference - values, reference - _ends(values)[0])
    return np.minimum(score, 1.0) if is_capped else score


@NORMALISATIONS.add
def goalposts(values: Vector, *, worst: float, best: float) -> Vector:
    """Return 100 (x - worst) / (best - worst), clipped to 0-100."""
    return np.clip(_divided(values - worst, best - worst) * 100.0, 0.0, 100.0)


@NORMALISATIONS.add
def symmetric_goalposts(values: Vector, *, worst: float, best: float) -> Vector:
    """Return `goalposts` of the ratio in its symmetric form (x - 1) / (x + 1)."""
    frame = pl.DataFrame({"value": values}).select(normalise_symmetric_goalposts(pl.col("value")))
    return goalposts(frame["value"].to_numpy(), worst=worst, best=best)
