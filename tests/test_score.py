"""Scores: known vectors, direction flips, missing values, gates, branches, draws, ranks."""

import math

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from score_world import (
    AUTONOMY,
    COUNTS,
    INDISPENSABLE,
    MIDDLE,
    RESEARCH,
    VALUE_SCHEMA,
    axis_of,
    make_config,
    normalised_world,
    read_scoring,
    row_of,
    tables_of,
    uncommented,
    value_rows,
    warehouse_world,
)

from listgen import composite
from listgen.base.errors import ConfigError, DataError
from listgen.composite import indicator_settings, normalise
from listgen.composite.draws import draw_scores
from listgen.composite.normalise import check_known

# method 4.8: what scores 0 and what scores 100.
GOALPOSTS = {
    "s1_top10_share": (0, 0.40), "s2_quality_ratio": (0, 3), "s3_log_lead": (-3, 1.5),
    "s4_elite_institutions": (0, 0.5),
    "s5_international_family_share": (0, 0.40), "s6_symmetric_rta": (-1, 1), "a1_foreign_dependence": (1, 0),
    "a1_foreign_dependence_families": (1, 0), "a3_source_concentration": (1, 0),
    "a3_source_concentration_families": (1, 0),
    "a7_supply_concentration": (1, 0), "i1_inbound_reliance": (0, 0.40),
    "i1_inbound_reliance_families": (0, 0.40), "i2_breadth": (0, 1),
    "i2_breadth_families": (0, 1), "i3_removal_impact": (0, 0.30), "i3_removal_impact_families": (0, 0.30),
    "i6_supply_share": (0, 0.40),
    "a8_import_concentration": (1, 0), "a9_import_dependence": (1, 0), "i7_export_share": (0, 0.40),
    "i8_export_specialisation": (-1, 1),
    "st_share": (0, 0.40), "st_lead": (-3, 1.5), "st_rta": (-1, 1), "st_quality": (0, 3),
    "st_momentum": (-0.15, 0.15),
}  # fmt: skip


def score_of(indicator_id, value):
    return row_of(normalised_world({"t": {indicator_id: value}}), indicator_id=indicator_id)


# ---- the settings --------------------------------------------------------------------------------


def test_goalposts_are_those_of_the_method():
    found = {
        row["indicator_id"]: (row["worst"], row["best"])
        for row in indicator_settings(read_scoring()).to_dicts()
    }
    assert found == GOALPOSTS


def test_effective_importance_is_the_groups_share_times_the_indicators():
    settings_frame = indicator_settings(read_scoring())
    importance = dict(settings_frame.select("indicator_id", "importance").iter_rows())
    assert importance["s1_top10_share"] == pytest.approx(0.6 * 1 / 3)
    assert importance["s6_symmetric_rta"] == pytest.approx(0.4 * 0.5 / 1.5)
    assert importance["a7_supply_concentration"] == pytest.approx(0.3 * 1 / 1.2)
    assert importance["i6_supply_share"] == pytest.approx(0.3 * 1 / 1.2)
    assert settings_frame.group_by("axis_id", "branch").agg(pl.col("importance").sum())[
        "importance"
    ].to_list() == pytest.approx([1] * 4)


def test_every_scored_indicator_has_an_sql_file():
    from score_world import ROOT

    stems = {path.stem for path in (ROOT / "src/listgen/indicators").glob("*.sql")}
    assert {i.removesuffix("_families") for i in GOALPOSTS} <= stems


def test_unknown_indicator_names_the_nearest():
    with pytest.raises(
        ConfigError, match=r'"s1_top10_share" is not an indicator. Did you mean "s1_top10_shares"\?'
    ):
        check_known(
            indicator_settings(read_scoring()),
            [*(i for i in GOALPOSTS if i != "s1_top10_share"), "s1_top10_shares"],
        )


