"""Candidates: rule probabilities by hand, boundaries, reasons in plain words, Pareto fronts, caveats."""

import json
from dataclasses import replace
from types import SimpleNamespace

import polars as pl
import pytest
from score_world import (
    AUTONOMY,
    INDISPENSABLE,
    MIDDLE,
    RESEARCH,
    ROOT,
    make_config,
    read_scoring,
    uncommented,
    warehouse_world,
)

from listgen import composite, fronts
from listgen.base.errors import ConfigError
from listgen.config.models import Caveats, Text
from listgen.config.yamlfile import load_yaml, plain
from listgen.fronts.pareto import pareto_fronts
from listgen.listing import candidates
from listgen.listing.reasons import Known, beside_bar, fill, known_value, percent
from listgen.listing.rules import by_evidence, judge_rules, status_of
from listgen.store.sqlfile import load_sql_dir

# Keys candidates.py adds itself, beside those of indicators and sources.
OWN_CAVEATS = {"is_sample", "dated", "clipped", "partly_judged", "one_office"}
DRAW_SCHEMA = {"technology_id": pl.String, "axis_id": pl.String, "draw": pl.Int32, "value": pl.Float64}


def draws_of(**axes):
    """Return draws of technology `t`, one list of values per axis."""
    rows = [
        ("t", axis, draw, float(value)) for axis, values in axes.items() for draw, value in enumerate(values)
    ]
    return pl.DataFrame(rows, schema=DRAW_SCHEMA, orient="row")


def judged(**axes):
    rows = judge_rules(["t"], draws_of(**axes), read_scoring().rules)
    return {row["rule_id"]: row for row in rows.to_dicts()}


# ---- rules ---------------------------------------------------------------------------------------


def test_rules_are_those_of_the_method():
    rules = {
        rule_id: [(c.axis, c.min, c.max) for c in rule.all] for rule_id, rule in read_scoring().rules.items()
    }
    assert rules == {
        "protect": [("indispensability", 60, None), ("superiority", 50, None)],
        "promote": [("superiority", None, 40), ("autonomy", None, 40)],
        "secure": [("autonomy", None, 30)],
        "strong": [("superiority", 60, None)],
    }
    assert (read_scoring().listing.listed, read_scoring().listing.near_miss) == (0.5, 0.2)


def test_probability_is_the_share_of_draws_in_which_all_conditions_hold_together():
    # indispensability >= 60 in draws 0-5, superiority >= 50 in draws 4-9: together only in 4 and 5.
    found = judged(indispensability=[60] * 6 + [59] * 4, superiority=[40] * 4 + [55] * 6)
    assert found["protect"]["p"] == pytest.approx(0.2)
    assert found["protect"]["parts"] == pytest.approx([0.6, 0.6])
    assert found["strong"]["p"] == 0


def test_a_bar_itself_is_reached_from_both_sides():
    assert judged(superiority=[60, 59.999])["strong"]["p"] == 0.5
    assert judged(autonomy=[30, 30.001])["secure"]["p"] == 0.5
    assert judged(superiority=[40], autonomy=[40])["promote"]["p"] == 1


def test_rule_without_all_its_inputs_is_not_judged():
    found = judged(superiority=[70, 70])
    assert found["protect"]["p"] is None
    assert found["protect"]["parts"] == [None, 1.0]
    assert found["strong"]["p"] == 1
    nothing = judge_rules(["t"], draws_of(), read_scoring().rules)
    assert nothing["p"].null_count() == nothing.height == 4
    assert nothing["parts"].to_list() == [[None, None], [None, None], [None], [None]]


@pytest.mark.parametrize(
    ("p", "status"),
    [
        (None, "insufficient_evidence"),
        (0.0, "not_listed"),
        (0.199, "not_listed"),
        (0.2, "near_miss"),
        (0.499, "near_miss"),
        (0.5, "listed"),
        (1.0, "listed"),
        (3 * 0.1 - 0.1, "near_miss"),  # 0.20000000000000004 and its kin
    ],
)
def test_status_boundaries(p, status):
    n_judged = 0 if p is None else 4
    assert status_of(p, n_judged, 4, read_scoring().listing) == status
    partly = {"not_listed": "partly_judged"}.get(status, status)
    assert status_of(p, min(n_judged, 1), 4, read_scoring().listing) == partly


