"""Declared tables: every way a ministry prints a table, and every promise of a declaration held against the file."""

import datetime as dt
import gzip
import random

import openpyxl
import pytest
from miniature import held_file

from listgen import stage
from listgen.base.config import load_workspace
from listgen.base.errors import DataError
from listgen.base.models import Source, Table
from listgen.base.warehouse import Warehouse
from listgen.base.yamlfile import parse_yaml_text
from listgen.stage.cells import year_of
from listgen.stage.tables import clean_area, map_areas

from miniature import ROOT, open_miniature  # isort: skip

ORIGIN = {
    "id": "mini_statistics",
    "title": {"en": "A table", "ja": "表"},
    "producer": "The tests",
    "description": {"en": "Invented.", "ja": "作成。"},
    "licence": {"id": "CC0-1.0", "class": "A", "text": "Invented.", "redistribution": "allowed"},
    "citation": "The tests",
    "access": "files",
    "grade": "statistics",
    "frame": {"en": "All.", "ja": "全て。", "comparable": True},
}
COUNT = {"title": {"en": "Count", "ja": "件数"}, "measure": "count", "unit": "families", "counting": "full"}
CELLS = {"id": "mini_cells", **COUNT}


@pytest.fixture(scope="module")
def mini(tmp_path_factory):
    """The miniature with the repository's own country names."""
    root = open_miniature(tmp_path_factory.mktemp("tables") / "workspace").root
    (root / "config" / "countries.yaml").write_bytes((ROOT / "config" / "countries.yaml").read_bytes())
    return load_workspace(root)


class Tables:
    """Reads one file as the miniature's statistics, or supply, by a declaration given in the test."""

    def __init__(self, mini, folder):
        self.mini, self.folder = mini, folder

    def held(self, content, name, form):
        path = self.folder / name
        if isinstance(content, openpyxl.Workbook):
            content.save(path)
        else:
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return held_file(path, "mini_statistics", form)

    def __call__(self, content, name="table.csv", form="statistic_table", **table):
        """Return (code, year, value) of every cell, the quarantine as (row, column, excerpt), and names that are no countries."""
        table.setdefault("series", [CELLS] if form == "statistic_table" else [])
        source = Source.model_validate(ORIGIN | {"table": table, "grade": "supply" if form == "supply_table" else "statistics"})
        sources = {source.id: source}
        settings = self.mini.config.settings.model_copy(update={"sources": [source.id]})
        config = type(self.mini.config)(**(vars(self.mini.config) | {"sources": sources, "settings": settings}))
        what = (
            "series_id, area_code, period_year, value"
            if form == "statistic_table"
            else "commodity_id, stage_id, country_code, period_year, quantity, unit"
        )
        with Warehouse() as warehouse:
            stage.run(warehouse, config, [self.held(content, name, form)], self.folder / "stage")
            rows = warehouse.rows(f"SELECT {what} FROM core.{'statistic' if form == 'statistic_table' else 'supply'} ORDER BY ALL")
            self.quarantine = warehouse.rows("SELECT raw_line, field, excerpt FROM prov.quarantine ORDER BY ALL")
            self.unmapped = [row[0] for row in warehouse.rows("SELECT area_text FROM prov.unmapped ORDER BY 1")]
            self.printed = {row[:2]: row[2] for row in warehouse.rows("SELECT area_code, period_year, value_text FROM core.statistic")}
        return rows

    def refused(self, *arguments, **table) -> str:
        """Return what is said of a file that is refused."""
        with pytest.raises(DataError) as caught:
            self(*arguments, **table)
        return str(caught.value)


@pytest.fixture
def read(mini, tmp_path):
    return Tables(mini, tmp_path)


LONG = {"columns": {"area": "country", "year": "year", "value": "n"}}


def values(rows):
    return {(code, year): value for _, code, year, value in rows}


# ---- numbers and years ------------------------------------------------------------------------------------------------


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
    **dict.fromkeys(("na", "ne", "-", "…", "X", "W", "－", "<0.1%", "< 0.1 %", ">2,000,000", "0.1未満", "<sup>c</sup>")),
}


def test_a_number_is_read_in_any_usual_spelling(read):
    rows = read("country,year,n\n" + "".join(f'Japan,{year},"{printed}"\n' for year, printed in enumerate(NUMBERS, 1990)), **LONG)
    assert {printed: values(rows)["JP", year] for year, printed in enumerate(NUMBERS, 1990)} == NUMBERS
    assert read.printed["JP", 1991] == "1,234,567.5"
    assert read.quarantine == []


def test_what_is_no_number_is_set_aside_with_row_and_column(read):
    wrong = ["12,34", "1234b", "12-15", "about 5", "1.234.567", "--", "12 345 6", "-5", "0x10"]
    rows = read(
        "country,year,n\nJapan,1980,1\n" + "".join(f'Japan,{year},"{printed}"\n' for year, printed in enumerate(wrong, 1990)), **LONG
    )
    assert values(rows) == {("JP", 1980): 1}
    assert read.quarantine == [(row, "n", printed) for row, printed in enumerate(wrong, 2)]


