"""The list from real data.

Figures recomputed from the raw files, and what such evidence must not be taken to carry.
"""

import json
import math
import shutil
import subprocess
import sys
from types import SimpleNamespace

import duckdb
import pytest
from real_world import TABLES, copy_of_real, needs_data
from running import listgen

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def real(real_root) -> SimpleNamespace:
    """The real workspace refreshed once without Prefect.

    Its entries by id, the whole list, its checks and rows of its database.
    """
    root = real_root.root
    current = real_root.current
    con = duckdb.connect(str(current / "listgen.duckdb"), read_only=True)
    candidates = json.loads((current / "candidates.json").read_text("utf-8"))
    return SimpleNamespace(
        config=real_root.config,
        candidates=candidates,
        entries={entry["technology_id"]: entry for entry in candidates["entries"]},
        checks=json.loads((current / "checks.json").read_text("utf-8")),
        rows=lambda sql: con.execute(sql).fetchall(),
        root=root,
    )


def printed(table: int, region: str, first_year: int, last_year: int, how: str = "sum") -> float:
    """Return a figure of the published long file, straight from its bytes.

    No declaration, no name table, no code of ours.
    """
    sql = (
        f"SELECT {how}(CAST(value AS DOUBLE)) FROM read_csv($path, all_varchar = true) WHERE table_id ="
        " $table AND region = $region "
    )
    sql += "AND CAST(year AS INTEGER) BETWEEN $first_year AND $last_year"
    given = {
        "path": str(TABLES),
        "table": str(table),
        "region": region,
        "first_year": first_year,
        "last_year": last_year,
    }
    return duckdb.execute(sql, given).fetchall()[0][0]


def share(table: int, first_year: int, last_year: int, region: str = "Japan") -> float:
    return printed(table, region, first_year, last_year) / printed(table, "World", first_year, last_year)


def indicator(real: SimpleNamespace, technology_id: str, indicator_id: str) -> dict:
    found = [
        i
        for i in real.entries[technology_id]["axes"]["superiority"]["indicators"]
        if i["indicator_id"] == indicator_id
    ]
    assert len(found) == 1
    return found[0]


# ---- published statistics ------------------------------------------------------------------------


@needs_data
def test_japan_holds_a_quarter_of_semiconductor_families(real):
    found = indicator(real, "semiconductor_technology", "st_share")
    assert round(found["value"], 4) == 0.2425
    assert found["n"] == 140_629
    # Wilson on the world's families of 2016-20.
    assert (round(found["lo"], 4), round(found["hi"], 4)) == (0.2403, 0.2448)


@needs_data
def test_the_cells_are_those_of_the_published_table(real):
    cells = dict(
        real.rows(
            "SELECT area_code, value FROM core.statistic WHERE series_id = 'ncses:t05828' AND period_year ="
            " 2020"
        )
    )
    assert {code: cells[code] for code in ("WORLD", "CN", "JP", "KR", "US")} == {
        "WORLD": 28_211, "CN": 10_462, "JP": 5_512, "KR": 5_425, "US": 2_822,
    }  # fmt: skip


@needs_data
@pytest.mark.parametrize(
    ("technology_id", "indicator_id", "expected"),
    [
        ("optics_photonics", "st_share", lambda: share(5829, 2016, 2020)),
        # China leads, so the best other country is China.
        (
            "engines_turbines",
            "st_lead",
            lambda: math.log(printed(5840, "Japan", 2016, 2020) / printed(5840, "China", 2016, 2020)),
        ),
        ("biotechnology", "st_rta", lambda: share(5835, 2016, 2020) / share(5820, 2016, 2020)),
        (
            "digital_communication",
            "st_momentum",
            lambda: math.log(share(5824, 2016, 2020) / share(5824, 2011, 2015)) / 5,
        ),
        ("advanced_materials_science", "st_share", lambda: share(9979, 2018, 2022)),
        ("advanced_materials_science", "st_quality", lambda: printed(10031, "Japan", 2016, 2020, "avg")),
    ],
)
def test_figures_recomputed_from_the_raw_file(real, technology_id, indicator_id, expected):
    assert indicator(real, technology_id, indicator_id)["value"] == pytest.approx(expected(), rel=1e-5)


