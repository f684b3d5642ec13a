"""What a card draws beside its indicators, worked out by hand: shares by year, who builds on whom, supply."""

import re

import pytest
import report_world
from report_drawings import draw_flows, draw_works
from report_rows import choose_supply
from test_report import RUN_ID, card_html, sheet_rows

from listgen import report
from listgen.report import beside, charts, drawn, held, lately, workbook
from listgen.report.checks import build_checks
from listgen.report.document import build_document

TECHNOLOGY = "gene_editing"


@pytest.fixture(scope="module")
def config():
    return report_world.make_config()


@pytest.fixture
def warehouse(config):
    with report_world.make_world(":memory:", config) as world:
        yield world


def trend_of(warehouse, config, basis):
    trends = drawn.read_trends(warehouse, config, held.read_series(warehouse, "JP"))[TECHNOLOGY]
    (trend,) = (t for t in trends if t["basis"] == basis)
    return trend


def test_yearly_shares_carry_n_and_a_wilson_band_and_leave_out_what_cannot_be_said(warehouse, config):
    draw_works(warehouse, TECHNOLOGY)
    trend = trend_of(warehouse, config, "works")
    # 2019 has fewer than 30 works and 2024 lies after the window (it ends in 2023): neither is shown.
    assert [(p["year"], p["n"], p["value"]) for p in trend["points"]] == [
        (2020, 40, 0.25),
        (2021, 40, 0.25),
        (2022, 40, 0.5),
    ]
    # Wilson for 10 of 40: (0.25 + z2/80 -+ z sqrt(0.25 x 0.75/40 + z2/6400)) / (1 + z2/40) with z2 = 3.8415.
    assert (trend["points"][0]["lo"], trend["points"][0]["hi"]) == (0.141871, 0.40194)
    # The US has 23 + 23 + 15 works in these years, China 7 + 7 + 5.
    assert trend["other"] == "US" and [p["value"] for p in trend["other_points"]] == [0.575, 0.575, 0.375]


def test_two_years_are_no_trend(warehouse, config):
    draw_works(warehouse, TECHNOLOGY)
    warehouse.execute("DELETE FROM core.technology_work WHERE publication_year = 2020")
    assert all(t["basis"] != "works" for t in drawn.read_trends(warehouse, config, {}).get(TECHNOLOGY, []))


def test_a_published_series_is_drawn_against_its_world_row_and_a_gap_stays_a_gap(warehouse, config):
    warehouse.execute(
        "UPDATE core.statistic SET value = NULL WHERE area_code = 'JP' AND period_year = 2021 AND series_id ="
        " 'sample_statistics:all'"
    )
    points = trend_of(warehouse, config, "statistics")["points"]
    assert [(p["year"], p["n"], p["value"]) for p in points] == [
        (y, None if y == 2021 else 800, None if y == 2021 else 0.15) for y in range(2019, 2024)
    ]
    drawing = charts.years([(p["year"], p["value"], p["lo"], p["hi"]) for p in points], [], label="x")
    assert drawing.count("<circle") == 4 and drawing.count("class=l") == 2


def test_the_row_says_on_whom_the_country_builds_and_the_column_who_builds_on_it(warehouse, config):
    draw_flows(warehouse, TECHNOLOGY)
    (flow,) = drawn.read_flows(warehouse, config)[TECHNOLOGY]
    # Japan cites 100: 50 at home, 40 in the US, 10 in China; n counts the links of its row, 70 + 60 + 20.
    assert (flow["own"]["value"], [(r["country_code"], r["value"], r["n"]) for r in flow["row"]]) == (
        0.5,
        [("US", 0.4, 150), ("CN", 0.1, 150)],
    )
    # Korea cites 200, 60 of it in Japan; Germany's 20 citations are too few for a share.
    assert [(r["country_code"], r["value"], r["n"]) for r in flow["column"]] == [("KR", 0.3, 230)]
    # Wilson for 60 of 200.
    assert (flow["column"][0]["lo"], flow["column"][0]["hi"]) == (0.240747, 0.366791)