def test_decimal_commas_and_marks_are_declared(read):
    rows = read("country;year;n\nWorld;2020;1.234,5 e\nJapan;2020;0,5 p\n", delimiter=";", decimal=",", value_marks=["e", "p"], **LONG)
    assert values(rows) == {("WORLD", 2020): 1234.5, ("JP", 2020): 0.5}


YEARS = {
    "2020": 2020,
    "FY2020": 2020,
    "２０２０年度": 2020,
    "2020-01-01 00:00:00": 2020,
    "2020-04": 2020,
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
    "2016～2020": None,
    "total": None,
}


def test_years_are_read_in_both_calendars_and_spans_are_no_years(read):
    text = "country,year,n\nWorld,2020,9\n" + "".join(f"Japan,{printed},1\n" for printed in YEARS)
    rows = read(text, **LONG)
    good = {year for year in YEARS.values() if year}
    assert {year for _, code, year, _ in rows if code == "JP"} == good
    assert {excerpt for _, field, excerpt in read.quarantine if field == "year"} == {
        printed for printed, year in YEARS.items() if year is None
    }


@pytest.mark.parametrize("printed", YEARS)
def test_headings_and_cells_name_the_same_years(printed):
    assert year_of(printed) == YEARS[printed]


# ---- bytes ------------------------------------------------------------------------------------------------------------

JAPANESE = "国,年,件数\n世界,令和2年,１００\n日本,令和2年,３０\n"
JAPANESE_TABLE = {"columns": {"area": "国", "year": "年", "value": "件数"}, "header_contains": ["国", "年"]}
EXPECTED = {("WORLD", 2020): 100, ("JP", 2020): 30}


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp932", "euc_jp", "utf-16"])
def test_a_table_is_read_in_its_encoding(read, encoding):
    declared = encoding if encoding != "utf-8-sig" else "utf-8"
    assert values(read(JAPANESE.encode(encoding), encoding=declared, **JAPANESE_TABLE)) == EXPECTED


def test_a_packed_table_is_read_in_its_encoding(read):
    assert values(read(gzip.compress(JAPANESE.encode("cp932")), name="t.csv.gz", encoding="cp932", **JAPANESE_TABLE)) == EXPECTED


@pytest.mark.parametrize("ending", ["\r", "\r\n"])
def test_lines_may_end_in_any_way(read, ending):
    text = "A title, with a comma\n\ncountry\tyear\tn\nWorld\t2020\t10\nC\u00f4te d\u2019Ivoire\t2020\t3\n".replace("\n", ending)
    rows = read(text.encode("cp1252"), format="tsv", encoding="cp1252", header_contains=["country"], **LONG)
    assert values(rows) == {("WORLD", 2020): 10, ("CI", 2020): 3}


def test_bytes_outside_the_declared_encoding_are_named_by_line(read):
    said = read.refused(b"country,year,n\rWorld,2020,9\rJapan,2020,\x81\x01\r", encoding="cp932", **LONG)
    assert "table.csv is not cp932 from line 3 on" in said


def workbook(rows, title="統計 表", **more):
    book = openpyxl.Workbook()
    book.active.title = "notes"
    sheet = book.create_sheet(title)
    for row in rows:
        sheet.append(row)
    for area in more.get("merged", ()):
        sheet.merge_cells(area)
    return book


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


# ---- shapes -----------------------------------------------------------------------------------------------------------


def test_a_cross_table_takes_its_year_from_the_declaration_and_leaves_its_notes(read):
    text = "place,region,whole,fractional\nWorld,World,100,100.0\nJapan,Asia,10,8.5\nUnassigned,na,5,5\nNote: counts of articles,,,\n"
    series = [CELLS | {"key": "whole"}, CELLS | {"id": "mini_all", "key": "fractional", "years_covered": 20}]
    rows = read(text, columns={"area": "place"}, constants={"year": 2022}, series=series)
    assert [row for row in rows if row[1] == "JP"] == [("mini_all", "JP", 2022, 8.5), ("mini_cells", "JP", 2022, 10)]
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
            {"commodity": "gallium", "stage": "refined", "match": {"Item": "Gallium", "Kind": ["Primary production"]}, "unit": "kg"},
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
    text = 'Material,Stage,Country,Share\nCobalt,E,"Congo, D.R.",62.8%\nCobalt,E,Botswana,<0.1%\nCobalt,P,China,59.6%\n'
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
        ["JPN", "KOR", "PRK", "COG", "COD", "大韓民国", "アメリカ合衆国", "Congo, D.R.", "Türkiye", "Korea, Republic of"], countries
    )
    assert codes == {
        "JPN": "JP", "KOR": "KR", "PRK": "KP", "COG": "CG", "COD": "CD", "大韓民国": "KR", "アメリカ合衆国": "US", "Congo, D.R.": "CD",
        "Türkiye": "TR", "Korea, Republic of": "KR",
    }  # fmt: skip


