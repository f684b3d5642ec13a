"""Treatment of outliers: each function takes one indicator and returns it treated.

Reads: nothing
Writes: nothing
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from listgen.composite.functions.catalogue import Catalogue, Vector

TREATMENTS = Catalogue("treatment")


@dataclass(frozen=True)
class Shape:
    """Skew G1 and excess kurtosis G2 of the available values, and whether they pass the rule."""

    skew: float
    kurtosis: float
    passes: bool


@dataclass(frozen=True)
class Treated:
    """A treated indicator. `points` names the changed values: winhi, winlo or empty."""

    values: Vector
    points: list[str]
    before: Shape
    after: Shape

    @property
    def n_winsorised(self) -> int:
        """Return the number of values set to the next one."""
        return sum(bool(point) for point in self.points)


def shape_of(values: Vector, *, max_skew: float = 2.0, max_kurtosis: float = 3.5) -> Shape:
    """Return skew, kurtosis and the rule: an indicator fails if |skew| and kurtosis both reach their bars.

    Unbiased sample forms G1 and G2 (Joanes and Gill 1998). A constant passes with NaN.
    """
    present = values[~np.isnan(values)]
    if len(present) < 4 or np.ptp(present) == 0:
        return Shape(np.nan, np.nan, passes=True)
    skew, kurtosis = float(stats.skew(present, bias=False)), float(stats.kurtosis(present, bias=False))
    return Shape(skew, kurtosis, passes=abs(skew) < max_skew or kurtosis < max_kurtosis)


def winsorised(
    values: Vector, *, max_points: int = 5, max_skew: float = 2.0, max_kurtosis: float = 3.5
) -> Treated:
    """Return an indicator winsorised until it passes the rule or `max_points` values are changed.

    Each step sets the highest value (skew >= 0) or the lowest to the next one, with all values tied there.
    """
    treated, points = values.copy(), [""] * len(values)
    before = after = shape_of(treated, max_skew=max_skew, max_kurtosis=max_kurtosis)
    while not after.passes and sum(map(bool, points)) < max_points:
        high = after.skew >= 0
        end = np.nanmax(treated) if high else np.nanmin(treated)
        rest = treated[~np.isnan(treated) & (treated != end)]
        for row in np.flatnonzero(treated == end):
            treated[row] = rest.max() if high else rest.min()
            points[row] = "winhi" if high else "winlo"
        after = shape_of(treated, max_skew=max_skew, max_kurtosis=max_kurtosis)
    return Treated(treated, points, before, after)


@TREATMENTS.add
def untreated(values: Vector) -> Vector:
    """Return the values as they are."""
    return values


@TREATMENTS.add
def winsorise(
    values: Vector, *, max_points: int = 5, max_skew: float = 2.0, max_kurtosis: float = 3.5
) -> Vector:
    """Return the values of `winsorised`."""
    return winsorised(values, max_points=max_points, max_skew=max_skew, max_kurtosis=max_kurtosis).values


@TREATMENTS.add
def log_shift(values: Vector, *, offset: float = 0.01) -> Vector:
    """Return ln(x - min + offset (max - min)), which also takes zero and negative values (COINr `log_CT`)."""
    span = np.nanmax(values) - np.nanmin(values)
    if span == 0:
        return values
    result: Vector = np.log(values - np.nanmin(values) + offset * span)
    return result


@TREATMENTS.add
def box_cox(values: Vector, *, exponent: float | None = None) -> Vector:
    """Return (y^exponent - 1) / exponent with y = x - min + 1, or ln(y) for 0 (Box and Cox 1964).

    Without an exponent the one of greatest likelihood is taken.
    """
    shifted, treated = values - np.nanmin(values) + 1.0, values.copy()
    present = ~np.isnan(values)
    if np.ptp(values[present]) == 0:
        return values
    if exponent is None:
        treated[present] = stats.boxcox(shifted[present])[0]
    else:
        treated[present] = stats.boxcox(shifted[present], lmbda=exponent)
    return treated


@TREATMENTS.add
def skew_kurtosis_rule(
    values: Vector, *, max_points: int = 5, max_skew: float = 2.0, max_kurtosis: float = 3.5
) -> Vector:
    """Return the values winsorised, or `log_shift` of the untreated ones if winsorising is not enough."""
    treated = winsorised(values, max_points=max_points, max_skew=max_skew, max_kurtosis=max_kurtosis)
    return treated.values if treated.after.passes else log_shift(values)
