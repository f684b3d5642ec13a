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
from scipy.sparse import csr_matrix
from scipy.special import pdtr

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Keys = NDArray[np.uint64]
# One hash of 64 bits gives the weights of four draws, 16 bits each.
_DRAWS_PER_HASH = 4
_STEPS = 1 << 16
# Poisson(1) by inversion: the number of values whose cumulative probability lies below the 16 bits.
_POISSON = np.searchsorted(pdtr(np.arange(10), 1.0), (np.arange(_STEPS) + 0.5) / _STEPS).astype(np.float64)
TOP = 0.10
# In standard deviations; at eight nothing is ever lost.
_FAR = 8.0


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


class TopTenth:
    """The line of the most cited tenth, drawn anew in every world: it moves with the works that were drawn.

    Args:
        year: Year of each item.
        cited_by: Citations of each item.
    """

    def __init__(self, year: Ints, cited_by: Ints) -> None:
        self._n_items = len(year)
        order = np.lexsort((-cited_by, year))
        years, self._years, counts = np.unique(year[order], return_index=True, return_counts=True)
        self._in_year = csr_matrix(
            (np.ones(len(year)), (np.searchsorted(years, year), np.arange(len(year)))),
            shape=(len(years), len(year)),
        )
        # Further down than this no item ever is in the tenth: the line moves by about the root of its place.
        far = TOP * counts + _FAR * np.sqrt(TOP * counts) + _FAR**2
        place = np.arange(len(year)) - np.repeat(self._years, counts)
        near = order[place < np.repeat(far, counts)]
        is_first = np.ones(len(near), dtype=np.bool_)
        is_first[1:] = (year[near][1:] != year[near][:-1]) | (cited_by[near][1:] != cited_by[near][:-1])
        self._near, self._starts = near, np.flatnonzero(is_first)
        self._group = np.cumsum(is_first) - 1
        self._year_of = np.searchsorted(years, year[near][self._starts])
        self._first_of_year = np.searchsorted(self._year_of, np.arange(len(years)))

    def of(self, taken: Floats) -> Floats:
        """Return how much of each item lies in the most cited tenth of its year, items x draws.

        Items cited equally often share the places that are left, as in core.technology_work.

        Args:
            taken: The weights of the items, items x draws.
        """
        drawn = taken[self._near]
        tied = np.add.reduceat(drawn, self._starts, axis=0)
        above = np.cumsum(tied, axis=0) - tied
        above -= above[self._first_of_year][self._year_of]
        room = np.clip(TOP * (self._in_year @ taken)[self._year_of] - above, 0.0, tied)
        part = np.divide(room, tied, out=np.zeros_like(tied), where=tied > 0)
        found = np.zeros_like(taken)
        found[self._near] = drawn * part[self._group]
        return found
