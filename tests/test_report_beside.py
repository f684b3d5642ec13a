"""What stands beside the scores.

Evidence held, series used or only shown, years, caveats, and why there is no value.
"""

import json

import document_world
import pytest
import report_world
from test_report import RUN_ID, card_html, sheet_rows

from listgen import report
from listgen.outputs.candidates import Amount, Candidates
from listgen.report import beside, cards, workbook
from listgen.report.document import build_document, why_no_interval


@pytest.fixture(scope="module")
def config():
    return report_world.make_config()


@pytest.fixture(scope="module")
def outputs(config, tmp_path_factory):
    folder = tmp_path_factory.mktemp("build")
    with report_world.make_world(":memory:", config) as warehouse:
        report.run(warehouse, config, folder, run_id=RUN_ID)
    return folder


@pytest.fixture(scope="module")
def document(outputs):
    return Candidates.from_bytes((outputs / "candidates.json").read_bytes())


@pytest.fixture
def warehouse(config):
    with report_world.make_world(":memory:", config) as world:
        yield world


def test_caveats_of_an_indicator_stand_once_with_its_definition(config, warehouse):
    evidence = report.read_evidence(warehouse, config)
    entry = caveated("st_share", "ok")
    assert cards.own_caveats(entry, evidence) == ["dated"]


@pytest.mark.parametrize(("indicator_id", "status"), [("st_share", "missing"), ("s1_top10_share", "ok")])
def test_a_caveat_is_only_left_to_the_definition_of_an_indicator_the_card_measures(
    config, warehouse, indicator_id, status
):
    evidence = report.read_evidence(warehouse, config)
    assert cards.own_caveats(caveated(indicator_id, status), evidence) == ["dated", "no_sampling_interval"]


def caveated(indicator_id, status):
    """Return an entry with one indicator and two caveats; `no_sampling_interval` is st_share's own."""
    axis = document_world.axis(indicators=[document_world.indicator(indicator_id, status)])
    return document_world.entry("x", axes={"superiority": axis}, caveats=["dated", "no_sampling_interval"])


# ---- what stands beside the scores


def entry_of(document, technology_id):
    (entry,) = (e for e in document.entries if e.technology_id == technology_id)
    return entry


def test_every_entry_says_what_is_held_on_it(document):
    full, thin, empty = (
        entry_of(document, i).evidence for i in ("gene_editing", "adversarial_ai", "hypersonics")
    )
    assert full.works == Amount(n=3200, n_comparable=3200) and full.reference_coverage.model_dump() == {
        "works": 0.64,
        "families": 0.55,
    }
    assert full.families.model_dump() == {
        "n": 3200,
        "n_comparable": 3200,
        "offices": ["JP", "US"],
        "kind": "docdb",
        "is_grants": True,
    }
    assert thin.works.n == 12 and thin.reference_coverage.works == 0.3
    assert (empty.works.n, empty.families.kind) == (0, None)
    assert empty.reference_coverage.model_dump() == {"works": None, "families": None}


def test_the_stability_of_a_group_is_the_groups_own(document):
    assert {e.cluster.stability for e in document.entries if e.cluster} == {0.81}


def test_grants_of_one_office_are_called_what_they_are(config, warehouse):
    family = "(SELECT family_id FROM core.technology_family WHERE technology_id = 'adversarial_ai')"
    warehouse.execute(
        f"UPDATE core.patent_family SET family_kind = 'single_document' WHERE family_id IN {family}"
    )
    warehouse.execute(
        f"DELETE FROM core.patent_publication WHERE office_code = 'JP' AND family_id IN {family}"
    )
    warehouse.execute(
        "UPDATE core.technology_evidence SET n_items = 227, n_comparable = 227 WHERE technology_id ="
        " 'adversarial_ai' AND basis = 'families'"
    )
    warehouse.execute(
        "UPDATE core.reference_coverage SET coverage = 0.039 WHERE technology_id = 'adversarial_ai' AND basis"
        " = 'families'"
    )
    entry = entry_of(build_document(warehouse, config, RUN_ID), "adversarial_ai")
    values = report.read_evidence(warehouse, config).by_technology["adversarial_ai"]
    line = beside.held(entry, values, [])
    assert (
        "227 patent grants of one office (US); 3.9% of their references lead to a held document; no score"
        " rests on them" in line["en"]
    )
    assert (
        "単一の特許庁（US）の登録特許227件、参考文献のうち保有文献に結び付くもの3.9%、得点には用いていない"
        in line["ja"]
    )
    # An axis that asks who cites whom says how far the references lead; superiority does not rest on them.
    told = {axis_id: axis.reason["en"] for axis_id, axis in entry.axes.items()}
    said = "of which 3.9 % lead to a held document with a known country; at least 100 and 40 % are needed."
    assert (
        said in told["autonomy"]
        and said in told["indispensability"]
        and "lead to a held" not in told["superiority"]
    )


