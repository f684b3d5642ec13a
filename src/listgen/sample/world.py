"""The sample world before anything is drawn.

Its calendar, institutions, and the areas with their topics and CPC codes.

Each technology is given topics and CPC codes that no other technology claims, so that what is planted in one
does not leak into another.

Reads: config/openalex_topics.csv, the definitions of the technologies.
Writes: nothing.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Protocol

import numpy as np

from listgen.sample.draw import Floats, Ints, apportion, open_stream, shuffle
from listgen.sample.profiles import (
    BACKGROUND,
    CODES,
    COUNTRIES,
    EMERGING,
    OUTSIDE,
    PROFILES,
    WORLD_PUBLICATIONS,
    WORLD_WORKS,
    Profile,
    Shares,
)

WINDOW = 5

# Topics of one research front each; the first front no technology claims becomes the emerging area.
_FRONTS = (
    ("T10429", "T11601", "T10784"),  # brain-computer interfaces
    ("T12046", "T11224", "T10275"),  # two-dimensional carbides
    ("T10245", "T11383", "T10338"),  # metasurfaces
)
_N_BACKGROUND_TOPICS = 80
_BACKGROUND_CPC = (
    *(
        "A01B33/02",
        "A47J31/40",
        "A61K8/34",
        "A63F13/20",
        "B60R21/16",
        "B65D81/32",
        "B67D7/04",
        "C11D1/66",
        "D06M15/53",
        "E04B1/76",
    ),
    *(
        "E05B47/00",
        "E21B43/26",
        "F16H61/02",
        "F24F11/30",
        "F25D17/06",
        "G01N33/48",
        "G07F17/32",
        "G09B5/06",
        "H01R13/52",
        "H05B6/12",
    ),
)
_CPC_ENDINGS = {
    3: ("B1/00", "C3/02", "D5/04", "G7/10", "K9/20"),
    4: ("1/02", "3/04", "5/06", "7/08", "9/10", "11/20", "21/02", "33/40", "50/10", "60/30"),
}
_GROUP_ENDINGS = ("/02", "/04", "/08", "/10", "/20", "/40", "/60")
_SUBGROUP_ENDINGS = ("", "2", "4", "5", "8")
_DOMAINS = {"Life Sciences": 1, "Social Sciences": 2, "Physical Sciences": 3, "Health Sciences": 4}


class _Works(Protocol):
    @property
    def topics(self) -> Sequence[str]: ...


class _Patents(Protocol):
    @property
    def cpc(self) -> Sequence[str]: ...


class Definition(Protocol):
    """What the sample needs to know of a technology: the topics and CPC prefixes its definition names."""

    @property
    def works(self) -> _Works:
        """Return the query for works."""
        ...

    @property
    def patents(self) -> _Patents:
        """Return the query for patents."""
        ...


@dataclass(frozen=True)
class Topic:
    """A topic of the provider's classification with its place in it."""

    topic_id: str
    name: str
    subfield: tuple[str, str]
    field: tuple[str, str]
    domain: tuple[int, str]


@dataclass(frozen=True)
class Area:
    """A technology, the emerging area or the background, with its share of the sample."""

    name: str
    profile: Profile
    topics: tuple[str, ...]
    cpc: tuple[str, ...]
    n_works: int
    n_families: int


@dataclass(frozen=True)
class Size:
    """How large the world is and when it is seen."""

    n_works: int = WORLD_WORKS
    n_publications: int = WORLD_PUBLICATIONS
    as_of: dt.date = dt.date(2025, 7, 1)


@dataclass(frozen=True)
class World:
    """Everything the generators share."""

    seed: int
    size: Size
    topics: Mapping[str, Topic]
    areas: tuple[Area, ...]
    background_topics: tuple[str, ...]
    unsampled: tuple[str, ...]

    @property
    def last_year(self) -> int:
        """Return the newest year with works: the last one complete 18 months before the world is seen."""
        return self.size.as_of.year - 2

    @property
    def years(self) -> Ints:
        """Return the ten years of the world."""
        return np.arange(self.last_year - 2 * WINDOW + 1, self.last_year + 1)

    @cached_property
    def first_institution(self) -> Ints:
        """Return for each country (and one past the end) the number of its first institution."""
        return np.concatenate([[0], np.cumsum([country.institutions for country in COUNTRIES])])

    def stream(self, *names: object) -> np.random.Generator:
        """Return a random stream of this world."""
        return open_stream(self.seed, *names)


def spread_shares(given: Shares, base: Mapping[str, int]) -> Floats:
    """Return a weight per country.

    The shares given, the rest of 1000 spread over the other countries by the base.
    """
    rest = 1000 - sum(given.values())
    others = sum(weight for code, weight in base.items() if code not in given)
    return np.array(
        [given[code] if code in given else rest * base[code] / others for code in CODES], dtype=np.float64
    )


def work_year_weights(profile: Profile) -> Floats:
    """Return the relative number of works in each of the ten years.

    The profile's two totals, growing inside each.
    """
    rise = _rise(profile.growth, WINDOW)
    newest, before = profile.works
    return np.concatenate([before * rise, newest * rise])


