"""Seeded drawing that gives the same numbers on every platform.

Only raw uniform numbers, the four operations, square roots and stable sorts are used: no logarithm, no
exponential and no library distribution, whose last digits may differ between processors and releases.

Reads: nothing.
Writes: nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]
Flags: TypeAlias = NDArray[np.bool_]
Weights: TypeAlias = Sequence[float] | Floats

_GOLDEN = np.uint64(
    11400714819323198485
)  # the golden section of 2^64; the product wraps, which takes its fraction


def name_seed(seed: int, *names: object) -> int:
    """Return the seed of a named stream: streams of other names do not move when one of them draws more."""
    text = "/".join([str(seed), *map(str, names)])
    return int.from_bytes(hashlib.sha256(text.encode("utf-8")).digest()[:16], "big")


def open_stream(seed: int, *names: object) -> np.random.Generator:
    """Return the random stream of a name."""
    return np.random.Generator(np.random.PCG64(name_seed(seed, *names)))


def shuffle(rng: np.random.Generator, n: int) -> Ints:
    """Return the numbers below n in random order."""
    return np.argsort(rng.random(n), kind="stable").astype(np.int64)


def spread(rng: np.random.Generator, n: int) -> Floats:
    """Return n uniform numbers in random order, one in each n-th of the unit interval.

    Counts drawn through them differ from their expectation by less than one, so what is planted holds for
    every seed.
    """
    return (shuffle(rng, n) + rng.random(n)) / max(n, 1)


def spread_within(rng: np.random.Generator, group: Ints) -> Floats:
    """Return one uniform number per item, evenly spread inside each group and over small neighbours.

    Inside a group the order is random; along it the numbers step by the golden section, whose every run is
    even.
    """
    order = np.lexsort((rng.random(len(group)), group))
    start = np.uint64(rng.random() * 2.0**53) << np.uint64(11)
    steps = start + np.arange(len(group), dtype=np.uint64) * _GOLDEN
    uniform = np.empty(len(group))
    uniform[order] = (steps >> np.uint64(11)).astype(np.float64) / 2.0**53
    return uniform


def choose(weights: Weights, uniform: Floats) -> Ints:
    """Return each uniform number's index when the unit interval is cut in proportion to the weights."""
    bounds = np.cumsum(np.asarray(weights, dtype=np.float64))
    found = np.searchsorted(bounds, uniform * bounds[-1], side="right")
    return np.asarray(np.minimum(found, len(bounds) - 1), dtype=np.int64)


def apportion(total: int, weights: Weights) -> Ints:
    """Return whole numbers in proportion to the weights whose sum is the total (largest remainder)."""
    given = np.asarray(weights, dtype=np.float64)
    exact = total * given / given.sum()
    counts = np.floor(exact).astype(np.int64)
    missing = int(total - counts.sum())
    counts[np.argsort(counts - exact, kind="stable")[:missing]] += 1
    return np.asarray(counts)


def zipf(n: int, offset: float = 3.0) -> Floats:
    """Return n falling weights: the first rank is the largest."""
    return 1.0 / (np.arange(n, dtype=np.float64) + offset)
