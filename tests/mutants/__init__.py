"""Files with known true values, and changes that happen to files on their way.

Lost quotes, cut rows, other units and years.

A mutant is *visible* if the file contradicts itself, its declaration or a control figure. A visible mutant
must not be silently wrong: either every figure read is true, or the reader refuses the file, sets a record
aside or warns. A mutant that is not visible needs a control figure; it is counted, never failed.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

N_EACH = 200
Truth = dict[tuple, float | None]


@dataclass(frozen=True)
class Mutant:
    """One changed file.

    Its bytes by name, what it should say, and whether the change can be seen in the file.
    """

    seed: int
    kind: str
    files: Mapping[str, bytes]
    truth: Truth
    is_visible: bool


@dataclass(frozen=True)
class Outcome:
    """What a reader made of a mutant: the figures, and every message that a user is shown."""

    figures: Truth
    messages: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Change:
    """What a change leaves of a file.

    `truth` differs from the world's where the file rightly says something else.
    """

    files: Mapping[str, bytes]
    is_visible: bool
    truth: Truth | None = None


def mutants_of(
    make: Callable[[random.Random], tuple[object, Truth]], changes: Mapping[str, Callable], n: int = N_EACH
) -> list[Mutant]:
    """Return `n` mutants of a reader's files, the same on every run.

    Args:
        make: Returns a world and its true figures, from a random generator.
        changes: A function (world, random generator) -> Change, by the name of the kind; used in turn.
        n: How many.
    """
    found = []
    for seed in range(n):
        chance = random.Random(seed)
        kind = list(changes)[seed % len(changes)]
        world, truth = make(chance)
        change = changes[kind](world, chance)
        found.append(
            Mutant(
                seed, kind, change.files, truth if change.truth is None else change.truth, change.is_visible
            )
        )
    return found


def is_silently_wrong(mutant: Mutant, outcome: Outcome) -> bool:
    """Return True if a figure differs from the truth and nothing says so."""
    if outcome.messages:
        return False
    keys = mutant.truth.keys() | outcome.figures.keys()
    return any(not _equal(mutant.truth.get(key), outcome.figures.get(key)) for key in keys)


def _equal(true: float | None, found: float | None) -> bool:
    if true is None or found is None:
        return true is found
    return abs(true - found) <= 1e-9 * max(1.0, abs(true))
