"""Why an axis has no score: the reason names what is held, and what it cannot carry."""

import pytest
from score_world import (
    AUTONOMY,
    COUNTS,
    RESEARCH,
    axis_of,
    make_config,
    read_scoring,
    row_of,
    tables_of,
    warehouse_world,
)

from listgen import composite


def test_one_office_cannot_be_the_only_basis():
    flags = ["has_one_office_series"]
    found = axis_of({"t": COUNTS}, flags=flags)
    assert (found["status"], found["reason"], found["value"]) == (
        "insufficient_evidence",
        "one_office_only",
        None,
    )
    assert axis_of({"t": COUNTS})["status"] == "ok"
    assert axis_of({"t": {}}, flags=flags)["reason"] == "one_office_only"
    assert axis_of({"t": {}}, "autonomy", flags=flags)["reason"] == "no_evidence"


TABLES = ("st_share", "st_lead", "st_rta", "st_quality", "st_momentum")
OF_ANOTHER_KIND = dict.fromkeys(TABLES, "not_applicable")
GRANTS = OF_ANOTHER_KIND | dict.fromkeys(
    ("s5_international_family_share", "s6_symmetric_rta"), "not_applicable"
)


@pytest.mark.parametrize(
    ("values", "flags", "reason"),
    [
        # Tables of a broader field are evidence, though not of the technology: the reason must not say that
        # nothing is held.
        (OF_ANOTHER_KIND, ["has_broader_series"], "broader_series_only"),
        (OF_ANOTHER_KIND, ["has_one_office_series"], "one_office_only"),
        (OF_ANOTHER_KIND, [], "not_applicable"),  # its own table, but without a whole
        ({}, [], "no_evidence"),
        # Grants of one office make no indicator apply: the office is the cause, not the indicators.
        (GRANTS, ["has_one_office_families", "has_broader_series"], "one_office_only"),
        (GRANTS, ["has_broader_series"], "not_applicable"),
        # What holds back more importance is told first: research 0.6, invention 0.4.
        (
            GRANTS | dict.fromkeys(RESEARCH, "not_comparable"),
            ["has_one_office_families", "has_broader_series"],
            "not_comparable",
        ),
        (OF_ANOTHER_KIND | dict.fromkeys(RESEARCH, "too_few"), ["has_broader_series"], "too_few"),
    ],
)
def test_reason_names_what_is_held(values, flags, reason):
    assert axis_of({"t": values}, flags=flags)["reason"] == reason
    if "s5_international_family_share" not in values and "s1_top10_share" not in values:
        assert axis_of({"t": values}, "autonomy", flags=flags)["reason"] == "no_evidence", (
            "tables say nothing about dependence"
        )


def test_supply_alone_is_shown_but_judges_nothing():
    tables = tables_of({"t": {"a7_supply_concentration": 0.4}})
    found = row_of(tables["score.technology"], axis_id="autonomy")
    assert (found["value"], found["coverage"], found["grade"], found["reason"]) == (
        None,
        pytest.approx(0.25),
        "supply",
        "supply_only",
    )
    assert row_of(tables["score.normalised"], indicator_id="a7_supply_concentration")[
        "score"
    ] == pytest.approx(60)


def test_reason_is_what_holds_back_most():
    unresolved = dict.fromkeys(AUTONOMY, "low_coverage") | {
        "a1_foreign_dependence": "too_few",
        "a7_supply_concentration": 0.4,
    }
    assert axis_of({"t": unresolved}, "autonomy")["reason"] == "low_coverage"
    partial = {"a1_foreign_dependence": 0.5, "a3_source_concentration": 0.5}
    assert axis_of({"t": partial}, "autonomy")["reason"] == "partial"
    given = {
        "low_coverage",
        "too_few",
        "not_comparable",
        "not_applicable",
        "partial",
        "no_evidence",
        "supply_only",
    }
    given |= {"one_office_only", "broader_series_only"}
    assert set(read_scoring().reasons) >= given


def test_what_is_held_is_read_from_the_tables(monkeypatch):
    monkeypatch.setattr(composite.monopoly, "run", lambda warehouse, config: None)
    warehouse = warehouse_world(
        {"broad": OF_ANOTHER_KIND, "grants": GRANTS, "mixed": GRANTS, "unread": OF_ANOTHER_KIND}
    )
    for statement in (
        (
            "INSERT INTO core.source VALUES ('tables', false, false), ('uspto', false, true), ('all', false,"
            " false)"
        ),
        (
            "INSERT INTO core.statistic_series VALUES ('field', 'tables', false, 2022), ('gone', 'tables',"
            " false, NULL)"
        ),
        (
            "INSERT INTO core.technology_series VALUES ('broad', 'field', 'broader'), ('grants', 'field',"
            " 'overlaps'), ('unread', 'gone', 'broader')"
        ),
        "INSERT INTO core.patent_family VALUES ('u1', 'uspto'), ('u2', 'uspto'), ('w', 'all')",
        # 2017 lies before the window: what was filed elsewhere then is no evidence of now.
        (
            "INSERT INTO core.technology_family VALUES ('grants', 'u1', 2020, true), ('grants', 'w', 2017,"
            " true), ('mixed', 'u2', 2020, true), ('mixed', 'w', 2020, true)"
        ),
    ):
        warehouse.execute(statement)
    composite.run(warehouse, make_config())
    found = warehouse.rows(
        "SELECT technology_id, reason FROM score.technology WHERE axis_id = 'superiority' ORDER BY 1"
    )
    assert found == [
        ("broad", "broader_series_only"), ("grants", "one_office_only"), ("mixed", "not_applicable"),
        ("unread", "not_applicable"),
    ]  # fmt: skip
