"""The patent families of the sample world as arrays: inventors, offices, numbers, dates, codes and citations.

Reads: the world.
Writes: arrays only; `google_patents` and `patentsview` turn them into the providers' records.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from listgen.sample.draw import Floats, Ints, apportion, choose, shuffle, spread
from listgen.sample.flows import References, build_pools, build_rows, draw_references
from listgen.sample.profiles import BACKGROUND, CODES, COUNTRIES, INVENTION
from listgen.sample.world import Area, World, family_year_weights, spread_shares

OFFICES = ("WO", "US", "EP", "CN", "JP", "KR", "DE", "GB", "FR", "TW", "IN", "CA", "AU")
_N_IP5_AND_PCT = 6
_MAX_MEMBERS = 5
_JOINT, _NO_INVENTOR_COUNTRY = 0.12, 0.03
# How often an internationally filed family goes to each of WO, US, EP, CN, JP, KR (per mille).
_ABROAD = (620, 800, 600, 560, 420, 320)
_GRANTED = (0, 720, 520, 620, 640, 660, 450, 450, 450, 500, 350, 400, 400)
_MEAN_REFERENCES_FLOOR, _MEAN_REFERENCES_SPAN = 5, 9


@dataclass
class Families:
    """One entry per family in every array; -1 stands for none."""

    area: Ints
    year: Ints
    country: Ints
    second_country: Ints
    is_country_known: Ints
    priority_day: Ints
    n_references: Ints
    dice: Ints

    def __len__(self) -> int:
        """Return the number of families."""
        return len(self.area)


@dataclass
class Publications:
    """One entry per publication, members of a family after one another.

    Attributes:
        family: Number of the family.
        office: Number of the office in `OFFICES`.
        is_grant: Whether it is the granted document.
        serial: Running number inside its office and kind.
        lag_days: Days from priority to publication.
    """

    family: Ints
    office: Ints
    is_grant: Ints
    serial: Ints
    lag_days: Ints

    def __len__(self) -> int:
        """Return the number of publications."""
        return len(self.family)


def build_families(world: World) -> Families:
    """Return all families of the world, areas mixed."""
    parts = [_build_area(world, number, area) for number, area in enumerate(world.areas)]
    order = shuffle(world.stream("family order"), sum(len(part) for part in parts))
    names = [item.name for item in fields(Families)]
    return Families(
        **{name: np.concatenate([getattr(part, name) for part in parts])[order] for name in names}
    )


def invention_shares(area: Area) -> Floats:
    """Return the shares of the inventors' countries in an area."""
    base = spread_shares({}, INVENTION)
    if area.profile.inventors is None:
        return (spread_shares(area.profile.top, INVENTION) + base) / 2
    return spread_shares(area.profile.inventors, INVENTION)


def _build_area(world: World, number: int, area: Area) -> Families:
    n = area.n_families
    rng = world.stream("families", area.name)
    year = np.repeat(world.years, apportion(n, family_year_weights(area.profile)))
    country = choose(invention_shares(area), spread(rng, n))
    partner = (country + 1 + np.floor(rng.random(n) * (len(CODES) - 1)).astype(np.int64)) % len(CODES)
    return Families(
        area=np.full(n, number),
        year=year,
        country=country,
        second_country=np.where(spread(rng, n) < _JOINT, partner, -1),
        is_country_known=(spread(rng, n) >= _NO_INVENTOR_COUNTRY).astype(np.int64),
        priority_day=np.floor(rng.random(n) * 365).astype(np.int64),
        n_references=_MEAN_REFERENCES_FLOOR
        + np.floor(rng.random(n) * _MEAN_REFERENCES_SPAN).astype(np.int64),
        dice=np.floor(rng.random(n) * 1_000_000_000).astype(np.int64),
    )


