"""Trade as it is staged.

Two sides of a flow, parts that would count twice, years not yet reported, revisions, areas that are no
country.
"""

import dataclasses
import json

import pytest
from miniature import held_file, open_miniature
from stage_world import build

from listgen.base.errors import DataError
from listgen.config.models import HsMeaning, Source

CODES = {
    "850760": HsMeaning(en="Cells", ja="電池", since="H4"),
    "8542": HsMeaning(en="Circuits", ja="集積回路", since="H6"),
}
NUMBERS = {"JP": 392, "US": 842, "CN": 156, "DE": 276, "WORLD": 0, "EU": 97, "NES": 899}


def row(flow, reporter, partner, code, value, year=2024, **other):
    base = {
        "period": str(year), "flowCode": flow, "reporterCode": NUMBERS[reporter],
        "partnerCode": NUMBERS[partner], "cmdCode": code,
        "classificationCode": "H6", "partner2Code": 0, "motCode": 0, "customsCode": "C00",
        "primaryValue": value, "netWgt": 0,
    }  # fmt: skip
    return base | other


# Totals say who reported; exports are the size of a country. China has not reported 2025: 40 % of the world's
# exports are missing.
TOTALS = [
    row(flow, country, "WORLD", "TOTAL", value, year)
    for year in (2024, 2025)
    for country, value in (("JP", 20), ("US", 30), ("CN", 40), ("DE", 10))
    for flow in "MX"
    if (country, year) != ("CN", 2025)
]
ASKED = [row("M", country, "JP", "TOTAL", 5) for country in ("US", "CN", "DE")]
FLOWS = [
    # Japan buys 100: 60 from China, 25 from the United States, 10 from areas unknown, 5 came back to itself.
    *[row("M", "JP", p, "850760", v) for p, v in (("WORLD", 100), ("CN", 60), ("US", 25), ("NES", 10), ("JP",
        5))],
    row("X", "CN", "JP", "850760", 80), row("X", "US", "JP", "850760", 20),
    row("X", "JP", "WORLD", "850760", 10), row("X", "CN", "WORLD", "850760", 30),
    row("M", "US", "JP", "850760", 6), row("M", "CN", "JP", "850760", 3),
    row("M", "US", "WORLD", "850760", 45), row("M", "CN", "WORLD", "850760", 5),
    # Headings: the United States reports in HS 2017, in which the code is not read.
    row("X", "US", "WORLD", "8542", 50, classificationCode="H5"), row("X", "JP", "WORLD", "8542", 50),
    row("X", "EU", "WORLD", "850760", 999),
]  # fmt: skip
PARTS = [
    row("M", "JP", "CN", "850760", 30, partner2Code=842),
    row("M", "JP", "CN", "850760", 30, motCode=2100),  # fmt: skip
    row("M", "JP", "CN", "850760", 30, customsCode="C01"),
    row("RM", "JP", "CN", "850760", 1),
    row("M", "JP", "CN", "850760", -1),
]


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    mini = open_miniature(tmp_path_factory.mktemp("trade") / "w")
    mini.config.technologies["solid_cells"].hs_codes.extend(CODES)
    trade = mini.config.sources["mini_supply"].model_copy(
        update={"id": "comtrade", "files": [], "table": None}
    )
    baci = trade.model_copy(update={"id": "baci", "hs_revision": "H6"})
    settings = mini.config.settings.model_copy(update={"sources": ["comtrade"], "like_minded": ["US", "DE"]})
    config = dataclasses.replace(
        mini.config,
        hs_codes=CODES,
        settings=settings,
        sources=mini.config.sources | {"comtrade": trade, "baci": baci},
    )
    return dataclasses.replace(mini, config=config)


def stage(opened, tmp_path, rows, name="page.json"):
    path = tmp_path / name
    path.write_text(json.dumps({"elapsedTime": "0.1 secs", "count": len(rows), "data": rows, "error": ""}))
    return build(opened, [held_file(path, "comtrade", "comtrade_page")])


@pytest.fixture(scope="module")
def staged(opened, tmp_path_factory):
    with stage(opened, tmp_path_factory.mktemp("pages"), [*TOTALS, *ASKED, *FLOWS, *PARTS]) as warehouse:
        yield warehouse