# ---- normalising ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("indicator_id", "value", "expected"),
    [
        ("s1_top10_share", 0.10, 25),
        ("s3_log_lead", 0.0, 100 * 3 / 4.5),  # parity with the best other
        ("a1_foreign_dependence", 0.25, 75),  # less is better
        ("a3_source_concentration", 1.0, 0),
        ("s6_symmetric_rta", 0.0, 50),
        ("st_rta", 1.0, 50),  # own average
        ("st_rta", 3.0, 75),  # (3 - 1) / (3 + 1) = 0.5
        ("st_rta", 1 / 3, 25),  # a third lies as far below as three times above
        ("st_rta", 0.0, 0),
        ("st_momentum", -0.15, 0),
    ],
)
def test_known_scores(indicator_id, value, expected):
    row = score_of(indicator_id, value)
    assert row["score"] == pytest.approx(expected)
    assert row["is_clipped"] is False


def test_outside_the_goalposts_is_clipped_and_flagged():
    assert (score_of("s1_top10_share", 0.55)["score"], score_of("s1_top10_share", 0.55)["is_clipped"]) == (
        100,
        True,
    )
    assert (score_of("s3_log_lead", -4.0)["score"], score_of("s3_log_lead", -4.0)["is_clipped"]) == (0, True)
    assert score_of("s1_top10_share", (0.35, 0.25, 0.45))["is_clipped"] is False


def test_interval_turns_round_when_less_is_better():
    row = score_of("a1_foreign_dependence", (0.6, 0.5, 0.8))
    assert [row["score_lo"], row["score"], row["score_hi"]] == pytest.approx([20, 40, 50])


def test_flipped_direction_flips_the_score():
    raw = read_scoring().model_dump()
    setting = raw["axes"]["superiority"]["branches"]["records"]["groups"]["research"]["indicators"][
        "s1_top10_share"
    ]
    setting |= {"direction": -1, "goalposts": [0.40, 0]}
    row = row_of(
        normalised_world({"t": {"s1_top10_share": 0.10}}, type(read_scoring()).model_validate(raw)),
        indicator_id="s1_top10_share",
    )
    assert row["score"] == pytest.approx(75)


def test_d59_technology_without_any_value_still_has_all_its_rows():
    rows = normalised_world({"t": {}})
    assert rows.height == len(GOALPOSTS)
    assert set(rows["status"]) == {"missing"}
    assert rows["score"].null_count() == rows.height


def test_value_of_another_status_is_never_scored():
    row = score_of("s1_top10_share", "too_few")
    assert (row["status"], row["score"], row["value"], row["is_clipped"]) == ("too_few", None, None, None)


@pytest.mark.parametrize(
    ("rows", "what"),
    [
        (value_rows("t", {"s1_top10_share": 0.1}) * 2, "two values of one indicator"),
        (value_rows("t", {"s1_top10_share": math.nan}), "without a number"),
        (value_rows("t", {"st_lead": -math.inf}), "without a number"),
        (value_rows("t", {"s1_top10_share": (0.1, 0.2, 0.3)}), "outside its interval"),
        (value_rows("t", {"s1_top10_share": (0.1, 0.05, math.inf)}), "interval without an end"),
    ],
)
def test_values_that_cannot_be_scored_stop_the_build(rows, what):
    with pytest.raises(DataError, match=f"{what}.*first: t/"):
        normalise(pl.DataFrame(rows, schema=VALUE_SCHEMA), indicator_settings(read_scoring()), ["t"])


# ---- axes ----------------------------------------------------------------------------------------


def test_axis_is_the_weighted_mean_by_hand():
    # Scores 25, 50, 0, 100 with importances .2, .2, .1, .1: (5 + 10 + 0 + 10) / .6
    values = {
        "s1_top10_share": 0.10,
        "s2_quality_ratio": 1.5,
        "s3_log_lead": -3.0,
        "s4_elite_institutions": 0.5,
    }
    assert axis_of({"t": values})["value"] == pytest.approx(25 / 0.6)