@needs_data
def test_scores_rest_on_whole_fields_only(real):
    scored = {
        key: entry for key, entry in real.entries.items() if entry["axes"]["superiority"]["value"] is not None
    }
    assert len(scored) >= 20
    for key, entry in scored.items():
        assert entry["axes"]["superiority"]["grade"] == "statistics"
        relations = {
            link.relation
            for link in real.config.technologies[key].statistics
            if link.series.startswith("ncses:")
        }
        assert relations & {"exact", "narrower"}
    # A technology inside a field gets no score from the field's table.
    assert real.entries["quantum_computing"]["axes"]["superiority"]["value"] is None


@needs_data
def test_only_countries_are_compared(real):
    areas = {row[0] for row in real.rows("SELECT DISTINCT area_code FROM core.statistic")}
    assert areas <= {*real.config.countries, "WORLD"}
    unmapped = {row[0] for row in real.rows("SELECT area_text FROM prov.unmapped")}
    assert {"Asia", "EU-27<sup>b</sup>", "Unclassified"} <= unmapped
    assert not unmapped & {"Japan", "China", "South Korea", "Taiwan", "United States"}


@needs_data
def test_missing_cells_are_not_zeros(real):
    # 71,168 "ne" and 47,304 "na" in the whole file; those of the declared top-1 % tables are NULL, and no
    # count is missing.
    rows = real.rows(
        "SELECT s.measure, count(*) FILTER (v.value IS NULL) FROM core.statistic AS v JOIN"
        " core.statistic_series AS s USING (series_id) GROUP BY 1"
    )
    assert dict(rows)["count"] == 0
    assert dict(rows)["top1_intensity"] > 20_000


# ---- records that cannot compare countries -------------------------------------------------------


@needs_data
def test_works_gathered_by_author_give_no_figure(real):
    counts = real.rows(
        "SELECT count(*), count(*) FILTER (is_retracted), count(*) FILTER (is_comparable) FROM core.work"
    )[0]
    # 350 works in four recorded answers are 267 different ones: the by-id pages overlap.
    assert counts == (3_707 + 27 + 267, 6, 0)
    statuses = {row[0] for row in real.rows("SELECT DISTINCT status FROM ind.value WHERE basis = 'works'")}
    assert "not_comparable" in statuses
    assert "ok" not in statuses
    carbon_capture = real.entries["carbon_capture"]
    assert carbon_capture["status"] == "insufficient_evidence"
    for axis in carbon_capture["axes"].values():
        assert axis["value"] is None
        assert "gathered by author" in axis["reason"]["en"]
    source = next(
        source for source in real.candidates["sources"] if source["source_id"] == "openalex_petroleum"
    )
    assert source["grade"] == "records_sampled"
    assert not source["is_comparable"]
    assert "Saudi Arabia" in source["frame"]["en"]


@needs_data
def test_grants_of_one_office_are_no_basis(real):
    source = real.config.sources["patentsview_nuclear"]
    assert source.frame.one_office
    assert not source.frame.universe
    assert real.rows("SELECT DISTINCT office_code FROM core.patent_publication") == [("US",)]
    reactors = real.entries["radiopharmaceuticals"]
    held = (
        "SELECT n_items FROM core.technology_evidence WHERE technology_id = 'radiopharmaceuticals' AND basis"
        " = 'families'"
    )
    assert real.rows(held)[0][0] > 100
    assert [part["value"] for part in reactors["axes"].values()] == [None, None, None]
    statuses = {row[0] for row in real.rows("SELECT DISTINCT status FROM ind.value WHERE basis = 'families'")}
    assert "ok" not in statuses