def test_of_rules_that_hold_equally_often_the_clearest_comes_first():
    # protect: others depend on it (60) and it is strong (50); strong: superiority 60.
    found = judged(superiority=[70, 72], indispensability=[95, 97], autonomy=[50, 50])
    assert found["protect"]["p"] == found["strong"]["p"] == 1
    assert (found["protect"]["margin"], found["strong"]["margin"]) == (21, 11)
    rows = pl.DataFrame([found["strong"], found["protect"]])
    assert rows.sort(by_evidence())["rule_id"].to_list() == ["protect", "strong"]
    assert judged(superiority=[50, 52])["strong"]["margin"] == -9


def test_draw_counts_on_the_boundary_are_exact():
    for hits, status in ((499, "near_miss"), (500, "listed"), (199, "not_listed"), (200, "near_miss")):
        p = judged(superiority=[60] * hits + [0] * (1000 - hits))["strong"]["p"]
        assert status_of(p, 4, 4, read_scoring().listing) == status


# ---- Pareto fronts -------------------------------------------------------------------------------


def fronts_of(points):
    axes = ("autonomy", "superiority", "indispensability")
    rows = [
        (t, axis, value, "ok")
        for t, point in points.items()
        for axis, value in zip(axes, point, strict=False)
    ]
    schema = {"technology_id": pl.String, "axis_id": pl.String, "value": pl.Float64, "status": pl.String}
    return dict(pareto_fronts(pl.DataFrame(rows, schema=schema, orient="row")).iter_rows())


def test_fronts_peel_off_one_by_one():
    points = {
        "a": (90.0, 10.0, 10.0),
        "b": (10.0, 90.0, 10.0),
        "c": (80.0, 9.0, 9.0),
        "d": (70.0, 8.0, 8.0),
        "e": (5.0, 5.0, 5.0),
    }
    assert fronts_of(points) == {"a": 1, "b": 1, "c": 2, "d": 3, "e": 4}


def test_equal_profiles_share_a_front_and_missing_axes_have_none():
    assert fronts_of({"a": (50.0, 50.0, 50.0), "b": (50.0, 50.0, 50.0), "c": (50.0, 50.0)}) == {
        "a": 1,
        "b": 1,
    }
    assert fronts_of({"a": (50.0, 50.0, 50.0)}) == {"a": 1}
    assert fronts_of({}) == {}


# ---- words ---------------------------------------------------------------------------------------


def test_figures_never_round_across_the_bar():
    assert [beside_bar(v, 60) for v in (62.4, 59.6, 60.0, 60.4, 59.97)] == [
        "62",
        "59.6",
        "60",
        "60.4",
        "59.97",
    ]
    assert [percent(p) for p in (0.0, 0.499, 0.5, 0.706, 1.0)] == ["0", "49.9", "50", "70.6", "100"]


def test_template_with_an_unknown_value_is_a_configuration_error():
    with pytest.raises(
        ConfigError,
        match=r"config/scoring.yaml: rules.en: 'pp' is not filled in here; possible: conditions, p",
    ):
        fill("rules", Text(en="{pp}", ja="{pp}"), "en", p="1", conditions="")


# ---- the step ------------------------------------------------------------------------------------


def built(world, monkeypatch, *, config=None, sources=(), last_year=2023):
    monkeypatch.setattr(composite.monopoly, "run", lambda warehouse, config: None)
    warehouse = warehouse_world(world, last_year=last_year)
    config = config or make_config()
    for statement in sources:
        warehouse.execute(statement)
    composite.run(warehouse, config)
    fronts.run(warehouse, config)
    candidates.run(warehouse, config)
    return warehouse


def reasons_of(warehouse, technology_id="t"):
    rows = warehouse.frame(
        "SELECT * FROM list.reason WHERE technology_id = $t", {"t": technology_id}
    ).to_dicts()
    return {row["rule_id"]: row | {"inputs": json.loads(row["inputs"])} for row in rows}


