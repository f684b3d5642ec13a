"""Tables that people of this field met: each was read wrong, or lost, without a message."""

import gzip

import openpyxl
import pytest
from miniature import held_file
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from table_reading import CELLS, LONG, Tables, open_mini, values, workbook

from listgen.base.errors import ConfigError, DataError, UsageError
from listgen.config.yamlfile import dump_yaml, parse_yaml_text
from listgen.stage.records.quotes import check_quotes
from listgen.workspace import adding
from listgen.workspace.loading import load_workspace


@pytest.fixture(scope="module")
def mini(tmp_path_factory):
    return open_mini(tmp_path_factory.mktemp("cases"))


@pytest.fixture
def read(mini, tmp_path):
    return Tables(mini, tmp_path)


@pytest.fixture
def add(workspace, tmp_path):
    """Return a function that drafts a declaration; gives what was understood and the declared table."""

    def drafted(content, name="table.csv", source_id="drafted"):
        path = tmp_path / name
        if isinstance(content, openpyxl.Workbook):
            content.save(path)
        else:
            path.write_bytes(content.encode())
        overview = adding.add_file(workspace, path, source_id)
        return overview.document, load_workspace(workspace.root).config.sources[source_id].table

    return drafted


# ---- a quote mark that was lost ------------------------------------------------------------------

WHOLE = "country,year,n\nWorld,2020,9\nChina,2020,5\nJapan,2020,2\nJapan,2021,3\nFrance,2020,1\n"


@pytest.mark.parametrize(
    ("broken", "line"),
    [
        (WHOLE.replace("Japan,2020", '"Japan,2020'), 4),
        (WHOLE.replace("Japan,2020", 'Japan,"2020'), 4),
        (WHOLE.replace("France,2020,1\n", 'France,2020,"1\n'), 6),
        (WHOLE.replace("Japan,2020", '"Japan,2020').replace("France", '"France'), 4),
        (WHOLE.replace("Japan,2020", '"Japan,2020').replace("France,2020,1", 'France,2020,1"'), 4),
        # Two lost marks whose rows together have the usual number of cells.
        (WHOLE.replace("Japan,2020", '"Japan,2020').replace("France,2020", 'France",2020'), 4),
        (WHOLE.replace("Japan,2020", '"Japan,2020').replace("Japan,2021", 'Japan",2021'), 4),
        (WHOLE.replace("Japan,2020,2", 'Japan,2020,"2').replace("France,2020,1", 'France,2020,1"'), 4),
        (WHOLE.replace("Japan,2020,2", 'Ja"pan,2020,"2').replace("France,2020,1", 'Fr"ance,2020,1"'), 4),
    ],
)
def test_a_lone_quote_mark_is_refused_with_its_line(read, broken, line):
    assert f"line {line}: a quote mark is not closed" in read.refused(broken, **LONG)


@pytest.mark.parametrize("marks", [('"', '",'), ('"', ',"'), ('x"y,"', '",')])
def test_lone_quote_marks_are_found_in_a_file_of_any_size(tmp_path, marks):
    many = "".join(f"area {row},2020,{row}\n" for row in range(1_400_000))  # beyond 32 MB
    first, second = marks
    path = tmp_path / "large.csv"
    path.write_text(f"{WHOLE}{many}{first}Japan,2022,5\nChina{second}2022,5\n{many[:100_000]}")
    assert path.stat().st_size > 1 << 25
    with pytest.raises(DataError, match="line 1400007: a quote mark is not closed"):
        check_quotes(held_file(path, "mini_statistics", "statistic_table"), path, "none", ",")


def test_line_breaks_and_delimiters_inside_cells_of_whole_rows_are_no_lone_marks(read):
    rows = read(
        'country,year,n,note\nJapan,2020,5,"see 1,\n2"\n"World,\nall",2020,9,"a, b,\nc, 5"\n',
        **LONG,
        areas={"World,\nall": "WORLD"},
    )
    assert values(rows)["JP", 2020] == 5


