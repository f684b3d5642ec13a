"""Resampled worlds: the weights, the line of the top 10 %, and measures that are those of the indicators."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from listgen import worlds
from listgen.indicators import load_indicators
from listgen.indicators.resampled import intervals, ranks, widened
from listgen.sample.superpopulation import Design, Technology
from listgen.store.warehouse import Warehouse
from listgen.worlds.institutions import ELITE_SIZE, Shrunken, elite_shares
from listgen.worlds.measures import EXPANSION, TOP_SOURCES, of_families, of_works
from listgen.worlds.resample import TopTenth, weights

sys.path.insert(0, str(Path(__file__).parents[1] / "method"))
import coverage as study  # noqa: E402 - a script beside the package

ITEMS = np.arange(1, 20_001, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)


def test_a_weight_follows_from_seed_document_and_draw_alone():
    whole = weights(7, ITEMS, 0, 64)
    assert (weights(7, ITEMS[500:700], 0, 64) == whole[500:700]).all(), "whatever others there are"
    assert (weights(7, ITEMS, 32, 32) == whole[:, 32:]).all(), "in whatever pieces"
    assert (weights(7, ITEMS, 0, 10) == whole[:, :10]).all()
    assert (weights(8, ITEMS, 0, 64) != whole).mean() > 0.5


def test_weights_are_poisson_and_independent():
    found = weights(7, ITEMS, 0, 200)
    for value, wanted in enumerate(np.exp(-1) / np.array([1, 1, 2, 6, 24])):
        assert abs((found == value).mean() - wanted) < 0.001
    assert abs(np.corrcoef(found[0], found[1])[0, 1]) < 0.3
    between = np.corrcoef(found.T)
    assert np.abs(between - np.eye(200)).max() < 0.04, "no two worlds are alike"
    assert abs(found.mean(axis=1).std() - np.sqrt(1 / 200)) < 0.003


def test_the_line_of_the_top_tenth_moves_with_the_works_drawn_and_ties_share():
    year = np.array([2020] * 10 + [2021] * 10)
    cited = np.array([9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 5, 5, 1, 1, 1, 1, 1, 1, 1, 1])
    once = np.ones((20, 1))
    assert TopTenth(year, cited).of(once)[:, 0].tolist() == [1] + [0] * 9 + [0.5, 0.5] + [0] * 8
    taken = once.copy()
    taken[0], taken[1] = 0, 2  # the first is not drawn, the second twice: 10 works, one place
    assert np.isclose(TopTenth(year, cited).of(taken)[:3, 0], [0, 1, 0]).all()
    drawn = weights(7, ITEMS[:20], 0, 400)
    top = TopTenth(year, cited).of(drawn)
    for place in (slice(0, 10), slice(10, 20)):
        assert np.allclose(top[place].sum(axis=0), 0.1 * drawn[place].sum(axis=0)), "exactly a tenth"
    assert (top <= drawn).all() and (top >= 0).all()


def test_no_item_beyond_the_looked_at_part_is_ever_in_the_tenth():
    rng = np.random.default_rng(3)
    year, cited = rng.integers(2019, 2024, 5000), rng.integers(0, 400, 5000)
    taken = weights(7, ITEMS[:5000], 0, 64)
    top = TopTenth(year, cited).of(taken)
    for one in range(2019, 2024):
        inside = year == one
        assert np.allclose(top[inside].sum(axis=0), 0.1 * taken[inside].sum(axis=0))


@pytest.fixture(scope="module")
def superpopulation():
    config = study.config_of(40)
    technologies = [("000-0", Technology.draw(101, 0))]
    with study.staged(study.work_tables(technologies, Design(100, 0.2), 101)) as warehouse:
        indicators = [one for one in load_indicators() if one.id in study.NAMES]
        measured = study.measure(warehouse, dict.fromkeys(indicators, study.PERIOD))
        span = worlds.periods(warehouse)["works"]
        yield config, measured, worlds.read(warehouse, "000-0", "works", span)


def observed(measured: pl.DataFrame, name: str, codes: list[str]) -> np.ndarray:
    known = dict(measured.filter(pl.col("indicator_id") == name).select("country_code", "value").iter_rows())
    return np.array([known.get(code) for code in codes], dtype=float)


def difference(found: np.ndarray, wanted: np.ndarray) -> float:
    both = ~np.isnan(wanted)
    assert both.sum() > 0
    return float(np.abs(found[both] - wanted[both]).max())


def test_each_work_once_gives_the_value_of_the_indicators_own_sql(superpopulation):
    """The world in which every work counts once is the one that was observed."""
    _, measured, evidence = superpopulation
    once = np.ones((len(evidence.items), 2))
    found = of_works(evidence, once, Shrunken(evidence, np.random.default_rng(0)))
    for name in study.NAMES:
        wanted = observed(measured, name, evidence.codes)
        draws = found[name][:, 0]
        if name == "a3_source_concentration":  # HHI there, here the sum of squares: the same order
            m = evidence.pair_places[:, 1].max()
            draws = (m * draws - 1) / (m - 1)
        if name == "s2_quality_ratio":
            draws = draws / 0.1
        assert difference(draws, wanted) < 1e-6, name


FAMILY_NAMES = (
    "s5_international_family_share",
    *(
        f"{name}_families"
        for name in ("a1_foreign_dependence", "i1_inbound_reliance", "i2_breadth", "i3_removal_impact")
    ),
)


def test_each_family_once_gives_the_value_of_the_indicators_own_sql(small_built):
    indicators = {one.id: one for one in load_indicators()}
    with Warehouse(small_built.current / "listgen.duckdb", read_only=True) as warehouse:
        span, compared = worlds.periods(warehouse)["families"], 0
        evidence = {
            row[0]: worlds.read(warehouse, row[0], "families", span)
            for row in warehouse.rows("SELECT technology_id FROM core.technology ORDER BY 1")
        }
        for name in FAMILY_NAMES:
            file, params = indicators[name].file, indicators[name].params | span
            measured = warehouse.frame(file.sql, {key: params[key] for key in file.parameters})
            for technology_id, code, value in (
                measured.select("technology_id", "country_code", "value").drop_nulls().iter_rows()
            ):
                one = evidence[technology_id]
                found = of_families(one, np.ones((len(one.items), 1)))[name]
                assert abs(found[one.codes.index(code), 0] - value) < 1e-6, (name, technology_id, code)
                compared += 1
        assert compared > 10


def test_the_constants_are_those_of_the_indicators():
    params = {one.id: one.params for one in load_indicators()}
    assert params["i2_breadth"]["top_sources"] == TOP_SOURCES
    assert params["i3_removal_impact"]["expansion"] == EXPANSION
    assert params["s4_elite_institutions"]["elite_size"] == ELITE_SIZE


def test_what_rests_on_the_same_works_moves_together(superpopulation):
    config, _, evidence = superpopulation
    found = worlds.drawn(evidence, "t", 7, 400)
    china = evidence.codes.index("CN")
    share, lead = found["s1_top10_share"][china], found["s3_log_lead"][china]
    assert np.corrcoef(share, lead)[0, 1] > 0.5
    assert abs(np.corrcoef(share, found["a1_foreign_dependence"][china])[0, 1]) < 0.5
    again = worlds.drawn(evidence, "t", 7, 128)
    assert all(
        (again[name][:, :128] == found[name][:, :128]).all() for name in ("s1_top10_share", "i2_breadth")
    )


def test_equal_institutions_are_ordered_by_id_and_none_without_credit_counts():
    credit = np.zeros((60, 1))
    credit[:52] = 1.0
    country = np.array([0] * 50 + [1] * 10)
    assert elite_shares(credit, country, 2)[:, 0].tolist() == [1.0, 0.0]
    assert elite_shares(credit[50:], country[50:], 2)[:, 0].tolist() == [0.0, 1.0]
    assert elite_shares(np.zeros((0, 3)), np.empty(0, dtype=np.int64), 2).shape == (2, 3)


def test_shrunken_credit_lies_between_what_was_seen_and_what_output_lets_expect(superpopulation):
    _, _, evidence = superpopulation
    shrunken = Shrunken(evidence, np.random.default_rng(1))
    once = np.ones((len(evidence.items), 4000))
    drawn = shrunken.draw(once, evidence.top_tenth.of(once)).mean(axis=1)
    seen, expected = shrunken._seen[:, 0], shrunken._mean[:, 0]
    low, high = np.minimum(seen, expected), np.maximum(seen, expected)
    assert ((drawn > low * 0.9 - 0.05) & (drawn < high * 1.1 + 0.05)).mean() > 0.97
    assert np.std(drawn) < np.std(seen), "the lucky ones are drawn back"


def test_ranks_are_a_permutation_with_ties_at_random_and_unknown_last():
    draws = np.array([0.2, np.nan, 0.1, 0.1, 0.3] * 40)
    found = np.array(ranks(draws, 7, "t", "x"))
    assert sorted(found.tolist()) == list(range(200))
    assert found[np.isnan(draws)].max() < found[~np.isnan(draws)].min()
    tied = found[draws == 0.1]
    assert tied.max() < found[draws == 0.2].min() and not (np.diff(tied) > 0).all()
    assert ranks(draws + 1e-13, 7, "t", "x") == found.tolist()


def test_an_interval_holds_the_value_and_is_moved_back_where_resampling_lifts_it():
    draws = np.tile(np.linspace(0.2, 0.4, 400), (2, 1))
    ends = intervals(draws, ["DE", "JP"], "i", "t")
    measured = pl.DataFrame(
        {"indicator_id": "i", "technology_id": "t", "country_code": ["DE", "JP", "US"],
            "value": [0.25, 0.9, 0.5],
         "value_lo": [None, None, 0.4], "value_hi": [None, None, 0.6]}
    )  # fmt: skip
    plain, centred = widened(measured, ends), widened(measured, ends, ["i"])
    assert np.allclose(plain["value_lo"], [0.205, 0.205, 0.4], atol=0.001)
    assert np.allclose(plain["value_hi"], [0.395, 0.9, 0.6], atol=0.001), "it reaches to the value"
    assert np.allclose(centred["value_lo"].to_list()[0], 0.105, atol=0.001), "twice the bias of 0.05"
    assert np.allclose(centred["value_hi"].to_list()[0], 0.295, atol=0.001)
