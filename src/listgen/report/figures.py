"""How a measured number is rounded for files and written for readers.

One rule each, the same in every language.
"""

from __future__ import annotations

import math

SIGNIFICANT_DIGITS = 6
NO_VALUE = "–"
_PERCENT_UNITS = frozenset({"share"})
_LOGARITHM_UNITS = frozenset({"log ratio", "log per year"})
_DECIMALS = {"log per year": 3}
_RATIO_UNIT = "ratio"


def figure(value: object) -> float | int | None:
    """Return a number as every output of a build holds it.

    Six significant digits, None for anything that is no number.

    Sums of doubles may differ in their last digits from run to run; what is published must not.
    """
    if value is None or isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    number = float(value)  # type: ignore[arg-type]  # what is no number raises, as it should
    if not math.isfinite(number):
        return None
    rounded = float(f"{number:.{SIGNIFICANT_DIGITS}g}")
    return 0.0 if rounded == 0 else rounded


def show_value(value: float | None, unit: str) -> str:
    """Return a value as a reader sees it: shares as per cent, ratios as multiples, logarithms signed."""
    if value is None:
        return NO_VALUE
    if unit in _PERCENT_UNITS:
        return f"{value * 100:.1f}%"
    if unit in _LOGARITHM_UNITS:
        # A change in a year is small: with two decimals both ends of its interval may read the same.
        return f"{value:+.{_DECIMALS.get(unit, 2)}f}".replace("-", "−")
    sign = "×" if unit.startswith(_RATIO_UNIT) else ""
    return f"{sign}{value:,.2f}".replace("-", "−")


def show_interval(lo: float | None, hi: float | None, unit: str) -> str:
    """Return a 95 % interval as a reader sees it, or a dash when none was computed."""
    if lo is None or hi is None:
        return NO_VALUE
    if unit in _PERCENT_UNITS:
        return f"{lo * 100:.1f}–{hi * 100:.1f}%"
    # A dash between two signed numbers needs air around it.
    joint = " – " if unit in _LOGARITHM_UNITS or lo < 0 else "–"
    plain = "" if unit.startswith(_RATIO_UNIT) else unit
    return f"{show_value(lo, plain)}{joint}{show_value(hi, plain)}"


def show_score(value: float | None) -> str:
    """Return a score of 0 to 100 with one decimal."""
    return NO_VALUE if value is None else f"{value:.1f}"


def show_score_interval(lo: float | None, hi: float | None) -> str:
    """Return the interval of a score."""
    return NO_VALUE if lo is None or hi is None else f"{lo:.1f}–{hi:.1f}"


def unit_sign(unit: str) -> str:
    """Return what stands behind a value for its unit, the same in both languages.

    Shares and ratios carry theirs themselves.
    """
    return {"log ratio": "ln", "log per year": "ln/y"}.get(
        unit, "" if unit in _PERCENT_UNITS or unit.startswith((_RATIO_UNIT, "index")) else unit
    )


def show_count(value: int | None) -> str:
    """Return a count with thousands separated."""
    return NO_VALUE if value is None else f"{value:,}"


def show_probability(value: float | None) -> str:
    """Return a probability as whole per cent, without claiming certainty that draws cannot give."""
    if value is None:
        return NO_VALUE
    if 0 < value < 0.005:
        return "<1%"
    if 0.995 <= value < 1:
        return ">99%"
    return f"{value * 100:.0f}%"
