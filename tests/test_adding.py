"""`acquire add`.

What is understood of a table nobody declared, what is left to a person, and that nothing is overwritten.
"""

import json
import os
import shutil
import subprocess
import sys

import openpyxl
import pytest

from listgen.base.errors import ConfigError, DataError, UsageError
from listgen.store.raw import newest_snapshot
from listgen.workspace import adding
from listgen.workspace.loading import load_workspace

WIDE = """表3　国別の特許ファミリー数（2024年版）

分野,国・地域,令和元年,令和2年,令和3年
全分野,世界,"1,000","1,100","1,200"
全分野,日本,300,310,…
全分野,アジア,500,510,520
電池,世界,100,110,120
電池,日本,30,31,32
電池,大韓民国,10,11,12x
（注）出願年による。
"""


@pytest.fixture
def inbox(workspace):
    folder = workspace.root / "inbox"
    folder.mkdir()
    return folder


def put(inbox, name, content):
    path = inbox / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def draft(workspace, source_id):
    return load_workspace(workspace.root).config.sources[source_id]


def test_a_japanese_table_is_understood_and_drafted(workspace, inbox):
    found = adding.add_file(workspace, put(inbox, "表 3.csv", WIDE.encode("cp932")), "families_2024")
    seen = found.document["understood"]
    source = draft(workspace, "families_2024")
    table = source.table
    assert (table.encoding, table.header_row, table.layout, table.columns.area, table.columns.series) == (
        "cp932",
        3,
        "wide",
        "国・地域",
        "分野",
    )
    assert seen["years"] == [2019, 2020, 2021] and table.years.first == 2019
    assert seen["countries"] == {"大韓民国": "KR", "日本": "JP"}
    assert seen["has_world"] and seen["not_countries"] == table.other_areas == ["アジア"]
    assert [series.key for series in table.series] == ["全分野", "電池"]
    assert table.title_contains == ["表3 国別の特許ファミリー数(2024年版)"]
    assert [(row["row"], row["column"], row["printed"]) for row in seen["rejected"]] == [
        (6, "令和3年", "12x")
    ]
    assert source.files[0].path == "inbox/表 3.csv"
    snapshot = newest_snapshot(workspace.raw, "families_2024")
    assert snapshot.files[0].path.read_bytes() == (inbox / "表 3.csv").read_bytes()
    assert "licence.id" in found.document["to_fill"] and any("controls" in line for line in found.lines)


def test_the_sheet_with_countries_is_the_table_and_a_name_that_nearly_is_one_is_asked_about(workspace, inbox):
    book = openpyxl.Workbook()
    book.active.title, book.active["A1"] = "目次", "表1"
    sheet = book.create_sheet("表１")
    for row in (
        ["国・地域", "令和4年", "令和5年"],
        ["世界", 100, 110],
        ["独国", 10, "12（注1）"],
        ["Untied States", 30, 31],
        ["アジア", 50, 51],
    ):
        sheet.append(row)
    book.save(inbox / "特許.xlsx")
    found = adding.add_file(workspace, inbox / "特許.xlsx", "tokkyo_2024")
    seen, table = found.document["understood"], draft(workspace, "tokkyo_2024").table
    assert table.sheet == "表１" and any("目次" in line for line in found.document["to_check"])
    assert seen["countries"] == {"独国": "DE"}
    assert seen["slips"] == {"Untied States": ["United States", "US"]} and table.other_areas == ["アジア"]
    told = "\n".join(found.lines)
    assert 'Untied States Did you mean "United States" (US)?' in told
    assert 'row 2 below the header, column "令和5年": not a number' in told


def test_a_draft_passes_the_check_but_cannot_be_used_until_it_is_finished(workspace, inbox):
    adding.add_file(workspace, put(inbox, "t.csv", WIDE), "families_2024")
    settings = workspace.root / "config" / "settings.yaml"
    settings.write_text(settings.read_text("utf-8").replace("  - sample\n", "  - families_2024\n"), "utf-8")
    with pytest.raises(ConfigError) as caught:
        load_workspace(workspace.root)
    said = str(caught.value)
    assert 'the licence of "families_2024" is of class C' in said
    assert said.count("still to be filled in") >= 10
    assert "config/sources/families_2024.yaml:" in said


