"""The sample that can prove an interval.

Its truths follow from its parameters, and what is planted is in it.
"""

import numpy as np
import pytest

from listgen.sample.profiles import CODES
from listgen.sample.superpopulation import (
    EMERGING,
    INSTITUTION_COUNTRY,
    N_COUNTRIES,
    NICHE,
    NICHE_COUNTRY,
    Design,
    Technology,
)

TECHNOLOGY = Technology.draw(101, 3)


def drawn(design: Design, seed: int = 1):
    return TECHNOLOGY.works(design, np.random.default_rng(seed))


def credit_of(works) -> np.ndarray:
    """Return the fractional credit of each work (row) and country (column)."""
    credit = np.zeros((len(works.year), N_COUNTRIES))
    row, seq = np.nonzero(works.institution >= 0)
    count = (works.institution >= 0).sum(axis=1)
    np.add.at(credit, (row, INSTITUTION_COUNTRY[works.institution[row, seq]]), 1 / count[row])
    return credit


def test_the_truths_are_what_a_large_sample_comes_to():
    works = drawn(Design(20_000, 0.05))
    credit = credit_of(works)
    top = works.cited_by >= np.quantile(works.cited_by, 0.9)
    assert np.allclose(credit.mean(axis=0), TECHNOLOGY.output, atol=0.004)
    assert np.allclose(credit[top].mean(axis=0), TECHNOLOGY.top_share, atol=0.008)
    quality = (credit * works.is_field_top10[:, None]).sum(axis=0) / credit.sum(axis=0) / 0.1
    large = TECHNOLOGY.output > 0.02  # of the smallest country some forty works are drawn
    assert np.allclose(quality[large], TECHNOLOGY.field_quality[large], atol=0.15)
    flow = credit.T @ works.cited
    assert np.allclose(flow / flow.sum(), TECHNOLOGY.flow, atol=0.004)
    institution = np.bincount(works.institution[top][:, 0], minlength=len(INSTITUTION_COUNTRY)) / top.sum()
    assert np.allclose(institution, TECHNOLOGY.top_led, atol=0.006)
    assert np.isclose(TECHNOLOGY.institution_credit.sum(), 1)


@pytest.mark.parametrize("icc", [0.0, 0.05, 0.2])
def test_references_of_one_work_resemble_one_another_as_designed(icc):
    works = drawn(Design(5_000, icc))
    lead = INSTITUTION_COUNTRY[works.institution[:, 0]]
    # Works led from one country with two references or more: the pairs that go to the same country.
    mine = works.cited[(lead == CODES.index("CN")) & (works.cited.sum(axis=1) >= 2)]
    total = mine.sum(axis=1)
    pairs = (mine * (mine - 1)).sum() / (total * (total - 1)).sum()
    by_chance = (TECHNOLOGY.profile[CODES.index("CN")] ** 2).sum()
    assert abs((pairs - by_chance) / (1 - by_chance) - icc) < 0.02


def test_the_same_arguments_give_the_same_world_and_others_another():
    first, again, other = (drawn(Design(30, 0.05), seed) for seed in (1, 1, 2))
    assert (first.cited == again.cited).all()
    assert (first.institution == again.institution).all()
    assert (first.cited_by != other.cited_by).any()
    assert (Technology.draw(101, 4).shares != TECHNOLOGY.shares).any()


def test_a_niche_and_an_emerging_front_are_planted():
    works = drawn(Design(5_000, 0.0, fronts=True))
    lead = np.array(CODES)[INSTITUTION_COUNTRY[works.institution[:, 0]]]
    niche = works.front == NICHE
    assert 0.03 < niche.mean() < 0.05
    assert (lead[niche] == NICHE_COUNTRY).mean() > 0.55
    assert (lead[~niche] == NICHE_COUNTRY).mean() < 0.30
    first, last = ((works.front[works.year == year] == EMERGING).mean() for year in (2019, 2023))
    assert last > 5 * first
    assert not drawn(Design(30, 0.0)).front.any()
