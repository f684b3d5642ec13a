"""The works of the sample world as arrays: who wrote them, when, on what, how well cited, and whom they cite.

Reads: the world.
Writes: arrays only; `works_json` turns them into the provider's records.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from listgen.sample.draw import Flags, Floats, Ints, apportion, choose, shuffle, spread, spread_within, zipf
from listgen.sample.flows import Pools, build_pools, build_rows
from listgen.sample.profiles import BACKGROUND, CODES, COUNTRIES, OTHERS, RESEARCH
from listgen.sample.world import WINDOW, Area, World, spread_shares, work_year_weights

_TOP_SHARE = 0.10
_INTERNATIONAL = 0.25
_NO_COUNTRY, _NO_TOPIC, _RETRACTED, _HUNDRED_AUTHORS = 0.05, 0.01, 0.001, 0.0005
_SECOND_OWN_TOPIC, _SECOND_OTHER_TOPIC, _SECOND_FOREIGN_TOPIC = 0.35, 0.25, 0.05
AUTHORS_PER_INSTITUTION = 40


@dataclass
class Works:
    """One entry per work in every array, in the order of the work ids; -1 stands for none."""

    area: Ints
    year: Ints
    is_top: Ints
    country: Ints
    institution: Ints
    partner_country: Ints
    partner_institution: Ints
    n_authors: Ints
    n_partner_authors: Ints
    first_topic: Ints
    second_topic: Ints
    cited_by: Ints
    percentile: Ints
    is_retracted: Ints
    n_references: Ints

    def __len__(self) -> int:
        """Return the number of works."""
        return len(self.area)

    @property
    def is_citable(self) -> Flags:
        """Return which works may be cited: those with a country that were not retracted."""
        return np.asarray((self.country >= 0) & (self.is_retracted == 0))

    def pools(self, world: World) -> Pools:
        """Return the works of each area and country by year, ready to be cited, the well cited more often."""
        weight = np.minimum(self.cited_by, 3000) + 1
        return build_pools(
            world, self.area, self.country, self.year, weight, self.is_citable, self.partner_country < 0
        )

    def rows(self, world: World) -> Floats:
        """Return the shares of the cited countries by area and citing country."""
        shares = {area.name: work_shares(area) for area in world.areas}
        return build_rows(world, {name: (top + ordinary) / 2 for name, (top, ordinary) in shares.items()})


def build_works(world: World) -> Works:
    """Return all works of the world, areas mixed, in the order of their ids."""
    topic_numbers = {topic_id: number for number, topic_id in enumerate(world.topics)}
    parts = [_build_area(world, number, area, topic_numbers) for number, area in enumerate(world.areas)]
    order = shuffle(world.stream("work order"), sum(len(part) for part in parts))
    names = [item.name for item in fields(Works)]
    columns = {name: np.concatenate([getattr(part, name) for part in parts])[order] for name in names}
    return Works(**columns)


def _build_area(world: World, number: int, area: Area, topic_numbers: dict[str, int]) -> Works:
    n = area.n_works
    per_year = apportion(n, work_year_weights(area.profile))
    year = np.repeat(world.years, per_year)
    is_top = _flag_top(per_year)
    country = _draw_countries(world, area, year, is_top)
    # What moves credit between countries is spread inside these strata, so that a planted ratio holds.
    stratum = (is_top * 2 + (year > world.last_year - WINDOW)) * len(CODES) + country
    rng = world.stream("teams", area.name)
    n_authors = _draw_team_sizes(rng, stratum)
    is_international = (spread_within(rng, stratum) < _INTERNATIONAL) & (n_authors > 1)
    partner_country = np.where(
        is_international, _draw_partners(world, area, country, stratum * 2 + is_international), -1
    )
    institution = _draw_institutions(world, area, "leading", country, is_top, stratum)
    partner_institution = _draw_institutions(
        world, area, "partner", partner_country, np.zeros(n, dtype=bool), stratum
    )
    has_country = spread_within(rng, stratum) >= _NO_COUNTRY
    cited_by = _draw_citations(world, area, year, is_top)
    first_topic, second_topic = _draw_topics(world, area, topic_numbers)
    rng = world.stream("defects", area.name)
    references = world.stream("reference counts", area.name)
    return Works(
        area=np.full(n, number),
        year=year,
        is_top=is_top.astype(np.int64),
        country=np.where(has_country, country, -1),
        institution=np.where(has_country, institution, -1),
        partner_country=np.where(has_country, partner_country, -1),
        partner_institution=np.where(has_country, partner_institution, -1),
        n_authors=n_authors,
        n_partner_authors=np.where(partner_country >= 0, np.maximum(1, n_authors * 2 // 5), 0),
        first_topic=first_topic,
        second_topic=second_topic,
        cited_by=cited_by,
        percentile=_rank_percentile(area, per_year, cited_by),
        is_retracted=(spread(rng, n) < _RETRACTED).astype(np.int64),
        n_references=10 + np.floor(spread(references, n) * spread(references, n) * 21).astype(np.int64),
    )


def _flag_top(per_year: Ints) -> Flags:
    """Return which works are the first tenth of their year, the works of a year next to each other."""
    rank = np.arange(per_year.sum()) - np.repeat(np.cumsum(per_year) - per_year, per_year)
    return rank < np.repeat(np.ceil(per_year * _TOP_SHARE), per_year)


def _draw_team_sizes(rng: np.random.Generator, stratum: Ints) -> Ints:
    """Return how many authors each work has: few as a rule, now and then a hundred."""
    usual = 1 + choose((4, 14, 20, 22, 16, 12, 7, 5), spread_within(rng, stratum))
    return np.where(spread(rng, len(stratum)) < _HUNDRED_AUTHORS, 100, usual)


def work_shares(area: Area) -> tuple[Floats, Floats]:
    """Return the shares of the countries in an area's top works and in its others."""
    top = spread_shares(area.profile.top, RESEARCH)
    if area.profile.ordinary is None:
        return top, (top + spread_shares({}, RESEARCH)) / 2
    return top, spread_shares(area.profile.ordinary, RESEARCH)