STRONG = (
    {name: value * 1.6 for name, value in (RESEARCH | INDISPENSABLE).items()}
    | {"s3_log_lead": 0.5}
    | AUTONOMY
)
WEAK = (
    {name: 0.5 * value for name, value in (RESEARCH | INDISPENSABLE).items()}
    | {"s3_log_lead": -2.5}
    | dict.fromkeys(AUTONOMY, 0.8)
)


def test_every_technology_stands_once_with_every_rule(monkeypatch):
    warehouse = built({"strong": STRONG, "weak": WEAK, "middle": MIDDLE, "bare": {}}, monkeypatch)
    found = warehouse.rows(
        "SELECT technology_id, status, pareto_front, best_rule_id, best_rule_p, rules_judged, rules_of"
        " FROM list.candidate ORDER BY 1"
    )
    assert found == [
        ("bare", "insufficient_evidence", None, None, None, 0, 4),
        ("middle", "not_listed", 2, None, 0.0, 4, 4),
        ("strong", "listed", 1, "protect", 1.0, 4, 4),
        ("weak", "listed", 3, "promote", 1.0, 4, 4),
    ]
    assert warehouse.rows("SELECT DISTINCT count(*) FROM list.reason GROUP BY technology_id") == [(4,)]


def test_reason_says_what_was_reached_and_what_was_not(monkeypatch):
    warehouse = built({"t": MIDDLE | {"s1_top10_share": (0.2, 0.15, 0.28)}}, monkeypatch)
    strong = reasons_of(warehouse)["strong"]
    assert (strong["is_evaluable"], strong["is_met"]) == (True, False)
    condition = strong["inputs"]["conditions"][0]
    assert (condition["axis"], condition["min"], condition["grade"]) == ("superiority", 60, "records")
    assert condition["value"] == pytest.approx(50)
    assert condition["lo"] < 50 < condition["hi"]
    scored = f"Superiority 50 ({condition['lo']:.0f}–{condition['hi']:.0f})"
    shares = f"{percent(strong['p'])} % of recalculations"
    assert (
        strong["text_en"]
        == f"Strong (a strength to keep): {scored} reaches the bar of 60 in {shares}. 50 % are needed."
    )
    assert strong["text_ja"].startswith("強み（維持すべき優位にある）：優位性50（")


def test_rule_that_cannot_be_judged_cites_the_supply_that_is_known(monkeypatch):
    warehouse = built(
        {"t": RESEARCH | {"a7_supply_concentration": 0.62} | dict.fromkeys(AUTONOMY, "low_coverage")},
        monkeypatch,
    )
    secure = reasons_of(warehouse)["secure"]
    assert (secure["p"], secure["is_evaluable"], secure["is_met"]) == (None, False, None)
    condition = secure["inputs"]["conditions"][0]
    assert (condition["value"], condition["reason"]) == (None, "low_coverage")
    assert condition["known"] == [{"indicator_id": "a7_supply_concentration", "value": 0.62}]
    assert secure["text_en"].startswith("Secure: cannot be judged. Autonomy has no score. Too few references")
    assert secure["text_en"].endswith("Known: Name of a7_supply_concentration 0.62.")
    assert "a7_supply_concentrationの名" in secure["text_ja"]
    share = Known("a9_import_dependence", 0.0621, "trade", "share", "Share", "割合")
    assert known_value(share, "en") == "6.21 %" and known_value(share, "ja") == "6.21%"
    assert known_value(replace(share, unit="index (0 to 1)"), "en") == "0.0621"
    assert "partly_judged" in caveats_of(warehouse)


def test_axis_without_a_score_says_how_much_is_held(monkeypatch):
    held = (
        "INSERT INTO core.technology_evidence VALUES ('t', 'works', 1234, 0), ('t', 'families', 22, 22),"
        " ('t', 'statistics', 180, 180)"
    )
    warehouse = built({"t": dict.fromkeys(RESEARCH, "too_few"), "bare": {}}, monkeypatch, sources=[held])
    strong = reasons_of(warehouse)["strong"]
    assert strong["inputs"]["held"] == {"works": 1234, "families": 22}
    assert strong["text_en"].endswith(
        "Too few documents or references to measure. Held for the window: works 1,234, patents (families or"
        " single documents) 22."
    )
    assert strong["text_ja"].endswith("期間内の保有件数：論文等1,234、特許（ファミリーまたは単独の文献）22。")
    assert reasons_of(warehouse)["protect"]["text_en"].count("Held") == 1
    assert "Held" not in reasons_of(warehouse, "bare")["strong"]["text_en"]