# ---- promises: each is broken once ------------------------------------------------------------------------------------

GOOD = """Table 7, edition 2024
Region,Country,Unit,2019,2020,2021
World,World,number,100,110,120
Asia,Japan,number,30,31,32
Europe,Türkiye,number,5,6,7
Europe,Europe,number,50,51,52
"""
PROMISES = {
    "header_contains": ["Country", "Unit"],
    "title_contains": ["edition 2024"],
    "layout": "wide",
    "columns": {"area": "Country", "unit": "Unit"},
    "units": ["number"],
    "years": {"first": 2019, "last": 2021},
    "other_areas": ["Europe"],
    "controls": [{"series": "mini_cells", "area": "WORLD", "year": 2020, "value": 110}],
}


def test_a_table_that_keeps_its_promises_is_read(read):
    assert len(read(GOOD, **PROMISES)) == 9
    moved = GOOD.replace("Region,", "\nA line that was not there before\n\nRegion,", 1)
    assert values(read(moved, **PROMISES)) == values(read(GOOD, **PROMISES))  # found by its names, wherever it stands


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("Country,Unit", "Economy,Unit", 'table.csv has no column "Country". Its columns, in row 2, are: Region, Economy, Unit'),
        (",2020,", ",note,", "column \"one column a year\": mini_cells has no row for 2020; declared are 2019 to 2021"),
        (",2021\n", ",2021,2022\n", "mini_cells has 2022, outside the declared 2019 to 2021"),
        ("Türkiye", "Turkiye Republic", 'row 3 below the header, column "Country": "Turkiye Republic" is no country'),
        ("World,number,100,110,120", "World,number,100000,110000,120000", 'row 1 below the header, column "2020": mini_cells, WORLD, 2020 is 110,000'),
        ("World,number,100,110,120", "World,number,0.1,0.11,0.12", "They differ by a factor of 10^-3: the unit may have changed"),
        ("100,110,120", "100,1103,120", "mini_cells, WORLD, 2020 is 1,103, the control figure is 110"),  # a footnote's 3 glued to the number
        ("Japan,number", "Japan,thousand", 'row 2 below the header, column "Unit": the unit is "thousand"'),
        ("edition 2024", "edition 2026", 'has no title "edition 2024" above row 2'),
        ("100,110,120", "100,112,120", "is 112, the control figure is 110"),
        ("World,World", "World,Wrold", "the control figure mini_cells, WORLD, 2020 = 110 is not in the table"),
    ],
)  # fmt: skip
def test_a_broken_promise_is_named_by_file_row_and_column(read, old, new, said):
    assert old in GOOD
    found = read.refused(GOOD.replace(old, new), **PROMISES)
    assert said in found
    assert "table.csv" in found or "mini_statistics" in found


def test_a_header_declared_by_its_row_that_moved_is_refused(read):
    table = {"header_row": 2, "columns": {"area": "Country", "year": "Year", "value": "N"}}
    assert 'has no column "Country"' in read.refused("Title\nAnother title\nCountry,Year,N\nWorld,2020,1\n", **table)


def test_a_year_beyond_the_declared_ones_is_another_edition(read):
    text = "country,year,n\nWorld,2019,9\nWorld,2020,9\n"
    assert "has 2020, outside the declared 2018 to 2019" in read.refused(text, years={"first": 2018, "last": 2019}, **LONG)


def test_all_broken_promises_are_told_at_once(read):
    broken = GOOD.replace("Türkiye", "Nowhere").replace("Japan,number", "Japan,thousand").replace("100,110,120", "100,111,120")
    said = read.refused(broken, **PROMISES)
    assert all(word in said for word in ("Nowhere", "thousand", "111", "config/sources/mini_statistics.yaml"))


def test_the_declaration_in_the_readme_is_a_good_one():
    text = (ROOT / "README.md").read_text("utf-8").split("```yaml\n", 1)[1].split("```", 1)[0]
    table = Table.model_validate(parse_yaml_text(text, "README.md")["table"])
    assert {"sheet", "header_rows", "year_columns", "areas", "other_areas", "years", "controls", "series"} <= table.model_fields_set


# ---- size -------------------------------------------------------------------------------------------------------------


def test_a_long_table_is_read_by_the_engine_and_not_row_by_row(read, monkeypatch):
    """200,000 rows in another encoding, in blocks: no line is a Python object of its own."""
    rng = random.Random(4)
    text = "国,年,件数\n" + "".join(
        f"{area},{year},{rng.randrange(10**6)}\n" for year in range(1901, 2021) for area in ("世界", "日本", *range(1700))
    )
    table = {"encoding": "cp932", **JAPANESE_TABLE}
    rows = read(text.encode("cp932"), **table)
    assert len(rows) == 240
    assert len(read.unmapped) == 1700