def _draw_countries(world: World, area: Area, year: Ints, is_top: Flags) -> Ints:
    """Return each work's leading country; top works follow the top shares, the others their own."""
    top, ordinary = work_shares(area)
    is_new = year > world.last_year - WINDOW
    country = np.empty(len(year), dtype=np.int64)
    for name, mask, weights in (
        ("top new", is_top & is_new, top),
        ("top old", is_top & ~is_new, top),
        ("new", ~is_top & is_new, ordinary),
        ("old", ~is_top & ~is_new, ordinary),
    ):
        country[mask] = choose(weights, spread(world.stream("countries", area.name, name), int(mask.sum())))
    return country


def institution_weights(area: Area, country: int, is_top: bool) -> Floats:
    """Return the weights of a country's institutions in an area.

    Which of them is first differs between areas.
    """
    n = COUNTRIES[country].institutions
    turn = sum(area.name.encode()) % n
    head = area.profile.heads.get(CODES[country]) if is_top else None
    if head is not None:
        n_heads, share = head
        weights = np.full(n, (1000 - share) / (n - n_heads))
        weights[:n_heads] = share / n_heads
    elif is_top and area.profile.heads:
        weights = np.ones(n)
    else:
        weights = zipf(n)
    return np.roll(weights, turn)


def _draw_institutions(
    world: World, area: Area, role: str, country: Ints, is_top: Flags, stratum: Ints
) -> Ints:
    """Return an institution of each work's country, -1 where there is no country."""
    institution = np.full(len(country), -1, dtype=np.int64)
    for number, code in enumerate(CODES):
        for top in (True, False):
            mask = (country == number) & (is_top == top)
            if not mask.any():
                continue
            uniform = spread_within(world.stream("institutions", role, area.name, code, top), stratum[mask])
            institution[mask] = world.first_institution[number] + choose(
                institution_weights(area, number, top), uniform
            )
    return institution


def _draw_partners(world: World, area: Area, country: Ints, stratum: Ints) -> Ints:
    """Return for each work a country other than its own to work with."""
    partner = np.empty(len(country), dtype=np.int64)
    base = spread_shares({}, RESEARCH)
    for number, code in enumerate(CODES):
        mask = country == number
        weights = np.where(np.arange(len(CODES)) == number, 0.0, base)
        partner[mask] = choose(
            weights, spread_within(world.stream("partner countries", area.name, code), stratum[mask])
        )
    return partner


def _draw_citations(world: World, area: Area, year: Ints, is_top: Flags) -> Ints:
    """Return times cited.

    Top works at or above their year's threshold, the others at or below it, so a few are tied.
    """
    rng = world.stream("citations", area.name)
    threshold = 12 + 6 * (world.last_year + 1 - year)
    u, v = spread(rng, len(year)), spread(rng, len(year))
    above = threshold + np.floor(threshold * 1.5 * (1 / np.sqrt(1 - 0.9995 * u) - 1))
    below = np.floor((threshold + 1) * v * v)
    return np.asarray(np.where(is_top, above, below), dtype=np.int64)


def _rank_percentile(area: Area, per_year: Ints, cited_by: Ints) -> Ints:
    """Return the provider's field-wide citation percentile in millionths.

    The rank in the area and year, by how hot it is.
    """
    parts, start = [], 0
    for count in per_year.tolist():
        rank = np.argsort(np.argsort(cited_by[start : start + count], kind="stable"), kind="stable")
        below = (count - rank - 0.5) / max(count, 1) * 1000 / area.profile.hot
        parts.append(np.floor(np.clip(1 - below, 0, 0.999999) * 1_000_000))
        start += count
    return np.concatenate(parts).astype(np.int64)


def _draw_topics(world: World, area: Area, topic_numbers: dict[str, int]) -> tuple[Ints, Ints]:
    """Return a first and a second topic; -1 for none.

    Only areas without a planted truth lend works to one another.
    """
    rng = world.stream("topics", area.name)
    own = np.array([topic_numbers[topic] for topic in area.topics or world.background_topics])
    background = np.array([topic_numbers[topic] for topic in world.background_topics])
    n = area.n_works
    weights = np.ones(len(own)) if area.name == BACKGROUND else zipf(len(own), 1.0)
    first = own[choose(weights, spread(rng, n))]
    second = np.full(n, -1, dtype=np.int64)
    kind, pick = spread(rng, n), rng.random(n)
    choices = [(own, _SECOND_OWN_TOPIC), (background, _SECOND_OTHER_TOPIC)]
    lent = [
        topic for other in world.areas if other.name in OTHERS and other is not area for topic in other.topics
    ]
    if area.name in OTHERS and lent:
        choices.append((np.array([topic_numbers[topic] for topic in lent]), _SECOND_FOREIGN_TOPIC))
    start = 0.0
    for pool, share in choices:
        mask = (kind >= start) & (kind < start + share)
        second[mask] = pool[choose(np.ones(len(pool)), pick[mask])]
        start += share
    second[second == first] = -1
    first[spread(rng, n) < _NO_TOPIC] = -1
    second[first < 0] = -1
    return first, second