@needs_data
def test_nobody_can_say_who_depends_on_whom(real):
    rows = real.rows("SELECT technology_id, coverage FROM core.reference_coverage WHERE n_references >= 100")
    assert len(rows) >= 10
    assert max(coverage for _, coverage in rows) < 0.10
    for entry in real.entries.values():
        for axis_id in ("autonomy", "indispensability"):
            assert entry["axes"][axis_id]["value"] is None
            assert entry["axes"][axis_id]["reason"]["ja"]


@needs_data
def test_supply_reaches_the_technologies_with_source_year_and_concentration(real):
    sql = (
        "SELECT count(DISTINCT technology_id) FROM ind.value WHERE indicator_id = '{}' AND country_code ="
        " 'JP' AND value IS NOT NULL"
    )
    assert real.rows(sql.format("a7_supply_concentration"))[0][0] >= 50
    assert real.rows(sql.format("i6_supply_share"))[0][0] >= 30
    years = (
        "SELECT min(period_first_year), max(period_last_year) FROM ind.value WHERE indicator_id ="
        " 'i6_supply_share' AND value IS NOT NULL"
    )
    # The shares of the EU are means of 2016 to 2020.
    assert real.rows(years) == [(2016, 2025)]
    # Gallium: the named countries add up to more than the rounded world total of 900,000 kg, so they are the
    # whole.
    sql = (
        "SELECT value, n, period_last_year FROM ind.value WHERE indicator_id = 'i6_supply_share' AND"
        " technology_id = '{}' AND country_code = 'JP'"
    )
    assert real.rows(sql.format("radio_frequency_components")) == [
        (pytest.approx(3_000 / 909_000, rel=1e-9), 4, 2025)
    ]
    # Supply alone opens no axis.
    for entry in real.entries.values():
        assert entry["axes"]["autonomy"]["value"] is None


@needs_data
@pytest.mark.skipif(shutil.which("iconv") is None, reason="iconv is not installed")
def test_a_figure_from_a_table_in_another_encoding_is_recomputed_with_duckdb_alone(real, monkeypatch):
    command = [
        sys.executable,
        "-m",
        "listgen",
        "--workspace",
        str(real.root),
        "trace",
        "i6_supply_share/advanced_magnets/JP",
        "--sql",
    ]
    script = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout
    steps = [
        line.removeprefix("-- First run: ")
        for line in script.splitlines()
        if line.startswith("-- First run: ")
    ]
    assert len(steps) == 2  # the shares of supply and the production table, both windows-1252
    for step in steps:
        subprocess.run(step, shell=True, cwd=real.root, timeout=60, check=True)
    monkeypatch.chdir(real.root)
    found = duckdb.connect().execute(script).fetchall()
    told = real.rows(
        "SELECT value FROM ind.value WHERE indicator_id = 'i6_supply_share' AND technology_id ="
        " 'advanced_magnets' AND country_code = 'JP'"
    )
    assert found == told
    assert told[0][0] == pytest.approx(0.013, abs=1e-12)


# ---- the whole -----------------------------------------------------------------------------------


@needs_data
def test_the_list_is_of_real_data_and_every_source_may_be_shown(real):
    assert real.candidates["is_sample"] is False
    assert {source["licence"]["class"] for source in real.candidates["sources"]} == {"A"}
    assert all(source["citation"] and source["as_of"] for source in real.candidates["sources"])
    assert [
        check
        for check in real.checks["checks"]
        if check["severity"] == "critical" and check["status"] != "passed"
    ] == []
    assert real.rows("SELECT count(*) FROM prov.quarantine")[0][0] == 0


def test_without_the_data_the_missing_path_is_named(tmp_path):
    done = listgen(copy_of_real(tmp_path / "workspace", tmp_path / "nowhere"), "refresh", "--no-prefect")
    assert done.returncode == 2
    assert str(tmp_path / "nowhere" / "reference" / TABLES.name) in done.stderr
    assert "Traceback" not in done.stderr
