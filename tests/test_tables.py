"""Declared tables: every way a ministry prints a table."""

import datetime as dt
import gzip
import random

import pytest
from miniature import ROOT
from table_reading import CELLS, LONG, Tables, open_mini, values, workbook

from listgen.config.models import Table
from listgen.config.spelling import clean_area
from listgen.config.yamlfile import parse_yaml_text
from listgen.stage.tables.areas import map_areas
from listgen.stage.tables.cells import year_of
from listgen.workspace.loading import load_workspace


@pytest.fixture(scope="module")
def mini(tmp_path_factory):
    return open_mini(tmp_path_factory.mktemp("tables"))


@pytest.fixture
def read(mini, tmp_path):
    return Tables(mini, tmp_path)


# ---- numbers and years ---------------------------------------------------------------------------


NUMBERS = {
    "1234": 1234,
    "1,234,567.5": 1234567.5,
    "1 234": 1234,
    "1\u00a0234": 1234,
    "1’234": 1234,
    "１，２３４": 1234,
    "12.5%": 12.5,
    "４％": 4,
    "1,234<sup>b</sup>": 1234,
    "1,234¹": 1234,
    "1234 [3]": 1234,
    "1234(e)": 1234,
    "1234*": 1234,
    "5e3": 5000,
    "0": 0,
    **dict.fromkeys(
        ("na", "ne", "-", "…", "X", "W", "－", "<0.1%", "< 0.1 %", ">2,000,000", "0.1未満", "<sup>c</sup>")
    ),
}


def test_a_number_is_read_in_any_usual_spelling(read):
    rows = read(
        "country,year,n\n"
        + "".join(f'Japan,{year},"{printed}"\n' for year, printed in enumerate(NUMBERS, 1990)),
        **LONG,
    )
    assert {printed: values(rows)["JP", year] for year, printed in enumerate(NUMBERS, 1990)} == NUMBERS
    assert read.printed["JP", 1991] == "1,234,567.5"
    assert read.quarantine == []


def test_what_is_no_number_is_set_aside_with_row_and_column(read):
    wrong = ["12,34", "1234b", "12-15", "about 5", "1.234.567", "--", "12 345 6", "-5", "0x10"]
    rows = read(
        "country,year,n\nJapan,1980,1\n"
        + "".join(f'Japan,{year},"{printed}"\n' for year, printed in enumerate(wrong, 1990)),
        **LONG,
    )
    assert values(rows) == {("JP", 1980): 1}
    assert read.quarantine == [(row, "n", printed) for row, printed in enumerate(wrong, 2)]


def test_decimal_commas_and_marks_are_declared(read):
    rows = read(
        "country;year;n\nWorld;2020;1.234,5 e\nJapan;2020;0,5 p\n",
        delimiter=";",
        decimal=",",
        value_marks=["e", "p"],
        **LONG,
    )
    assert values(rows) == {("WORLD", 2020): 1234.5, ("JP", 2020): 0.5}


YEARS = {
    "2020": 2020,
    "FY2020": 2020,
    "２０２０年度": 2020,
    "2020-01-01 00:00:00": 2020,
    "2020.0": 2020,
    "2020-A1": 2020,
    "2020 (1)": 2020,
    "CY 2020 [a]": 2020,
    "平成31年・\n令和元年": 2019,
    "2020年(令和2年)": 2020,
    "average of 2020": 2020,
    "令和2年": 2020,
    "令和元年": 2019,
    "平成30年度": 2018,
    "昭和 64": 1989,
    "H30": 2018,
    "R2年": 2020,
    "2019（令和元）年": 2019,
    "2003–22": None,
    "2021-24": None,
    "2020/21": None,
    **dict.fromkeys(
        (
            "2016～2020",
            "2016年～2020年",
            "2016年-2020年",
            "平成28年～令和2年",
            "2016年度～2018年度平均",
            "1999-00",
            "1999/00",
            "H28-R2",
        )
    ),
    **dict.fromkeys(
        ("2018‐2020", "2018‑20", "2016から2018", "2016+2017", "1900s", "2016_2018", "2019/20", "PY2019-2021")
    ),
    **dict.fromkeys(
        ("2020-04", "2020Q1", "2020M11", "2020/3", "2020年3月", "2020H1", "2020-S2", "2020年第1四半期")
    ),
    **dict.fromkeys(("2020年度上期", "31.12.2020", "-2022", "2020年代", "20201", "202", "2020-W05")),
    **dict.fromkeys(
        (
            "2018 to 2020",
            "2016-18 average",
            "March 2020",
            "Q1 2020",
            "since 2010",
            "2018 2019",
            "2020(2019)",
            "+2020",
            "H1 2020",
        )
    ),
    "total": None,
}


def test_years_are_read_in_both_calendars_and_spans_are_no_years(read):
    text = "country,year,n\nWorld,2020,9\n" + "".join(f'Japan,"{printed}",1\n' for printed in YEARS)
    rows = read(text, **LONG)
    good = {year for year in YEARS.values() if year}
    assert {year for _, code, year, _ in rows if code == "JP"} == good
    assert {excerpt for _, field, excerpt in read.quarantine if field == "year"} == {
        printed for printed, year in YEARS.items() if year is None
    }


