"""The build's outputs.

One document, the same figures in every form, no live formula, the same bytes every time.
"""

import csv
import io
import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import document_world
import jsonschema
import openpyxl
import polars as pl
import pytest
import report_world

from listgen import report
from listgen.base.errors import ConfigError, CouldNotCheckError
from listgen.config.scoring import AXES
from listgen.outputs import schemas
from listgen.report import charts, exports, figures, page, workbook
from listgen.report.checks import build_checks
from listgen.report.document import build_document

RUN_ID = "0123456789abcdef"
OUTPUTS = (
    "candidates.json",
    "candidates.csv",
    "candidates.xlsx",
    "candidates.parquet",
    "checks.json",
    "report/index.html",
)
OUTPUTS += (
    "report/cards.html",
    "report/technologies/machine_learning.html",
    "report/technologies/hypersonics.html",
)


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
    return json.loads((outputs / "candidates.json").read_text(encoding="utf-8"))


@pytest.fixture
def warehouse(config):
    with report_world.make_world(":memory:", config) as world:
        yield world


# ---- the document


def schema():
    return json.loads(schemas.schema_path("candidates").read_text(encoding="utf-8"))


def test_the_document_is_what_its_schema_says(document):
    jsonschema.Draft202012Validator.check_schema(schema())
    jsonschema.Draft202012Validator(schema()).validate(document)


@pytest.mark.parametrize(
    "damage",
    [
        lambda d: d["entries"][0].pop("status"),
        lambda d: d["entries"][0]["axes"]["autonomy"].update(value=None),
        lambda d: d["entries"][0]["axes"]["autonomy"]["indicators"][0].update(status="missing"),
        lambda d: d["entries"][0].update(total_score=50),
        lambda d: d.update(schema_version=3),
    ],
)
def test_the_schema_refuses_a_damaged_document(document, damage):
    broken = json.loads(json.dumps(document))
    damage(broken)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(schema()).validate(broken)


def test_every_active_technology_stands_in_the_list_once(document, config):
    assert [entry["technology_id"] for entry in document["entries"]] == sorted(config.technologies)


def test_a_technology_without_evidence_has_reasons_and_no_figures(document):
    (entry,) = (e for e in document["entries"] if e["technology_id"] == "hypersonics")
    assert entry["status"] == "insufficient_evidence"
    for axis in entry["axes"].values():
        assert (axis["value"], axis["lo"], axis["hi"], axis["rank"]) == (None, None, None, None)
        assert (
            axis["reason"]["en"]
            == "For the years measured the sources in use hold nothing on this technology for this axis."
        )
        assert {indicator["status"] for indicator in axis["indicators"]} == {"missing"}
    assert entry["cluster"] is None and entry["cluster_reason"]["ja"]
    assert entry["monopoly_risk"]["class"] is None and entry["monopoly_risk"]["status"] == "missing"


def test_rules_that_failed_are_there_with_the_values_that_failed_them(document, config):
    for entry in document["entries"]:
        assert {reason["rule"] for reason in entry["reasons"]} == set(config.scoring.rules)
        for reason in entry["reasons"]:
            assert reason["inputs"] and (reason["p"] is None) == (not reason["is_evaluable"])


def test_evidence_of_a_reason_names_measured_values_of_its_axes(document):
    (entry,) = (e for e in document["entries"] if e["technology_id"] == "semiconductor_materials")
    (reason,) = (r for r in entry["reasons"] if r["rule"] == "protect")
    known = {
        i["trace"]
        for axis in ("indispensability", "superiority")
        for i in entry["axes"][axis]["indicators"]
        if i["status"] == "ok"
    }
    assert set(reason["evidence"]) == known


def test_a_technology_missing_from_the_list_stops_the_report(warehouse, config):
    warehouse.execute("DELETE FROM list.candidate WHERE technology_id = 'gene_editing'")
    with pytest.raises(CouldNotCheckError, match="gene_editing"):
        build_document(warehouse, config, RUN_ID)


def test_a_caveat_without_a_text_stops_the_report(warehouse, config):
    warehouse.execute(
        "UPDATE list.candidate SET caveats = ['nobody_wrote_this'] WHERE technology_id = 'gene_editing'"
    )
    with pytest.raises(ConfigError, match="nobody_wrote_this"):
        build_document(warehouse, config, RUN_ID)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0.1234567, 0.123457),
        (1234567.0, 1234570.0),
        (0.0, 0.0),
        (-0.0, 0.0),
        (float("nan"), None),
        (float("inf"), None),
        (None, None),
        (7, 7),
    ],
)
def test_figures_have_six_significant_digits(value, expected):
    assert figures.figure(value) == expected