def test_too_few_resolved_references_are_insufficient_evidence_not_a_picture(warehouse, config, tmp_path):
    draw_flows(warehouse, TECHNOLOGY)
    warehouse.execute(
        "UPDATE core.reference_coverage SET coverage = 0.3 WHERE technology_id = $t AND basis = 'works'",
        {"t": TECHNOLOGY},
    )
    (flow,) = drawn.read_flows(warehouse, config)[TECHNOLOGY]
    assert not flow["is_known"] and flow["row"] == flow["column"] == [] and flow["own"] is None
    # Two references of a family from which countries cannot be compared: held, and no way to say who depends
    # on whom.
    warehouse.execute(
        "UPDATE core.reference_coverage SET n_references = 0, n_resolved = 0, coverage = NULL WHERE basis ="
        " 'families'"
    )
    warehouse.execute(
        "INSERT INTO core.patent_citation VALUES ('F1', 'F2', 'US-1-B1'), ('F1', NULL, 'US-2-B1')"
    )
    report.run(warehouse, config, tmp_path, run_id=RUN_ID)
    html = card_html(tmp_path, TECHNOLOGY)
    assert "only 30.0% of the references lead to a held document; 40% are needed" in html
    assert "保有する文献につながる参考文献は30.0%" in html
    overview = (tmp_path / "report" / "index.html").read_text()
    assert (
        "Patent families: 2 references are held, but none of a document that both lets countries be compared"
        in overview
    )
    assert "no references are held" not in overview


def test_supply_names_leaders_concentration_and_the_countrys_place(warehouse, config):
    rows = [("WORLD", 200.0), ("CN", 120.0), ("JP", 30.0), ("KR", 30.0)]
    warehouse.execute("DELETE FROM core.supply")
    for code, quantity in rows:
        warehouse.execute(
            "INSERT INTO core.supply VALUES ('gallium', 'refined', $c, 2023, 5, $q, 't', 'sample_supply', "
            "'d', 1)",
            {"c": code, "q": quantity},
        )
    warehouse.execute(
        "INSERT INTO core.supply VALUES ('gallium', 'refined', 'JP', 2022, 1, 99, 't', 'sample_supply', "
        "'d', 1)"
    )
    choose_supply(warehouse)
    (row,) = drawn.read_supply(warehouse, config)[TECHNOLOGY]
    # Of 200 in the newest year: 60 %, 15 %, 15 %, and 10 % of producers nobody names. HHI: 0.36 + 0.0225 +
    # 0.0225.
    assert (row["first_year"], row["year"], row["n"], row["hhi"], row["named_share"]) == (
        2019,
        2023,
        3,
        0.405,
        0.9,
    )
    (shown,) = beside.supply([row], {"sample_supply": 1}, config)
    assert shown["years"] == {"en": "2019–2023, mean", "ja": "2019～2023の平均"}
    assert [leader["country_code"] for leader in row["leaders"]] == ["CN", "JP", "KR"] and row["own"] == {
        "value": 0.15,
        "place": 2,
    }


def test_a_country_the_table_does_not_name_has_no_share_of_nothing(warehouse, config, tmp_path):
    (row,) = drawn.read_supply(warehouse, config)[TECHNOLOGY]
    assert row["own"] is None
    report.run(warehouse, config, tmp_path, run_id=RUN_ID)
    assert "not named in the table" in card_html(tmp_path, TECHNOLOGY)


def test_every_drawing_has_words_and_its_figures_in_a_table(warehouse, config, tmp_path):
    draw_works(warehouse, TECHNOLOGY)
    report.run(warehouse, config, tmp_path, run_id=RUN_ID)
    html = card_html(tmp_path, TECHNOLOGY)
    labels = re.findall(r'<svg class=yr [^>]*aria-labelledby="([^"]+)"', html)
    assert len(labels) == 2 and all(f'id="{label}"' in html for label in labels)
    assert "Japan: 25.0% in 2020, 50.0% in 2022" in html and "日本：2020年 25.0%、2022年 50.0%" in html
    assert re.search(r"<tr><th>2022<td>50.0%<td>35.2–64.8%<td>37.5%<td>[^<]+<td>40", html)


def test_a_value_names_the_source_it_was_measured_from_not_all_that_are_held(warehouse, config):
    """An older table of the same material is held and not used.

    It stands among the sources, never behind the figure.
    """
    warehouse.execute(
        "INSERT INTO core.source SELECT * REPLACE ('old_supply' AS source_id) FROM core.source WHERE"
        " source_id = 'sample_supply'"
    )
    warehouse.execute(
        "INSERT INTO core.supply VALUES ('gallium', 'refined', 'CN', 2020, 1, 80.0, 't', 'old_supply', 'd', "
        "1)"
    )
    choose_supply(warehouse)
    evidence = report.read_evidence(warehouse, config)
    assert evidence.sources_of[TECHNOLOGY, "supply"] == ["old_supply", "sample_supply"]
    assert {
        tuple(row["source_ids"]) for row in evidence.by_technology[TECHNOLOGY] if row["basis"] == "supply"
    } == {("sample_supply",)}