@pytest.mark.parametrize("printed", YEARS)
def test_headings_and_cells_name_the_same_years(printed):
    assert year_of(printed) == YEARS[printed]


# ---- bytes ---------------------------------------------------------------------------------------

JAPANESE = "国,年,件数\n世界,令和2年,１００\n日本,令和2年,３０\n"
JAPANESE_TABLE = {"columns": {"area": "国", "year": "年", "value": "件数"}, "header_contains": ["国", "年"]}
EXPECTED = {("WORLD", 2020): 100, ("JP", 2020): 30}


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp932", "euc_jp", "utf-16"])
def test_d50_a_table_is_read_in_its_encoding(read, encoding):
    declared = encoding if encoding != "utf-8-sig" else "utf-8"
    assert values(read(JAPANESE.encode(encoding), encoding=declared, **JAPANESE_TABLE)) == EXPECTED


def test_d50_a_packed_table_is_read_in_its_encoding(read):
    assert (
        values(
            read(gzip.compress(JAPANESE.encode("cp932")), name="t.csv.gz", encoding="cp932", **JAPANESE_TABLE)
        )
        == EXPECTED
    )


@pytest.mark.parametrize("ending", ["\r", "\r\n"])
def test_lines_may_end_in_any_way(read, ending):
    text = (
        "A title, with a comma\n\ncountry\tyear\tn\nWorld\t2020\t10\nC\u00f4te d\u2019Ivoire\t2020\t3\n"
    ).replace("\n", ending)
    rows = read(text.encode("cp1252"), format="tsv", encoding="cp1252", header_contains=["country"], **LONG)
    assert values(rows) == {("WORLD", 2020): 10, ("CI", 2020): 3}


def test_d50_bytes_outside_the_declared_encoding_are_named_by_line(read):
    said = read.refused(b"country,year,n\rWorld,2020,9\rJapan,2020,\x81\x01\r", encoding="cp932", **LONG)
    assert "table.csv is not cp932 from line 3 on" in said


def test_a_workbook_with_merged_headings_and_cells(read):
    rows = [
        ["表1　国別ファミリー数"],
        [None],
        ["国・地域", "電池", None, "全分野", None],
        [None, "令和元年", "令和2年", "令和元年", "令和2年"],
        ["世界", 100, 110.0, 1000, 1100],
        ["日本", "30", "－", "３００", 330],
        ["（注）推計値を含む。"],
    ]
    book = workbook(rows, merged=["A3:A4", "B3:C3", "D3:E3"])
    table = {
        "format": "xlsx",
        "sheet": "統計 表",
        "title_contains": ["国別ファミリー数"],
        "header_row": 3,
        "header_rows": 2,
        "layout": "wide",
        "year_columns": r"^(?P<series>.+) / (?P<year>.+)$",
        "columns": {"area": "国・地域", "series": None},
        "series": [CELLS | {"key": "電池"}, CELLS | {"id": "mini_all", "key": "全分野"}],
    }
    found = read(book, name="表 1.xlsx", **table)
    assert {row[1:] for row in found if row[0] == "mini_cells"} == {
        ("WORLD", 2019, 100),
        ("WORLD", 2020, 110),
        ("JP", 2019, 30),
        ("JP", 2020, None),
    }
    assert {row[1:] for row in found if row[0] == "mini_all"} == {
        ("WORLD", 2019, 1000),
        ("WORLD", 2020, 1100),
        ("JP", 2019, 300),
        ("JP", 2020, 330),
    }
    assert read.quarantine == []
    assert read.unmapped == []
    assert 'has no sheet "統計"' in read.refused(book, "表 1.xlsx", **(table | {"sheet": "統計"}))
    assert "no workbook" in read.refused(b"not a workbook at all", "x.xlsx", **table)
    torn = (read.folder / "表 1.xlsx").read_bytes()
    assert "no workbook" in read.refused(torn[:300] + torn[380:], "x.xlsx", **table)


def test_merged_cells_of_rows_speak_for_the_blanks_below(read):
    rows = [
        ["area", "year", "n", "when"],
        ["World", 2020, 10, dt.date(2020, 1, 1)],
        [None, 2021, 12, None],
        ["Japan", 2020, 3, None],
        [None, 2021, 4, None],
    ]
    found = read(
        workbook(rows),
        name="t.xlsx",
        format="xlsx",
        sheet="統計 表",
        columns={"area": "area", "year": "year", "value": "n"},
        fill_down=["area"],
    )
    assert values(found) == {("WORLD", 2020): 10, ("WORLD", 2021): 12, ("JP", 2020): 3, ("JP", 2021): 4}


# ---- shapes --------------------------------------------------------------------------------------


