"""The overview says what changed since the last build, in both languages, whatever kind of change it was."""

import dataclasses
import html
import re

import pytest
import report_world
from test_diff import state
from test_report import RUN_ID

from listgen import report, trace
from listgen.outputs.candidates import Candidates

BEFORE = "fedcba9876543210"


@pytest.fixture(scope="module")
def config():
    return report_world.make_config()


def overview_of(folder, config, damage, **parts):
    """Return the text of the section about changes.

    The document as it is, against one that `damage` made of it.
    """

    def compare(document):
        content = document.model_dump(by_alias=True)
        damage(content)
        was = Candidates.model_validate(content)
        now = dataclasses.replace(state(RUN_ID, [], **parts.get("now", {})), document=document)
        return trace.compare(
            dataclasses.replace(state(BEFORE, [], **parts.get("before", {})), document=was), now
        )

    with report_world.make_world(":memory:", config) as warehouse:
        report.run(warehouse, config, folder, run_id=RUN_ID, compare=compare)
    page = (folder / "report" / "index.html").read_text(encoding="utf-8")
    section = re.search(r'<section id="changes".*?</section>', page, re.DOTALL)[0]
    return html.unescape(re.sub(r"<[^>]+>", " ", section))


def entry_of(document, technology_id):
    return next(entry for entry in document["entries"] if entry["technology_id"] == technology_id)


def test_statuses_scores_and_entries_that_differ_are_shown_with_both_sides(config, tmp_path):
    def damage(was):
        entry_of(was, "gene_editing")["status"] = "near_miss"
        axis = entry_of(was, "semiconductor_materials")["axes"]["superiority"]
        axis |= {"value": 20.0, "lo": 18.0, "hi": 22.0}
        was["entries"] = [entry for entry in was["entries"] if entry["technology_id"] != "quantum_computing"]

    raw = {"raw": [["ncses", "statistic_table", "t.csv", "d2", "2024-01-01"]]}
    said = overview_of(tmp_path, config, damage, now=raw)
    assert (
        f"Compared with build {BEFORE}: changed status 1, came 1, went 0; scores that left the interval they"
        " had 1" in said
    )
    assert "前回の区間を外れた得点1件" in said
    assert re.search(
        r"Semiconductor materials\s+半導体材料\s+Superiority\s+優位性\s+20.0\s+18.0–22.0\s+68.2", said
    )
    assert (
        "Quantum computing" in said
        and "the provider restated it" in said
        and "提供元による数値の改訂" in said
    )
    assert f"listgen diff {BEFORE} {RUN_ID}" in said


def test_changed_configuration_is_shown_by_file_and_key_and_a_new_file_by_its_name(config, tmp_path):
    before = {"contents": {"scoring.yaml": {"bar": 60}}}
    now = {"contents": {"scoring.yaml": {"bar": 45}, "technologies/new.yaml": {"id": "new"}}}
    said = overview_of(
        tmp_path,
        config,
        lambda was: entry_of(was, "gene_editing").update(status="near_miss"),
        before=before,
        now=now,
    )
    assert (
        "bar: 60 → 45" in said
        and "technologies/new.yaml" in said
        and "Only the configuration changed" in said
    )


def test_when_nothing_differs_it_says_so(config, tmp_path):
    said = overview_of(tmp_path, config, lambda was: None)
    assert (
        "No status, score, rank or value of the list differs" in said
        and "区分・得点・順位・指標値のいずれにも差はない" in said
    )


def test_a_first_build_says_that_there_is_nothing_to_compare(config, tmp_path):
    with report_world.make_world(":memory:", config) as warehouse:
        report.run(warehouse, config, tmp_path, run_id=RUN_ID)
    page = (tmp_path / "report" / "index.html").read_text(encoding="utf-8")
    assert "This is the first build here" in page and "最初の版であり、比べるものがない" in page