def test_both_sides_stand_beside_each_other_and_parts_are_set_aside(staged):
    rows = staged.rows(
        "SELECT exporter_country_code, told_by, trade_value_usd FROM core.trade_flow "
        "WHERE importer_country_code = 'JP' AND hs_code = '850760' ORDER BY ALL"
    )
    assert rows == [
        ("CN", "exporter", 80),
        ("CN", "importer", 60),
        ("JP", "importer", 5),
        ("US", "exporter", 20),
        ("US", "importer", 25),
        ("WORLD", "importer", 100),
    ]
    fields = [row[0] for row in staged.rows("SELECT field FROM prov.quarantine ORDER BY raw_line")]
    assert fields == ["partner2Code", "motCode", "customsCode", "flowCode", "primaryValue"]


def test_areas_that_are_no_country_stay_in_the_world_and_are_named(staged):
    assert staged.rows("SELECT field, area_text FROM prov.unmapped ORDER BY ALL") == [
        ("trade", "899"),
        ("trade", "97"),
    ]
    assert staged.scalar("SELECT count(*) FROM core.trade_flow WHERE trade_value_usd = 999") == 0


def test_a_year_most_of_the_world_has_not_reported_is_not_used(staged):
    rows = staged.rows(
        "SELECT period_year, n_reporters, round(reported_share, 9), is_used FROM core.trade_year ORDER BY ALL"
    )
    assert rows == [(2024, 4, 1.0, True), (2025, 3, 0.6, False)]


def test_imports_from_abroad_leave_out_what_came_back(staged):
    rows = staged.rows(
        "SELECT is_mirror, exporter_country_code, trade_value_usd, import_total_usd FROM core.import_origin"
        " WHERE importer_country_code = 'JP' AND hs_code = '850760' ORDER BY ALL"
    )
    assert rows == [
        (False, "CN", 60, 95),
        (False, "US", 25, 95),
        (True, "CN", 80, 100),
        (True, "US", 20, 100),
    ]


def test_not_reported_is_not_zero_and_a_reporter_without_a_row_is(staged):
    rows = staged.rows(
        "SELECT country_code, trade_value_usd, world_total_usd FROM core.export_position WHERE hs_code ="
        " '850760' AND NOT is_mirror"
    )
    assert sorted(rows) == [("CN", 30, 40), ("DE", 0, 40), ("JP", 10, 40), ("US", 0, 40)]
    mirror = staged.rows(
        "SELECT country_code, trade_value_usd, world_total_usd FROM core.export_position WHERE hs_code ="
        " '850760' AND is_mirror"
    )
    assert mirror == [("JP", 9, 150)], (
        "only Japan was asked about; the others' rows are Japan's imports alone"
    )


def test_a_code_is_read_only_in_revisions_in_which_it_means_the_same(staged):
    rows = staged.rows(
        "SELECT country_code, trade_value_usd FROM core.export_position WHERE hs_code = '8542' AND NOT"
        " is_mirror ORDER BY ALL"
    )
    assert rows == [("CN", 0), ("DE", 0), ("JP", 50)], "the United States is missing, not zero"
    assert (
        staged.scalar(
            "SELECT hs_revision FROM core.trade_flow WHERE hs_code = '8542' AND exporter_country_code = 'US'"
        )
        == "H5"
    )


def test_two_amounts_for_one_flow_are_both_set_aside(opened, tmp_path):
    twice = [
        *TOTALS,
        row("M", "JP", "US", "850760", 25),
        row("M", "JP", "US", "850760", 26),
        row("M", "JP", "CN", "850760", 60),
    ]
    with stage(opened, tmp_path, twice) as warehouse:
        assert warehouse.rows("SELECT exporter_country_code FROM core.import_origin") == [], (
            "no share of an unknown whole"
        )
        assert warehouse.scalar("SELECT count(*) FROM prov.quarantine WHERE field = 'trade_value_usd'") == 2
        account = warehouse.rows(
            "SELECT n_rows, n_used, n_merged, n_set_aside, n_excluded FROM prov.row_account"
        )
        assert account == [(len(twice), len(twice) - 2, 0, 2, 0)]


