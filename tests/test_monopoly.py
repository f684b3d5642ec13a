"""Technology monopoly risk.

The founding table goes through the function that classifies real technologies.
"""

import math

import numpy as np
import polars as pl
import pytest
from indicator_world import ROOT, frame_of, make_config, make_warehouse

from listgen import worlds
from listgen.composite.monopoly import aspi_rule, assess, classify_monopoly, draw_ranking, run
from listgen.store.sqlfile import load_sql_file

# As printed: k of the top ten institutions, printed lead, and the shares of the five leading countries. The
# flags are lost in the text, so the countries are named by their rank.
FOUNDING = {
    "advanced_data_analytics": (9, "2.3", (33.2, 14.4, 5.4, 4.0, 3.6), "medium"),
    "ai_algorithms_and_accelerators": (6, "2.2", (30.9, 14.0, 5.9, 5.0, 4.5), "medium"),
    "machine_learning": (9, "2.4", (36.5, 15.4, 5.4, 3.6, 3.2), "medium"),
    "advanced_integrated_circuits": (4, "1.1", (24.4, 22.5, 5.6, 4.3, 4.2), "low"),
    "adversarial_ai": (7, "1.6", (31.1, 19.5, 5.5, 5.1, 3.5), "low"),
    "natural_language_processing": (6, "1.0", (24.8, 24.1, 4.2, 4.2, 3.7), "low"),
}
RANKS = ("C1", "C2", "C3", "C4", "C5")


def institutions_of(
    technology_id: str, k: int, top: int = 10, leader: str = "C1", other: str = "C2"
) -> pl.DataFrame:
    """Ten institutions, k of them in the leader, the others between, and two of the leader that miss ten."""
    rows = [(technology_id, place, leader if place < k else other, 100.0 - place) for place in range(top)]
    return frame_of([*rows, (technology_id, 98, leader, 1.0), (technology_id, 99, leader, 1.0)], *INSTITUTION)


INSTITUTION = ("technology_id", "institution_id", "country_code", "credit")
SHARE = ("technology_id", "country_code", "share")


def shares_of(technology_id: str, shares: tuple[float, ...]) -> pl.DataFrame:
    return frame_of(
        [(technology_id, code, share) for code, share in zip(RANKS, shares, strict=False)], *SHARE
    )


def founding_tables() -> tuple[pl.DataFrame, pl.DataFrame]:
    institutions = pl.concat([institutions_of(name, k) for name, (k, _, _, _) in FOUNDING.items()])
    shares = pl.concat([shares_of(name, values) for name, (_, _, values, _) in FOUNDING.items()])
    return institutions.sample(fraction=1, shuffle=True, seed=1), shares.sample(
        fraction=1, shuffle=True, seed=2
    )


@pytest.mark.parametrize("technology_id", FOUNDING)
def test_the_founding_table_comes_out_with_its_classes(technology_id):
    k, printed, shares, risk_class = FOUNDING[technology_id]
    found = (
        classify_monopoly(*founding_tables())
        .filter(pl.col("technology_id") == technology_id)
        .row(0, named=True)
    )
    assert (found["k"], f"{found['ratio']:.1f}", found["risk_class"]) == (k, printed, risk_class)
    assert math.isclose(found["ratio"], shares[0] / shares[1])
    assert (found["leader_country_code"], found["second_country_code"]) == ("C1", "C2")


@pytest.mark.parametrize(
    ("k", "first", "second", "risk_class"),
    [
        (8, 30.0, 10.0, "high"),
        (10, 29.6, 10.0, "medium"),  # prints as 3.0 and is below 3
        (7, 60.0, 10.0, "medium"),  # both bars must be reached
        (5, 20.0, 10.0, "medium"),
        (10, 19.9, 10.0, "low"),
        (4, 60.0, 10.0, "low"),
    ],
)
def test_both_bars_hold_on_the_unrounded_ratio(k, first, second, risk_class):
    found = classify_monopoly(institutions_of("t", k), shares_of("t", (first, second)))
    assert found["risk_class"].to_list() == [risk_class]


def test_more_institutions_at_home_never_lower_the_risk():
    order = {"low": 0, "medium": 1, "high": 2}
    classes = [
        classify_monopoly(institutions_of("t", k), shares_of("t", (40.0, 10.0)))["risk_class"][0]
        for k in range(11)
    ]
    assert [order[name] for name in classes] == sorted(order[name] for name in classes)