def test_a_cross_table_takes_its_year_from_the_declaration_and_leaves_its_notes(read):
    text = (
        "place,region,whole,fractional\nWorld,World,100,100.0\nJapan,Asia,10,8.5\nUnassigned,na,5,5\nNote:"
        " counts of articles,,,\n"
    )
    series = [CELLS | {"key": "whole"}, CELLS | {"id": "mini_all", "key": "fractional", "years_covered": 20}]
    rows = read(
        text, columns={"area": "place"}, constants={"year": 2022}, series=series, other_areas=["Unassigned"]
    )
    assert [row for row in rows if row[1] == "JP"] == [
        ("mini_all", "JP", 2022, 8.5),
        ("mini_cells", "JP", 2022, 10),
    ]
    assert read.unmapped == ["Unassigned"]


def test_rows_are_found_by_what_stands_in_other_columns(read):
    text = (
        "Item ,Kind,Country,Unit,PROD 2023,PROD_EST_ 2024,Reserves 2024\n"
        'Gallium ,"Primary  production",China,kg,"600,000",W,9\n'
        "Gallium,Primary production,World total (rounded) 10,kg,633000,760000,9\n"
        "Gallium,Capacity,China,kg,1,1,9\n"
        "Tungsten,Mine production,Other countries,t,,,\n"
        "Tungsten,Mine production,China,t,66000,67000,9\n"
    )
    rows = read(
        text,
        form="supply_table",
        layout="wide",
        year_columns=r"^PROD.*?(\d{4})$",
        columns={"area": "Country", "unit": "Unit"},
        areas={"World total (rounded) 10": "WORLD"},
        commodities=[
            {
                "commodity": "gallium",
                "stage": "refined",
                "match": {"Item": "Gallium", "Kind": ["Primary production"]},
                "unit": "kg",
            },
            {"commodity": "tungsten", "stage": "mine", "match": {"Item": "Tungsten"}, "unit": "t"},
        ],
    )
    assert rows == [
        ("gallium", "refined", "CN", 2023, 600000, "kg"),
        ("gallium", "refined", "CN", 2024, None, "kg"),
        ("gallium", "refined", "WORLD", 2023, 633000, "kg"),
        ("gallium", "refined", "WORLD", 2024, 760000, "kg"),
        ("tungsten", "mine", "CN", 2023, 66000, "t"),
        ("tungsten", "mine", "CN", 2024, 67000, "t"),
    ]


def test_a_supply_share_without_year_or_unit(read):
    text = (
        'Material,Stage,Country,Share\nCobalt,E,"Congo,'
        ' D.R.",62.8%\nCobalt,E,Botswana,<0.1%\nCobalt,P,China,59.6%\n'
    )
    rows = read(
        text,
        form="supply_table",
        columns={"area": "Country", "value": "Share"},
        constants={"year": 2020, "unit": "%"},
        commodities=[{"commodity": "cobalt", "stage": "mine", "match": {"Material": "Cobalt", "Stage": "E"}}],
    )
    assert rows == [("cobalt", "mine", "BW", 2020, None, "%"), ("cobalt", "mine", "CD", 2020, 62.8, "%")]


def test_every_spelling_means_one_country():
    countries = load_workspace(ROOT).config.countries
    meant: dict[str, set[str]] = {}
    for code, country in countries.items():
        for name in (code, country.name.en, country.name.ja, *country.aliases):
            meant.setdefault(clean_area(name), set()).add(code)
    assert {name: codes for name, codes in meant.items() if len(codes) > 1} == {}
    codes = map_areas(
        [
            "JPN",
            "KOR",
            "PRK",
            "COG",
            "COD",
            "大韓民国",
            "アメリカ合衆国",
            "Congo, D.R.",
            "Türkiye",
            "Korea, Republic of",
        ],
        countries,
    )
    assert codes == {
        "JPN": "JP", "KOR": "KR", "PRK": "KP", "COG": "CG", "COD": "CD", "大韓民国": "KR",
        "アメリカ合衆国": "US", "Congo, D.R.": "CD",
        "Türkiye": "TR", "Korea, Republic of": "KR",
    }  # fmt: skip


def test_the_declaration_in_the_readme_is_a_good_one():
    text = (ROOT / "README.md").read_text("utf-8").split("```yaml\n", 1)[1].split("```", 1)[0]
    table = Table.model_validate(parse_yaml_text(text, "README.md")["table"])
    assert {
        "sheet",
        "header_rows",
        "year_columns",
        "areas",
        "other_areas",
        "years",
        "controls",
        "series",
    } <= table.model_fields_set


# ---- size ----------------------------------------------------------------------------------------


def test_a_long_table_is_read_by_the_engine_and_not_row_by_row(read, monkeypatch):
    """200,000 rows in another encoding, in blocks: no line is a Python object of its own."""
    rng = random.Random(4)
    text = "国,年,件数\n" + "".join(
        f"{area},{year},{rng.randrange(10**6)}\n"
        for year in range(1901, 2021)
        for area in ("世界", "日本", *range(1700))
    )
    table = {"encoding": "cp932", "other_areas": [str(area) for area in range(1700)], **JAPANESE_TABLE}
    rows = read(text.encode("cp932"), **table)
    assert len(rows) == 240
    assert len(read.unmapped) == 1700