def test_missing_indicator_is_dropped_with_rescaled_weights():
    # s4 (.1) is missing of invention and research: the other five weigh .9. Scores 25, 50, 0 | 50, 50.
    values = {
        "s1_top10_share": 0.10,
        "s2_quality_ratio": 1.5,
        "s3_log_lead": -3.0,
        "s4_elite_institutions": "too_few",
    }
    values |= {"s5_international_family_share": 0.20, "s6_symmetric_rta": 0.0}
    found = axis_of({"t": values})
    assert found["value"] == pytest.approx((0.2 * 25 + 0.2 * 50 + 0 + 0.4 * 50) / 0.9)
    assert found["coverage"] == pytest.approx(0.9)


def test_exactly_the_gate_passes_and_just_below_does_not():
    assert axis_of({"t": RESEARCH})["status"] == "ok"
    assert axis_of({"t": RESEARCH})["coverage"] == 0.6
    below = axis_of({"t": RESEARCH | {"s4_elite_institutions": "too_few"}})
    assert below["status"] == "insufficient_evidence"
    assert below["coverage"] == pytest.approx(0.5)
    assert (below["value"], below["lo"], below["hi"], below["reason"], below["grade"]) == (
        None,
        None,
        None,
        "too_few",
        "records",
    )


@pytest.mark.parametrize(
    ("indicator_ids", "passes"),
    [
        (["st_share", "st_lead", "st_rta", "st_momentum"], True),  # every table of counts
        (["st_share", "st_lead", "st_rta"], True),
        (["st_share", "st_lead", "st_momentum"], True),
        (["st_share", "st_lead"], False),  # one window of counts, nothing beside it
        (["st_quality", "st_momentum", "st_rta"], False),
    ],
)
def test_tables_of_counts_alone_carry_superiority(indicator_ids, passes):
    found = axis_of({"t": dict.fromkeys(indicator_ids, 0.1)})
    assert (found["status"] == "ok") is passes
    assert found["grade"] == "statistics"


def test_records_come_before_statistics_and_are_never_mixed_with_them():
    assert axis_of({"t": RESEARCH | COUNTS})["grade"] == "records"
    assert axis_of({"t": RESEARCH | COUNTS})["value"] == pytest.approx(50)
    sampled = dict.fromkeys(RESEARCH, "not_comparable") | COUNTS
    found = axis_of({"t": sampled})
    # (.3 x 75 + .2 x 66.67 + .15 x 50 + .15 x 50) / .8
    assert (found["grade"], found["coverage"]) == ("statistics", pytest.approx(0.8))
    assert found["value"] == pytest.approx((22.5 + 0.2 * 200 / 3 + 15) / 0.8)


def test_statistics_carry_no_other_axis():
    tables = tables_of({"t": COUNTS})
    reasons = {row["axis_id"]: row["reason"] for row in tables["score.technology"].to_dicts()}
    assert reasons == {"superiority": None, "autonomy": "no_evidence", "indispensability": "no_evidence"}


def test_geometric_mean_does_not_buy_off_a_weakness():
    raw = read_scoring().model_dump()
    raw["axes"]["superiority"]["aggregate"] = "geometric"
    values = RESEARCH | {"s1_top10_share": 0.0}
    found = axis_of({"t": values}, scoring=type(read_scoring()).model_validate(raw))
    # 50 with two thirds of the weight, 1 (the floor) with one third.
    assert found["value"] == pytest.approx(50 ** (2 / 3))
    assert found["value"] < axis_of({"t": values})["value"]


def test_d59_all_insufficient_leaves_tables_that_say_so():
    tables = tables_of({"t": {}, "u": {"s1_top10_share": "too_few"}})
    assert set(tables["score.technology"]["status"]) == {"insufficient_evidence"}
    assert tables["score.technology"].height == 6
    assert tables["score.draw"].is_empty()
    assert tables["score.rank_range"].is_empty()


# ---- draws and ranks -----------------------------------------------------------------------------