def test_an_amount_that_contradicts_itself_is_no_zero_among_exports(opened, tmp_path):
    twice = [
        *TOTALS,
        row("X", "JP", "WORLD", "850760", 10),
        row("X", "CN", "WORLD", "850760", 30),
        row("X", "CN", "WORLD", "850760", 31),
    ]
    with stage(opened, tmp_path, twice) as warehouse:
        assert (
            warehouse.scalar(
                "SELECT count(*) FROM core.export_position WHERE hs_code = '850760' AND NOT is_mirror"
            )
            == 0
        )
        assert (
            warehouse.scalar(
                "SELECT count(*) FROM core.export_position WHERE hs_code = 'TOTAL' AND NOT is_mirror"
            )
            == 4
        )


def test_a_field_given_twice_and_a_page_with_too_few_records_are_told(opened, tmp_path):
    text = json.dumps(
        {"count": len(TOTALS) + 3, "data": [*TOTALS, row("M", "JP", "CN", "850760", 60)], "error": ""}
    )
    path = tmp_path / "page.json"
    path.write_text(text.replace('"primaryValue": 60', '"primaryValue": 60, "primaryValue": 6'))
    with build(opened, [held_file(path, "comtrade", "comtrade_page")]) as warehouse:
        reasons = warehouse.rows("SELECT field, reason FROM prov.quarantine ORDER BY raw_line")
        assert reasons == [
            ("primaryValue", "a field is given twice"),
            ("count", "the answer has fewer records than it says"),
        ]
        assert warehouse.scalar("SELECT count(*) FROM core.trade_flow WHERE hs_code = '850760'") == 0


def test_like_mindedness_is_told_or_not_known(staged):
    assert staged.rows("SELECT country_code FROM core.country WHERE is_like_minded ORDER BY 1") == [
        ("DE",),
        ("US",),
    ]


BACI = """t,i,j,k,v,q
2024,156,392,850760,0.060,1.5
2024,842,392,850760,0.040,           NA
2024,392,842,854231,0.020,0.1
2024,392,276,854239,0.010,0.1
2024,276,392,10121,0.500,2
2024,276,392,854231,much,2
2024,999,392,850760,0.001,1
"""


def test_baci_is_one_figure_a_flow_summed_to_headings_and_totals(opened, tmp_path):
    path = tmp_path / "BACI_HS22_Y2024_V202601.csv"
    path.write_text(BACI)
    config = dataclasses.replace(
        opened.config, settings=opened.config.settings.model_copy(update={"sources": ["baci"]})
    )
    with build(opened, [held_file(path, "baci", "baci")], config) as warehouse:
        flows = warehouse.rows(
            "SELECT hs_code, exporter_country_code, importer_country_code, trade_value_usd, net_weight_kg,"
            " raw_line FROM core.trade_flow WHERE hs_code <> 'TOTAL' ORDER BY ALL"
        )
        assert flows == [
            ("850760", "CN", "JP", 60, 1500, 1),
            ("850760", "CN", "WORLD", 60, None, 1),
            ("850760", "US", "JP", 40, None, 2),
            ("850760", "US", "WORLD", 40, None, 2),
            ("850760", "WORLD", "JP", 100, None, 1),
            ("8542", "JP", "DE", 10, 100, 4),
            ("8542", "JP", "US", 20, 100, 3),
            ("8542", "JP", "WORLD", 30, None, 3),
            ("8542", "WORLD", "DE", 10, None, 4),
            ("8542", "WORLD", "US", 20, None, 3),
        ]
        totals = warehouse.rows(
            "SELECT exporter_country_code, trade_value_usd FROM core.trade_flow WHERE hs_code = 'TOTAL' AND"
            " importer_country_code = 'WORLD'"
        )
        assert sorted(totals) == [("CN", 60), ("DE", 500), ("JP", 30), ("US", 40)]
        assert warehouse.rows("SELECT reported_share, is_used FROM core.trade_year") == [(1.0, True)]
        assert warehouse.rows("SELECT DISTINCT told_by, hs_revision FROM core.trade_flow") == [("both", "H6")]
        assert warehouse.rows("SELECT field, raw_line FROM prov.quarantine") == [("v", 6)]
        assert warehouse.rows("SELECT area_text FROM prov.unmapped") == [("999",)]
        assert warehouse.scalar("SELECT count(*) FROM core.export_position WHERE is_mirror") == 0