def test_near_miss_is_told_apart_from_the_list(monkeypatch):
    # Superiority 59.0 with an interval that reaches the bar of 60 in some draws, but not in half of them.
    values = {
        "s1_top10_share": (0.236, 0.20, 0.272),
        "s2_quality_ratio": 1.77,
        "s3_log_lead": -0.345,
        "s4_elite_institutions": 0.295,
    }
    warehouse = built({"t": values}, monkeypatch, config=make_config(draws=1000))
    status, p = warehouse.rows("SELECT status, best_rule_p FROM list.candidate")[0]
    assert (status, 0.2 <= p < 0.5) == ("near_miss", True)
    assert reasons_of(warehouse)["strong"]["is_met"] is False


def test_of_rules_that_always_hold_the_clearest_heads_the_list(monkeypatch):
    warehouse = built({"t": WEAK | dict.fromkeys(AUTONOMY, 0.9)}, monkeypatch)
    assert {rule_id for rule_id, row in reasons_of(warehouse).items() if row["p"] == 1} == {
        "promote",
        "secure",
    }
    assert warehouse.scalar("SELECT best_rule_id FROM list.candidate") == "secure", "by evidence, not by file"


def test_tables_are_commented_in_both_languages(monkeypatch):
    warehouse = built({"t": MIDDLE}, monkeypatch)
    comments = warehouse.rows("SELECT comment FROM duckdb_tables() WHERE schema_name = 'list'")
    assert len(comments) == 3
    assert all(comment.startswith("Each row is ") and " / " in comment for (comment,) in comments)
    assert uncommented(warehouse, "list") == []


# ---- caveats -------------------------------------------------------------------------------------


def caveats_of(warehouse, technology_id="t"):
    return set(
        warehouse.scalar("SELECT caveats FROM list.candidate WHERE technology_id = $t", {"t": technology_id})
    )


def test_caveats_come_from_the_indicators_used_only(monkeypatch):
    marks = [
        "UPDATE ind.definition SET caveats = ['size_dependent'] WHERE indicator_id = 's1_top10_share'",
        "UPDATE ind.definition SET caveats = ['statistics_granularity'] WHERE basis = 'statistics'",
    ]
    world = {"t": RESEARCH | {"st_share": 0.3}, "bare": {"s1_top10_share": "too_few"}}
    warehouse = built(world, monkeypatch, sources=marks)
    assert "size_dependent" in caveats_of(warehouse)
    assert "statistics_granularity" not in caveats_of(warehouse)  # the axis rests on records
    assert caveats_of(warehouse, "bare") == set()


def test_clipped_dated_and_sample_are_said(monkeypatch):
    warehouse = built(
        {"t": RESEARCH | {"s1_top10_share": 0.5}},
        monkeypatch,
        sources=["INSERT INTO core.source VALUES ('s', true, false)"],
    )
    assert caveats_of(warehouse) >= {"clipped", "is_sample"}
    assert "dated" not in caveats_of(warehouse)


@pytest.mark.parametrize(("last_year", "is_dated"), [(2016, True), (2017, False)])
def test_window_is_dated_when_it_closed_more_than_eight_years_before_the_newest_data(
    monkeypatch, last_year, is_dated
):
    # The newest file is of 2025-07-01: a window that closed on 2016-12-31 is eight and a half years old.
    assert ("dated" in caveats_of(built({"t": RESEARCH}, monkeypatch, last_year=last_year))) is is_dated