def draws_of(world, seed=7, method="wilson", n=2000):
    rows = normalised_world(world, method=method).filter(pl.col("status") == "ok")
    return draw_scores(rows, seed, n, {})


def test_draws_reproduce_the_interval():
    # Skewed: 0.05 below, 0.10 above. Scores are 250 x the share.
    found = draws_of({"t": {"s1_top10_share": (0.20, 0.15, 0.30)}}, n=20_000)["score"]
    assert [found.quantile(q) for q in (0.025, 0.5, 0.975)] == pytest.approx([37.5, 50, 75], abs=1.0)


def test_half_unit_intervals_are_drawn_evenly():
    found = draws_of({"t": {"st_quality": (1.5, 1.35, 1.65)}}, method="half_unit", n=20_000)["score"]
    assert found.min() >= 45
    assert found.max() <= 55
    assert found.std() == pytest.approx(10 / math.sqrt(12), rel=0.02)


def test_without_an_interval_nothing_varies():
    assert draws_of({"t": {"s1_top10_share": 0.2}})["score"].n_unique() == 1
    one_sided = draws_of({"t": {"s1_top10_share": (0.2, None, 0.3)}})["score"]
    assert one_sided.min() == 50


def test_draws_are_reproducible_and_follow_the_seed():
    world = {"t": {"s1_top10_share": (0.20, 0.15, 0.30)}}
    assert draws_of(world).equals(draws_of(world))
    assert not draws_of(world).equals(draws_of(world, seed=8))


def test_adding_a_technology_or_an_indicator_changes_no_others_draws():
    one = {"t": {"s1_top10_share": (0.20, 0.15, 0.30)}}
    more = {"a": {"s1_top10_share": (0.1, 0.05, 0.2)}, "t": {"s2_quality_ratio": (1.0, 0.5, 1.5)} | one["t"]}
    only = (pl.col("technology_id") == "t") & (pl.col("indicator_id") == "s1_top10_share")
    assert draws_of(one).equals(draws_of(more).filter(only))


def test_d59_single_technology_ranks_first_with_its_own_interval():
    tables = tables_of({"t": {name: (v, v * 0.9, v * 1.1) if v > 0 else v for name, v in MIDDLE.items()}})
    assert tables["score.rank_range"].select(
        "rank_p05", "rank_p50", "rank_p95", "n_ranked"
    ).unique().rows() == [(1, 1, 1, 1)]
    superiority = row_of(tables["score.technology"], axis_id="superiority")
    assert superiority["lo"] < superiority["value"] < superiority["hi"]


def test_d59_equal_scores_share_the_better_rank():
    world = {"a": MIDDLE, "b": MIDDLE, "c": MIDDLE | {"s1_top10_share": 0.1}}
    ranks = (
        tables_of(world)["score.rank_range"].filter(pl.col("axis_id") == "superiority").sort("technology_id")
    )
    assert ranks["rank_p50"].to_list() == [1, 1, 3]


def test_ranks_stand_on_unrounded_values():
    world = {"a": RESEARCH, "b": RESEARCH | {"s1_top10_share": 0.2000001}}
    ranks = tables_of(world)["score.rank_range"].sort("technology_id")
    assert ranks["rank_p50"].to_list() == [2, 1]


def test_overlapping_intervals_give_a_range_of_ranks():
    world = {
        "a": RESEARCH | {"s1_top10_share": (0.20, 0.15, 0.25)},
        "b": RESEARCH | {"s1_top10_share": (0.205, 0.155, 0.255)},
    }
    ranks = tables_of(world)["score.rank_range"].sort("technology_id")
    assert ranks.select("rank_p05", "rank_p95").rows() == [(1, 2), (1, 2)]


