"""Data availability, denomination, and the group mean for missing values.

The list never imputes; `group_mean` exists to reproduce published indices.

Reads: nothing
Writes: nothing
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from listgen.composite.functions.catalogue import Matrix


def data_availability(values: Matrix) -> pl.DataFrame:
    """Return per unit the counts of missing and zero values and the shares of available and non-zero ones.

    The share of non-zero values counts among the available ones (COINr 1.1, `get_data_avail`, `Screen`).
    """
    missing, zero = np.isnan(values).sum(axis=1), (values == 0).sum(axis=1)
    n = values.shape[1]
    available = n - missing
    non_zero = np.divide(available - zero, available, out=np.full(len(values), np.nan), where=available > 0)
    return pl.DataFrame(
        {
            "n_missing": missing,
            "n_zero": zero,
            "n_missing_or_zero": missing + zero,
            "available": available / n,
            "non_zero": non_zero,
        }
    )


def denominate(values: Matrix, denominators: Matrix, *, scale: float = 1.0) -> Matrix:
    """Return values divided by a denominator of the same shape, scaled; a zero denominator gives NaN."""
    safe = np.where(denominators == 0, np.nan, denominators)
    result: Matrix = values / safe * scale
    return result


def group_mean(values: Matrix, groups: Sequence[str]) -> Matrix:
    """Return values with each missing one set to the mean of its group; a group without values stays missing.

    Never used for the list.
    """
    filled, member = values.copy(), np.asarray(groups)
    for group in sorted(set(groups)):
        rows = np.flatnonzero(member == group)
        for column in range(values.shape[1]):
            part = values[rows, column]
            absent = np.isnan(part)
            if absent.any() and not absent.all():
                filled[rows[absent], column] = part[~absent].mean()
    return filled