def test_sentences_with_the_commas_of_a_row_are_no_lone_marks(read):
    claim = "An apparatus ( 2 ).\nIt has units ( 16, 26, 32, 72 )"
    rows = read(
        f'n,country,year,claim\n5,Japan,2020,"{claim}"\n9,World,2020,none\n4,France,2020,none\n', **LONG
    )
    assert values(rows)["JP", 2020] == 5


def test_quoted_titles_notes_and_line_breaks_are_no_lone_marks(read):
    text = '"Table 1,\nby country"\n"coun\ntry",year,n\n"Ja\npan",2020,5\nWorld,2020,9\n"Note: a, b,\nc"\n'
    rows = read(
        text,
        header_contains=["coun try"],
        **(LONG | {"columns": {"area": "coun try", "year": "year", "value": "n"}}),
        areas={"Ja pan": "JP"},
    )
    assert values(rows) == {("JP", 2020): 5, ("WORLD", 2020): 9}


# ---- blocks side by side -------------------------------------------------------------------------

BLOCKS = """表4　国・地域別論文数（上位5）
全論文,,,,Top10%論文,,,
順位,国・地域名,論文数,シェア,順位,国・地域名,論文数,シェア
-,世界,20000,100.0,-,世界,2000,100.0
1,中国,5000,25.0,1,中国,620,31.0
2,米国,4000,20.0,2,米国,480,24.0
3,インド,1100,5.5,3,英国,150,7.5
4,ドイツ,900,4.5,4,ドイツ,110,5.5
5,日本,880,4.4,5,イタリア,98,4.9
"""
RANKED = {
    "header_row": 2,
    "header_rows": 2,
    "columns": {"area": "全論文 / 国・地域名"},
    "constants": {"year": 2023},
    "other_areas": [],
}


def two_series(**second):
    return [
        CELLS | {"key": "全論文 / 論文数"},
        {**CELLS, "id": "mini_all", "key": "Top10%論文 / 論文数", **second},
    ]


def test_each_block_is_read_by_its_own_column_of_areas(read):
    rows = read(BLOCKS, series=two_series(area="Top10%論文 / 国・地域名"), **RANKED)
    top = {code: value for series, code, _, value in rows if series == "mini_all"}
    assert top == {"WORLD": 2000, "CN": 620, "US": 480, "GB": 150, "DE": 110, "IT": 98}
    assert {code for series, code, _, _ in rows if series == "mini_cells"} == {
        "WORLD",
        "CN",
        "US",
        "IN",
        "DE",
        "JP",
    }


def test_a_second_column_of_areas_before_the_figures_is_refused(read):
    assert 'another column of areas, "Top10%論文 / 国・地域名"' in read.refused(
        BLOCKS, series=two_series(), **RANKED
    )


def test_equal_headings_are_named_with_their_places(read):
    text = "国,論文数,国,論文数\n日本,5,米国,7\n米国,4,日本,6\n世界,9,世界,9\n"
    table = {"columns": {"area": "国"}, "constants": {"year": 2023}, "series": [CELLS | {"key": "論文数"}]}
    said = read.refused(text, **table)
    assert 'the columns 1, 3 are all called "国"' in said and '"国 (3)"' in said
    declared = table | {
        "columns": {"area": "国 (1)"},
        "series": [CELLS | {"key": "論文数 (4)", "area": "国 (3)"}],
    }
    assert values(read(text, **declared)) == {("US", 2023): 7, ("JP", 2023): 6, ("WORLD", 2023): 9}


@pytest.mark.parametrize("text", [BLOCKS, BLOCKS.replace("全論文,,,,Top10%論文,,,\n", "")])
def test_blocks_are_drafted_each_with_its_areas(add, text):
    _, table = add(text)
    counts = [series for series in table.series if "論文数" in series.key]
    assert len(counts) == 2 and counts[0].area != counts[1].area
    assert all("順位" not in series.key for series in table.series)


# ---- SDMX ----------------------------------------------------------------------------------------

