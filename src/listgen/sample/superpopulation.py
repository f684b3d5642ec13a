"""Technologies drawn from a known superpopulation: a sample that can prove an interval.

The sample world of `works.py` apportions its top shares and draws references one by one, so that what is
planted holds for every seed; an interval cannot be tested on it. Here everything is drawn: which country
and institution leads a work, how often it is cited, and whom it cites. References of one work resemble one
another (intraclass correlation). The true values follow from the parameters, not from a larger sample.

Reads: nothing. Writes: arrays only. Nothing of it is evidence.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.optimize import brentq
from scipy.special import ndtr

from listgen.sample.draw import Floats, Ints, name_seed, zipf
from listgen.sample.profiles import CODES, COUNTRIES, RESEARCH

N_COUNTRIES = len(CODES)
YEARS = tuple(range(2019, 2024))
TOP = 0.10
# A technology's country shares scatter around the base weights: a Dirichlet of this concentration.
COUNTRY_CONCENTRATION = 40.0
# Standard deviations of the log citations between countries and between institutions; inside them it is 1.
COUNTRY_QUALITY, INSTITUTION_QUALITY = 0.3, 0.35
# One, two or three affiliations a work; a second or third one is at home with this probability.
AFFILIATIONS, AT_HOME = (0.5, 0.3, 0.2), 0.6
HOME_LOW, HOME_HIGH = 0.15, 0.40
SOURCE_CONCENTRATION = 30.0
# Gamma-Poisson number of references: a coefficient of variation of about 0.8 at a mean of 8.
REFERENCE_SHAPE = 2.0
# The provider's field-wide threshold of log citations.
FIELD_THRESHOLD = 1.35
CITATION_SCALE = 1000.0
# A planted niche: this part of the works, led by one middle country; and a planted emerging front that grows
# by this factor a year. Both are fronts of their own; the rest of the works is front 0.
NICHE, EMERGING = 1, 2
NICHE_SHARE, NICHE_COUNTRY, NICHE_LEAD = 0.04, "JP", 0.60
EMERGING_SHARE, EMERGING_GROWTH = 0.03, 1.8


@dataclass(frozen=True)
class Design:
    """What is varied between the cells of the coverage study.

    Attributes:
        n_top: Works in the top 10 %; ten times as many works are drawn.
        icc: Intraclass correlation of the cited countries within a citing work.
        n_references: Mean number of references a work.
        fronts: Plant the niche and the emerging front; the truth of shares is then not exact.
    """

    n_top: int
    icc: float
    n_references: float = 8.0
    fronts: bool = False


@dataclass(frozen=True)
class Works:
    """One entry per work in every array; affiliations -1 where a work has fewer than three."""

    year: Ints
    cited_by: Ints
    is_field_top10: Ints
    institution: Ints  # works x 3
    cited: Ints  # works x countries: how many references go to each
    front: Ints


@dataclass(frozen=True)
class Technology:
    """The true parameters of one technology."""

    seed: int
    number: int
    shares: Floats
    quality: Floats  # by institution, with its country's
    home: Floats
    sources: Floats  # citing x cited country, without home

    @classmethod
    def draw(cls, seed: int, number: int) -> Technology:
        """Return technology `number` of a world; the same arguments give the same technology."""
        rng = np.random.Generator(np.random.PCG64(name_seed(seed, "technology", number)))
        base = np.array([RESEARCH[code] for code in CODES], dtype=np.float64)
        shares = rng.dirichlet(COUNTRY_CONCENTRATION * base / base.sum())
        quality = COUNTRY_QUALITY * rng.standard_normal(N_COUNTRIES)[INSTITUTION_COUNTRY]
        quality = quality + INSTITUTION_QUALITY * rng.standard_normal(len(INSTITUTION_COUNTRY))
        home = rng.uniform(HOME_LOW, HOME_HIGH, N_COUNTRIES)
        sources = rng.dirichlet(SOURCE_CONCENTRATION * base / base.sum(), N_COUNTRIES)
        np.fill_diagonal(sources, 0.0)
        return cls(seed, number, shares, quality, home, sources / sources.sum(axis=1, keepdims=True))

    @cached_property
    def leading(self) -> Floats:
        """Return the probability of each institution to lead a work."""
        return np.asarray(self.shares[INSTITUTION_COUNTRY] * SIZE)

    @cached_property
    def credit(self) -> Floats:
        """Return the expected credit of each country (column) in a work led from each country (row)."""
        first = sum(p / n for n, p in enumerate(AFFILIATIONS, 1))
        others = 1.0 - first
        abroad = self._abroad * (1.0 - AT_HOME) * others
        return np.asarray(abroad + np.eye(N_COUNTRIES) * (first + AT_HOME * others))

    @cached_property
    def profile(self) -> Floats:
        """Return the cited countries' shares in the references of works led from each country."""
        return np.asarray(self.sources * (1.0 - self.home)[:, None] + np.diag(self.home))

    @cached_property
    def _abroad(self) -> Floats:
        rows = np.tile(self.shares, (N_COUNTRIES, 1))
        np.fill_diagonal(rows, 0.0)
        return np.asarray(rows / rows.sum(axis=1, keepdims=True))

    def _led(self, threshold: float) -> Floats:
        return np.asarray(self.leading * ndtr(self.quality - threshold))

    def _by_country(self, led: Floats) -> Floats:
        return np.asarray(np.bincount(INSTITUTION_COUNTRY, led, N_COUNTRIES), dtype=np.float64)

    @cached_property
    def top_led(self) -> Floats:
        """Return the part of the top 10 % works led by each institution."""
        threshold = brentq(lambda bar: self._led(bar).sum() - TOP, -4.0, 8.0)
        return np.asarray(self._led(threshold) / TOP)

    @cached_property
    def output(self) -> Floats:
        """Return the countries' shares of all works."""
        return np.asarray(self.shares @ self.credit)

    @cached_property
    def top_share(self) -> Floats:
        """Return the countries' shares of the top 10 % works."""
        return np.asarray(self._by_country(self.top_led) @ self.credit)

    @cached_property
    def field_quality(self) -> Floats:
        """Return each country's part of works in the provider's top 10 %, over 10 %."""
        return np.asarray(self._by_country(self._led(FIELD_THRESHOLD)) @ self.credit / self.output / TOP)

    @cached_property
    def institution_credit(self) -> Floats:
        """Return each institution's expected part of the top 10 % works."""
        first = sum(p / n for n, p in enumerate(AFFILIATIONS, 1))
        rest = self.top_share - self._by_country(self.top_led) * first
        return np.asarray(self.top_led * first + rest[INSTITUTION_COUNTRY] * SIZE)

    @cached_property
    def flow(self) -> Floats:
        """Return the expected citation matrix, citing x cited country, adding up to 1."""
        return np.asarray((self.shares[:, None] * self.credit).T @ self.profile)

    def works(self, design: Design, rng: np.random.Generator) -> Works:
        """Return one sample of works."""
        n = design.n_top * 10
        lead = rng.choice(len(self.leading), n, p=self.leading / self.leading.sum())
        front = np.zeros(n, dtype=np.int64)
        year = np.sort(np.array(YEARS)[np.arange(n) % len(YEARS)])
        if design.fronts:
            lead, front = self._plant(lead, year, rng)
        country = INSTITUTION_COUNTRY[lead]
        latent = self.quality[lead] + rng.standard_normal(n)
        return Works(
            year=year,
            cited_by=np.floor(CITATION_SCALE * np.exp(latent)).astype(np.int64),
            is_field_top10=(latent > FIELD_THRESHOLD).astype(np.int64),
            institution=self._affiliations(lead, rng),
            cited=self._references(country, design, rng),
            front=front,
        )

    def _plant(self, lead: Ints, year: Ints, rng: np.random.Generator) -> tuple[Ints, Ints]:
        """Return the leading institutions and fronts with a niche and an emerging front."""
        uniform = rng.random(len(lead))
        grown = EMERGING_GROWTH ** (year - YEARS[0])
        emerging = EMERGING_SHARE * grown / grown.mean()
        front = np.where(uniform < NICHE_SHARE, NICHE, 0)
        front = np.where((uniform >= NICHE_SHARE) & (uniform < NICHE_SHARE + emerging), EMERGING, front)
        own = np.flatnonzero(CODES.index(NICHE_COUNTRY) == INSTITUTION_COUNTRY)
        moved = (front == NICHE) & (rng.random(len(lead)) < NICHE_LEAD)
        return np.where(moved, rng.choice(own, len(lead)), lead), front

    def _affiliations(self, lead: Ints, rng: np.random.Generator) -> Ints:
        n = len(lead)
        count = rng.choice(len(AFFILIATIONS), n, p=AFFILIATIONS) + 1
        found = np.full((n, len(AFFILIATIONS)), -1, dtype=np.int64)
        found[:, 0] = lead
        abroad = np.cumsum(self._abroad, axis=1)
        for place in range(1, len(AFFILIATIONS)):
            own = INSTITUTION_COUNTRY[lead]
            away = (rng.random(n)[:, None] > abroad[own]).sum(axis=1).clip(0, N_COUNTRIES - 1)
            country = np.where(rng.random(n) < AT_HOME, own, away)
            # Inside its country the institution is drawn by size.
            point = country + rng.random(n)
            chosen = np.searchsorted(CUMULATIVE, point, side="right")
            chosen = chosen.clip(FIRST[country], FIRST[country + 1] - 1)
            found[:, place] = np.where(count > place, chosen, -1)
        return found

    def _references(self, country: Ints, design: Design, rng: np.random.Generator) -> Ints:
        mean = rng.gamma(REFERENCE_SHAPE, design.n_references / REFERENCE_SHAPE, len(country))
        profile = self.profile[country]
        if design.icc > 0:
            profile = rng.standard_gamma(profile * (1.0 - design.icc) / design.icc) + 1e-300
            profile = profile / profile.sum(axis=1, keepdims=True)
        return np.asarray(rng.multinomial(rng.poisson(mean), profile))


_COUNTS = np.array([country.institutions for country in COUNTRIES])
INSTITUTION_COUNTRY: Ints = np.repeat(np.arange(N_COUNTRIES), _COUNTS)
FIRST: Ints = np.concatenate([[0], np.cumsum(_COUNTS)])
# Each institution's part of its country, and the running sum with the country's number before the point.
SIZE: Floats = np.concatenate([zipf(int(n)) / zipf(int(n)).sum() for n in _COUNTS])
CUMULATIVE: Floats = np.concatenate(
    [np.cumsum(zipf(int(n)) / zipf(int(n)).sum()) + c for c, n in enumerate(_COUNTS)]
)
