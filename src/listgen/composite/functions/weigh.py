"""Weights of indicators: each function takes the normalised matrix and returns weights that sum to 1.

Reads: nothing
Writes: nothing
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from listgen.composite.functions.catalogue import Catalogue, Matrix, Vector
from listgen.composite.functions.consistency import pearson, principal_components

WEIGHTINGS = Catalogue("weighting")


@WEIGHTINGS.add
def given(values: Matrix, *, weights: Sequence[float]) -> Vector:
    """Return the given weights, scaled to sum 1."""
    result: Vector = np.asarray(weights, dtype=np.float64) / sum(weights)
    return result


@WEIGHTINGS.add
def equal(values: Matrix) -> Vector:
    """Return the same weight for every indicator."""
    return np.full(values.shape[1], 1.0 / values.shape[1])


@WEIGHTINGS.add
def pca(values: Matrix) -> Vector:
    """Return the squared loadings of the first principal component, with sum 1 (Handbook 2008, step 6)."""
    squared = principal_components(values).loadings[:, 0] ** 2
    result: Vector = squared / squared.sum()
    return result


def effective_weights(values: Matrix, scores: Vector) -> Vector:
    """Return what each indicator explains of the scores alone: its squared correlation, scaled to sum 1.

    This is the linear estimate of the main effect V(E(y|x)) / V(y) (Becker et al. 2017).
    """
    squared = pearson(np.column_stack([values, scores]))[-1, :-1] ** 2
    result: Vector = squared / squared.sum()
    return result
