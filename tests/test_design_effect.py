"""References of one document resemble one another: the intervals know, against sums made without SQL."""

import math
import random

import duckdb
import numpy as np
import polars as pl
import pytest
from indicator_world import make_warehouse, statement_of
from scipy.stats import t as student

from listgen.composite.draws import draw_scores
from listgen.indicators import load_indicators, measure

INDICATORS = {indicator.id: indicator for indicator in load_indicators()}
CODES = ("CN", "DE", "JP", "US")
INSERT = duckdb.StatementType.INSERT


def world_of(seed: int, alike: bool) -> tuple[dict, np.ndarray, np.ndarray]:
    """Return the tables of 60 works with 8 references each, their credit and references by country.

    Args:
        seed: Of the draw.
        alike: All references of a work go to one country.
    """
    rng = random.Random(seed)
    credit, cited = np.zeros((60, 4)), np.zeros((60, 4))
    for work in range(60):
        own = rng.sample(range(4), rng.choice((1, 1, 2)))
        credit[work, own] = 1 / len(own)
        goal = rng.randrange(4)
        for _ in range(8):
            cited[work, goal if alike else rng.randrange(4)] += 1
    tables = {
        "core.technology_work": [{"work_id": work + 1} for work in range(60)],
        "core.work_country": [
            {"work_id": work + 1, "country_code": CODES[place], "weight": credit[work, place]}
            for work, place in np.argwhere(credit)
        ]
        + [{"work_id": 1000 + place, "country_code": code, "weight": 1} for place, code in enumerate(CODES)],
        "core.work_reference": [
            {"citing_work_id": work + 1, "cited_work_id": 1000 + place}
            for work, place in np.argwhere(cited)
            for _ in range(int(cited[work, place]))
        ],
    }
    return tables, credit, cited


def staged(tables: dict):
    warehouse = make_warehouse(tables)
    for name in ("core.citation_flow", "core.citation_spread"):
        warehouse.execute(statement_of(name, INSERT))
    return warehouse


@pytest.mark.parametrize("seed", range(3))
def test_sums_over_documents_are_those_counted_by_hand(seed):
    tables, credit, cited = world_of(seed, alike=False)
    total = cited.sum(axis=1, keepdims=True)
    x, y = credit * total, credit * (total - cited)
    u = y.sum(axis=1, keepdims=True) - y
    v = (credit.sum(axis=1, keepdims=True) - credit) * cited
    with staged(tables) as warehouse:
        found = warehouse.frame("SELECT * FROM core.citation_spread ORDER BY country_code")
    for name, one, other in (
        ("all_all", x, x),
        ("all_abroad", x, y),
        ("abroad_abroad", y, y),
        ("others_others", u, u),
        ("others_received", u, v),
        ("received_received", v, v),
    ):
        assert np.allclose(found[name].to_numpy(), (one * other).sum(axis=0)), name
    for place in range(4):
        z = np.delete(credit[:, [place]] * cited, place, axis=1)
        g = z @ (z.sum(axis=0) / z.sum())
        row = found.row(place, named=True)
        assert math.isclose(row["source_source"], (z**2).sum(), rel_tol=1e-9)
        assert math.isclose(row["abroad_mean"], (g * y[:, place]).sum(), rel_tol=1e-9)
        assert math.isclose(row["mean_mean"], (g * g).sum(), rel_tol=1e-9)


def width_of(name: str, alike: bool) -> float:
    tables, _, _ = world_of(1, alike)
    with staged(tables) as warehouse:
        row = measure(warehouse, {INDICATORS[name]: (2019, 2023)}).filter(pl.col("country_code") == "JP")
    assert row["value_lo"][0] <= row["value"][0] <= row["value_hi"][0]
    return row["value_hi"][0] - row["value_lo"][0]


@pytest.mark.parametrize("name", ["a1_foreign_dependence", "a3_source_concentration", "i1_inbound_reliance"])
def test_eight_references_to_one_country_are_little_more_than_one(name):
    assert width_of(name, alike=True) > 1.5 * width_of(name, alike=False)


@pytest.mark.parametrize("df", [3, 8, 30, 1000])
def test_the_factor_is_that_of_students_t(df):
    with make_warehouse() as warehouse:
        found = warehouse.scalar("SELECT student_factor($df)", {"df": df})
    assert math.isclose(math.sqrt(found), student.ppf(0.975, df) / 1.959964, rel_tol=0.04)


def test_a_draw_takes_its_place_among_the_worlds_and_no_other_moves():
    def drawn(names: list[str], places: dict, technologies: tuple[str, ...] = ("t",)) -> dict:
        rows = pl.DataFrame(
            [(technology, "a", "records", name, "goalposts", 0.0, 100.0, 0.5, 0.4, 0.6, "wilson")
             for technology in technologies for name in names],
            schema=["technology_id", "axis_id", "branch", "indicator_id", "normalise", "worst",
                    "points_per_unit", "value", "value_lo", "value_hi", "interval_method"], orient="row",
        )  # fmt: skip
        scores = draw_scores(rows, 7, 500, places).filter(pl.col("technology_id") == "t")
        return {name: scores.filter(pl.col("indicator_id") == name)["score"].to_numpy() for name in names}

    names = ["s1_top10_share", "s3_log_lead", "s6_symmetric_rta"]
    rising = (np.arange(500) + 0.5) / 500
    places = {("t", names[0]): rising, ("t", names[1]): rising[::-1]}
    found = drawn(names, places)
    assert (np.diff(found[names[0]]) > 0).all() and (np.diff(found[names[1]]) < 0).all()
    assert np.isclose(np.quantile(found[names[0]], [0.025, 0.5, 0.975]), [40, 50, 60], atol=0.3).all()
    assert abs(np.corrcoef(found[names[0]], found[names[2]])[0, 1]) < 0.2
    again = drawn(names[::2], {}, ("s", "t"))
    assert (again[names[2]] == found[names[2]]).all()