def read_baci(opened, tmp_path, **texts):
    config = dataclasses.replace(
        opened.config, settings=opened.config.settings.model_copy(update={"sources": ["baci"]})
    )
    held = []
    for name, text in texts.items():
        path = tmp_path / f"BACI_HS22_Y2024_{name}.csv"
        path.write_text(text)
        held.append(held_file(path, "baci", "baci", path.name))
    return build(opened, held, config)


FLOWS_OF_JAPAN = (
    "t,i,j,k,v,q\n2024,156,392,850760,60,1\n2024,276,392,850760,15,1\n2024,842,392,850760,25,1\n"
    "2024,156,842,100000,4000,1\n"
)
ORIGINS = (
    "SELECT exporter_country_code, trade_value_usd, import_total_usd FROM core.import_origin WHERE"
    " importer_country_code = 'JP' ORDER BY 1"
)


def test_two_releases_of_one_year_are_refused_and_both_named(opened, tmp_path):
    with pytest.raises(DataError) as caught:
        read_baci(opened, tmp_path, V202501=FLOWS_OF_JAPAN, V202601=FLOWS_OF_JAPAN.replace(",60,", ",61.5,"))
    assert "two files for 2024: BACI_HS22_Y2024_V202501.csv, BACI_HS22_Y2024_V202601.csv" in str(caught.value)


def test_the_newest_release_is_used_where_the_source_says_so_and_the_older_counts_as_excluded(
    opened, tmp_path
):
    newest = opened.config.sources["baci"].model_copy(update={"releases": "newest"})
    chosen = dataclasses.replace(
        opened, config=dataclasses.replace(opened.config, sources=opened.config.sources | {"baci": newest})
    )
    older = FLOWS_OF_JAPAN + "2024,276,392,850760,x,1\n"
    with read_baci(
        chosen, tmp_path, V202501=older, V202601=FLOWS_OF_JAPAN.replace(",60,", ",61.5,")
    ) as warehouse:
        assert warehouse.rows(ORIGINS) == [
            ("CN", 61500, 101500),
            ("DE", 15000, 101500),
            ("US", 25000, 101500),
        ]
        accounts = (
            "SELECT file_name[17:23], n_rows, n_used, n_merged, n_set_aside, n_excluded FROM prov.row_account"
            " ORDER BY 1"
        )
        assert warehouse.rows(accounts) == [("V202501", 5, 0, 0, 0, 5), ("V202601", 4, 3, 0, 0, 1)]
        assert warehouse.scalar("SELECT count(*) FROM prov.quarantine") == 0


def test_two_files_of_one_release_and_year_are_refused_although_the_newest_is_declared(opened, tmp_path):
    newest = opened.config.sources["baci"].model_copy(update={"releases": "newest"})
    chosen = dataclasses.replace(
        opened, config=dataclasses.replace(opened.config, sources=opened.config.sources | {"baci": newest})
    )
    with pytest.raises(DataError, match="two files for 2024"):
        read_baci(
            chosen, tmp_path, V202601=FLOWS_OF_JAPAN, V202601_b=FLOWS_OF_JAPAN.replace(",60,", ",61.5,")
        )


def test_releases_are_declared_only_where_names_carry_them(opened):
    declared = opened.config.sources["mini_supply"].model_dump(exclude_none=True) | {"releases": "newest"}
    with pytest.raises(ValueError, match="releases goes with files of form baci"):
        Source.model_validate(declared)


TRADERS = {842: "US", 840: "US", 251: "FR", 250: "FR", 381: "IT", 380: "IT", 699: "IN", 356: "IN", 757: "CH",
    756: "CH",
    579: "NO", 578: "NO", 490: "TW", 158: "TW"}  # fmt: skip