EUROSTAT = """DATAFLOW,LAST UPDATE,freq,unit,geo,TIME_PERIOD,OBS_VALUE,OBS_FLAG
ESTAT:PROBE(1.0),01/02/24 11:00:00,A,MIO_EUR,EL,2021,123.5,b
ESTAT:PROBE(1.0),01/02/24 11:00:00,A,MIO_EUR,EL,2022,130.1,p
ESTAT:PROBE(1.0),01/02/24 11:00:00,A,MIO_EUR,DE,2021,500,
ESTAT:PROBE(1.0),01/02/24 11:00:00,A,MIO_EUR,DE,2022,510,p
ESTAT:PROBE(1.0),01/02/24 11:00:00,A,MIO_EUR,UK,2021,400,
ESTAT:PROBE(1.0),01/02/24 11:00:00,A,MIO_EUR,EU27_2020,2021,9000,
"""
OECD = """DATAFLOW,REF_AREA,MEASURE,UNIT_MEASURE,TIME_PERIOD,OBS_VALUE,OBS_STATUS,UNIT_MULT
OECD.STI:DSD(1.0),JPN,G,USD_PPP,2020,1.5,A,6
OECD.STI:DSD(1.0),JPN,G,USD_PPP,2021,2.5,E,6
OECD.STI:DSD(1.0),USA,G,USD_PPP,2020,3,A,3
OECD.STI:DSD(1.0),OECD,G,USD_PPP,2020,9,A,6
"""
TSV = (
    "freq,unit,geo\\TIME_PERIOD\t2019 \t2020 \nA,NR,EL\t123 b\t: \nA,NR,DE\t500 \t510 p\nA,NR,EU27_2020\t9000"
    " \t: c\n"
)


def test_eurostats_csv_is_drafted_with_its_areas_and_flags(add, read):
    found, table = add(EUROSTAT)
    assert (table.columns.area, table.columns.year, table.columns.value, table.columns.flag) == (
        "geo",
        "TIME_PERIOD",
        "OBS_VALUE",
        "OBS_FLAG",
    )
    assert found["understood"]["countries"] == {"DE": "DE", "EL": "GR", "UK": "GB"} and table.other_areas == [
        "EU27_2020"
    ]
    plain = {
        "columns": {"area": "geo", "year": "TIME_PERIOD", "value": "OBS_VALUE", "flag": "OBS_FLAG"},
        "other_areas": ["EU27_2020"],
    }
    assert values(read(EUROSTAT, **plain))["GR", 2021] == 123.5
    assert read.flags == {("GR", 2021): "b", ("GR", 2022): "p", ("DE", 2022): "p"}


def test_eurostats_tsv_is_drafted_and_read(add, read):
    found, table = add(TSV, "estat.tsv")
    assert (
        table.packed_keys
        and table.columns.area == "geo"
        and found["understood"]["countries"] == {"DE": "DE", "EL": "GR"}
    )
    assert found["understood"]["n_rejected"] == 0 and found["understood"]["years"] == [2019, 2020]
    declared = {
        "format": "tsv",
        "packed_keys": True,
        "layout": "wide",
        "columns": {"area": "geo"},
        "null_values": [":", ": c"],
    }
    rows = read(TSV, "estat.tsv", value_marks=["b", "p"], other_areas=["EU27_2020"], **declared)
    assert values(rows) == {("GR", 2019): 123, ("GR", 2020): None, ("DE", 2019): 500, ("DE", 2020): 510}
    assert read.flags == {("GR", 2019): "b", ("DE", 2020): "p"}


def test_a_multiplier_is_used_or_the_table_is_refused(add, read):
    _, table = add(OECD)
    assert table.columns.multiplier == "UNIT_MULT"
    columns = {"area": "REF_AREA", "year": "TIME_PERIOD", "value": "OBS_VALUE"}
    assert "multiplies the figures by a power of ten" in read.refused(
        OECD, columns=columns, other_areas=["OECD"]
    )
    rows = read(OECD, columns=columns | {"multiplier": "UNIT_MULT"}, other_areas=["OECD"])
    assert values(rows) == {("JP", 2020): 1.5e6, ("JP", 2021): 2.5e6, ("US", 2020): 3000}


