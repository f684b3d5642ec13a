"""A list or a source that lost half of itself stops before promotion, unless a person says why.

Who did, readers see.
"""

import json

import pytest
from running import listgen

from listgen import pipeline, trace
from listgen.acquire import acquire_source
from listgen.base.errors import CheckFailedError, UsageError
from listgen.store import collapse
from listgen.store.collapse import Acceptance, acceptance, find_shifts
from listgen.trace.diff import diff_lines
from listgen.workspace import overview
from listgen.workspace.loading import load_workspace

USED = {"openalex": None, "tables": None}
BEFORE = {"entries": 10, "listed": 8, "judged": 10, "rows": {"openalex": 1000, "tables": 50, "gone": 70}}


def shifts(**changed) -> list[str]:
    return [shift.text["en"] for shift in find_shifts(BEFORE, BEFORE | changed, USED)]


def test_half_is_a_collapse_and_more_than_half_is_none():
    assert shifts(listed=5, judged=6, rows={"openalex": 501, "tables": 26}) == []
    assert shifts(listed=4) == ["technologies on the list fell from 8 to 4"]
    assert shifts(judged=5) == ["technologies that could be judged fell from 10 to 5"]
    assert shifts(rows={"openalex": 500, "tables": 0}) == [
        "rows of openalex fell from 1,000 to 500",
        "rows of tables fell from 50 to 0",
    ]


def test_a_source_taken_out_of_the_configuration_is_no_loss():
    assert shifts(rows={"openalex": 1000, "tables": 50}) == []


def test_a_list_of_five_is_too_small_to_judge():
    assert list(find_shifts(BEFORE | {"entries": 5}, BEFORE | {"listed": 0}, USED)) == []
    assert list(find_shifts(BEFORE | {"entries": 6}, BEFORE | {"listed": 0}, USED))


def test_an_empty_reason_is_refused_before_anything_runs(small_built):
    assert acceptance(None) is None
    with pytest.raises(UsageError, match="empty reason"):
        acceptance("  ")
    assert listgen(small_built.root, "build", "--accept-shift", "").returncode == 2


@pytest.fixture
def shrunk(small_built, monkeypatch):
    """The miniature, whose last build counted far more, about to be built anew."""
    before = pipeline.find_build(small_built)
    counted = json.loads((before / "manifest.json").read_text())["counts"]
    assert counted["entries"] == 3 and counted["rows"]["mini_openalex"] > 0
    larger = counted | {
        "entries": 6,
        "rows": counted["rows"] | {"mini_openalex": 2 * counted["rows"]["mini_openalex"], "gone": 9},
    }
    monkeypatch.setattr(
        collapse, "_counts_before", lambda folder: larger if folder == before else pytest.fail(str(folder))
    )
    monkeypatch.setattr(
        pipeline, "package_digest", lambda: "0" * 64
    )  # another version of the code: another build
    return small_built


def test_a_collapse_stops_promotion_and_says_what_to_do(shrunk):
    before = shrunk.current.resolve()
    with pytest.raises(CheckFailedError, match="rows of mini_openalex fell from") as stopped:
        pipeline.build(shrunk)
    assert stopped.value.exit_code == 4 and '--accept-shift "REASON"' in stopped.value.next_step
    assert shrunk.current.resolve() == before
    found = overview.read_checks(shrunk, None)
    assert found.document["build"].endswith(".failed")
    assert any("collapse_mini_openalex" in line for line in found.lines)


def test_an_accepted_collapse_is_promoted_and_shown_everywhere(shrunk):
    before = shrunk.current.resolve()
    accepted = Acceptance("one provider closed", "analyst", "2026-12-01")
    outcome = pipeline.build(shrunk, accepted=accepted)
    manifest = json.loads((outcome.folder / "manifest.json").read_text(encoding="utf-8"))
    kept = manifest["accepted_shift"]
    assert (kept["reason"], kept["by"], kept["date"]) == ("one provider closed", "analyst", "2026-12-01")
    assert "rows of mini_openalex fell from" in kept["shifts"][0]["en"]
    assert "one provider closed" in "\n".join(overview.read_checks(shrunk, None).lines)
    assert "one provider closed" in (outcome.folder / "report" / "index.html").read_text(encoding="utf-8")
    assert any(
        "accepted by analyst on 2026-12-01: one provider closed" in line
        for line in diff_lines(trace.diff(before, outcome.folder))
    )


def test_a_build_for_another_country_is_not_compared(shrunk):
    path = shrunk.root / "config" / "settings.yaml"
    path.write_text(
        path.read_text(encoding="utf-8").replace("focal_country: JP", "focal_country: US"), encoding="utf-8"
    )
    assert not pipeline.build(load_workspace(shrunk.root)).is_held


INDEX = """id: mini_portal
title: {en: Look-ups of the miniature, ja: ミニチュアの照会}
producer: The tests
description: {en: Invented for tests., ja: 試験用に作成。}
licence: {id: CC0-1.0, class: A, text: {en: Invented., ja: 架空。}, redistribution: allowed}
citation: The miniature of listgen.
access: files
grade: records
frame: {en: The whole miniature., ja: ミニチュア全体。, comparable: true}
as_of: 2025-07-01
files: [{path: raw/portal/requests.jsonl, form: answer_index}]
"""


@pytest.mark.parametrize("is_unconfirmed", [True, False])
def test_answers_that_may_be_a_part_stop_promotion(small, is_unconfirmed):
    root = small.root
    (root / "config" / "sources" / "mini_portal.yaml").write_text(INDEX, encoding="utf-8")
    settings = root / "config" / "settings.yaml"
    settings.write_text(
        settings.read_text(encoding="utf-8").replace("sources: [", "sources: [mini_portal, "),
        encoding="utf-8",
    )
    (root / "raw" / "portal").mkdir(parents=True)
    lines = [{"unit": f"family/{n}", "is_unconfirmed": is_unconfirmed and n == 2} for n in range(3)]
    (root / "raw" / "portal" / "requests.jsonl").write_text("\n".join(map(json.dumps, lines)) + "\n")
    workspace = load_workspace(root)
    acquire_source(workspace, "mini_portal")
    if not is_unconfirmed:
        assert pipeline.build(workspace).folder == workspace.current.resolve()
        return
    with pytest.raises(CheckFailedError, match="1 queries of mini_portal may be incomplete"):
        pipeline.build(workspace)
    assert not workspace.current.exists()
    accepted = Acceptance("small", "analyst", "2026-12-01")
    assert pipeline.build(workspace, accepted=accepted).folder == workspace.current.resolve()
