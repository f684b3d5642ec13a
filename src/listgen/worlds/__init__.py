"""Resampled worlds: how the numbers of a technology rise and fall together.

Reads: core tables of works and families (`evidence.py`)
Writes: nothing; `indicators` and `composite` say what they take from it

Every draw is one world (`resample.py`): works and families are drawn with replacement, the line of the top
10 % is drawn anew, and every indicator that rests on them is measured (`measures.py`, `institutions.py`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import numpy as np

from listgen.worlds.evidence import Evidence, added, periods, read, statements
from listgen.worlds.institutions import TIE_UNITS, Shrunken, leading
from listgen.worlds.measures import Measured, of_families, of_works
from listgen.worlds.resample import Floats, weights

__all__ = [
    "TIE_UNITS",
    "Evidence",
    "Measured",
    "Shrunken",
    "added",
    "chunks",
    "drawn",
    "leading",
    "periods",
    "read",
    "statements",
    "stream_of",
]

# Worlds made at once; a multiple of four. Bounds the memory of a technology with many works and countries.
_CHUNK = 64


def stream_of(seed: int, technology_id: str, name: str) -> np.random.Generator:
    """Return the random stream that belongs to one name of one technology: adding another changes nothing."""
    digest = hashlib.sha256(f"{seed}\x1f{technology_id}\x1f{name}".encode()).digest()
    return np.random.Generator(np.random.PCG64(int.from_bytes(digest[:16], "big")))


def chunks(evidence: Evidence, seed: int, n_draws: int) -> Iterator[Floats]:
    """Yield the weights of the documents, items x worlds, a few worlds at a time."""
    for first in range(0, n_draws, _CHUNK):
        yield weights(seed, evidence.items, first, min(_CHUNK, n_draws - first))


def drawn(evidence: Evidence, technology_id: str, seed: int, n_draws: int) -> Measured:
    """Return every indicator of every country in every world, countries x draws.

    What cannot be measured in a world is NaN.

    Args:
        evidence: Works or families of the technology.
        technology_id: Names the stream of the institutions' draws.
        seed: The workspace's seed.
        n_draws: Number of worlds.
    """
    stream = stream_of(seed, technology_id, "institutions")
    shrunken = Shrunken(evidence, stream) if evidence.is_works else None
    parts = [
        of_works(evidence, taken, shrunken) if shrunken else of_families(evidence, taken)
        for taken in chunks(evidence, seed, n_draws)
    ]
    return {name: np.concatenate([part[name] for part in parts], axis=1) for name in parts[0]}
