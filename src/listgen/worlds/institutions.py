"""Which institutions lead the most cited works, and how sure that order is.

Reads: nothing. Writes: nothing.

Ranks of a noisy count are more extreme than the true ones: whoever had luck is at the front. So two kinds of
draws are made. A plain one resamples the works. A shrunken one draws each institution's true credit given
what was seen, between its own credit and what its output and its country's rate let expect (gamma-Poisson:
Clayton & Kaldor 1987, Empirical Bayes estimates of age-standardized relative risks, Biometrics 43, 671-681).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from listgen.worlds.evidence import Evidence, added
from listgen.worlds.resample import Floats, Ints

Bools = NDArray[np.bool_]
# As in s4_elite_institutions.sql; a test compares them.
ELITE_SIZE = 50
# Only institutions that can be at the front are drawn: this many by credit and as many by expected credit.
_NEAR = 400
# Credit is compared in millionths, so that the order of adding decides nothing.
TIE_UNITS = 1_000_000
# Bounds and stabilisers of the spread of true credit around the expected one.
_LEAST, _MOST, _PRIOR_SPREAD, _PRIOR_MASS, _SHARE_OF_NOISE = 0.05, 3.0, 6.0, 20.0, 0.9


class Shrunken:
    """Draws the true credit of institutions given the credit that was seen.

    Args:
        evidence: The works.
        rng: The technology's own stream.
    """

    def __init__(self, evidence: Evidence, rng: np.random.Generator) -> None:
        self._evidence, self._rng = evidence, rng
        # Institutions x countries, 1 where it is; the first column is "unknown".
        country = evidence.institution_country + 1
        self._country = csr_matrix(
            (np.ones(len(country)), (np.arange(len(country)), country)),
            shape=(len(country), len(evidence.codes) + 1),
        )
        once = np.ones((len(evidence.items), 1))
        top = evidence.top_tenth.of(once)
        seen, expected = added(evidence.institutions, top), self._expected(once, top)
        size = min(_NEAR, len(seen))
        near = [np.argsort(-one[:, 0], kind="stable")[:size] for one in (seen, expected)]
        self.near: Ints = np.unique(np.concatenate(near)).astype(np.int64)
        self._seen, self._mean = seen[self.near], expected[self.near]
        self._whole = float(seen.sum())
        credit = evidence.institutions.multiply(top).tocsr()
        squares, total = float(credit.multiply(credit).sum()), float(credit.sum())
        self._unit = squares / total if total > 0 else 1.0
        noise = _SHARE_OF_NOISE * self._unit * expected
        spread = float(((seen - expected) ** 2 - noise).sum())
        mass = float((expected**2).sum())
        self.spread = float(np.clip((spread + _PRIOR_SPREAD) / (mass + _PRIOR_MASS), _LEAST, _MOST))

    def _expected(self, taken: Floats, top: Floats) -> Floats:
        """Return each institution's expected credit by output and country's rate, institutions x draws."""
        output, credit = added(self._evidence.institutions, taken), added(self._evidence.institutions, top)
        of_output, of_credit = added(self._country, output), added(self._country, credit)
        rate = np.divide(of_credit, of_output, out=np.zeros_like(of_output), where=of_output > 0)
        return np.asarray(output * (self._country @ rate))

    def draw(self, taken: Floats, top: Floats) -> Floats:
        """Return the drawn credit of the institutions in `near`, institutions x draws.

        Args:
            taken: Weight of each work in each world.
            top: How much of it is in the top 10 %.
        """
        mean = self._expected(taken, top)
        whole = mean.sum(axis=0)
        mean = mean[self.near] * np.divide(self._whole, whole, out=np.zeros_like(whole), where=whole > 0)
        shape = 1.0 / self.spread + self._seen / self._unit
        rate = 1.0 / self.spread + self._mean / self._unit
        return np.asarray(mean * self._rng.standard_gamma(np.broadcast_to(shape, mean.shape)) / rate)


def leading(credit: Floats, size: int) -> tuple[Ints, Bools]:
    """Return the places of the institutions with most credit, size x draws, and which of them have any.

    Of equals, those that come first are taken.

    Args:
        credit: Institutions x draws.
        size: How many.
    """
    n_institutions = len(credit)
    units = np.rint(credit * TIE_UNITS).astype(np.int64)
    keys = units * n_institutions + np.arange(n_institutions - 1, -1, -1)[:, None]
    size = min(size, n_institutions)
    best = np.argpartition(keys, n_institutions - size, axis=0)[n_institutions - size :]
    return best, np.take_along_axis(units, best, axis=0) > 0


def elite_shares(credit: Floats, country: Ints, n_countries: int) -> Floats:
    """Return which part of the leading institutions each country has, countries x draws.

    Args:
        credit: Institutions x draws.
        country: Country of each institution, -1 unknown.
        n_countries: Number of countries.
    """
    found = np.zeros((n_countries + 1, credit.shape[1]))
    if len(credit) == 0:
        return found[:-1]
    best, is_counted = leading(credit, ELITE_SIZE)
    np.add.at(found, (country[best], np.arange(credit.shape[1])), is_counted)
    return np.asarray(found[:-1] / np.maximum(1, is_counted.sum(axis=0)))
