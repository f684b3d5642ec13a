"""The groups of a round's panel as far as they may be known.

None smaller than the smallest number that hides its members.

Reads: nothing
Writes: nothing
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

# The group of everybody whose own group is too small, and of everybody without one.
UNNAMED = ""


def merged_groups(groups: Sequence[str], fewest: int) -> list[str]:
    """Return the group of each seat with small groups merged into the unnamed one.

    Groups below `fewest` members go into the unnamed group. If the unnamed group is then itself too small,
    the smallest named group joins it, because whoever knows the panel could subtract the named groups.

    Args:
        groups: The group of each person, empty for none.
        fewest: The fewest members a group may have; `fewest_votes` of the rules a review was opened with.
    """
    sizes = Counter(groups)
    named = {group for group, n in sizes.items() if group != UNNAMED and n >= fewest}
    while named and 0 < _n_outside(sizes, named) < fewest:
        named.remove(min(named, key=lambda group: (sizes[group], group)))
    return [group if group in named else UNNAMED for group in groups]


def _n_outside(sizes: Mapping[str, int], named: set[str]) -> int:
    return sum(n for group, n in sizes.items() if group not in named)


def group_of_latecomer(group: str, seated: Sequence[str]) -> str:
    """Return the group of somebody added to an open round.

    Their own if seats carry it already, otherwise the unnamed one.
    """
    return group if group in seated else UNNAMED