# ---- thousands -----------------------------------------------------------------------------------


def test_points_with_three_digits_behind_them_are_a_question(add, workspace):
    found, table = add(
        "国,年,生産量\n日本,2021,1.234\n米国,2021,12.345\n中国,2021,123.456\n韓国,2021,2.500\n"
    )
    assert "1.234" in table.questions[0] and "table.questions.0" in found["to_fill"]
    settings = workspace.root / "config" / "settings.yaml"
    document = parse_yaml_text(settings.read_text(), "settings.yaml")
    document["sources"].append("drafted")
    settings.write_text(dump_yaml(document))
    with pytest.raises(ConfigError, match="questions"):
        load_workspace(workspace.root)


@pytest.mark.parametrize("figures", [("1.234", "2.5"), ("0.123", "0.456"), ("1,234", "2,500")])
def test_other_figures_are_no_question(add, figures):
    _, table = add(
        "country,year,n\n"
        + "".join(f'{c},2021,"{n}"\n' for c, n in zip(("Japan", "France"), figures, strict=True))
    )
    assert table.questions == []


# ---- names ---------------------------------------------------------------------------------------


def ministry_workbook():
    """Return a workbook as ministries print them.

    Contents first, merged headings, full-width digits, padded names.
    """
    years = ["平成31年・\n令和元年", "令和２年", "令和３年"]
    rows = [
        ["表３　主要国・地域別特許ファミリー数", *[None] * 6],
        [*[None] * 6, "（単位：件）"],
        ["国・地域", "全固体電池", None, None, "パワー半導体", None, None],
        [None, *years, *years],
        ["世界計", "１２，３４０", "１３，５００", "１４，９００", 25100, 26300, 27700],
        ["日　本", "４，８１０", "４，９２０", "５，０１０", 8200, 8100, 8050],
        ["米　国", 1480, 1600, 1720, 4100, 4200, 4300],
        ["中国（香港を含む。）", 2900, 3500, 4300, 6500, 7400, 8500],
        ["韓　国", 1700, 1900, 2100, 1900, 2000, 2100],
        ["ドイツ", 620, 650, 690, 2100, 2150, 2200],
        ["台　湾", 110, 120, "…", 900, 950, 1000],
        ["フランス", "△", "－", 30, 300, 310, 320],
        ["その他", 700, 780, 920, 1300, 1190, 1230],
        ["（注１）ファミリー数は、発明者の国籍により計上した。", *[None] * 6],
    ]
    book = workbook(rows, "表３", merged=["B3:D3", "E3:G3", "A3:A4"])
    book.worksheets[0].title = "目次"
    return book


def test_a_ministrys_workbook_is_understood_with_all_its_countries(add):
    found, table = add(ministry_workbook(), "令和6年度_表3.xlsx")
    seen = found["understood"]
    assert set(seen["countries"].values()) == {"JP", "US", "CN", "KR", "DE", "TW", "FR"} and seen["has_world"]
    assert table.areas == {"中国(香港を含む。)": "CN"} or table.areas == {"中国（香港を含む。）": "CN"}
    assert table.other_areas == ["その他"] and seen["years"] == [2019, 2020, 2021]
    assert [series.unit for series in table.series] == ["件", "件"]
    assert any("香港を含む" in line for line in found["to_check"])


def test_padded_names_and_notes_are_read_and_other_notes_are_asked_about(read):
    text = "country,year,n\n世界,2020,9\n日　本,2020,1\n米 国,2020,2\n"
    assert values(read(text, other_areas=[], **LONG)) == {
        ("WORLD", 2020): 9,
        ("JP", 2020): 1,
        ("US", 2020): 2,
    }
    said = read.refused(text + "中国（香港を含む。）,2020,3\n", other_areas=[], **LONG)
    assert 'write "中国（香港を含む。）: CN" under table.areas' in said


