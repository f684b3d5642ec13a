"""The workbook opened by a real spreadsheet program.

What a reader sees there is what candidates.json says.
"""

import csv
import json
import shutil
import subprocess

import openpyxl
import pytest
import report_world
from report_drawings import draw_flows, draw_works
from test_report import RUN_ID

from listgen import report
from listgen.config.scoring import AXES
from listgen.report import workbook

OFFICE = shutil.which("soffice") or shutil.which("libreoffice")
# Comma, double quote, UTF-8, from the first row; cells as they are, not as shown; every sheet into a file of
# its own.
AS_CSV = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,false,false,false,false,-1"
NAMES = ("list", "evidence", "drawn", "checks", "crosswalk", "readme")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        OFFICE is None,
        reason="LibreOffice is not installed: the workbook was not opened in a spreadsheet program",
    ),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A build's outputs with the workbook read back by LibreOffice, sheet by sheet."""
    target = tmp_path_factory.mktemp("office")
    config = report_world.make_config()
    with report_world.make_world(":memory:", config) as warehouse:
        draw_flows(warehouse, "gene_editing")
        draw_works(warehouse, "gene_editing")
        report.run(warehouse, config, target, run_id=RUN_ID)
    profile = f"-env:UserInstallation={(target / 'profile').as_uri()}"
    command = [
        OFFICE,
        "--headless",
        "--norestore",
        profile,
        "--convert-to",
        AS_CSV,
        "--outdir",
        str(target),
        str(target / "candidates.xlsx"),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return target


def rows_of(folder, key):
    """Return the rows of a sheet as LibreOffice read them, by the first line of each heading."""
    path = folder / f"candidates-{workbook.sheet_name(key)}.csv"
    with path.open(encoding="utf-8-sig", newline="") as stream:
        _, heads, *rows = csv.reader(stream)
    return [dict(zip(heads, row, strict=True)) for row in rows]


def number(text):
    """Return a cell as a number.

    LibreOffice writes shares without their sign when cells are taken as they are.
    """
    return None if text == "" else float(text.rstrip("%")) / (100 if text.endswith("%") else 1)


def same(cell, expected):
    return (cell is None) == (expected is None) and (
        cell is None or cell == pytest.approx(expected, rel=1e-5, abs=1e-9)
    )


def test_d57_every_sheet_opens_and_no_cell_is_an_error_or_a_formula(folder):
    for key in NAMES:
        rows = rows_of(folder, key)
        assert rows, key
        assert not [cell for row in rows for cell in row.values() if cell.startswith(("#", "Err:", "="))], key


def test_the_list_is_that_of_the_document(folder):
    document = json.loads((folder / "candidates.json").read_text(encoding="utf-8"))
    rows = {row[workbook.heading("technology_id")]: row for row in rows_of(folder, "list")}
    assert set(rows) == {entry["technology_id"] for entry in document["entries"]}
    for entry in document["entries"]:
        row = rows[entry["technology_id"]]
        assert (
            row[workbook.heading("status")] == entry["status"]
            and row[workbook.heading("name_ja")] == entry["name"]["ja"]
        )
        for axis in AXES:
            for part in ("value", "lo", "hi"):
                assert same(number(row[workbook.heading(f"{axis}_{part}")]), entry["axes"][axis][part]), (
                    entry["technology_id"],
                    axis,
                    part,
                )


def test_the_evidence_is_that_of_the_document(folder):
    document = json.loads((folder / "candidates.json").read_text(encoding="utf-8"))
    rows = {
        row[workbook.heading("trace")]: row
        for row in rows_of(folder, "evidence")
        if row[workbook.heading("trace")]
    }
    found = {
        i["trace"]: i
        for entry in document["entries"]
        for axis in entry["axes"].values()
        for i in axis["indicators"]
    }
    assert len(found) > 200 and set(found) <= set(rows)
    for trace, indicator in found.items():
        for column, part in (("value", "value"), ("value_lo", "lo"), ("value_hi", "hi"), ("n", "n")):
            assert same(number(rows[trace][workbook.heading(column)]), indicator[part]), (trace, part)


def test_what_the_cards_draw_stands_in_the_workbook(folder):
    rows = [
        row for row in rows_of(folder, "drawn") if row[workbook.heading("technology_id")] == "gene_editing"
    ]
    one = next(
        row
        for row in rows
        if (row[workbook.heading("basis")], row[workbook.heading("year")]) == ("works", "2022")
    )
    assert (
        number(one[workbook.heading("value")]),
        one[workbook.heading("n")],
        one[workbook.heading("country")],
    ) == (0.5, "40", "JP")
    korea = next(
        row
        for row in rows
        if row[workbook.heading("country")] == "KR" and row[workbook.heading("partner")] == "JP"
    )
    assert number(korea[workbook.heading("value")]) == 0.3


def test_numbers_are_numbers_with_a_format_and_their_unit_beside_them(folder):
    sheet = openpyxl.load_workbook(folder / "candidates.xlsx")[workbook.sheet_name("evidence")]
    heads = [cell.value for cell in sheet[2]]
    value, unit = heads.index(workbook.heading("value")), heads.index(workbook.heading("unit"))
    seen = {}
    for row in sheet.iter_rows(min_row=3):
        if row[value].value is not None:
            assert isinstance(row[value].value, int | float)
            seen.setdefault(row[unit].value, set()).add(row[value].number_format)
    assert (
        seen[workbook.unit_words("share")] == {"0.0%"}
        and all(len(formats) == 1 for formats in seen.values())
        and len(seen) >= 4
    )
