"""Who cites whom.

The share of each citing country's references that goes to each cited country, and the drawing of them.

Reads: the world.
Writes: arrays only.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from listgen.sample.draw import Flags, Floats, Ints, choose
from listgen.sample.profiles import BACKGROUND, CODES, RESEARCH, THIN
from listgen.sample.world import Area, World, spread_shares

N_COUNTRIES = len(CODES)
UNKNOWN = N_COUNTRIES  # row of a citing item without a country
SOURCE_ONLY = N_COUNTRIES  # column: the source of a planted dependence, its purely domestic items only
_N_ROWS = _N_COLUMNS = N_COUNTRIES + 1
_HELD_OWN_AREA, _HELD_OTHER_AREA = 0.80, 0.05
_HOME_FLOOR, _HOME_SLOPE = 0.18, 0.50


@dataclass(frozen=True)
class Pools:
    """Items that may be cited, in runs of one area and target country, inside a run by year.

    Attributes:
        item: Number of the item at each place.
        weight_before: Sum of the weights before each place, with the total at the end.
        first: Place where a year begins, by run (area x target) and year; the last column is the end of the
            run.
    """

    item: Ints
    weight_before: Ints
    first: Ints


@dataclass(frozen=True)
class References:
    """One entry per reference: the citing row and the cited item, -1 for an item that is not held."""

    citing: Ints
    cited: Ints
    outside: Floats


def build_pools(
    world: World, area: Ints, country: Ints, year: Ints, weight: Ints, is_citable: Flags, is_domestic: Flags
) -> Pools:
    """Return the pools of a set of items.

    The source of a planted dependence has one more pool of its domestic items.
    """
    item, run = [np.flatnonzero(is_citable)], []
    run.append(area[item[0]] * _N_COLUMNS + country[item[0]])
    for number, described in enumerate(world.areas):
        dependence = described.profile.dependence
        if dependence is not None:
            source = CODES.index(dependence.source)
            item.append(np.flatnonzero(is_citable & is_domestic & (area == number) & (country == source)))
            run.append(np.full(len(item[-1]), number * _N_COLUMNS + SOURCE_ONLY))
    items, runs = np.concatenate(item), np.concatenate(run)
    years = year[items] - int(world.years[0])
    order = np.lexsort((items, years, runs))
    items, key = items[order], runs[order] * len(world.years) + years[order]
    cells = np.searchsorted(key, np.arange(len(world.areas) * _N_COLUMNS * len(world.years) + 1))
    starts = cells[:-1].reshape(-1, len(world.years))
    first = np.concatenate([starts, cells[len(world.years) :: len(world.years)][:, None]], axis=1)
    return Pools(items, np.concatenate([[0], np.cumsum(weight[items])]), first)


def build_rows(world: World, output: dict[str, Floats]) -> Floats:
    """Return the cumulative shares of the cited countries, one row per area and citing country."""
    rows = [_area_rows(area, output[area.name]) for area in world.areas]
    cumulative = np.cumsum(np.concatenate(rows), axis=1)
    return np.asarray(cumulative / cumulative[:, -1:])


def _area_rows(area: Area, output: Floats) -> Floats:
    """Return the shares for one area.

    A country cites itself the more, the larger it is; the rest goes abroad in proportion to what the others
    are worth.
    """
    profile = area.profile
    influence = output if profile.influence is None else spread_shares(profile.influence, RESEARCH)
    home = _HOME_FLOOR + _HOME_SLOPE * output / output.sum()
    rows = np.zeros((_N_ROWS, _N_COLUMNS))
    for number in range(N_COUNTRIES):
        abroad = np.where(np.arange(N_COUNTRIES) == number, 0.0, influence)
        rows[number, :N_COUNTRIES] = (1 - home[number]) * abroad / abroad.sum()
        rows[number, number] = home[number]
    rows[UNKNOWN, :N_COUNTRIES] = influence / influence.sum()
    if profile.dependence is not None:
        dependent = CODES.index(profile.dependence.country)
        rest = 1000 - profile.dependence.home - profile.dependence.towards
        others = [
            number
            for number in range(N_COUNTRIES)
            if CODES[number] not in (profile.dependence.country, profile.dependence.source)
        ]
        rows[dependent] = 0.0
        rows[dependent, others] = rest * influence[others] / influence[others].sum()
        rows[dependent, dependent] = profile.dependence.home
        rows[dependent, SOURCE_ONLY] = profile.dependence.towards
        rows[dependent] /= rows[dependent].sum()
    return rows


def find_citing_rows(world: World, area: Ints, country: Ints, partner: Ints) -> Ints:
    """Return the row each citing item follows.

    Its leading country's, or its dependent partner's where one is planted.
    """
    row = np.where(country < 0, UNKNOWN, country)
    for number, described in enumerate(world.areas):
        if described.profile.dependence is not None:
            dependent = CODES.index(described.profile.dependence.country)
            row = np.where((area == number) & (partner == dependent), dependent, row)
    return np.asarray(area * _N_ROWS + row)


def draw_references(
    world: World,
    rng: np.random.Generator,
    pools: Pools,
    rows: Floats,
    citing: tuple[Ints, Ints, Ints, Ints],
    n_references: Ints,
) -> References:
    """Return the references of a run of items, each citing only items of earlier years.

    Args:
        world: The world.
        rng: The stream of this run.
        pools: What may be cited.
        rows: Shares of the cited countries, from `build_rows`.
        citing: Area, country, partner country and year of the citing items.
        n_references: How many references each of them has.
    """
    area, country, partner, year = citing
    source = np.repeat(np.arange(len(area)), n_references)
    n = len(source)
    kind, pick, within, outside = rng.random(n), rng.random(n), rng.random(n), rng.random(n)
    row = find_citing_rows(world, area, country, partner)[source]
    target = (
        np.searchsorted(rows.ravel() + np.repeat(np.arange(len(rows)), _N_COLUMNS), row + pick, side="right")
        - row * _N_COLUMNS
    )
    target = np.clip(target, 0, _N_COLUMNS - 1)
    other = _other_areas(world)[choose(np.ones(len(_other_areas(world))), rng.random(n))]
    is_elsewhere = (kind >= _HELD_OWN_AREA) & (target != SOURCE_ONLY)
    run = np.where(is_elsewhere, other, area[source]) * _N_COLUMNS + target
    low = pools.weight_before[pools.first[run, 0]]
    room = pools.weight_before[pools.first[run, year[source] - int(world.years[0])]] - low
    place = (
        np.searchsorted(pools.weight_before, low + np.floor(within * room).astype(np.int64), side="right") - 1
    )
    is_held = (kind < _HELD_OWN_AREA + _HELD_OTHER_AREA) & (room > 0)
    cited = np.where(is_held, pools.item[np.minimum(place, len(pools.item) - 1)], -1)
    return References(source, cited, outside)


def _other_areas(world: World) -> Ints:
    """Return the areas that lend references to others: all but the thin one and the background."""
    return np.array(
        [number for number, area in enumerate(world.areas) if area.name not in (THIN, BACKGROUND)]
    )