def family_year_weights(profile: Profile) -> Floats:
    """Return the relative number of families in each of the ten years.

    Half the growth of the works, since filings lag.
    """
    return _rise(1000 + (profile.growth - 1000) // 2, 2 * WINDOW)


def _rise(growth: int, n_years: int) -> Floats:
    steps = np.cumprod(np.full(n_years, growth / 1000))
    return np.asarray(steps / steps.sum())


def read_topics(path: Path) -> dict[str, Topic]:
    """Return the topics of the provider's classification by id."""
    with path.open(encoding="utf-8", newline="") as stream:
        return {
            row["topic_id"]: Topic(
                row["topic_id"],
                row["topic_name"],
                (row["subfield_id"], row["subfield_name"]),
                (row["field_id"], row["field_name"]),
                (_DOMAINS.get(row["domain_name"], 3), row["domain_name"]),
            )
            for row in csv.DictReader(stream)
        }


def build_world(
    seed: int, size: Size, technologies: Mapping[str, Definition], topics: Mapping[str, Topic]
) -> World:
    """Return the world of a seed and size for the technologies defined now.

    A technology of the sample that is not defined, or names no topic or no CPC prefix, gets no such evidence.
    """
    profiles = {
        name: profile for name, profile in PROFILES.items() if name in technologies or name in OUTSIDE
    }
    claimed = {topic for technology in technologies.values() for topic in technology.works.topics}
    front = _choose_front(claimed, topics)
    background = _choose_background(claimed | set(front), topics)
    own_topics = {name: _own_topics(name, technologies, topics) for name in profiles if name in technologies}
    own_topics |= {EMERGING: front, BACKGROUND: background}
    codes = {name: _own_codes(name, technologies) for name in profiles if name in technologies}
    codes[EMERGING] = codes[BACKGROUND] = _unclaimed_codes(technologies)
    works = {name: sum(profile.works) if own_topics[name] else 0 for name, profile in profiles.items()}
    works = _scale(works, size.n_works / WORLD_WORKS, size.n_works)
    families = {name: profile.families if codes[name] else 0 for name, profile in profiles.items()}
    families = _scale(families, size.n_publications / WORLD_PUBLICATIONS, None)
    areas = tuple(
        Area(name, profile, own_topics[name], codes[name], works[name], families[name])
        for name, profile in profiles.items()
    )
    return World(seed, size, topics, areas, background, tuple(sorted(set(technologies) - set(PROFILES))))


def _scale(counts: dict[str, int], factor: float, total: int | None) -> dict[str, int]:
    """Return the counts of a world of another size.

    With a total, the background takes what rounding leaves.
    """
    scaled = {name: n if PROFILES[name].fixed else round(n * factor) for name, n in counts.items()}
    if total is None:
        return scaled
    others = [name for name in scaled if name != BACKGROUND]
    rest = total - sum(scaled[name] for name in others)
    if rest < 1:
        shares = apportion(total - 1, [float(scaled[name]) for name in others])
        scaled |= dict(zip(others, (int(share) for share in shares), strict=True))
        rest = 1
    return scaled | {BACKGROUND: rest}


def _choose_front(claimed: set[str], topics: Mapping[str, Topic]) -> tuple[str, ...]:
    for front in _FRONTS:
        if not claimed.intersection(front) and topics.keys() >= set(front):
            return front
    free = sorted(
        topic.topic_id for topic in topics.values() if topic.topic_id not in claimed and topic.domain[0] == 3
    )
    return tuple(free[:3])


def _choose_background(claimed: set[str], topics: Mapping[str, Topic]) -> tuple[str, ...]:
    """Return topics from all over the classification, the same for every seed."""
    free = sorted(topic_id for topic_id in topics if topic_id not in claimed)
    order = shuffle(open_stream(0, "background topics"), len(free))[:_N_BACKGROUND_TOPICS]
    return tuple(free[index] for index in order.tolist())


def _own_topics(
    name: str, technologies: Mapping[str, Definition], topics: Mapping[str, Topic]
) -> tuple[str, ...]:
    """Return the topics only this technology names.

    Failing those, the ones no other technology of the sample names.
    """
    known = [topic for topic in technologies[name].works.topics if topic in topics]
    for rivals in (technologies, PROFILES):
        taken = {
            topic
            for rival in rivals
            if rival != name and rival in technologies
            for topic in technologies[rival].works.topics
        }
        if own := tuple(topic for topic in known if topic not in taken):
            return own
    return tuple(known)


def _own_codes(name: str, technologies: Mapping[str, Definition]) -> tuple[str, ...]:
    """Return full CPC symbols under this technology's prefixes and, where there are any, under no other's."""
    candidates = [code for prefix in technologies[name].patents.cpc for code in _complete(prefix)]
    for rivals in (technologies, PROFILES):
        taken = tuple(
            prefix
            for rival in rivals
            if rival != name and rival in technologies
            for prefix in technologies[rival].patents.cpc
        )
        if own := tuple(dict.fromkeys(code for code in candidates if not code.startswith(taken))):
            return own[:24]
    return tuple(dict.fromkeys(candidates))[:24]


def _unclaimed_codes(technologies: Mapping[str, Definition]) -> tuple[str, ...]:
    """Return symbols from all over the scheme that no technology claims.

    Failing those, none of the sample's technologies.
    """
    for rivals in (technologies, PROFILES):
        taken = tuple(
            prefix for rival in rivals if rival in technologies for prefix in technologies[rival].patents.cpc
        )
        if free := tuple(code for code in _BACKGROUND_CPC if not code.startswith(taken)):
            return free
    return _BACKGROUND_CPC


def _complete(prefix: str) -> list[str]:
    """Return full symbols that begin with a prefix.

    A group number is closed by the slash, so G06N10 never becomes G06N100.
    """
    if "/" in prefix:
        return [prefix + ending for ending in _SUBGROUP_ENDINGS]
    endings = _CPC_ENDINGS.get(len(prefix), _GROUP_ENDINGS)
    return [prefix + ending for ending in endings]