def test_caveats_of_sources_reach_what_was_measured_from_them(monkeypatch):
    config = make_config()
    config.sources = {
        "works": SimpleNamespace(caveats=["capped_authors"]),
        "grants": SimpleNamespace(caveats=["names_unchecked"]),
    }
    links = [
        "INSERT INTO core.technology_work VALUES ('t', 1)", "INSERT INTO core.work VALUES (1, 'works')",
        "INSERT INTO core.technology_family VALUES ('t', 'f', 2020, true)",
        "INSERT INTO core.patent_family VALUES ('f', 'grants')",
    ]  # fmt: skip
    assert caveats_of(built({"t": RESEARCH}, monkeypatch, config=config, sources=links)) == {
        "capped_authors",
        "partly_judged",
    }
    both = MIDDLE | {"s5_international_family_share": 0.2}
    assert caveats_of(built({"t": both}, monkeypatch, config=config, sources=links)) == {
        "capped_authors",
        "names_unchecked",
    }


@pytest.mark.parametrize(
    ("year", "is_one_office", "expected"), [(2020, True, True), (2017, True, False), (2020, False, False)]
)
def test_filings_of_one_office_are_said_wherever_they_are_held(monkeypatch, year, is_one_office, expected):
    links = [
        f"INSERT INTO core.technology_family VALUES ('t', 'f', {year}, true)",
        "INSERT INTO core.patent_family VALUES ('f', 'grants')",
        f"INSERT INTO core.source VALUES ('grants', false, {is_one_office})",
    ]
    # Superiority rests on works alone: nothing is measured from the grants, yet the card shows that they are
    # held.
    assert ("one_office" in caveats_of(built({"t": RESEARCH}, monkeypatch, sources=links))) is expected


def test_a_caveat_of_one_value_is_carried_only_by_that_technology(monkeypatch):
    counts = {"st_share": 0.3, "st_lead": 0.0, "st_rta": 1.0, "st_momentum": 0.0}
    mark = (
        "UPDATE ind.value SET caveats = ['series_added_up'] WHERE indicator_id = 'st_share' AND technology_id"
        " = 'summed'"
    )
    warehouse = built({"summed": counts, "single": counts}, monkeypatch, sources=[mark])
    assert "series_added_up" in caveats_of(warehouse, "summed")
    assert "series_added_up" not in caveats_of(warehouse, "single")


def read_caveats():
    return Caveats.model_validate(
        plain(load_yaml(ROOT / "config" / "caveats.yaml", "config/caveats.yaml"))
    ).caveats


def declared_caveats():
    """Return the caveat keys that indicators and sources declare."""
    headers = [file.header for file in load_sql_dir(ROOT / "src/listgen/indicators").values()]
    used = {key for header in headers for key in [*header["caveats"], *header.get("value_caveats", ())]}
    for path in [*ROOT.glob("config/sources/*.yaml"), *ROOT.glob("examples/*/config/sources/*.yaml")]:
        used |= set(plain(load_yaml(path, path.name)).get("caveats", ()))
    return used


def test_every_caveat_in_use_has_a_text_and_every_text_a_use():
    assert declared_caveats() | OWN_CAVEATS == set(read_caveats())


# ---- the list after decisions --------------------------------------------------------------------


def test_decisions_change_the_list_only_where_they_say_so_and_any_one_can_be_left_out(monkeypatch):
    warehouse = built({"a": MIDDLE, "b": MIDDLE, "c": MIDDLE, "d": MIDDLE}, monkeypatch)
    proposed = dict(warehouse.rows("SELECT technology_id, status FROM list.candidate"))
    assert dict(warehouse.rows("SELECT technology_id, status FROM list.decided")) == proposed, (
        "without a decision the rules stand"
    )
    warehouse.execute(
        "INSERT INTO core.review_decision VALUES ('a', 'accept', NULL, $status, 'x'), ('b', 'merge', 'a',"
        " 'listed_before', 'y'), ('c', NULL, NULL, $status, NULL)",
        {"status": proposed["a"]},
    )
    after = {row["technology_id"]: row for row in candidates.decided_list(warehouse).to_dicts()}
    assert {name: row["status"] for name, row in after.items()} == proposed | {"a": "listed", "b": "merged"}
    assert (after["a"]["is_overtaken"], after["b"]["is_overtaken"], after["c"]["is_overtaken"]) == (
        False,
        True,
        None,
    )
    without = {
        row["technology_id"]: row["status"]
        for row in candidates.decided_list(warehouse, without="a").to_dicts()
    }
    assert without == proposed | {"b": "merged"}
