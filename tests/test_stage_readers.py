"""How raw files are read: declared tables, newest states, the cache, threads and memory."""

import gzip
import os
import signal
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from miniature import held_file, held_files, open_miniature
from stage_world import build, changed, contents, lines_of, offer, offer_table, quarantine, with_table

from listgen import stage
from listgen.base.errors import DataError, UsageError
from listgen.config.spelling import clean_area
from listgen.stage.records.inflating import _Inflated
from listgen.stage.records.reading import stage_files
from listgen.stage.tables.areas import map_areas
from listgen.store.warehouse import connect

WIDE = (
    'Title, with comma\n"A note ""quoted"""\nSeries;Area;Unit;FY2021;FY2022'
    " (p)\ncells;World;n;1000;1200\ncells;日本;n;300;330\nall;World;n;9;x\nNote\n"
)


def test_a_published_table_is_read_by_its_declaration(staged):
    rows = {
        (r[0], r[1]): r[2]
        for r in staged.rows(
            "SELECT area_code, period_year, value FROM core.statistic WHERE series_id = 'mini_cells'"
        )
    }
    assert rows["WORLD", 2022] == 1200
    assert rows["US", 2021] == 150  # printed twice under two names with one value
    assert rows["CN", 2021] is None  # na
    assert rows["DE", 2022] is None  # ne
    assert rows["DE", 2021] == 50
    assert {area for area, _ in rows} == {"WORLD", "JP", "US", "CN", "DE"}  # Asia is a region
    assert (
        staged.scalar("SELECT count(*) FROM core.statistic WHERE series_id NOT IN ('mini_cells', 'mini_all')")
        == 0
    )


def test_a_cell_printed_with_two_values_is_taken_from_neither(mini, tmp_path):
    text = (
        (mini.root / "raw/statistics/families.csv")
        .read_text()
        .replace("cells,Germany,2021,50\n", "cells,Germany,2021,50\ncells,Germany [2],2021,60\n")
    )
    with build(mini, offer_table(mini, tmp_path, text)) as warehouse:
        assert warehouse.rows(
            "SELECT value FROM core.statistic WHERE series_id = 'mini_cells' AND area_code = 'DE'"
        ) == [(None,)]  # 2022
        wrong = (
            "SELECT field, raw_line, excerpt FROM prov.quarantine WHERE source_id = 'mini_statistics' ORDER"
            " BY 2"
        )
        assert warehouse.rows(wrong) == [
            ("Count", 11, "mini_cells DE 2021 50.0"),
            ("Count", 12, "mini_cells DE 2021 60.0"),
        ]


def test_raw_line_of_a_table_counts_the_rows_under_its_header(staged):
    assert (
        staged.scalar(
            "SELECT raw_line FROM core.statistic WHERE series_id = 'mini_cells' AND area_code = 'JP' AND"
            " period_year = 2022"
        )
        == 5
    )


def test_a_supply_table_keeps_quantities_withheld_cells_and_the_world_row(staged):
    assert staged.rows(
        "SELECT commodity_id, stage_id, country_code, quantity, unit FROM core.supply ORDER BY ALL"
    ) == [
        ("cobalt_ore", "mine", "CN", None, "t"),
        ("cobalt_ore", "mine", "DE", 10.5, "t"),
        ("cobalt_ore", "mine", "WORLD", 1000, "t"),
        ("gallium", "refined", "CN", 400, "kg"),
        ("gallium", "refined", "JP", 60, "kg"),
        ("gallium", "refined", "WORLD", 500, "kg"),
    ]