# ---- the same figures everywhere


def leaves(document):
    """Return (technology, axis, part) -> figure for all axis scores."""
    return {
        (e["technology_id"], axis, part): e["axes"][axis][part]
        for e in document["entries"]
        for axis in AXES
        for part in ("value", "lo", "hi")
    }


def test_csv_holds_the_figures_of_the_document(outputs, document):
    raw = (outputs / "candidates.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    rows = {
        row["technology_id"]: row for row in csv.DictReader(io.StringIO(raw.decode("utf-8-sig"), newline=""))
    }
    # A rule that holds in no draw is not named: the list filtered by a rule holds those it can hold for.
    named = {(row["best_rule"] != "", row["best_rule_p"] not in ("", "0.0")) for row in rows.values()}
    assert named == {(True, True), (False, False)} and {"", "0.0"} <= {
        row["best_rule_p"] for row in rows.values()
    }
    for (technology_id, axis, part), figure in leaves(document).items():
        cell = rows[technology_id][f"{axis}_{part}"]
        assert (float(cell) if cell else None) == figure


def test_parquet_holds_the_figures_of_the_document(outputs, document):
    frame = pl.read_parquet(outputs / "candidates.parquet")
    assert frame.schema == pl.Schema(exports.SCHEMA)
    rows = {row["technology_id"]: row for row in frame.to_dicts()}
    assert all(rows[t][f"{axis}_{part}"] == figure for (t, axis, part), figure in leaves(document).items())
    assert set(frame["is_sample"]) == {True}


def sheet_rows(outputs, key):
    book = openpyxl.load_workbook(outputs / "candidates.xlsx")
    rows = list(book[workbook.sheet_name(key)].iter_rows(min_row=2, values_only=True))
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]


def test_workbook_holds_the_figures_of_the_document(outputs, document):
    rows = {row[workbook.heading("technology_id")]: row for row in sheet_rows(outputs, "list")}
    assert all(
        rows[t][workbook.heading(f"{axis}_{part}")] == figure
        for (t, axis, part), figure in leaves(document).items()
    )
    evidence = {row[workbook.heading("trace")]: row for row in sheet_rows(outputs, "evidence")}
    for entry in document["entries"]:
        for axis in AXES:
            for indicator in entry["axes"][axis]["indicators"]:
                row = evidence[indicator["trace"]]
                assert (row[workbook.heading("value")], row[workbook.heading("n")]) == (
                    indicator["value"],
                    indicator["n"],
                )


def card_html(outputs, technology_id):
    return (outputs / "report" / "technologies" / f"{technology_id}.html").read_text(encoding="utf-8")


def test_page_shows_the_figures_of_the_document(outputs, document):
    for entry in document["entries"]:
        if entry["status"] == "insufficient_evidence":
            continue
        html = card_html(outputs, entry["technology_id"])
        shown = dict(
            re.findall(r"<tr class=axis><th><i>(\w+)</i>.*?<td>(?:<svg.*?</svg><td>)?([\d.]+)<td>", html)
        )
        for axis in AXES:
            value = entry["axes"][axis]["value"]
            assert shown.get(axis.capitalize()) == (None if value is None else f"{value:.1f}"), (
                entry["technology_id"],
                axis,
            )
        measured = [i for axis in AXES for i in entry["axes"][axis]["indicators"] if i["status"] == "ok"]
        assert all(
            f"listgen trace {i['trace']}\n" in html + "\n" or f"listgen trace {i['trace']}</pre>" in html
            for i in measured
        )


# ---- spreadsheets run nothing


HOSTILE = (
    '=HYPERLINK("http://example.invalid")',
    "+1",
    "-1",
    "@SUM(A1)",
    "\tx",
    "\rx",
    "\nx",
    "＝1",
    "＋1",
    "－1",
    "＠x",
)


@pytest.mark.parametrize("text", HOSTILE)
def test_d57_csv_guards_texts_that_look_like_formulas(text):
    assert exports.safe_text(text) == f"'{text}"