def finish(path):
    text = (
        path.read_text("utf-8")
        .replace("to be filled in", "families")
        .replace("要記入", "件数")
        .replace("class: C", "class: A")
    )
    path.write_text(text, "utf-8")


def test_a_finished_draft_is_built_from(workspace, inbox):
    from listgen import pipeline, stage
    from listgen.store.warehouse import Warehouse

    adding.add_file(workspace, put(inbox, "t.csv", WIDE.replace("12x", "12")), "families_2024")
    finish(workspace.root / "config" / "sources" / "families_2024.yaml")
    settings = workspace.root / "config" / "settings.yaml"
    settings.write_text(settings.read_text("utf-8").replace("  - sample\n", "  - families_2024\n"), "utf-8")
    ready = load_workspace(workspace.root)
    with Warehouse() as warehouse:
        stage.run(warehouse, ready.config, pipeline.held_files(ready), ready.stage_cache)
        assert warehouse.scalar("SELECT count(*) FROM core.statistic") == 15
        assert warehouse.rows("SELECT value, value_text FROM core.statistic WHERE value IS NULL") == [
            (None, "…")
        ]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (
            "country;year;value\nJapan;2020;1,5\nWorld;2020;10\n",
            {"layout": "long", "area": "country", "year": "year", "value": "value"},
        ),
        (
            "iso2\tperiod\tcount\nJP\t2020\t3\nWorld\t2020\t9\n",
            {"layout": "long", "area": "iso2", "year": "period", "value": "count"},
        ),
        (
            "id,place,whole_count,fractional\n1,World,9,9\n2,Japan,3,2.5\n3,Viet Nam,1,1\n",
            {"layout": "long", "area": "place", "year": None, "value": None},
        ),
    ],
)
def test_long_tables_and_cross_tables_are_told_apart(workspace, inbox, content, expected):
    adding.add_file(workspace, put(inbox, "t.csv", content), "given")
    table = draft(workspace, "given").table
    assert {
        "layout": table.layout,
        "area": table.columns.area,
        "year": table.columns.year,
        "value": table.columns.value,
    } == expected
    if expected["value"] is None:
        assert [series.key for series in table.series] == ["whole_count", "fractional"]


def test_a_supply_table_keeps_commodity_and_stage_and_one_column_a_year(workspace, inbox):
    text = (
        "Commodity,Stage,Country,Unit,PROD_2023,PROD_EST_"
        " 2024,CAP_2024\nGallium,Refined,China,kg,1,2,9\nGallium,Refined,World total,kg,3,4,9\n"
    )
    found = adding.add_file(workspace, put(inbox, "t.csv", text), "minerals")
    source = draft(workspace, "minerals")
    assert (source.grade, source.files[0].form) == ("supply", "supply_table")
    assert source.table.columns.model_dump(exclude_none=True) == {
        "area": "Country",
        "unit": "Unit",
        "commodity": "Commodity",
        "stage": "Stage",
    }
    assert found.document["understood"]["n_values"] == 4
    assert source.table.units == ["kg"]
    assert any("left out: CAP_2024" in remark for remark in found.document["to_check"])


def test_a_workbook_with_two_header_rows(workspace, inbox):
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (
        ["国別統計"],
        ["国", "電池", None, "全体", None],
        [None, "2019年", "2020年", "2019年", "2020年"],
        ["世界", 10, 11, 100, 110],
        ["日本", 3, 4, 30, 40],
    ):
        sheet.append(row)
    sheet.merge_cells("B2:C2")
    book.save(inbox / "統計.xlsx")
    found = adding.add_file(workspace, inbox / "統計.xlsx", "book")
    table = draft(workspace, "book").table
    assert (table.format, table.header_row, table.header_rows) == ("xlsx", 2, 2)
    assert found.document["understood"]["header"] == [
        "国",
        "電池 / 2019年",
        "電池 / 2020年",
        "全体 / 2019年",
        "全体 / 2020年",
    ]
    assert found.document["understood"]["years"] == [2019, 2020]
    assert [series.key for series in table.series] == ["電池", "全体"]
    assert found.document["understood"]["n_values"] == 8