@pytest.mark.parametrize(
    "name", ["Republic of China", "Korea", "Northern Ireland", "China (Taiwan) and others", "Asia"]
)
def test_an_unclear_name_stops_the_build_and_is_never_another_country(read, name):
    assert f'"{name}" is no country' in read.refused(
        f"country,year,n\nWorld,2020,9\nJapan,2020,1\n{name},2020,3\n", **LONG
    )


def test_a_table_without_the_country_of_the_list_is_remarked(add):
    found, _ = add("country,year,n\nFrance,2020,5\nGermany,2020,6\n")
    assert any("JP, the country of the list" in line for line in found["to_check"])


def test_a_providers_address_of_a_country_is_read(add):
    found, _ = add(
        "country,year,n\nhttps://openalex.org/countries/US,2020,5\nhttps://openalex.org/countries/JP,2020,6\n"
    )
    assert set(found["understood"]["countries"].values()) == {"US", "JP"}


def test_a_spelling_or_number_of_two_countries_is_an_error_with_its_line(workspace):
    path = workspace.root / "config" / "countries.yaml"
    path.write_text(
        path.read_text().replace("aliases: [AND]", "aliases: [AND, China]").replace("m49: [20]", "m49: [156]")
    )
    with pytest.raises(ConfigError) as caught:
        load_workspace(workspace.root)
    assert '"China" already belongs to' in str(caught.value) and '"156" already belongs to' in str(
        caught.value
    )
    assert "countries.yaml:" in str(caught.value)


# ---- what passes and has to pass -----------------------------------------------------------------


def test_namibia_is_not_a_missing_value(read):
    rows = read("country,year,n\nWorld,2020,9\nNA,2020,5\nJP,2020,NA\n", **LONG)
    assert values(rows) == {("WORLD", 2020): 9, ("NA", 2020): 5, ("JP", 2020): None}


def test_delimiters_at_line_ends_marks_and_broken_rows_are_read_as_printed(read):
    text = (
        'country,year,n,\nWorld,2020,9,\n#Japan,2020,5,\nJapan,2020,\n"France",2020,"7",\n"Ger\n'
        'many",2020,4,\n'
    )
    rows = read(text, other_areas=["#Japan"], areas={"Ger many": "DE", "Ger\nmany": "DE"}, **LONG)
    assert values(rows) == {("WORLD", 2020): 9, ("JP", 2020): None, ("FR", 2020): 7, ("DE", 2020): 4}


# ---- years ---------------------------------------------------------------------------------------


def test_a_span_is_set_aside_unless_the_declaration_says_its_year(read):
    text = "country,year,n\nWorld,2020,9\nJapan,2018-2020,5\nJapan,2021Q1,6\n"
    assert values(read(text, **LONG)) == {("WORLD", 2020): 9}
    assert read.quarantine == [(2, "year", "2018-2020"), (3, "year", "2021Q1")]
    assert values(read(text, year_names={"2018-2020": 2020}, **LONG))["JP", 2020] == 5


@pytest.mark.parametrize("heading", ["2018-2020", "2020 Q1", "-2020", "since 2010"])
def test_a_heading_that_is_no_whole_year_is_refused_unless_declared(read, heading):
    text = f"country,{heading},2021\nWorld,9,10\nJapan,1,2\n"
    wide = {"layout": "wide", "columns": {"area": "country"}, "year_columns": r"(.*\d{4}.*)"}
    assert "names no year" in read.refused(text, **wide)
    assert values(read(text, year_names={heading: 2020}, **wide))["JP", 2020] == 1


def test_a_table_of_only_the_current_year_has_no_window_and_the_build_goes_on(read):
    rows = read("country,year,n\nWorld,2025,100\nJapan,2025,5\n", **LONG)
    assert values(rows) == {("WORLD", 2025): 100, ("JP", 2025): 5}
    assert read.windows == [("mini_cells", None, None)]