def test_d57_csv_leaves_negative_numbers_and_plain_texts_alone():
    assert exports.safe_text("C++ and −1") == "C++ and −1"
    assert exports._cell(-1.5) == -1.5


def test_d57_no_output_holds_a_live_formula(config, tmp_path):
    with report_world.make_world(":memory:", config) as warehouse:
        for technology_id, text in zip(sorted(config.technologies), HOSTILE, strict=False):
            warehouse.execute(
                "UPDATE core.technology SET name_en = $t, name_ja = $t WHERE technology_id = $i",
                {"t": text, "i": technology_id},
            )
        report.run(warehouse, config, tmp_path, run_id=RUN_ID)
    with zipfile.ZipFile(tmp_path / "candidates.xlsx") as archive:
        sheets = [archive.read(name).decode() for name in archive.namelist() if "worksheets/sheet" in name]
        assert not any("<f>" in sheet or "<f " in sheet or "<hyperlink" in sheet for sheet in sheets)
    book = openpyxl.load_workbook(tmp_path / "candidates.xlsx", data_only=False)
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    # openpyxl takes any text that begins with = for a formula; the file itself says these are shared strings.
    assert {cell.value for cell in cells if isinstance(cell.value, str)} >= set(HOSTILE[:4])
    rows = list(
        csv.reader(io.StringIO((tmp_path / "candidates.csv").read_bytes().decode("utf-8-sig"), newline=""))
    )
    assert not any(
        cell.startswith(exports.FORMULA_STARTS)
        for row in rows
        for cell in row
        if not re.fullmatch(r"-?[\d.e-]+", cell)
    )


def test_workbook_is_laid_out_for_reading(outputs):
    book = openpyxl.load_workbook(outputs / "candidates.xlsx")
    assert book.sheetnames == [
        "List 一覧",
        "Evidence 根拠",
        "Drawn 図の数値",
        "Checks 検査",
        "Crosswalk 各国リスト",
        "Read me はじめに",
    ]
    for sheet in book:
        assert (
            sheet.freeze_panes
            and sheet.auto_filter.ref
            and sheet.print_title_rows == "$2:$2"
            and sheet.print_area
        )
        assert "synthetic sample, not evidence / 合成サンプル・根拠資料ではない" in sheet["A1"].value
        assert all(8 <= dimension.width <= 60 for dimension in sheet.column_dimensions.values())


def test_full_width_letters_count_twice():
    assert workbook.shown_width("量子") == 4 and workbook.shown_width("abc\n量子材料") == 8


# ---- the same bytes


def digests(folder):
    return {name: (folder / name).read_bytes() for name in OUTPUTS}


def test_a_second_process_elsewhere_makes_the_same_bytes(outputs, tmp_path):
    script = (
        "import sys; sys.path.insert(0, sys.argv[1]); import report_world as w; from pathlib import Path;"
        " from listgen import report\nc = w.make_config(); report.run(w.make_world(':memory:', c), c,"
        f" Path(sys.argv[2]), run_id='{RUN_ID}')"
    )
    environment = os.environ | {
        "PYTHONHASHSEED": "7",
        "TZ": "Pacific/Apia",
        "LC_ALL": "tr_TR.UTF-8",
        "LANG": "tr_TR.UTF-8",
        "LISTGEN_THREADS": "1",
    }
    subprocess.run(
        [sys.executable, "-c", script, str(Path(__file__).parent), str(tmp_path)], env=environment, check=True
    )
    assert digests(tmp_path) == digests(outputs)


def test_no_output_names_this_machine(outputs):
    for name in OUTPUTS:
        content = (outputs / name).read_bytes()
        assert str(outputs).encode() not in content and str(report_world.ROOT).encode() not in content


# ---- checks


def test_checks_tell_file_line_and_field_of_what_was_set_aside(outputs):
    checks = json.loads((outputs / "checks.json").read_text(encoding="utf-8"))
    assert checks["summary"] == {
        "n_rules": 8,
        "n_passed": 7,
        "n_could_not_check": 0,
        "n_critical": 0,
        "n_warning": 1,
        "n_info": 0,
        "n_quarantined": 2,
    }
    assert [(row["file_name"], row["raw_line"], row["field"]) for row in checks["quarantine"]] == [
        ("works/part_0000.gz", 17, "publication_year"),
        ("works/part_0000.gz", 203, "publication_year"),
    ]


