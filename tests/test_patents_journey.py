"""Works, US patents and families from three providers at once.

Every axis is measured, and anybody who has the bytes gets the same figures.
"""

import json
import re
import subprocess
import sys
from collections import defaultdict

import duckdb
import joined_measures as measure
import pytest
from conftest import make_once
from joined_world import FIELDS, SECRETS, TOPICS, joined_world

from listgen import trace
from listgen.trace.reading import open_finished
from listgen.trace.recompute import MARK
from listgen.workspace.loading import load_workspace

TECHNOLOGIES = {name: (topic, FIELDS[name].cpc) for name, topic in TOPICS.items()}
# The last complete year eighteen months before November 2026, when works were fetched; thirty before the last
# day of the portal's edition.
WINDOWS = {"works": (2020, 2024), "families": (2018, 2022)}


@pytest.fixture(scope="module")
def joined(tmp_path_factory):
    """The workspace, fetched and built."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in SECRETS.items():
            patch.setenv(name, value)
        return load_workspace(make_once(tmp_path_factory, "joined", joined_world))


@pytest.fixture(scope="module")
def bytes_only(joined, tmp_path_factory):
    return measure.load(joined.root, tmp_path_factory.mktemp("unpacked") / "tables", TECHNOLOGIES)


def entries(workspace) -> dict:
    document = json.loads((workspace.current / "candidates.json").read_text(encoding="utf-8"))
    return {entry["technology_id"]: entry for entry in document["entries"]}


def values(workspace) -> dict[tuple[str, str], dict[str, float]]:
    """Return what was published, by indicator and technology, of every country."""
    found: dict = defaultdict(dict)
    with open_finished(workspace.current.resolve()) as warehouse:
        for indicator, technology, country, value in warehouse.rows(
            "SELECT indicator_id, technology_id, country_code, value FROM ind.value WHERE value IS NOT NULL"
        ):
            found[indicator, technology][country] = value
    return found


def test_all_three_axes_are_measured_and_the_references_lead_far_enough(joined, bytes_only):
    for technology, entry in entries(joined).items():
        assert {axis["grade"] for axis in entry["axes"].values() if axis["value"] is not None} == {"records"}
        assert [axis for axis, found in entry["axes"].items() if found["value"] is None] == [], technology
    with open_finished(joined.current.resolve()) as warehouse:
        told = warehouse.rows(
            "SELECT technology_id, n_references, n_resolved, coverage FROM core.reference_coverage WHERE"
            " basis = 'families'"
        )
    for technology, n_references, n_resolved, coverage in told:
        assert measure.reference_coverage(bytes_only, technology, WINDOWS["families"]) == (
            n_references,
            n_resolved,
        ), technology
        assert coverage > 0.4


def test_the_figures_are_those_of_the_raw_bytes(joined, bytes_only):
    found, expected = values(joined), {}
    for basis, suffix in (("works", ""), ("families", "_families")):
        matrices = {name: measure.flows(bytes_only, basis, name, WINDOWS[basis]) for name in TECHNOLOGIES}
        n_sources = len({cited for matrix in matrices.values() for _, cited in matrix}) - 1
        for name, matrix in matrices.items():
            output = measure.output_of(bytes_only, basis, name, WINDOWS[basis])
            for country in ("JP", "US", "CN", "DE"):
                expected |= {
                    (f"a1_foreign_dependence{suffix}", name, country): measure.foreign_dependence(
                        matrix, country
                    ),
                    (f"a3_source_concentration{suffix}", name, country): measure.source_concentration(
                        matrix, country, n_sources
                    ),
                    (f"i1_inbound_reliance{suffix}", name, country): measure.inbound_reliance(
                        matrix, country
                    ),
                    (f"i3_removal_impact{suffix}", name, country): measure.removal_impact(
                        matrix, output, country
                    ),
                }
    for name in TECHNOLOGIES:
        for country in ("JP", "US", "CN"):
            expected["s1_top10_share", name, country] = measure.top_share(
                bytes_only, name, WINDOWS["works"], country
            )
            families = bytes_only, name, WINDOWS["families"], country
            expected["s5_international_family_share", name, country] = measure.international_share(*families)
            expected["c1_science_linkage", name, country] = measure.science_linkage(*families)
    compared = 0
    for (indicator, technology, country), value in expected.items():
        published = found[indicator, technology].get(country)
        if published is not None:  # too few to publish is no figure to compare
            assert value == pytest.approx(published, rel=1e-6, abs=1e-9), (indicator, technology, country)
            compared += 1
    assert compared > 0.8 * len(expected), "most were published"


def test_references_with_a_doi_lead_to_the_papers_held(joined, bytes_only):
    with open_finished(joined.current.resolve()) as warehouse:
        links = warehouse.rows(
            "SELECT work_id, count(DISTINCT family_id) FROM core.patent_work_link GROUP BY ALL ORDER BY ALL"
        )
        methods = warehouse.rows("SELECT DISTINCT link_method FROM core.patent_work_link")
    assert links == measure.cited_papers(bytes_only)
    assert len(links) > 100 and methods == [("doi",)]
    assert 0.3 < values(joined)["c1_science_linkage", "battery_systems"]["US"] < 0.7


def test_what_was_planted_is_found(joined):
    found = values(joined)
    assert found["i1_inbound_reliance_families", "solid_state_batteries"]["JP"] > 0.5, "others build on Japan"
    assert found["a3_source_concentration_families", "battery_systems"]["JP"] > 0.5, (
        "Japan builds on one country"
    )
    assert found["a3_source_concentration_families", "lithium_ion_batteries"]["JP"] < 0.2, (
        "nothing is planted here"
    )


def test_the_scripts_of_trace_give_the_same_figures_also_of_families_that_were_looked_up(joined, monkeypatch):
    monkeypatch.chdir(joined.root)
    con, done = duckdb.connect(), set()
    for indicator in (
        "i1_inbound_reliance_families",
        "s5_international_family_share",
        "a1_foreign_dependence",
        "s6_symmetric_rta",
    ):
        reference = f"{indicator}/solid_state_batteries/JP"
        published = values(joined)[indicator, "solid_state_batteries"]["JP"]
        stage, value = trace.trace(joined, joined.current.resolve(), reference)["recompute_sql"].split(MARK)
        for command in re.findall(r"^-- First run: (.+)$", stage, flags=re.MULTILINE):
            if command not in done:
                subprocess.run(
                    command.replace("python ", f"{sys.executable} "), shell=True, check=True, timeout=60
                )
                done.add(command)
        for statement in duckdb.extract_statements(stage):
            key = re.sub(r"(\s*--[^\n]*)*\s*\Z", "", statement.query)
            if key not in done:
                con.execute(statement)
                done.add(key)
        assert con.execute(value).fetchall()[0][0] == pytest.approx(published, rel=1e-6), reference


def test_a_family_that_was_looked_up_is_traced_to_the_answer_and_the_list_says_who_told(joined):
    document = trace.trace(
        joined, joined.current.resolve(), "s5_international_family_share/solid_state_batteries/JP"
    )
    answers = [file for file in document["raw_files"] if file["source_id"] == "epo_ops"]
    assert len(answers) > 5 and {file["licence_class"] for file in answers} == {"B"}
    assert all(file["file_name"].startswith("family/US-") for file in answers)
    page = (joined.current / "report" / "technologies" / "solid_state_batteries.html").read_text(
        encoding="utf-8"
    )
    for words in (
        "US patents of the PatentsView tables",
        "Patent families looked up at the European Patent Office",
        "OpenAlex works",
    ):
        assert words in page
    for entry in entries(joined).values():
        assert {"one_office", "patent_lag", "held_references_only"} <= set(entry["caveats"])


def test_countries_are_where_people_live_never_where_it_was_filed(joined):
    with open_finished(joined.current.resolve()) as warehouse:
        rows = warehouse.rows(
            "SELECT DISTINCT role, attribution, source_id FROM core.patent_family_country ORDER BY ALL"
        )
        unknown = warehouse.rows(
            "SELECT count(*) FROM core.patent_family WHERE inventor_country_codes IS NULL AND"
            " list_contains(office_codes, 'JP')"
        )
    assert rows == [("applicant", "residence", "patentsview"), ("inventor", "residence", "patentsview")]
    assert unknown[0][0] > 0, "a family filed in Japan by nobody knows whom counts for no country"