def build_publications(world: World, families: Families) -> Publications:
    """Return the publications of all families: one to five members, the office of first filing among them."""
    rng = world.stream("offices")
    n = len(families)
    home = np.array([OFFICES.index(country.office) for country in COUNTRIES])[families.country]
    abroad = np.array([country.abroad for country in COUNTRIES])[families.country] / 1000
    is_abroad = spread(rng, n) < abroad
    wish = np.zeros((n, len(OFFICES)), dtype=bool)
    wish[:, :_N_IP5_AND_PCT] = (rng.random((n, _N_IP5_AND_PCT)) < np.array(_ABROAD) / 1000) & is_abroad[
        :, None
    ]
    is_home = np.arange(len(OFFICES)) == home[:, None]
    others = wish & ~is_home
    # Beyond five members the offices last in the list are given up, never the office of first filing.
    wish = is_home | (others & (np.cumsum(others, axis=1) < _MAX_MEMBERS))
    family, office = np.nonzero(wish)
    room = 365 * (world.size.as_of.year - families.year[family]) - families.priority_day[family] + 150
    wants_grant = rng.random(len(family)) < np.array(_GRANTED)[office] / 1000
    grant_lag = 800 + np.floor(rng.random(len(family)) * 900).astype(np.int64)
    is_grant = wants_grant & (grant_lag < room)
    lag = np.where(is_grant, grant_lag, 540 + np.floor(rng.random(len(family)) * 60).astype(np.int64))
    serial = np.zeros(len(family), dtype=np.int64)
    for number in range(len(OFFICES)):
        for granted in (True, False):
            mask = (office == number) & (is_grant == granted)
            serial[mask] = np.arange(int(mask.sum()))
    return Publications(
        family.astype(np.int64),
        office.astype(np.int64),
        is_grant.astype(np.int64),
        serial,
        np.minimum(lag, room - 1),
    )


def draw_family_references(world: World, families: Families) -> References:
    """Return which families each family cites; -1 for documents that are not held."""
    known = families.is_country_known == 1
    domestic = families.second_country < 0
    pools = build_pools(
        world,
        families.area,
        families.country,
        families.year,
        np.ones(len(families), dtype=np.int64),
        known,
        domestic,
    )
    rows = build_rows(world, {area.name: invention_shares(area) for area in world.areas})
    country = np.where(known, families.country, -1)
    citing = (families.area, country, families.second_country, families.year)
    return draw_references(
        world, world.stream("family references"), pools, rows, citing, families.n_references
    )


def number_publications(world: World, families: Families, publications: Publications) -> list[str]:
    """Return the publication number of each publication, as the offices write them."""
    year = (families.year[publications.family] + publications.lag_days // 365).tolist()
    rows = zip(
        publications.office.tolist(),
        publications.is_grant.tolist(),
        publications.serial.tolist(),
        year,
        strict=True,
    )
    return [
        _format_number(OFFICES[office], grant == 1, serial, published)
        for office, grant, serial, published in rows
    ]


_GRANT_FORMS = {
    "US": ("10", 6, "B2"),
    "EP": ("3", 6, "B1"),
    "CN": ("11", 7, "B"),
    "JP": ("6", 6, "B2"),
    "KR": ("102", 6, "B1"),
}
_YEAR_FORMS = {
    "US": (6, "A1"),
    "WO": (6, "A1"),
    "JP": (6, "A"),
    "KR": (7, "A"),
    "TW": (5, "A"),
    "AU": (6, "A1"),
    "IN": (7, "A"),
}
_YEAR_FORMS |= {"DE": (6, "A1")}


def _format_number(office: str, is_grant: bool, serial: int, year: int) -> str:
    if is_grant:
        head, width, kind = _GRANT_FORMS.get(office, ("2", 6, "B"))
        return f"{office}-{head}{serial:0{width}d}-{kind}"
    if office in _YEAR_FORMS:
        width, kind = _YEAR_FORMS[office]
        return f"{office}-{year}{serial:0{width}d}-{kind}"
    return f"{office}-4{serial:06d}-{'A1' if office == 'EP' else 'A'}"


def choose_codes(world: World, families: Families) -> list[tuple[str, ...]]:
    """Return the CPC codes of each family: one or two of its area, and at times one from elsewhere."""
    background = next(area.cpc for area in world.areas if area.name == BACKGROUND)
    codes = [area.cpc for area in world.areas]
    chosen = []
    for area, dice in zip(families.area.tolist(), families.dice.tolist(), strict=True):
        own = codes[area]
        first, second = own[dice % len(own)], own[(dice // 31) % len(own)]
        other = (background[(dice // 1009) % len(background)],) if dice % 3 == 0 else ()
        chosen.append(tuple(dict.fromkeys((first, second, *other))))
    return chosen
