"""Resamples the documents of a technology: every draw is one world, in which each counts 0, 1, 2, ... times.

Reads: nothing. Writes: nothing.

A document has the same weights in every technology and every indicator: they follow from the seed, the
document and the draw alone. So whatever rests on the same documents errs together, and a technology that is
added changes no other number.
"""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray
from scipy.special import pdtr

Floats = NDArray[np.float64]
Keys = NDArray[np.uint64]
# One hash of 64 bits gives the weights of four draws, 16 bits each.
_DRAWS_PER_HASH = 4
_STEPS = 1 << 16
# Poisson(1) by inversion: the number of values whose cumulative probability lies below the 16 bits.
_POISSON = np.searchsorted(pdtr(np.arange(10), 1.0), (np.arange(_STEPS) + 0.5) / _STEPS).astype(np.float64)
TOP = 0.10


def weights(seed: int, items: Keys, first_draw: int, n_draws: int) -> Floats:
    """Return the Poisson(1) weight of each item in each draw, items x draws.

    Poisson weights are the bootstrap whose weights are independent between items, so that an item's do not
    depend on which others there are (Hanley & MacGibbon 2006; Chamandy et al. 2012).

    Args:
        seed: The workspace's seed.
        items: One 64 bit hash per item, of its kind and id.
        first_draw: Number of the first draw; a multiple of four.
        n_draws: How many draws.
    """
    salt = int.from_bytes(hashlib.sha256(f"{seed}\x1fworld".encode()).digest()[:8], "little")
    n_hashes = -(-n_draws // _DRAWS_PER_HASH)
    draws = np.arange(first_draw // _DRAWS_PER_HASH, first_draw // _DRAWS_PER_HASH + n_hashes)
    with np.errstate(over="ignore"):
        step = (draws.astype(np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
        mixed = _mix(items[:, None] ^ _mix(step ^ np.uint64(salt))[None, :])
    parts = mixed.astype("<u8").view("<u2").reshape(len(items), n_hashes * _DRAWS_PER_HASH)
    return np.asarray(_POISSON[parts[:, :n_draws]])


def _mix(values: Keys) -> Keys:
    """Return well mixed bits (the finaliser of SplitMix64: Steele, Lea & Flood 2014)."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(values ^ (values >> np.uint64(31)))


def top_weights(taken: Floats, year: NDArray[np.int64], cited_by: NDArray[np.int64]) -> Floats:
    """Return how much of each item lies in the most cited tenth of its year in each draw, items x draws.

    The tenth is drawn anew in every world: its line moves with the works that were drawn. Items cited
    equally often share the places that are left, as in core.technology_work.

    Args:
        taken: The weights of the items, items x draws.
        year: Year of each item.
        cited_by: Citations of each item.
    """
    order = np.lexsort((-cited_by, year))
    year, cited_by = year[order], cited_by[order]
    is_first = np.ones(len(order), dtype=np.bool_)
    is_first[1:] = (year[1:] != year[:-1]) | (cited_by[1:] != cited_by[:-1])
    starts = np.flatnonzero(is_first)
    tied = np.add.reduceat(taken[order], starts, axis=0)
    years = np.flatnonzero(np.r_[True, year[starts][1:] != year[starts][:-1]])
    above = np.cumsum(tied, axis=0) - tied
    which = np.repeat(np.arange(len(years)), np.diff(np.r_[years, len(starts)]))
    above = above - above[years][which]
    whole = np.add.reduceat(tied, years, axis=0)[which]
    part = np.divide(np.clip(TOP * whole - above, 0.0, tied), tied, out=np.zeros_like(tied), where=tied > 0)
    found = np.empty_like(taken)
    found[order] = taken[order] * part[np.cumsum(is_first) - 1]
    return found