def test_checks_can_be_written_for_a_build_that_stopped_early(tmp_path):
    with report_world.Warehouse(":memory:") as bare:
        report.write_checks(bare, tmp_path)
        assert build_checks(bare).summary.n_rules == 0
    assert json.loads((tmp_path / "checks.json").read_text(encoding="utf-8"))["is_sample"] is None


# ---- pieces


def test_a_clipped_value_is_drawn_as_an_arrowhead_and_a_missing_one_not_at_all():
    assert charts.dot(None, None, None) == ""
    assert "circle" in charts.dot(50, 40, 60) and "rect x=40% width=20%" in charts.dot(50, 40, 60)
    assert "circle" not in charts.dot(100, 90, 100, clipped=True)


def test_labels_on_the_map_do_not_overlap():
    points = [
        charts.Point(
            n,
            f"#t{n}",
            "listed",
            {"en": f"Technology {n}", "ja": f"技術{n}"},
            (50 + n, 48, 60),
            (50 + n % 3, 45, 55),
            40.0,
        )
        for n in range(12)
    ]
    body = charts.map_body(points, [])
    group = re.search(r"<g lang=en.*?</g>", body, re.DOTALL)[0]
    boxes = [
        (float(x), float(y), float(x) + charts._width(words))
        for x, y, words in re.findall(r"<text x=(-?\d+) y=(-?\d+)>([^<]*)<", group)
    ]
    assert len(boxes) > 6
    for index, a in enumerate(boxes):
        assert not any(abs(a[1] - b[1]) < 11 and a[0] < b[2] and b[0] < a[2] for b in boxes[index + 1 :])


def page_of(warehouse, config, folder):
    report.run(warehouse, config, folder, run_id=RUN_ID)
    return (folder / "report" / "index.html").read_text(encoding="utf-8")


def test_without_a_score_on_both_axes_the_map_says_so_instead_of_standing_empty(warehouse, config, tmp_path):
    warehouse.execute(
        "UPDATE score.technology SET value = NULL, lo = NULL, hi = NULL, status = 'insufficient_evidence',"
        " reason = 'partial' WHERE axis_id = 'autonomy'"
    )
    page = page_of(warehouse, config, tmp_path)
    assert "<svg class=map" not in page.replace('"', "") and "there is nothing to draw" in page


def test_the_list_says_when_only_some_rules_could_be_judged(outputs):
    page = (outputs / "report" / "index.html").read_text(encoding="utf-8")
    row = re.search(r'<tr data-t="small_modular_reactors".*?</tr>', page, re.DOTALL)[0]
    assert "1 of 4 rules can be judged" in row and "判定できる規則は4件中1件" in row
    row = re.search(r'<tr data-t="semiconductor_materials".*?</tr>', page, re.DOTALL)[0]
    assert "can be judged" not in row


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [
        (0.1834, "share", "18.3%"),
        (1.25, "ratio (world = 1)", "×1.25"),
        (-0.5, "log ratio", "−0.50"),
        (-0.0712, "log per year", "−0.071"),
        (0.42, "index (0 to 1)", "0.42"),
        (None, "share", "–"),
    ],
)
def test_values_are_written_in_their_unit(value, unit, shown):
    assert figures.show_value(value, unit) == shown


@pytest.mark.parametrize(
    ("p", "shown"), [(0.0, "0%"), (0.001, "<1%"), (0.5, "50%"), (0.998, ">99%"), (1.0, "100%"), (None, "–")]
)
def test_a_probability_never_claims_more_than_the_draws_give(p, shown):
    assert figures.show_probability(p) == shown


def test_technologies_no_rule_tells_apart_stand_by_superiority_and_then_by_name():
    def entry(name, score, p=0.0):
        axes, reasons = (
            {"superiority": document_world.axis(score)},
            [document_world.reason("one", p), document_world.reason("two", None)],
        )
        return document_world.entry(
            f"z_{name}", "not_listed", axes=axes, reasons=reasons, name={"en": name, "ja": name}
        )

    entries = [
        entry("B", None),
        entry("C", 0.0),
        entry("A", 50.7),
        entry("D", 52.5),
        entry("A2", 50.7),
        entry("E", 10.0, p=0.1),
    ]
    assert [e.name["en"] for e in page._in_reading_order(entries)] == ["E", "D", "A", "A2", "C", "B"]
