"""Consensus measures against published examples, and what must hold of any panel."""

from math import isclose

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from listgen.review.domain.measures import (
    histogram,
    histogram_change,
    interquartile_range,
    is_bimodal,
    is_disagreement,
    kendall_w,
    krippendorff_alpha,
    median,
    quantile,
    ranks,
)

# Krippendorff (2011), example C: four observers, twelve units, missing values.
OBSERVERS = ("123321412...", "1233224125.3", ".3332342251.", "12332441251.")


def units_of(observers):
    columns = zip(*observers, strict=True)
    return {place: [int(value) for value in column if value != "."] for place, column in enumerate(columns)}


def test_krippendorffs_published_ordinal_alpha():
    assert isclose(krippendorff_alpha(units_of(OBSERVERS)), 0.815, abs_tol=5e-4)


def test_alpha_is_one_when_all_agree_and_says_nothing_without_variety_or_pairs():
    assert krippendorff_alpha({"a": [3, 3, 3], "b": [7, 7]}) == 1
    assert krippendorff_alpha({"a": [5, 5], "b": [5, 5]}) is None
    assert krippendorff_alpha({"a": [5], "b": [3]}) is None


def test_kendalls_w_of_siegels_three_executives():
    # Siegel (1956), ch. 9: sums of ranks 8 14 11 11 11 8, s = 25.5, W = 25.5 / 157.5 = 0.16.
    executives = [[1, 6, 3, 2, 5, 4], [1, 5, 6, 4, 2, 3], [6, 3, 2, 5, 4, 1]]
    assert isclose(kendall_w(executives), 25.5 / 157.5)


def test_kendalls_w_with_siegels_ties():
    # Siegel (1956), ch. 9, the example with tied observations: s = 591, W = 0.828.
    rows = [
        [1, 4.5, 2, 4.5, 3, 7.5, 6, 9, 7.5, 10],
        [2.5, 1, 2.5, 4.5, 4.5, 8, 9, 6.5, 10, 6.5],
        [2, 1, 4.5, 4.5, 4.5, 4.5, 8, 8, 8, 10],
    ]
    assert isclose(kendall_w(rows), 0.828, abs_tol=5e-4)
    assert kendall_w([[4, 4, 4], [4, 4, 4]]) is None
    assert kendall_w([[1, 2, 3]]) is None


def test_quartiles_of_the_textbook_eleven():
    # The inclusive quartiles printed for 6 7 15 36 39 40 41 42 43 47 49: 25.5, 40, 42.5.
    numbers = [7, 15, 36, 39, 40, 41, 42, 43, 47, 49, 6]
    assert [quantile(numbers, share) for share in (0.25, 0.5, 0.75)] == [25.5, 40, 42.5]
    assert interquartile_range(numbers) == 17
    assert median([]) is None and interquartile_range([]) is None


@pytest.mark.parametrize(
    ("n", "needed"), [(8, 3), (9, 3), (10, 3), (11, 4), (12, 4), (13, 4), (14, 5), (15, 5), (16, 5)]
)
def test_disagreement_follows_the_rand_ucla_table(n, needed):
    enough = [1] * needed + [9] * needed + [5] * (n - 2 * needed)
    assert is_disagreement(enough, 3, 7) is True
    enough[0] = 5
    assert is_disagreement(enough, 3, 7) is False


def test_two_camps_are_not_a_broad_middle():
    assert is_bimodal([1, 2, 2, 8, 9, 9, 5], 3, 7, 0.25) is True
    assert is_bimodal([1, 2, 5, 5, 5, 8, 9], 3, 7, 0.25) is False
    assert is_bimodal([8, 8], 3, 7, 0.25) is None


def test_change_between_rounds():
    # Ten experts, then the same ten: two moved one point each. 2 of 10 moved.
    assert isclose(histogram_change([0, 2, 3, 5, 0], [0, 1, 3, 5, 1]), 0.1)
    assert histogram_change([5, 0], [0, 3]) == 1
    assert histogram_change([5, 0], [0, 0]) is None
    assert histogram([1, 9, 9], 9) == [1, 0, 0, 0, 0, 0, 0, 0, 2]


ratings = st.lists(st.integers(1, 9), min_size=2, max_size=12)


@settings(max_examples=60, deadline=None)
@given(st.lists(ratings, min_size=2, max_size=6))
def test_alpha_is_blind_to_order_and_never_above_one(rows):
    units = dict(enumerate(rows))
    alpha = krippendorff_alpha(units)
    assert alpha is None or alpha <= 1 + 1e-12
    turned = {key: sorted(values, reverse=True) for key, values in reversed(units.items())}
    other = krippendorff_alpha(turned)
    assert (alpha is None and other is None) or isclose(alpha, other, abs_tol=1e-9)


@settings(max_examples=60, deadline=None)
@given(
    st.integers(2, 6).flatmap(
        lambda n: st.lists(st.lists(st.integers(1, 9), min_size=n, max_size=n), min_size=2, max_size=6)
    )
)
def test_w_stays_within_nought_and_one(rows):
    w = kendall_w(rows)
    assert w is None or -1e-12 <= w <= 1 + 1e-12
    assert all(sum(ranks(row)) == len(row) * (len(row) + 1) / 2 for row in rows)