def test_d59_a_single_country_leads_over_nobody():
    found = classify_monopoly(institutions_of("t", 10), shares_of("t", (100.0,))).row(0, named=True)
    assert (found["second_country_code"], found["ratio"], found["risk_class"]) == (None, None, "high")


def test_equal_shares_and_equal_credit_are_ordered_by_id():
    institutions = frame_of(
        [("t", place, "JP" if place < 10 else "US", 1.0) for place in range(20)], *INSTITUTION
    )
    shares = frame_of([("t", "US", 30.0), ("t", "JP", 30.0)], *SHARE)
    found = classify_monopoly(institutions, shares).row(0, named=True)
    assert (found["leader_country_code"], found["k"], found["ratio"]) == ("JP", 10, 1.0)


def test_institutions_of_unknown_country_are_nobodys():
    institutions = institutions_of("t", 8).with_columns(
        pl.when(pl.col("institution_id") == 0).then(None).otherwise("country_code").alias("country_code")
    )
    assert classify_monopoly(institutions, shares_of("t", (30.0, 10.0)))["k"].to_list() == [7]


def test_the_published_rule_is_the_default_of_the_repository():
    published, ours = aspi_rule(), make_config().scoring.monopoly
    assert ours.model_copy(update={"why": published.why}) == published


def works_of(n: int, leader_part: float) -> pl.DataFrame:
    """n works at the top among 10 n, one author each.

    The leader's over ten institutions, the second's over ten.
    """
    work = np.arange(10 * n)
    is_leader = work % 100 < leader_part * 100
    return pl.DataFrame(
        {
            "work_id": work,
            "institution_id": np.where(is_leader, 10, 50) + work % 10,
            "country_code": np.where(is_leader, "CN", "US"),
            "cited_by": np.where(work < n, 1000 + work, 0),
        }
    )


def evidence_of(works: pl.DataFrame) -> worlds.Evidence:
    item = (pl.col("work_id") + 1).cast(pl.UInt64) * 0x9E3779B97F4A7C1
    rows = works.with_columns(
        item=item, year=pl.lit(2023), is_flagged=pl.lit(value=False), weight=pl.lit(1.0)
    )
    cited = pl.DataFrame(schema={"item": pl.UInt64, "country_code": pl.String, "weight": pl.Float64})
    return worlds.Evidence.of(rows.drop("institution_id"), cited, rows)


def assessed_of(n: int, leader_part: float, name: str = "t", seed: int = 7, n_draws: int = 500) -> dict:
    return assess(name, evidence_of(works_of(n, leader_part)), aspi_rule(), seed=seed, n_draws=n_draws)


def test_probabilities_sum_to_one_and_the_interval_holds_the_ratio():
    found = assessed_of(400, 0.7)
    assert math.isclose(found["p_high"] + found["p_medium"] + found["p_low"], 1.0)
    assert found["ratio_lo"] <= found["ratio"] <= found["ratio_hi"]
    assert math.isclose(found["ratio"], 7 / 3)


def test_the_class_is_the_most_probable_one_and_none_without_agreement():
    found = assessed_of(400, 0.7)
    assert found["risk_class"] == "medium" and found["p_medium"] > 0.8
    edge = assessed_of(100, 0.75)
    assert math.isclose(edge["ratio"], 3.0) and max(edge["p_high"], edge["p_medium"]) < 0.6
    assert edge["risk_class"] is None, "as many worlds on this side of the bar as on the other"


def test_worlds_agree_with_the_log_ratio_interval():
    # 280 against 120 works of one country each: 2.3333 x exp(-+1.96 sqrt(1/280 + 1/120)) = 1.886 .. 2.887
    found = assessed_of(400, 0.7, n_draws=4000)
    half = 1.96 * math.sqrt(1 / 280 + 1 / 120)
    assert math.isclose(found["ratio_lo"], 7 / 3 * math.exp(-half), rel_tol=0.05)
    assert math.isclose(found["ratio_hi"], 7 / 3 * math.exp(half), rel_tol=0.05)


def test_more_works_make_the_class_surer():
    sure = [assessed_of(n, 0.78)["p_high"] for n in (100, 2000)]
    assert 0.5 < sure[0] < 0.95 < sure[1]


def test_draws_follow_seed_and_documents_only():
    first = assessed_of(200, 0.7, n_draws=300)
    assert first == assessed_of(200, 0.7, n_draws=300)
    assert assessed_of(200, 0.7, seed=8, n_draws=300)["ratio_hi"] != first["ratio_hi"]
    other = assessed_of(200, 0.7, name="u", n_draws=300)
    assert other["ratio_hi"] == first["ratio_hi"], "the same works are drawn in every technology"