@settings(max_examples=15, deadline=None, derandomize=True)
@given(
    st.lists(
        st.tuples(st.floats(0, 1), st.floats(0, 0.5), st.floats(0, 0.5)).map(
            lambda x: (x[0], max(0.0, x[0] - x[1]), x[0] + x[2])
        ),
        min_size=6,
        max_size=6,
    )
)
def test_interval_holds_the_value_whatever_is_clipped(values):
    ids = [i for i in GOALPOSTS if i.startswith("s")][:6]
    found = axis_of({"t": dict(zip(ids, values, strict=True))}, draws=100)
    assert 0 <= found["lo"] <= found["value"] <= found["hi"] <= 100


# ---- the step ------------------------------------------------------------------------------------


@pytest.fixture
def without_monopoly(monkeypatch):
    monkeypatch.setattr(composite.monopoly, "run", lambda warehouse, config: None)


def test_step_fills_its_tables(without_monopoly):
    warehouse = warehouse_world({"machine_learning": MIDDLE, "hypersonics": {}})
    warehouse.execute("INSERT INTO core.technology VALUES ('old', 'retired')")
    warehouse.execute(
        "INSERT INTO ind.value VALUES ('machine_learning', 's1_top10_share', 'US', 0.4, NULL, NULL, 'ok',"
        " 2023, [])"
    )
    composite.run(warehouse, make_config())
    found = warehouse.rows("SELECT technology_id, axis_id, status, value FROM score.technology ORDER BY ALL")
    assert [row[0] for row in found] == ["hypersonics"] * 3 + ["machine_learning"] * 3
    assert [row[3] for row in found[3:]] == pytest.approx([50, 50, 50])
    assert warehouse.scalar("SELECT count(*) FROM score.draw") == 3 * 400
    assert warehouse.scalar("SELECT count(*) FROM score.normalised WHERE country_code <> 'JP'") == 0
    assert (
        warehouse.scalar(
            "SELECT count(*) FROM prov.statement WHERE step = 'score' AND statement_id = 'arguments'"
        )
        == 1
    )


def test_every_score_can_be_rebuilt_from_the_tables(without_monopoly):
    world = {
        "t": (
            MIDDLE
            | {
                "s4_elite_institutions": "too_few",
                "s5_international_family_share": 0.3,
                "a7_supply_concentration": 0.9,
            }
        )
    }
    warehouse = warehouse_world(world)
    composite.run(warehouse, make_config())
    rebuilt = """
        SELECT s.axis_id, s.value, sum(n.importance * n.score) / sum(n.importance) AS rebuilt, s.coverage,
          sum(n.importance) AS covered
        FROM score.technology AS s JOIN score.normalised AS n USING (technology_id, axis_id)
        WHERE s.status = 'ok' AND n.branch = s.grade AND n.status = 'ok' GROUP BY ALL"""
    rows = warehouse.rows(rebuilt)
    assert len(rows) == 3
    for _, value, again, coverage, covered in rows:
        assert value == pytest.approx(again, abs=1e-9)
        assert coverage == pytest.approx(covered, abs=1e-9)


def test_tables_are_commented_in_both_languages(without_monopoly):
    warehouse = warehouse_world({"t": MIDDLE})
    composite.run(warehouse, make_config())
    tables = warehouse.rows("SELECT table_name, comment FROM duckdb_tables() WHERE schema_name = 'score'")
    assert {name for name, _ in tables} == {"normalised", "technology", "rank_range", "draw", "monopoly_risk"}
    assert all(comment.startswith("Each row is ") and " / " in comment for _, comment in tables)
    assert uncommented(warehouse, "score") == []


def test_indispensable_and_superior_world_scores_as_planted(without_monopoly):
    strong = (
        {name: value * 1.6 for name, value in (RESEARCH | INDISPENSABLE).items()}
        | {"s3_log_lead": 0.5}
        | AUTONOMY
    )
    warehouse = warehouse_world({"strong": strong, "middle": MIDDLE})
    composite.run(warehouse, make_config())
    best = warehouse.rows(
        "SELECT technology_id FROM score.rank_range WHERE axis_id = 'indispensability' AND rank_p50 = 1"
    )
    assert best == [("strong",)]