def test_evidence_a_score_rests_on_is_not_called_unused(document, config, warehouse):
    values = report.read_evidence(warehouse, config).by_technology["gene_editing"]
    line = beside.held(entry_of(document, "gene_editing"), values, [])["en"]
    assert "3,200 works; 64.0% of their references lead to a held document · " in line


def test_cards_name_the_series_used_and_show_broader_ones_unscored(outputs):
    used = card_html(outputs, "small_modular_reactors")
    assert "All fields (same field, 2019–2023)" in used and "全分野（同じ範囲、2019～2023年）" in used
    folded = card_html(outputs, "hypersonics")
    for html in (used, folded):
        assert (
            "Energy as a whole: Japan 15.0% (13.9–16.1%, n = 4,000) of the world in 2019–2023 (broader field,"
            " not scored)" in html
        )
    assert "All fields" not in folded, "no value was measured from it"
    (row,) = (
        r
        for r in sheet_rows(outputs, "evidence")
        if (r[workbook.heading("technology_id")], r[workbook.heading("status")]) == ("hypersonics", "broader")
    )
    assert (row[workbook.heading("value")], row[workbook.heading("n")], row[workbook.heading("score")]) == (
        0.15,
        4000,
        None,
    )
    assert (row[workbook.heading("first_year")], row[workbook.heading("last_year")]) == (2019, 2023)


def test_a_gap_in_a_broader_series_leaves_no_share(config, warehouse):
    warehouse.execute(
        "UPDATE core.statistic SET value = NULL WHERE series_id = 'sample_statistics:broad' AND area_code ="
        " 'JP' AND period_year = 2021"
    )
    (row,) = (r for r in report.read_evidence(warehouse, config).series["hypersonics"] if r["mark"])
    assert row["value"] is None


def test_indicators_without_a_value_are_told_by_status():
    rows = [{"status": "missing"}, {"status": "not_comparable"}, {"status": "not_comparable"}]
    assert (
        cards._why_absent(rows)["en"]
        == "insufficient evidence: the sample cannot compare countries (2); insufficient evidence: no"
        " data (1)"
    )
    assert cards._why_absent(rows[:1])["en"] == "insufficient evidence: no data"


@pytest.mark.parametrize(
    ("n", "risk_class", "shown", "why"),
    [
        (412, "high", "high", None),
        (99, None, "class not determinable", "fewer than 100"),
        (412, None, "class not determinable", "at least 60%"),
    ],
)
def test_a_monopoly_class_that_is_not_determinable_says_why(document, config, n, risk_class, shown, why):
    risk = entry_of(document, "machine_learning").monopoly_risk
    risk = risk.model_copy(update={"n": n, "risk_class": risk_class})
    found = cards._monopoly(risk, config)
    assert found["reason"] is None and found["class"]["en"] == shown
    assert found["p"]["en"].startswith("Probability: high")
    assert (found["few"] is None) if why is None else (why in found["few"]["en"])


def test_cards_show_years_and_nomination(outputs):
    html = card_html(outputs, "machine_learning")
    assert "<td>2019–2023<td>" in html and "<i>Nominated by</i>" in html
    assert "<i>proposal</i><i lang=ja>提案</i></p>" in html


@pytest.mark.parametrize(
    ("basis", "value", "lo", "why"),
    [
        ("supply", 0.4, None, "published_figure"),
        ("trade", 0.4, None, "no_second_report"),
        ("trade", 0.4, 0.3, None),
        ("supply", None, None, None),
    ],
)
def test_a_value_without_an_interval_says_why(basis, value, lo, why):
    row = {"basis": basis, "value": value, "value_lo": lo, "value_hi": None if lo is None else 0.5}
    assert why_no_interval(row) == why
    if why:
        assert cards._interval_note(row, None)["en"].startswith("no interval: ")


def test_every_value_of_the_list_has_an_interval_or_says_why_not(outputs):
    entries = json.loads((outputs / "candidates.json").read_bytes())["entries"]
    values = [
        one for entry in entries for axis in entry["axes"].values() for one in axis["indicators"]
        if one["status"] == "ok"
    ]  # fmt: skip
    assert values and all((one["lo"] is None) == ("no_interval" in one) for one in values)
