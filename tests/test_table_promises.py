"""What a table's declaration promises is held against the file.

Each promise is broken once, and damage is refused in a sentence.
"""

import dataclasses
import random

import pytest
from miniature import held_file
from table_reading import CELLS, LONG, ORIGIN, Tables, open_mini, values, workbook

from listgen import stage
from listgen.base.errors import DataError
from listgen.config.models import Source
from listgen.stage.records.reading import stage_files


@pytest.fixture(scope="module")
def mini(tmp_path_factory):
    return open_mini(tmp_path_factory.mktemp("tables"))


@pytest.fixture
def read(mini, tmp_path):
    return Tables(mini, tmp_path)


# ---- promises: each is broken once ---------------------------------------------------------------

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
    # Lines of which some end with a carriage return more, as two programs leave them one after the other.
    assert values(read(GOOD.replace("120\n", "120\r\n"), **PROMISES)) == values(read(GOOD, **PROMISES))
    moved = GOOD.replace("Region,", "\nA line that was not there before\n\nRegion,", 1)
    assert values(read(moved, **PROMISES)) == values(
        read(GOOD, **PROMISES)
    )  # found by its names, wherever it stands


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("Country,Unit", "Economy,Unit", 'table.csv has no column "Country". Its columns, in row 2, are: '
                                         'Region, Economy, Unit'),
        (",2020,", ",note,", "column \"one column a year\": mini_cells has no row for 2020; declared are "
                             "2019 to 2021"),
        ("2020,2021\n", "2020,2022\n", "mini_cells has 2022, outside the declared 2019 to 2021"),
        ("Türkiye", "Turkiye Republic", 'row 3 below the header, column "Country": "Turkiye Republic" is no '
                                        'country'),
        ("World,number,100,110,120", "World,number,100000,110000,120000",
            'row 1 below the header, column "2020": mini_cells, WORLD, 2020 is 110,000'),
        ("World,number,100,110,120", "World,number,0.1,0.11,0.12",
            "They differ by a factor of 10^-3: the unit may have changed"),
        # a footnote's 3 glued to the number
        ("100,110,120", "100,1103,120", "mini_cells, WORLD, 2020 is 1,103, the control figure is 110"),
        ("100,110,120", "100,110a,120", 'row 1 below the header, column "2020": "110a" is no number and no '
                                        'declared null value'),
        ("Japan,number", "Japan,thousand", 'row 2 below the header, column "Unit": the unit is "thousand"'),
        ("edition 2024", "edition 2026", 'has no title "edition 2024" above row 2'),
        ("100,110,120", "100,112,120", "is 112, the control figure is 110"),
        ("World,World", "World,Wrold", "the control figure mini_cells, WORLD, 2020 = 110 is not in the "
                                       "table"),
    ],
)  # fmt: skip
def test_a_broken_promise_is_named_by_file_row_and_column(read, old, new, said):
    assert old in GOOD
    found = read.refused(GOOD.replace(old, new), **PROMISES)
    assert said in found
    assert "table.csv" in found or "mini_statistics" in found


def test_a_header_declared_by_its_row_that_moved_is_refused(read):
    table = {"header_row": 2, "columns": {"area": "Country", "year": "Year", "value": "N"}}
    assert 'has no column "Country"' in read.refused(
        "Title\nAnother title\nCountry,Year,N\nWorld,2020,1\n", **table
    )


def test_a_year_beyond_the_declared_ones_is_another_edition(read):
    text = "country,year,n\nWorld,2019,9\nWorld,2020,9\n"
    assert "has 2020, outside the declared 2018 to 2019" in read.refused(
        text, years={"first": 2018, "last": 2019}, **LONG
    )


def test_all_broken_promises_are_told_at_once(read):
    broken = (
        GOOD.replace("Türkiye", "Nowhere")
        .replace("Japan,number", "Japan,thousand")
        .replace("100,110,120", "100,111,120")
    )
    said = read.refused(broken, **PROMISES)
    assert all(word in said for word in ("Nowhere", "thousand", "111", "config/sources/mini_statistics.yaml"))


def test_d49_no_damage_to_a_table_ends_in_anything_but_a_clear_error(mini, tmp_path):
    """Sixty torn, spliced and spattered tables: read, or refused in a sentence."""
    rng = random.Random(11)
    book = tmp_path / "whole.xlsx"
    workbook([["国", "令和元年", "令和2年"], ["世界", 10, 11], ["日本", 3, 4]]).save(book)
    whole = {"csv": GOOD.encode(), "xlsx": book.read_bytes()}
    declared = {
        "csv": {"header_contains": ["Country"], "layout": "wide", "columns": {"area": "Country"}},
        "xlsx": {"format": "xlsx", "sheet": "統計 表", "layout": "wide", "columns": {"area": "国"}},
    }
    outcomes = set()
    for n in range(60):
        kind = rng.choice(["csv", "csv", "xlsx"])
        data = bytearray(whole[kind])
        for _ in range(rng.randrange(1, 4)):
            place = rng.randrange(len(data) + 1)
            data[place : place + rng.choice([0, 0, 1, 30])] = rng.choice(
                [b'"', b"\n", b"\r", b"\x00", b"\xff", b"World", b"2020,", b""]
            )
        path = tmp_path / f"{n}.{kind}"
        path.write_bytes(bytes(data))
        source = Source.model_validate(ORIGIN | {"table": declared[kind] | {"series": [CELLS]}})
        config = dataclasses.replace(mini.config, sources={source.id: source})
        try:
            stage_files(
                stage.load_readers(),
                config,
                [held_file(path, source.id, "statistic_table")],
                tmp_path / "stage",
            )
            outcomes.add("read")
        except DataError as error:
            outcomes.add("refused")
            assert f"{n}.{kind}" in str(error)
    assert outcomes == {"read", "refused"}