def test_all_countries_of_a_work_are_drawn_together():
    evidence = evidence_of(works_of(60, 0.5))
    both = worlds.Evidence(**(vars(evidence) | {"own": evidence.own.copy()}))
    both.own.data[:] = 1.0
    k, ratio, by_country = draw_ranking(both, aspi_rule(), "t", 1, 250)
    n_drawn = np.concatenate([taken.sum(axis=0) for taken in worlds.chunks(both, 1, 250)])
    assert np.allclose(by_country.sum(axis=1), n_drawn / 10), "a tenth of the works that were drawn"
    assert k.shape == ratio.shape == (250,)
    assert ratio.min() >= 1


WORLD_TECHNOLOGIES = ("led", "thin", "tied", "few_institutions", "sampled", "empty")


def world():
    works, countries, authors, cited, first = [], [], [], [], 0
    for technology_id, n, weight in (
        ("led", 200, 1.0),
        ("thin", 20, 1.0),
        ("tied", 20, 0.1),
        ("few_institutions", 100, 1.0),
        ("sampled", 50, None),
    ):
        made = works_of(n, 0.8)
        for work_id, institution_id, code, cited_by in made.iter_rows():
            own = 11 if technology_id == "few_institutions" else institution_id
            is_top = technology_id == "tied" or work_id < n
            cited.append(
                {"work_id": first + work_id, "cited_by_count": cited_by if technology_id != "tied" else 0}
            )
            works.append(
                {
                    "technology_id": technology_id,
                    "work_id": first + work_id,
                    "is_comparable": weight is not None,
                    "top10_weight": weight if weight is None or is_top else 0.0,
                }
            )
            authors.append(
                {
                    "work_id": first + work_id,
                    "author_seq": 1,
                    "institution_id": own,
                    "country_code": code,
                    "weight": 1,
                }
            )
            countries.append({"work_id": first + work_id, "country_code": code, "weight": 1})
        first += made.height
    located = [
        {"institution_id": place, "country_code": "CN" if place < 50 else "US"}
        for place in (*range(10, 20), *range(50, 60))
    ]
    held = {
        "led": (200, 200),
        "thin": (20, 20),
        "tied": (200, 200),
        "few_institutions": (100, 100),
        "sampled": (50, 0),
    }
    return make_warehouse(
        {
            "core.technology": [{"technology_id": name} for name in WORLD_TECHNOLOGIES],
            "core.technology_evidence": [
                {"technology_id": name, "basis": "works", "n_items": items, "n_comparable": comparable}
                for name, (items, comparable) in held.items()
            ],
            "core.technology_work": works,
            "core.work": cited,
            "core.work_country": countries,
            "core.authorship": authors,
            "core.institution": located,
        }
    )


def run_world() -> dict[str, dict]:
    with world() as warehouse:
        warehouse.run_sql(
            "score", load_sql_file(ROOT / "src" / "listgen" / "composite" / "monopoly_risk.sql")
        )
        run(warehouse, make_config())
        return {
            row["technology_id"]: row
            for row in warehouse.frame("SELECT * FROM score.monopoly_risk").iter_rows(named=True)
        }


@pytest.fixture(scope="module")
def assessed() -> dict[str, dict]:
    return run_world()


def test_every_technology_has_a_row_and_only_enough_evidence_a_class(assessed):
    found = assessed
    expected = {
        "led": "ok",
        "thin": "too_few",
        # 200 works cited equally often share the 20 places of the top 10 %.
        "tied": "too_few",
        "few_institutions": "not_applicable",
        "sampled": "not_comparable",
        "empty": "missing",
    }
    assert {name: row["status"] for name, row in found.items()} == expected
    assert all((row["risk_class"] is None) == (row["status"] != "ok") for row in found.values())
    led = found["led"]
    # 160 of the 200 works at the top are CN's, over ten institutions of 16 each; US has ten of 4.
    assert (
        led["leader_country_code"],
        led["second_country_code"],
        led["k"],
        led["ratio"],
        led["risk_class"],
    ) == (
        "CN",
        "US",
        10,
        4.0,
        "high",
    )
    assert led["n"] == 200
    assert found["thin"]["n"] == 20


def test_the_step_is_repeatable(assessed):
    assert run_world() == assessed