def test_a_year_that_is_printed_nowhere_is_a_question(add):
    _, table = add("country,n\nWorld,9\nJapan,5\n")
    assert ["no year is printed" in question for question in table.questions] == [True]


# ---- where the rows went -------------------------------------------------------------------------


def test_every_row_is_used_merged_set_aside_or_excluded(read):
    text = (
        "country,year,n\nWorld,2020,9\nJapan,2020,5\nJapan,2021\nChina,2020,6\nChina,2020,6\nChina,2021,6\nChina,2021,7\nnote\n"
        "France,2020,5,x\nAsia,2020,3\nIndia,-2022,3\n"
    )
    read(text, other_areas=["Asia"], **LONG)
    assert read.quarantine == [
        (3, "n", "Japan"),
        (6, "n", "mini_cells CN 2021 6.0"),
        (7, "n", "mini_cells CN 2021 7.0"),
        (9, "", "France,2020,5,x"),
        (11, "year", "-2022"),
    ]
    assert read.accounts == [(11, 3, 1, 5, 2, False)]


def test_a_file_without_a_last_line_end_is_told(read):
    read("country,year,n\nWorld,2020,10.5\nJapan,2020,1.", **LONG)
    assert read.accounts[0][-1] is True
    read("country,year,n\nWorld,2020,10.5\nJapan,2020,1.5\nnote: all", **LONG)
    assert read.accounts[0][-1] is False


def test_supply_rows_are_counted_too(read):
    text = "country,year,n\nWorld,2020,9\nChina,2020,6\nChina,2020,6\nJapan,2020\nPeru,2020,much\n"
    read(
        text, form="supply_table", constants={"commodity": "gallium", "stage": "refined", "unit": "t"}, **LONG
    )
    assert read.accounts == [(5, 2, 1, 2, 0, False)]


# ---- files that are no tables, guesses -----------------------------------------------------------

RECORDS = {
    "works.jsonl": (
        '{"id": "https://openalex.org/W1", "authorships": [], "referenced_works": []}\n',
        "openalex_work",
    ),
    "page.json": ('{"elapsedTime": "0.1", "count": 0, "data": [], "error": ""}', "comtrade_page"),
    "other.json": ('[{"a": 1}]', "JSON"),
    "family.xml": ('<?xml version="1.0"?><a/>', "XML"),
    "baci.csv": ("t,i,j,k,v,q\n2024,156,392,850760,60,1\n", "baci"),
}


@pytest.mark.parametrize("name", RECORDS)
def test_a_file_of_records_is_named_by_its_form_and_not_drafted(workspace, tmp_path, name):
    text, form = RECORDS[name]
    (tmp_path / name).write_text(text)
    with pytest.raises(UsageError, match=form) as caught:
        adding.add_file(workspace, tmp_path / name, "records")
    assert (
        caught.value.exit_code == 2 and not (workspace.root / "config" / "sources" / "records.yaml").exists()
    )


def test_packed_records_are_known_too(workspace, tmp_path):
    path = tmp_path / "works.jsonl.gz"
    path.write_bytes(gzip.compress(RECORDS["works.jsonl"][0].encode()))
    with pytest.raises(UsageError, match="openalex_work"):
        adding.add_file(workspace, path, "records")


def test_a_guessed_encoding_and_a_missing_line_end_are_told(add, tmp_path):
    found, _ = add("国,年,件数\n日本,2020,5\n世界,2020,9")
    assert any("line end" in line for line in found["to_check"]) and not any(
        "is a guess" in line for line in found["to_check"]
    )


def test_a_guessed_encoding_is_stated_as_a_guess(workspace, tmp_path):
    path = tmp_path / "table.csv"
    path.write_bytes("国,年,件数\n日本,2020,5\n世界,2020,9\n".encode("cp932"))
    found = adding.add_file(workspace, path, "guessed").document["to_check"]
    assert any("cp932 is a guess" in line and "国" in line for line in found)


# ---- what a workbook shows -----------------------------------------------------------------------


