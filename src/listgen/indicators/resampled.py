"""What resampled worlds say of the indicators: intervals that no formula gives, and which worlds are better.

Reads: what `worlds` reads
Writes: ind.world; the ends of the intervals of indicators with `interval: resampled` and `resampled_centred`
"""

from __future__ import annotations

import math
from collections.abc import Collection

import numpy as np
import polars as pl
from numpy.typing import NDArray

from listgen import worlds
from listgen.config.models import Settings
from listgen.indicators.definition import Indicator
from listgen.store.warehouse import Warehouse

# Worlds are compared after rounding, so that the order of adding decides nothing.
_DIGITS = 9
_INSIDE = (0.025, 0.975)
_KEY = ("indicator_id", "technology_id", "country_code")
_TECHNOLOGIES = "SELECT technology_id FROM core.technology WHERE status = 'active' ORDER BY technology_id"
RESAMPLED, CENTRED = "resampled", "resampled_centred"
Floats = NDArray[np.float64]


def resample(
    warehouse: Warehouse,
    settings: Settings,
    indicators: Collection[Indicator],
    measured: pl.DataFrame,
    countries: Collection[str],
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the measured rows with the intervals that worlds give, and the places of all worlds.

    Args:
        warehouse: A build with the core tables; the statements are recorded in it.
        settings: Seed and number of draws.
        indicators: Those that were measured; their `interval` says which get one here.
        measured: Rows of the indicators' statements.
        countries: The countries that get rows of ind.world.
    """
    method = {one.id: one.header["interval"] for one in indicators}
    named = [name for name, how in method.items() if how in (RESAMPLED, CENTRED)]
    ends, places = _drawn(warehouse, settings, named, countries)
    warehouse.record("indicators", *worlds.statements(warehouse))
    return widened(measured, ends, [name for name in named if method[name] == CENTRED]), places


def _drawn(
    warehouse: Warehouse, settings: Settings, names: Collection[str], countries: Collection[str]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the ranges of some indicators for all countries, and rows of ind.world."""
    ends, places = [], []
    for basis, span in worlds.periods(warehouse).items():
        for (technology_id,) in warehouse.rows(_TECHNOLOGIES):
            evidence = worlds.read(warehouse, technology_id, basis, span)
            if evidence is None:
                continue
            found = worlds.drawn(evidence, technology_id, settings.seed, settings.draws)
            named = {name: draws for name, draws in found.items() if name in names}
            ends += [intervals(draws, evidence.codes, name, technology_id) for name, draws in named.items()]
            places += [
                (
                    name,
                    technology_id,
                    code,
                    ranks(draws[evidence.codes.index(code)], settings.seed, technology_id, name),
                )
                for code in countries
                if code in evidence.codes
                for name, draws in found.items()
            ]
    drawn = pl.DataFrame(
        places,
        schema=dict.fromkeys(_KEY, pl.String) | {"place": pl.List(pl.Int32)},
        orient="row",
    )
    return pl.concat([_no_intervals(), *ends]), drawn


def _no_intervals() -> pl.DataFrame:
    return pl.DataFrame(
        schema=dict.fromkeys(_KEY, pl.String) | dict.fromkeys(("lo", "hi", "mean"), pl.Float64)
    )


def intervals(draws: Floats, codes: list[str], name: str, technology_id: str) -> pl.DataFrame:
    """Return the range that holds 95 % of the worlds, of each country.

    Even and odd worlds may be drawn in two ways; the range is the wider one of both.

    Args:
        draws: Countries x worlds.
        codes: The countries.
        name: The indicator.
        technology_id: The technology.
    """
    halves = [draws[:, first::2] for first in (0, 1)]
    lo, hi = ([_quantile(half, level) for half in halves] for level in _INSIDE)
    rows = {
        "country_code": codes,
        "lo": np.minimum(*lo),
        "hi": np.maximum(*hi),
        "mean": np.nan_to_num(draws).mean(axis=1),
    }
    return pl.DataFrame(rows).select(
        pl.lit(name).alias("indicator_id"), pl.lit(technology_id).alias("technology_id"), *rows
    )


def _quantile(draws: Floats, level: float) -> Floats:
    """Return one number of the draws per row; what cannot be measured counts as 0."""
    place = math.ceil(level * draws.shape[1]) - 1
    return np.asarray(np.sort(np.nan_to_num(draws), axis=1)[:, place])


def ranks(draws: Floats, seed: int, technology_id: str, name: str) -> list[int]:
    """Return the place of each world among all, 0 the lowest.

    Ties at random, what cannot be measured lowest.
    """
    at_random = worlds.stream_of(seed, technology_id, f"{name}/ties").random(len(draws))
    order = np.lexsort((at_random, np.round(np.where(np.isnan(draws), -np.inf, draws), _DIGITS)))
    place = np.empty(len(draws), dtype=np.int32)
    place[order] = np.arange(len(draws))
    return list(place.tolist())


def widened(measured: pl.DataFrame, ends: pl.DataFrame, centred: Collection[str] = ()) -> pl.DataFrame:
    """Return the measured rows with the ends of `resample`, moved outward where the value lies beyond them.

    Where a measure bends (I3), resampling lifts it: the range is moved back by twice the bias, once because
    the value is as much too high as the draws are higher still (Efron & Tibshirani 1993).

    Args:
        measured: Rows of the indicators' statements.
        ends: Rows of `intervals`.
        centred: The indicators with `interval: resampled_centred`; all of them are shares.
    """
    drift = 2.0 * (pl.col("mean") - pl.col("value"))
    is_centred = pl.col("indicator_id").is_in(list(centred))
    moved = [
        pl.when(is_centred).then((pl.col(name) - drift).clip(0.0, 1.0)).otherwise(name).alias(name)
        for name in ("lo", "hi")
    ]
    is_drawn = pl.col("lo").is_not_null() & pl.col("value").is_not_null()
    return (
        measured.join(ends, on=_KEY, how="left", maintain_order="left", validate="1:1")
        .with_columns(moved)
        .with_columns(
            value_lo=pl.when(is_drawn).then(pl.min_horizontal("lo", "value")).otherwise("value_lo"),
            value_hi=pl.when(is_drawn).then(pl.max_horizontal("hi", "value")).otherwise("value_hi"),
        )
        .select(measured.columns)
    )