def test_a_wide_table_is_unfolded_by_its_year_columns(mini, tmp_path):
    columns = {"series": "Series", "area": "Area", "unit": "Unit"}
    config = with_table(
        mini,
        layout="wide",
        header_row=3,
        header_contains=[],
        delimiter=";",
        columns=columns,
        year_columns=r"^FY(\d{4})",
    )
    with build(mini, offer_table(mini, tmp_path, WIDE), config) as warehouse:
        rows = warehouse.rows(
            "SELECT series_id, area_code, period_year, value FROM core.statistic ORDER BY ALL"
        )
        assert rows == [
            ("mini_all", "WORLD", 2021, 9),
            ("mini_cells", "JP", 2021, 300),
            ("mini_cells", "JP", 2022, 330),
            ("mini_cells", "WORLD", 2021, 1000),
            ("mini_cells", "WORLD", 2022, 1200),
        ]
        wrong = (
            "SELECT raw_line, field, reason, excerpt FROM prov.quarantine WHERE source_id = 'mini_statistics'"
        )
        assert warehouse.rows(wrong) == [(3, "FY2022 (p)", "not a number and not a declared null value", "x")]


def test_a_column_per_series_is_a_long_table_too(mini, tmp_path):
    config = with_table(mini, columns={"area": "country", "year": "year"}, header_contains=[])
    text = "country,year,cells,all\nJP,2021,3,30\nWorld,2021,10,100\n"
    with build(mini, offer_table(mini, tmp_path, text), config) as warehouse:
        rows = warehouse.rows("SELECT series_id, area_code, value FROM core.statistic ORDER BY ALL")
        assert rows == [
            ("mini_all", "JP", 30),
            ("mini_all", "WORLD", 100),
            ("mini_cells", "JP", 3),
            ("mini_cells", "WORLD", 10),
        ]


def test_a_table_in_another_encoding_is_read_by_the_declared_one(mini, tmp_path):
    columns = {"series": "系列", "area": "国", "year": "年", "value": "件数"}
    text = "系列,国,年,件数\ncells,日本,2021年,300\nall,世界,2021年,1000\n"
    config = with_table(mini, columns=columns, header_contains=["系列"], encoding="cp932")
    with build(mini, offer_table(mini, tmp_path, text.encode("cp932")), config) as warehouse:
        assert warehouse.rows("SELECT area_code, value FROM core.statistic ORDER BY 2") == [
            ("JP", 300),
            ("WORLD", 1000),
        ]
    with pytest.raises(DataError, match=r"families\.csv is not utf-8 from line 1 on"):
        build(
            mini,
            offer_table(mini, tmp_path, text.encode("cp932")),
            with_table(mini, columns=columns, header_contains=["系列"]),
        )


def test_a_declared_series_that_is_not_in_the_table_is_an_error(mini, tmp_path):
    with pytest.raises(DataError, match='series mini_all is declared with the key "all"'):
        build(
            mini,
            offer_table(
                mini, tmp_path, 'Series,"Region, country, or economy",Year,Count\ncells,Japan,2021,3\n'
            ),
        )


@pytest.mark.parametrize(
    ("printed", "code"),
    [
        ("Japan", "JP"),
        ("Japan<sup>b</sup>", "JP"),
        (" Japan [3]", "JP"),
        ("Ｊａｐａｎ", "JP"),
        ("United States (1)", "US"),
        ("C&#104;ina", "CN"),
        ("USA*", "US"),
        ("DE", "DE"),
        ("World", "WORLD"),
        ("世界", "WORLD"),
        ("Asia", None),
        ("EU-27<sup>b</sup>", None),
        ("Japan and Korea", None),
        ("World -> Asia -> Japan", None),
    ],
)
def test_an_area_is_a_country_only_if_its_cleaned_name_is_one(mini, printed, code):
    assert map_areas([printed], mini.config.countries).get(printed) == code, clean_area(printed)


# ---- duplicates ----------------------------------------------------------------------------------


def test_the_newest_state_of_a_record_stands_and_copies_are_counted(staged):
    # 301 stands twice, byte for byte; 302 is older with 2 citations in the first part and newer with 5 in the
    # second.
    assert staged.rows("SELECT * FROM prov.duplicate") == [("mini_openalex", "openalex_work", 1, 1)]
    assert staged.scalar("SELECT cited_by_count FROM core.work WHERE work_id = 302") == 5
    assert staged.scalar("SELECT count(*) FROM core.authorship WHERE work_id IN (301, 302)") == 2