def shown_workbook(number_format="General", value=0.125, **more):
    book = workbook(
        [["国", "令和4年", "令和5年"], ["世界", 5, 6], ["日本", 3, value], ["米国", 2, 3]], "表１"
    )
    sheet = book["表１"]
    sheet["C3"].number_format = number_format
    if more.get("rich"):
        sheet["C3"] = CellRichText("123", TextBlock(InlineFont(vertAlign="superscript"), "1"))
    if more.get("hidden_row"):
        sheet.row_dimensions[4].hidden = True
    return book


@pytest.mark.parametrize(
    ("book", "words"),
    [
        (shown_workbook("0.0%"), "C3 shows a percentage"),
        (shown_workbook("#,##0,", 1234567), "C3 shows thousands"),
        (shown_workbook(rich=True), "raised digit"),
        (shown_workbook(hidden_row=True), "hides rows (4)"),
    ],
)
def test_what_a_workbook_shows_otherwise_than_it_stores_is_a_question(add, book, words):
    _, table = add(book, "shown.xlsx")
    assert [words in question for question in table.questions] == [True]


@pytest.mark.parametrize("number_format", ["General", "#,##0", "#,##0.0", '0.0"%-points"', "[$-411]ggge"])
def test_other_number_formats_are_no_question(add, number_format):
    assert add(shown_workbook(number_format, 7), "shown.xlsx")[1].questions == []


def test_a_hidden_sheet_is_not_the_table(add):
    book = shown_workbook()
    old = book.copy_worksheet(book["表１"])
    old.title = "old"
    book.move_sheet(old, -5)
    old.sheet_state = "hidden"
    _, table = add(book, "hidden.xlsx")
    assert table.sheet == "表１"


# ---- cells beyond the heading --------------------------------------------------------------------


def test_an_empty_cell_beyond_the_heading_is_no_fault_and_a_filled_one_is(read):
    text = "country,year,n\nJapan,2019,1\nJapan,2020,5,\nJapan,2021,6,,\nJapan,2022,7,8\nJapan,2023,9\n"
    found = values(read(text, **LONG))
    assert found == {("JP", 2019): 1, ("JP", 2020): 5, ("JP", 2021): 6, ("JP", 2023): 9}
    assert read.quarantine == [(4, "", "Japan,2022,7,8")]


@pytest.mark.parametrize("n", [3, 4, 5, 60])
def test_empty_cells_beyond_the_heading_are_no_fault_however_many(read, n):
    rows = [
        f"World,2020,9{',' * n}", "Japan,2020,5", f"China,2020,4{', ' * n}", f'France,2020,3{"," * n}"", ',
        f"India,2020,2{',' * n},7", f"Italy,2020,1,7{',' * n}",
    ]  # fmt: skip
    figures = values(read("country,year,n\n" + "\n".join(rows) + "\n", **LONG))
    assert figures == {("WORLD", 2020): 9, ("JP", 2020): 5, ("CN", 2020): 4, ("FR", 2020): 3}
    assert [line for line, *_ in read.quarantine] == [5, 6]
    assert read.accounts == [(6, 4, 0, 2, 0, False)]


# ---- a declaration written by hand is protected as a draft is --------------------------------------

BY_HAND = {
    "format": "xlsx",
    "sheet": "表１",
    "layout": "wide",
    "year_columns": "^令和.+$",
    "columns": {"area": "国"},
}


def hidden_column():
    book = shown_workbook()
    book["表１"].column_dimensions["C"].hidden = True
    return book


def old_sheet_hidden():
    book = shown_workbook()
    book["表１"].sheet_state = "hidden"
    return book


def moved(number_format):
    """Return a workbook whose table begins in the second column, under two blank rows."""
    book = workbook([], "表１")
    for place, row in enumerate([["国", "令和4年"], ["世界", 5], ["日本", 0.125]], start=3):
        for column, cell in enumerate(row, start=2):
            book["表１"].cell(place, column, cell)
    book["表１"]["C5"].number_format = number_format
    return book