def test_a_further_file_is_one_line_more_in_the_declaration(workspace, inbox):
    adding.add_file(
        workspace, put(inbox, "a.csv", "country,year,value\nWorld,2020,9\nJapan,2020,3\n"), "given"
    )
    path = workspace.root / "config" / "sources" / "given.yaml"
    path.write_text(
        path.read_text("utf-8").replace("  years:\n    first: 2020\n    last: 2020\n", ""), "utf-8"
    )
    before = path.read_text("utf-8")
    more = put(inbox, "b [1].csv", "country,year,value\nWorld,2021,10\nJapan,2021,4\n")
    found = adding.add_file(load_workspace(workspace.root), more, "given")
    after = path.read_text("utf-8")
    assert len(newest_snapshot(workspace.raw, "given").files) == 2
    assert after.replace("  - path: inbox/b [[]1].csv\n    form: statistic_table\n", "", 1) == before
    again = adding.add_file(load_workspace(workspace.root), more, "given")
    assert (again.document["snapshot"], path.read_text("utf-8")) == (found.document["snapshot"], after)


def test_a_further_file_the_declaration_does_not_read_is_refused_whole(workspace, inbox):
    adding.add_file(
        workspace, put(inbox, "a.csv", "country,year,value\nWorld,2020,9\nJapan,2020,3\n"), "given"
    )
    before = (workspace.root / "config" / "sources" / "given.yaml").read_text("utf-8")
    with pytest.raises(DataError, match='has no column "value"'):
        adding.add_file(
            load_workspace(workspace.root),
            put(inbox, "b.csv", "country,year,amount\nJapan,2020,3\n"),
            "given",
        )
    assert (workspace.root / "config" / "sources" / "given.yaml").read_text("utf-8") == before
    assert newest_snapshot(workspace.raw, "given").number == 1


@pytest.mark.parametrize(
    ("content", "source_id", "error", "said"),
    [
        (None, "given", UsageError, "is no file"),
        (WIDE, "Bad-Id", UsageError, "cannot be the id"),
        (WIDE, "sample", UsageError, "is generated"),
        (WIDE, "sample_statistics", UsageError, "is generated"),
        ("", "given", UsageError, "no table"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00", "given", UsageError, "no table"),
        (b"PK\x03\x04 broken", "given", UsageError, "no workbook"),
        ("a,b\n1,2\n3,4\n", "given", UsageError, "no column holds names or codes of countries"),
        ("Japan,2020,3\nWorld,2020,9\n", "given", UsageError, "the first row is a row of data"),
        ("title\n1,Japan,3\n2,World,9\n", "given", UsageError, "the first row is a row of data"),
    ],
)
def test_what_cannot_be_a_source_is_said_and_leaves_nothing(
    workspace, inbox, content, source_id, error, said
):
    path = inbox / "t.csv" if content is None else put(inbox, "t.csv", content)
    before = sorted((workspace.root / "config").rglob("*"))
    with pytest.raises(error, match=said):
        adding.add_file(workspace, path, source_id)
    assert sorted((workspace.root / "config").rglob("*")) == before
    assert not (workspace.raw / "snapshots").exists()


def test_the_verb_speaks_both_languages_and_json(workspace, inbox):
    path = put(inbox, "表.csv", WIDE)
    command = [sys.executable, "-m", "listgen", "-w", str(workspace.root)]
    done = subprocess.run(
        [*command, "acquire", "add", str(path), "--source", "a1", "--json"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert (document["source_id"], document["is_new"], document["declaration"]) == (
        "a1",
        True,
        "config/sources/a1.yaml",
    )
    done = subprocess.run(
        [*command, "--lang", "ja", "acquire", "add", str(path), "--source", "a2"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0
    assert "見出し" in done.stdout
    done = subprocess.run(
        [*command, "acquire", "add", str(path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2 and "--source" in done.stderr
    done = subprocess.run(
        [*command, "acquire", "sample_x"], capture_output=True, text=True, check=False, env=os.environ
    )
    assert done.returncode == 2 and "is not a source" in done.stderr
    shutil.rmtree(workspace.data)