def test_one_id_with_two_contents_of_one_date_is_set_aside(mini, tmp_path):
    first = lines_of(mini)[0]
    with build(mini, offer(mini, tmp_path, f"{first}\n{changed(first, cited_by_count=8)}\n")) as warehouse:
        assert warehouse.rows("SELECT cited_by_count, raw_line FROM core.work") == [(7, 1)]
        assert quarantine(warehouse) == [(2, "work_id", "duplicate id with different content", "101")]


# ---- bad input -----------------------------------------------------------------------------------


def test_unchanged_input_is_never_parsed_twice(mini, staged):
    before = {path: path.stat().st_mtime_ns for path in mini.stage_cache.rglob("*.parquet")}
    with build(mini) as again:
        assert contents(again) == contents(staged)
    assert {
        path: path.stat().st_mtime_ns for path in mini.stage_cache.rglob("*.parquet") if path in before
    } == before


def test_a_damaged_cache_file_is_made_again_and_the_numbers_stay(tmp_path):
    mini = open_miniature(tmp_path / "workspace")
    with build(mini) as first:
        before = contents(first)
    for path in mini.stage_cache.rglob("*.parquet"):
        content = bytearray(path.read_bytes())
        content[len(content) // 3] ^= 4
        path.write_bytes(bytes(content))
    with build(mini) as second:
        assert contents(second) == before


def test_one_thread_and_an_empty_cache_give_the_same_rows_in_the_same_order(tmp_path, staged, monkeypatch):
    monkeypatch.setenv("LISTGEN_THREADS", "1")
    mini = open_miniature(tmp_path / "workspace")
    with build(mini) as alone:
        assert alone.scalar("SELECT current_setting('threads')") == 1
        assert contents(alone) == contents(staged)


def test_forms_nothing_is_held_of_leave_empty_tables_not_errors(mini):
    with build(mini, [f for f in held_files(mini) if f.form_id == "google_patent"]) as warehouse:
        assert warehouse.scalar("SELECT count(*) FROM core.work") == 0
        assert warehouse.scalar("SELECT count(*) FROM core.statistic") == 0
        assert warehouse.scalar("SELECT count(*) FROM core.patent_family") == 5
        assert warehouse.rows(
            "SELECT DISTINCT n_items FROM core.technology_evidence WHERE basis = 'works'"
        ) == [(0,)]


def test_a_hundred_files_are_read_in_the_memory_of_two(mini, tmp_path, monkeypatch):
    seen = []

    def watched(*arguments, **options):
        seen.append(connect(*arguments, **options))
        return seen[-1]

    monkeypatch.setattr("listgen.stage.records.reading.connect", watched)
    holdings = []
    for number in range(100):
        path = tmp_path / f"part_{number:04d}.jsonl"
        path.write_text(changed(lines_of(mini)[0], id=f"https://openalex.org/W{number + 1}") + "\n")
        holdings.append(held_file(path, "mini_openalex", "openalex_work"))
    files = stage_files(stage.load_readers(), mini.config, holdings, mini.stage_cache)
    assert [file.n_records for file in files] == [1] * 100
    assert len(seen) == 1  # one small engine for all of them


@pytest.mark.parametrize("batch", [1, 700, 1 << 20])
def test_packed_lines_are_read_on_the_way_whatever_the_pieces(mini, tmp_path, monkeypatch, batch):
    """In small pieces lines lie across three and more of them, and batches end in every place."""
    lines = [
        changed(line, id=f"https://openalex.org/W{n}", title="題" * 40 * (n % 7))
        for n, line in enumerate(lines_of(mini) * 60, start=1)
    ]
    text = ("\n".join(lines) + "\n").encode()
    half = text.index(b"\n", len(text) // 2) + 20
    contents = {
        "plain.jsonl": text,
        "one.gz": gzip.compress(text),
        "members.gz": gzip.compress(text[:half]) + gzip.compress(text[half:]),
    }
    monkeypatch.setattr("listgen.stage.records.inflating._PIECE", 300)
    monkeypatch.setattr("listgen.stage.records.inflating._BATCH", batch)
    rows = {}
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
        if name.endswith("gz"):
            monkeypatch.setattr(
                "listgen.stage.records.parsing.check_bytes", None
            )  # it would leave a copy on disk
        [file] = stage_files(
            stage.load_readers(),
            mini.config,
            [held_file(tmp_path / name, "mini_openalex", "openalex_work")],
            tmp_path / "cache",
        )
        with closing(connect()) as con:
            rows[name] = con.execute(
                f"SELECT * EXCLUDE (raw_digest) FROM read_parquet('{file.parquet}') ORDER BY raw_line"
            ).fetchall()
    assert len(rows["plain.jsonl"]) == len(lines)
    assert rows["one.gz"] == rows["members.gz"] == rows["plain.jsonl"]


def test_a_packed_file_of_which_the_end_was_not_read_is_read_again_from_a_copy(mini, tmp_path, monkeypatch):
    """A reader that took the end of a batch for the end of the file would lose what follows."""
    path = tmp_path / "one.gz"
    path.write_bytes(gzip.compress(("\n".join(lines_of(mini)) + "\n").encode()))
    monkeypatch.setattr("listgen.stage.records.inflating._PIECE", 300)
    monkeypatch.setattr(
        "listgen.stage.records.inflating._Inflated.read",
        lambda stream, _: b"" if stream._stream.tell() else stream._stream.read(1000),
    )
    [file] = stage_files(
        stage.load_readers(),
        mini.config,
        [held_file(path, "mini_openalex", "openalex_work")],
        tmp_path / "cache",
    )
    assert (file.n_records, file.n_rejected) == (len(lines_of(mini)), 0)


def test_whoever_stops_the_reading_need_not_wait_for_the_end_of_a_file(mini, tmp_path, monkeypatch):
    text = ("\n".join(lines_of(mini)) + "\n").encode()
    holdings = []
    for name, n_times in (
        ("small.gz", 1),
        ("large.gz", 400),
    ):  # the small one has long been read when the large one is stopped
        (tmp_path / name).write_bytes(gzip.compress(text * n_times))
        holdings.append(held_file(tmp_path / name, "mini_openalex", "openalex_work"))
    after, copies, read = [], [], _Inflated.read

    def press_ctrl_c(stream, n_bytes):
        piece = read(stream, n_bytes)
        if after:
            after.append(piece)
        elif stream._stream.tell() > len(text):
            time.sleep(1)
            after.append(piece)
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(1)
        return piece

    monkeypatch.setattr("listgen.stage.records.inflating._PIECE", 300)
    monkeypatch.setattr("listgen.stage.records.inflating._BATCH", 300)
    monkeypatch.setattr("listgen.stage.records.inflating._Inflated.read", press_ctrl_c)
    monkeypatch.setattr("listgen.stage.records.parsing.check_bytes", lambda *_, **__: copies.append(1))
    usual = signal.signal(
        signal.SIGINT, signal.default_int_handler
    )  # a shell in the background has it ignored
    with pytest.raises(KeyboardInterrupt):
        stage_files(stage.load_readers(), mini.config, holdings, tmp_path / "cache")
    signal.signal(signal.SIGINT, usual)
    assert 0 < len(after) < 10 and not copies  # neither read on nor begun again from a copy
    assert len(list((tmp_path / "cache").rglob("*.parquet"))) == 1


def test_the_environment_sets_memory_and_threads(monkeypatch):
    monkeypatch.setenv("LISTGEN_MEMORY", "321")
    monkeypatch.setenv("LISTGEN_THREADS", "1")
    with closing(connect()) as con:
        assert con.execute(
            "SELECT current_setting('memory_limit'), current_setting('threads')"
        ).fetchall() == [("306.1 MiB", 1)]
    monkeypatch.setenv("LISTGEN_MEMORY", "lots")
    with pytest.raises(UsageError, match='LISTGEN_MEMORY is "lots"'):
        connect()


def test_the_work_on_one_record_goes_between_few_modules():
    """The bars are those of benchmarks/visits.py.

    Half of what it took when every step of reading was asked for on its own.
    """
    script = Path(__file__).resolve().parents[1] / "benchmarks" / "visits.py"
    ran = subprocess.run([sys.executable, str(script), "--list"], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "listgen.stage.records.inflating execute" in ran.stdout, "nothing was followed"
