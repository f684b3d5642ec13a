"""How indicators go together: correlations, Cronbach's alpha, principal components.

Reads: nothing
Writes: nothing
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import stats

from listgen.composite.functions.catalogue import Catalogue, Matrix, Vector

CORRELATIONS = Catalogue("correlation")


@dataclass(frozen=True)
class Components:
    """Principal components of the correlation matrix, the largest first; one column per component."""

    eigenvalues: Vector
    loadings: Matrix


def _pairwise(values: Matrix, measure: Callable[[Vector, Vector], float]) -> Matrix:
    """Return a symmetric matrix of a measure of two columns, each over the rows where both are present."""
    n = values.shape[1]
    result = np.full((n, n), np.nan)
    for i in range(n):
        for j in range(i + 1):
            both = ~np.isnan(values[:, i]) & ~np.isnan(values[:, j])
            if both.sum() > 1:
                result[i, j] = result[j, i] = measure(values[both, i], values[both, j])
    return result


def _covariance(left: Vector, right: Vector) -> float:
    return float(np.cov(left, right, ddof=1)[0, 1])


def _correlate(values: Matrix, measure: Callable[[Vector, Vector], tuple[float, float]]) -> Matrix:
    def of_two(left: Vector, right: Vector) -> float:
        if np.ptp(left) == 0 or np.ptp(right) == 0:
            return float(np.nan)
        return float(measure(left, right)[0])

    return _pairwise(values, of_two)


@CORRELATIONS.add
def pearson(values: Matrix) -> Matrix:
    """Return linear correlations of all pairs of indicators, pairwise complete."""
    return _correlate(values, stats.pearsonr)


@CORRELATIONS.add
def spearman(values: Matrix) -> Matrix:
    """Return Spearman's rank correlations, pairwise complete; ties get the mean rank."""
    return _correlate(values, stats.spearmanr)


@CORRELATIONS.add
def kendall(values: Matrix) -> Matrix:
    """Return Kendall's tau-b, pairwise complete."""
    return _correlate(values, stats.kendalltau)


def cronbach_alpha(values: Matrix) -> float:
    """Return k^2 x mean covariance of two items / sum of the covariance matrix (Cronbach 1951)."""
    covariance, k = _pairwise(values, _covariance), values.shape[1]
    between = covariance[~np.eye(k, dtype=bool)]
    return float(k**2 * between.mean() / covariance.sum())


def principal_components(values: Matrix) -> Components:
    """Return the components of the indicators' correlation matrix.

    A loading is the correlation of indicator and component. Its sign is chosen so that the loadings of a
    component sum to 0 or more.
    """
    eigenvalues, vectors = np.linalg.eigh(pearson(values))
    eigenvalues, vectors = eigenvalues[::-1], vectors[:, ::-1]
    loadings = vectors * np.sqrt(np.clip(eigenvalues, 0.0, None))
    return Components(eigenvalues, loadings * np.where(loadings.sum(axis=0) < 0, -1.0, 1.0))