@pytest.mark.parametrize(
    ("make", "kind", "words"),
    [
        (lambda: shown_workbook("0.0%"), "percent", "cell C3 shows a percentage"),
        (lambda: shown_workbook("[>=1]0.0;0.0%"), "percent", "cell C3 shows a percentage"),
        (lambda: shown_workbook("#,##0,", 1234567), "thousands", "cell C3 shows thousands"),
        (lambda: shown_workbook('#,##0.0,,"百万"', 1234567), "thousands", "cell C3 shows thousands"),
        (lambda: shown_workbook("[<1000]0;0.0,", 1234567), "thousands", "cell C3 shows thousands"),
        (lambda: shown_workbook(rich=True), "raised", "cell C3 has a raised digit"),
        (lambda: shown_workbook(hidden_row=True), "hidden_rows", "rows that are hidden would be read: 4"),
        (hidden_column, "hidden_columns", "columns that are hidden would be read: C"),
        (old_sheet_hidden, "hidden_sheet", "the sheet is hidden"),
        (lambda: moved("0%"), "percent", "cell C5 shows a percentage"),
    ],
)
def test_what_a_workbook_shows_otherwise_stops_a_declaration_written_by_hand(read, make, kind, words):
    by_hand = BY_HAND | {"header_contains": ["国"]}
    said = read.refused(make(), "shown.xlsx", **by_hand)
    assert f"shown.xlsx, sheet 表１: {words}" in said
    assert f"accepts: [{kind}]" in said
    stored = values(read(make(), "shown.xlsx", **by_hand, accepts=[kind]))
    assert stored["WORLD", 2022] == 5, "what is accepted is read as stored"


def test_a_format_outside_of_what_is_read_stops_nothing(read):
    book = shown_workbook()
    sheet = book["表１"]
    sheet["D1"], sheet["D3"], sheet["E1"] = "share", 0.5, "note"
    sheet["D3"].number_format = "0%"
    sheet.column_dimensions["E"].hidden = True
    sheet["F9"] = CellRichText("123", TextBlock(InlineFont(vertAlign="superscript"), "1"))
    assert values(read(book, "shown.xlsx", **BY_HAND))["JP", 2022] == 3


def test_a_packed_workbook_is_looked_at_as_well(read, tmp_path):
    shown_workbook("0.0%").save(tmp_path / "book.xlsx")
    packed = gzip.compress((tmp_path / "book.xlsx").read_bytes())
    assert "shows a percentage" in read.refused(packed, "shown.xlsx.gz", **BY_HAND)


def test_the_answers_to_a_drafts_questions_are_accepted_by_the_build(add):
    _, table = add(shown_workbook("0.0%", hidden_row=True), "shown.xlsx")
    assert table.accepts == ["percent", "hidden_rows"]


@pytest.mark.parametrize(
    "cell",
    ["12.5¹", "12.5⁽¹⁾", "12.5(1)", "12.5<sup>1</sup>", "12.5 [a]", "１２．５＊", "12.5†", "12.5（1）"],
)
def test_note_marks_behind_figures_in_text_are_no_part_of_them(read, cell):
    rows = read(f"country,year,n\nWorld,2020,20\nJapan,2020,{cell}\n", **LONG)
    assert values(rows)["JP", 2020] == 12.5


@pytest.mark.parametrize("cell", ['"1,2341"', "12.5)1", "12.5 1)", "1 2341", "12.5(1)2"])
def test_digits_behind_figures_that_can_be_seen_are_no_number(read, cell):
    read(f"country,year,n\nWorld,2020,20\nJapan,2020,{cell}\n", **LONG)
    assert [row[2] for row in read.quarantine] == [cell.strip('"')]


def test_a_digit_glued_to_a_figure_without_a_sign_is_found_by_a_control(read):
    said = read.refused(
        "country,year,n\nWorld,2020,20\nJapan,2020,12.51\n",
        **LONG,
        controls=[{"series": "mini_cells", "area": "JP", "year": 2020, "value": 12.5}],
    )
    assert "is 12.51, the control figure is 12.5" in said
