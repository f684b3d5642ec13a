"""Aggregation: each function takes a normalised matrix and weights, and returns one score per unit.

Missing values are left out and the weights of the others scaled to sum 1; a unit without any is missing.

Reads: nothing
Writes: nothing
"""

from __future__ import annotations

import numpy as np

from listgen.composite.functions.catalogue import Catalogue, Matrix, Vector

AGGREGATIONS = Catalogue("aggregation")


def _weighted_mean(values: Matrix, weights: Vector) -> Vector:
    present = ~np.isnan(values)
    total = (present * weights).sum(axis=1)
    summed = np.where(present, values * weights, 0.0).sum(axis=1)
    result: Vector = np.divide(summed, total, out=np.full(len(values), np.nan), where=total > 0)
    return result


@AGGREGATIONS.add
def arithmetic(values: Matrix, weights: Vector) -> Vector:
    """Return the weighted arithmetic mean: strengths make up for weaknesses."""
    return _weighted_mean(values, weights)


@AGGREGATIONS.add
def geometric(values: Matrix, weights: Vector, *, floor: float = 1.0) -> Vector:
    """Return the weighted geometric mean; values below the floor count as the floor."""
    result: Vector = np.exp(_weighted_mean(np.log(np.maximum(values, floor)), weights))
    return result


@AGGREGATIONS.add
def harmonic(values: Matrix, weights: Vector, *, floor: float = 1.0) -> Vector:
    """Return the weighted harmonic mean; values below the floor count as the floor."""
    result: Vector = 1.0 / _weighted_mean(1.0 / np.maximum(values, floor), weights)
    return result


@AGGREGATIONS.add
def copeland(values: Matrix, weights: Vector) -> Vector:
    """Return the number of units beaten minus the number lost to.

    A unit beats another if the indicators in which it is better have more than half of the weight; equal
    values count half to each, and indicators missing in one of the two do not count.
    """
    left, right = values[:, None, :], values[None, :, :]
    both = ~np.isnan(left) & ~np.isnan(right)
    # Rounded, so that a tie at one half does not depend on the order of adding.
    lead = np.round((np.sign(np.where(both, left - right, 0.0)) * weights).sum(axis=2), 12)
    result: Vector = np.sign(lead).sum(axis=1)
    result[np.isnan(values).all(axis=1)] = np.nan
    return result