def test_a_value_of_a_published_series_names_the_source_of_that_series(warehouse, config):
    evidence = report.read_evidence(warehouse, config)
    (share,) = (
        row for row in evidence.by_technology["small_modular_reactors"] if row["indicator_id"] == "st_share"
    )
    assert share["source_ids"] == ["sample_statistics"]


def test_a_share_that_falls_and_a_country_that_overtook_stand_against_a_strength(config):
    def point(year, value, lo, hi):
        return {"year": year, "value": value, "lo": lo, "hi": hi, "n": 1000}

    def told(points, leader):
        trend = {"basis": "families", "points": points, "leader": "CN", "leader_point": leader}
        return [(line["is_for"], line["text"]["en"]) for line in lately.lately([trend], config)]

    before, now = point(2016, 0.45, 0.42, 0.48), point(2020, 0.31, 0.28, 0.34)
    fall, behind = told([point(2010, 0.1, 0.08, 0.12), *[before] * 4, now], point(2020, 0.36, 0.35, 0.37))
    # The newest five years are compared, not the first year drawn, in which the share was lower.
    assert (
        fall[0] is False
        and "Japan fell from 45.0% (42.0–48.0%) in 2016 to 31.0% (28.0–34.0%) in 2020" in fall[1]
    )
    assert (
        behind[0] is False
        and "in 2020, the newest year, China leads with 36.0%" in behind[1]
        and "n = 1,000" in behind[1]
    )
    rise, ahead = told([now, point(2020, 0.45, 0.42, 0.48)], point(2020, 0.36, 0.35, 0.37))
    assert (rise[0], ahead[0]) == (True, True)
    # Intervals that overlap settle neither the direction nor who leads; a gap is no zero.
    assert told([point(2016, 0.33, 0.30, 0.36), now], point(2020, 0.35, 0.33, 0.37)) == []
    assert told([before, point(2020, None, None, None)], point(2020, 0.36, 0.35, 0.37)) == []


def test_documents_of_one_office_are_no_share_of_the_world(warehouse, config, tmp_path):
    item = (
        "SELECT 'own-' || i AS family_id, 2017 + i % 3 AS priority_year, CASE WHEN i % 4 = 0 THEN 'US' ELSE"
        " 'JP' END AS code FROM range(120) AS r(i)"
    )
    warehouse.execute(
        "INSERT INTO core.technology_family BY NAME SELECT family_id, priority_year, $t AS technology_id,"
        f" true AS is_comparable FROM ({item})",
        {"t": TECHNOLOGY},
    )
    warehouse.execute(
        "INSERT INTO core.patent_family BY NAME SELECT family_id, 'sample_families' AS source_id FROM"
        f" ({item})"
    )
    warehouse.execute(
        f"INSERT INTO core.patent_family_country SELECT family_id, 'inventor', code, 1 FROM ({item})"
    )
    (families,) = (
        trend
        for trend in drawn.read_trends(warehouse, config, {})[TECHNOLOGY]
        if trend["basis"] == "families"
    )
    assert (families["leader"], families["leader_point"]["year"]) == ("US", 2019)
    # The workbook says the same as the card: 90 of 120 families, 30 of 40 in each year.
    evidence, checks = report.read_evidence(warehouse, config), build_checks(warehouse, RUN_ID)
    (tmp_path / "candidates.xlsx").write_bytes(
        workbook.workbook_bytes(build_document(warehouse, config, RUN_ID), evidence, checks, config)
    )
    (row,) = (
        one for one in sheet_rows(tmp_path, "list") if one[workbook.heading("technology_id")] == TECHNOLOGY
    )
    assert (
        "for its strength: Patent families, by inventor: in 2019, the newest year, Japan leads with 75.0%"
        in row[workbook.heading("lately_en")]
    )
    assert row[workbook.heading("lately_ja")].startswith("優位性を支える点：")
    warehouse.execute(
        "UPDATE core.source SET is_one_office = true WHERE source_id IN (SELECT source_id FROM"
        " core.patent_family)"
    )
    assert all(
        trend["basis"] != "families" for trend in drawn.read_trends(warehouse, config, {}).get(TECHNOLOGY, [])
    )