def test_either_number_of_a_country_is_read_and_weight_zero_is_unknown(opened, workspace, tmp_path):
    config = dataclasses.replace(opened.config, countries=workspace.config.countries)
    known = dataclasses.replace(opened, config=config)
    flows = "".join(f"2024,{number},392,850760,{2**place},0\n" for place, number in enumerate(TRADERS))
    expected = {}
    for place, code in enumerate(TRADERS.values()):
        expected[code] = expected.get(code, 0) + 1000 * 2**place
    with read_baci(known, tmp_path, V202601="t,i,j,k,v,q\n" + flows) as warehouse:
        found = (
            "SELECT exporter_country_code, trade_value_usd, net_weight_kg FROM core.trade_flow WHERE hs_code"
            " = '850760' AND importer_country_code = 'JP' AND exporter_country_code <> 'WORLD' ORDER BY 1"
        )
        assert warehouse.rows(found) == [(code, usd, None) for code, usd in sorted(expected.items())]
        assert warehouse.rows("SELECT count(*) FROM prov.unmapped") == [(0,)]


def test_a_row_printed_twice_counts_once_and_is_counted(opened, tmp_path):
    with read_baci(opened, tmp_path, V202601=FLOWS_OF_JAPAN + "2024,156,392,850760,60,1\n") as warehouse:
        assert warehouse.rows(ORIGINS) == [
            ("CN", 60000, 100000),
            ("DE", 15000, 100000),
            ("US", 25000, 100000),
        ]
        totals = (
            "SELECT exporter_country_code, trade_value_usd FROM core.trade_flow WHERE hs_code = 'TOTAL' AND"
            " exporter_country_code <> 'WORLD'"
        )
        assert warehouse.rows(totals + " ORDER BY 1") == [("CN", 4060000), ("DE", 15000), ("US", 25000)]
        assert warehouse.rows(
            "SELECT n_rows, n_used, n_merged, n_set_aside, n_excluded FROM prov.row_account"
        ) == [(5, 3, 1, 0, 1)]


TOTALS_OF_EXPORTERS = """SELECT exporter_country_code, trade_value_usd FROM core.trade_flow
  WHERE hs_code = 'TOTAL' AND exporter_country_code <> 'WORLD' ORDER BY 1"""


def test_a_row_of_goods_that_no_technology_names_counts_once_too(opened, tmp_path):
    unnamed = "2024,156,392,010101,7,1\n"
    with read_baci(opened, tmp_path, V202601=FLOWS_OF_JAPAN + unnamed) as warehouse:
        once = warehouse.rows(TOTALS_OF_EXPORTERS)
    with read_baci(opened, tmp_path, V202601=FLOWS_OF_JAPAN + unnamed * 2) as warehouse:
        assert warehouse.rows(TOTALS_OF_EXPORTERS) == once
    with read_baci(
        opened, tmp_path, V202601=FLOWS_OF_JAPAN + unnamed + unnamed.replace(",7,", ",8,")
    ) as warehouse:
        assert warehouse.rows(TOTALS_OF_EXPORTERS) == [row for row in once if row[0] != "CN"]
        reasons = {row[0] for row in warehouse.rows("SELECT reason FROM prov.quarantine WHERE field = 'k'")}
        assert reasons == {"a product is given with two amounts, so the sum of all is not known"}


def test_a_concentration_with_a_contradictory_part_has_no_value(opened, tmp_path):
    with read_baci(opened, tmp_path, V202601=FLOWS_OF_JAPAN + "2024,156,392,850760,61.5,1\n") as warehouse:
        assert warehouse.rows(ORIGINS) == []
        assert warehouse.rows("SELECT count(*) FROM core.export_position WHERE hs_code = '850760'") == [(0,)]
        assert warehouse.rows(
            "SELECT n_rows, n_used, n_merged, n_set_aside, n_excluded FROM prov.row_account"
        ) == [(5, 2, 0, 2, 1)]
        assert warehouse.scalar("SELECT count(*) FROM prov.quarantine") >= 1


def test_a_lone_quote_mark_in_trade_is_refused_with_its_line(opened, tmp_path):
    with pytest.raises(DataError, match="line 3: a quote mark is not closed"):
        read_baci(opened, tmp_path, V202601=FLOWS_OF_JAPAN.replace("2024,276", '2024,"276'))
