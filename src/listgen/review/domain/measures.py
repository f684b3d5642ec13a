"""Consensus measures of a panel.

Pure functions on ratings, each with its reference, tested on published examples.

Reads: nothing
Writes: nothing
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import accumulate
from math import floor
from typing import Any


def quantile(ratings: Sequence[float], share: float) -> float | None:
    """Return a quantile by linear interpolation (Hyndman & Fan 1996, type 7), None without ratings."""
    if not ratings:
        return None
    ordered = sorted(ratings)
    place = (len(ordered) - 1) * share
    low = floor(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def median(ratings: Sequence[float]) -> float | None:
    """Return the median, None without ratings."""
    return quantile(ratings, 0.5)


def interquartile_range(ratings: Sequence[float]) -> float | None:
    """Return the distance between the first and third quartile, None without ratings."""
    low, high = quantile(ratings, 0.25), quantile(ratings, 0.75)
    return None if low is None or high is None else high - low


def histogram(ratings: Sequence[int], scale: int) -> list[int]:
    """Return how many ratings fall on each point 1 .. `scale`."""
    counts = Counter(ratings)
    return [counts[point] for point in range(1, scale + 1)]


def is_disagreement(ratings: Sequence[int], low_to: int, high_from: int) -> bool | None:
    """Tell whether a panel disagrees by the RAND/UCLA rule.

    Both ends of the scale hold at least a third of the ratings.

    The number needed follows the manual's table for panels that are no multiple of three (8 to 10: 3, 11 to
    13: 4, 14 to 16: 5). Fitch et al. (2001), The RAND/UCLA Appropriateness Method User's Manual, MR-1269.
    None for fewer than three ratings.
    """
    if len(ratings) < 3:
        return None
    needed = (len(ratings) + 1) // 3
    return sum(r <= low_to for r in ratings) >= needed and sum(r >= high_from for r in ratings) >= needed


def is_bimodal(ratings: Sequence[int], low_to: int, high_from: int, share: float) -> bool | None:
    """Tell whether two camps stand apart.

    Each end holds at least `share` of the ratings and more than the middle. None below three ratings.
    """
    if len(ratings) < 3:
        return None
    low, high = sum(r <= low_to for r in ratings), sum(r >= high_from for r in ratings)
    middle = len(ratings) - low - high
    return min(low, high) >= share * len(ratings) and min(low, high) > middle


def ranks(values: Sequence[float]) -> list[float]:
    """Return ranks from 1, ties sharing their mean rank."""
    order = sorted(range(len(values)), key=lambda index: values[index])
    found = [0.0] * len(values)
    start = 0
    while start < len(order):
        end = start
        while end + 1 < len(order) and values[order[end + 1]] == values[order[start]]:
            end += 1
        for index in order[start : end + 1]:
            found[index] = (start + end) / 2 + 1
        start = end + 1
    return found


def kendall_w(rows: Sequence[Sequence[float]]) -> float | None:
    """Return Kendall's coefficient of concordance, corrected for ties.

    0 no agreement, 1 the same order by all.

    Kendall & Babington Smith (1939); tie correction as in Siegel (1956), Nonparametric Statistics, ch. 9.

    Args:
        rows: One row of ratings or ranks per rater, all of the same objects in the same order.

    Returns:
        None for fewer than two raters or objects, or when every rater ties everything.
    """
    n_raters, n_objects = len(rows), len(rows[0]) if rows else 0
    if n_raters < 2 or n_objects < 2:
        return None
    ranked = [ranks(row) for row in rows]
    sums = [sum(column) for column in zip(*ranked, strict=True)]
    mean = sum(sums) / n_objects
    spread = sum((value - mean) ** 2 for value in sums)
    ties = sum(t**3 - t for row in rows for t in Counter(row).values()) / 12
    most = n_raters**2 * (n_objects**3 - n_objects) / 12 - n_raters * ties
    return spread / most if most > 0 else None


def krippendorff_alpha(units: Mapping[Any, Sequence[int]]) -> float | None:
    """Return Krippendorff's alpha for ordinal ratings with gaps: 1 perfect agreement, 0 that of chance.

    Krippendorff (2011), Computing Krippendorff's Alpha-Reliability. Units with fewer than two ratings say
    nothing about agreement.

    Args:
        units: The ratings each judged object received, in any order.

    Returns:
        None when no object has two ratings or all ratings are the same.
    """
    pairable = [ratings for ratings in units.values() if len(ratings) >= 2]
    points = sorted({rating for ratings in pairable for rating in ratings})
    if len(points) < 2:
        return None
    place = {point: index for index, point in enumerate(points)}
    totals = [0] * len(points)
    for ratings in pairable:
        for rating in ratings:
            totals[place[rating]] += 1
    sums = [0, *accumulate(totals)]

    def distance(one: int, other: int) -> float:
        first, last = min(one, other), max(one, other)
        between = sums[last + 1] - sums[first]
        return float((between - (totals[first] + totals[last]) / 2) ** 2)

    observed = 0.0
    for ratings in pairable:
        counts = Counter(place[rating] for rating in ratings)
        pairs = sum(counts[a] * counts[b] * distance(a, b) for a in counts for b in counts if a != b)
        observed += pairs / (len(ratings) - 1)
    n_pairable = sum(totals)
    expected = sum(
        totals[a] * totals[b] * distance(a, b)
        for a in range(len(points))
        for b in range(len(points))
        if a != b
    )
    return 1 - (n_pairable - 1) * observed / expected


def histogram_change(before: Sequence[int], after: Sequence[int]) -> float | None:
    """Return the share of the panel's distribution that moved between two rounds: 0 none, 1 all of it.

    Half the sum of absolute differences between the two distributions, each as shares, so that rounds of
    different size compare; Scheibe, Skutsch & Schofer (1975), Experiments in Delphi methodology, take a
    change below 15 % as stable. None when a round has no rating.
    """
    n_before, n_after = sum(before), sum(after)
    if not n_before or not n_after:
        return None
    return sum(abs(a / n_after - b / n_before) for b, a in zip(before, after, strict=True)) / 2
