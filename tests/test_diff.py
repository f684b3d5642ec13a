"""What changed between two builds and what caused it.

A provider's restatement is told apart from a change of method.
"""

import copy
import dataclasses
import json
import re

import document_world
import pytest
from click.testing import CliRunner
from document_world import axis, indicator

from listgen import pipeline, trace
from listgen.base.errors import DataError, UsageError
from listgen.base.provenance import package_files
from listgen.cli import cli
from listgen.store import builds
from listgen.store.raw import newest_snapshot
from listgen.trace import changes
from listgen.workspace import overview
from listgen.workspace.loading import load_workspace

# ---- the comparison alone ------------------------------------------------------------------------


def entry(technology_id, status="listed", **axes):
    return document_world.entry(technology_id, status, axes=axes)


def state(run_id, entries, **parts):
    raw = parts.pop("raw", [["ncses", "statistic_table", "t.csv", "d1", "2024-01-01"]])
    contents = parts.pop("contents", {"scoring.yaml": {"bar": 60}})
    kinds = {
        "config": {name: json.dumps(content) for name, content in contents.items()},
        "package": {},
        "libraries": {"duckdb": "2.0"},
    }
    return trace.State(run_id, document_world.document(entries), raw, kinds | parts, 1, contents)


def test_an_axis_moved_only_when_it_left_the_interval_it_had():
    before = state(
        "a",
        [
            entry(
                "x", autonomy=axis(50, 45, 55), superiority=axis(50, 45, 55), indispensability=axis(10, 5, 15)
            )
        ],
    )
    after = state("b", [entry("x", autonomy=axis(54.9, 50, 60), superiority=axis(55.1, 50, 60))])
    found = trace.compare(before, after)
    assert [(row["axis"], row["kind"]) for row in found["axes"]] == [
        ("superiority", "moved"),
        ("indispensability", "lost"),
    ]
    assert found["axes"][0]["before"] == {"value": 50, "lo": 45, "hi": 55, "grade": "records"}
    assert found["n_scores_changed"] == 3


def test_a_rank_moved_only_when_its_middle_left_the_range_it_had():
    ranks = [
        {"p05": 3, "p50": 5, "p95": 7, "n_ranked": 9},
        {"p05": 6, "p50": 7, "p95": 9, "n_ranked": 9},
        {"p05": 6, "p50": 8, "p95": 9, "n_ranked": 9},
    ]
    states = [state(str(n), [entry("x", autonomy=axis(50, 40, 60, rank))]) for n, rank in enumerate(ranks)]
    assert trace.compare(states[0], states[1])["ranks"] == []
    (row,) = trace.compare(states[0], states[2])["ranks"]
    assert (row["before"]["p50"], row["after"]["p50"]) == (5, 8)


def test_what_came_and_went_and_changed_status():
    found = trace.compare(
        state("a", [entry("x"), entry("y")]), state("b", [entry("y", "near_miss"), entry("z")])
    )
    assert [row["technology_id"] for row in found["came"]] == ["z"] and [
        row["technology_id"] for row in found["went"]
    ] == ["x"]
    assert [(r["technology_id"], r["before"], r["after"]) for r in found["status"]] == [
        ("y", "listed", "near_miss")
    ]
    assert (
        not found["is_equal"]
        and trace.compare(state("a", [entry("x")]), state("b", [entry("x")]))["is_equal"]
    )


@pytest.mark.parametrize(
    ("files", "kind", "words"),
    [
        ([["ncses", "statistic_table", "t.csv", "d2", "2024-01-01"]], "restated", "restated by its provider"),
        (
            [["ncses", "statistic_table", "t.csv", "d2", "2025-01-01"]],
            "newer",
            "newer edition (2024-01-01 -> 2025-01-01)",
        ),
        ([["ncses", "statistic_table", "t.csv", "d2", "2023-01-01"]], "older", "older edition"),
        ([["ncses", "statistic_table", "u.csv", "d1", "2024-01-01"]], "other_files", "1 added, 1 lost"),
    ],
)
def test_how_a_source_changed(files, kind, words):
    (row,) = changes.find_causes(state("a", []), state("b", [], raw=files))["data"]
    assert row["kind"] == kind and words in row["text"]["en"] and row["text"]["ja"] != row["text"]["en"]


def test_a_source_that_came_and_one_that_went():
    after = state("b", [], raw=[["usgs", "supply_table", "s.csv", "d9", "2025-01-01"]])
    assert [
        (row["source_id"], row["kind"]) for row in changes.find_causes(state("a", []), after)["data"]
    ] == [
        ("ncses", "lost_source"),
        ("usgs", "new_source"),
    ]


def test_config_changes_are_told_by_key_with_both_values():
    old = {"scoring.yaml": {"rules": {"protect": {"all": [{"min": 60}, {"min": 50}]}}, "gone": 1}}
    new = {"scoring.yaml": {"rules": {"protect": {"all": [{"min": 45}, {"min": 50}]}}, "came": 2}}
    (row,) = changes.find_causes(state("a", [], contents=old), state("b", [], contents=new))["config"]
    assert [(k["key"], k["before"], k["after"]) for k in row["keys"]] == [
        ("rules.protect.all[0].min", 60, 45),
        ("gone", 1, "–"),
        ("came", "–", 2),
    ]


def test_causes_that_came_together_are_not_told_apart_and_it_says_how_to():
    old, new = {"scoring.yaml": 1}, {"scoring.yaml": 2}
    both = trace.compare(
        state("aaa", [entry("x")], contents=old),
        state(
            "bbb", [entry("x", "near_miss")], contents=new, raw=[["ncses", "f", "t.csv", "d2", "2024-01-01"]]
        ),
    )
    assert (
        "cannot be told which" in both["verdict"]["en"]
        and "the data, the configuration" in both["verdict"]["en"]
    )
    assert "config.json of aaa" in both["verdict"]["en"]
    assert both["status"][0]["may_come_from"] == ["data", "config"]


def test_the_definition_of_one_technology_cannot_have_moved_another():
    old = {"technologies/x.yaml": 1, "scoring.yaml": 1}
    new = old | {"technologies/x.yaml": 2}
    found = trace.compare(
        state("a", [entry("x"), entry("y")], contents=old),
        state(
            "b",
            [entry("x", "near_miss"), entry("y", "near_miss")],
            contents=new,
            raw=[["ncses", "f", "t.csv", "d2", "2024-01-01"]],
        ),
    )
    assert {row["technology_id"]: row["may_come_from"] for row in found["status"]} == {
        "x": ["data", "config"],
        "y": ["data"],
    }


def test_a_change_of_what_only_shows_is_no_change_of_method():
    old = {"indicators/s1_top10_share.sql": "1", "report/cards.py": "1"}
    shown = changes.find_causes(
        state("a", [], package=old), state("b", [], package=old | {"report/cards.py": "2"})
    )
    assert [row["name"] for row in shown["presentation"]] == ["report/cards.py"] and shown["method"] == []
    assert "Nothing that could move a figure" in changes.verdict(shown, "a", "b")["en"]
    method = changes.find_causes(
        state("a", [], package=old), state("b", [], package=old | {"indicators/s1_top10_share.sql": "2"})
    )
    assert [row["name"] for row in method["method"]] == ["indicators/s1_top10_share.sql"]
    assert "Only the method changed" in changes.verdict(method, "a", "b")["en"]


def test_the_method_is_what_the_pipeline_imports_without_what_only_shows():
    files = package_files()
    for file in files:
        top = file.split("/")[0]
        if file.endswith("/catalogue.ja.json"):
            assert not changes.is_method(file), file
        elif file.startswith("composite/functions/"):
            # For analyses of robustness: no build uses them yet, so they can have moved no score.
            assert not changes.is_method(file), file
        elif top in ("indicators", "composite", "fronts", "listing", "validate", "store", "acquire"):
            assert changes.is_method(file), file
        if top in ("report", "review", "trace"):
            assert not changes.is_method(file), file
    shown = (
        "cli/__init__.py",
        "workspace/overview.py",
        "workspace/doctor.py",
        "__main__.py",
        "base/text.py",
        "base/catalogue.ja.json",
        "workspace/plan.py",
    )
    assert not any(changes.is_method(file) for file in shown) and set(shown) <= set(files)
    assert (
        changes.is_method("pipeline/__init__.py")
        and changes.is_method("stage/records/parsing.py")
        and changes.is_method("config/loader.py")
    )


def test_a_file_of_another_version_goes_with_its_package():
    assert (
        changes.is_method("indicators/s9_gone.sql")
        and changes.is_method("composite/credit/gone.sql")
        and changes.is_method("stage/gone.py")
    )
    assert (
        not changes.is_method("report/gone.py")
        and not changes.is_method("report/templates/gone.html.j2")
        and not changes.is_method("review/gone/gone.py")
    )
    assert not changes.is_method("report.py")  # a module that became a package
    assert changes.is_method("gone.py"), "what is not known may have moved a figure"


def test_a_changed_text_or_list_of_another_country_is_no_cause_but_is_told():
    old = {
        "technologies/x.yaml": {"name": {"en": "a"}, "works": {"topics": [1]}, "nomination": {"by": "p"}},
        "reference_lists/l.yaml": 1,
    }
    new = {
        "technologies/x.yaml": {"name": {"en": "b"}, "works": {"topics": [1]}, "nomination": {"by": "q"}},
        "reference_lists/l.yaml": 2,
    }
    causes = changes.find_causes(state("a", [], contents=old), state("b", [], contents=new))
    assert causes["config"] == [] and [row["name"] for row in causes["texts"]] == [
        "reference_lists/l.yaml",
        "technologies/x.yaml",
    ]
    new["technologies/x.yaml"]["works"] = {"topics": [1, 2]}
    causes = changes.find_causes(state("a", [], contents=old), state("b", [], contents=new))
    assert [row["name"] for row in causes["config"]] == ["technologies/x.yaml"]


def test_another_file_of_a_source_is_data_and_not_configuration():
    old = {
        "sources/ncses.yaml": {
            "as_of": "2024-01-01",
            "files": [{"path": "a.csv", "form": "t"}],
            "table": {"header_row": 1},
        }
    }
    new = {
        "sources/ncses.yaml": {
            "as_of": "2025-01-01",
            "files": [{"path": "b.csv", "form": "t"}],
            "table": {"header_row": 1},
        }
    }
    raw = [["ncses", "statistic_table", "t.csv", "d2", "2025-01-01"]]
    causes = changes.find_causes(state("a", [], contents=old), state("b", [], contents=new, raw=raw))
    assert causes["config"] == [] and [row["kind"] for row in causes["data"]] == ["newer"]
    new["sources/ncses.yaml"]["table"]["header_row"] = 2
    assert changes.find_causes(state("a", [], contents=old), state("b", [], contents=new, raw=raw))["config"]


def test_when_nothing_moved_no_cause_is_blamed():
    found = trace.compare(
        state("a", [entry("x")], contents={"scoring.yaml": 1}),
        state("b", [entry("x")], contents={"scoring.yaml": 2}),
    )
    assert found["verdict"]["en"] == "No figure of the list moved, although this changed: the configuration."


def test_a_library_is_named_with_both_versions():
    (row,) = changes.find_causes(state("a", []), state("b", [], libraries={"duckdb": "2.1"}))["libraries"]
    assert (row["before"], row["after"]) == ("2.0", "2.1")


def test_a_rank_or_a_relative_index_can_have_moved_by_the_definition_of_another_technology():
    ranks = [{"p05": 1, "p50": 1, "p95": 2, "n_ranked": 9}, {"p05": 4, "p50": 5, "p95": 6, "n_ranked": 9}]
    data = [["ncses", "f", "t.csv", "d2", "2024-01-01"]]
    old = {"technologies/x.yaml": 1}
    sides = [
        [
            entry(
                "y",
                autonomy=axis(50, 40, 60, rank),
                superiority=axis(score, score, score, None, [indicator("s6_symmetric_rta", value=value)]),
            )
        ]
        for rank, score, value in zip(ranks, (10, 90), (0.1, 0.9), strict=True)
    ]
    found = trace.compare(
        state("a", sides[0], contents=old),
        state("b", sides[1], contents={"technologies/x.yaml": 2}, raw=data),
    )
    (rank,), (score,) = found["ranks"], found["axes"]
    assert rank["may_come_from"] == ["data", "config"] and score["may_come_from"] == ["data", "config"]


def test_a_difference_is_never_said_to_come_from_nothing():
    old, new = {"technologies/x.yaml": 1}, {"technologies/x.yaml": 2}
    found = trace.compare(
        state("a", [entry("y")], contents=old), state("b", [entry("y", "near_miss")], contents=new)
    )
    assert found["status"][0]["may_come_from"] == ["config"]
    (line,) = [
        line
        for line in trace.diff_lines(found | {"evidence": [], "shifts": []})
        if line.startswith("status:")
    ]
    assert line.endswith("[configuration]")


def test_human_decisions_are_a_cause_of_their_own():
    decided = {
        "status": "accept", "by": "panel", "approved_by": "chair", "date": "2026-11-01", "round": "1",
        "rationale": "r", "dissent": None
    }  # fmt: skip
    plain = [["ncses", "statistic_table", "t.csv", "d1", "2024-01-01"]]
    raw = [*plain, ["review_decisions", "review_decision", "decisions.jsonl", "d2", "2024-01-01"]]
    before, after = (
        state("a", [entry("x")]),
        state("b", [entry("x").model_copy(update={"decided": decided})], raw=raw),
    )
    found = trace.compare(before, after)
    assert found["causes"]["data"] == []
    assert (
        found["causes"]["decisions"][0]["text"]["en"]
        == "decisions of the review about 1 technologies are new or changed"
    )
    assert found["verdict"]["en"].startswith("Only decisions of the review changed")
    assert any(
        "review: decisions of the review about 1" in line
        for line in trace.diff_lines(found | {"evidence": [], "shifts": []})
    )


def test_another_focal_country_is_said_first_and_no_status_is_called_lost():
    before, after = (
        state("a", [entry("x", autonomy=axis(90, 80, 95))]),
        state("b", [entry("x", "not_listed", autonomy=axis(1, 0, 2))]),
    )
    other = dataclasses.replace(after, document=after.document.model_copy(update={"focal_country": "FR"}))
    found = trace.compare(before, other)
    assert found["status"] == found["axes"] == found["ranks"] == []
    lines = trace.diff_lines(found | {"evidence": [], "shifts": []})
    assert "The focal country changed from JP to FR" in lines[1]
    assert sum("focal country" in line for line in lines) == 1
    assert not any("indicator values differ" in line for line in lines)


# ---- whole builds --------------------------------------------------------------------------------


def restate(workspace):
    """Let the provider print one figure of a published table otherwise, under the same date.

    Return the figure's place.
    """
    from listgen.acquire import Incoming, register

    snapshot = newest_snapshot(workspace.raw, "mini_statistics")
    held = snapshot.files[0]
    lines = held.path.read_text(encoding="utf-8-sig").splitlines()
    index = next(n for n, line in enumerate(lines) if "Japan" in line and re.search(r",\d+$", line))
    head, figure = lines[index].rsplit(",", 1)
    lines[index] = f"{head},{int(figure) - 1}"
    file = workspace.root / "restated.csv"
    file.write_text("\ufeff" + "\n".join(lines) + "\n", encoding="utf-8")
    source = workspace.config.sources["mini_statistics"]
    register(
        workspace,
        source,
        [Incoming(file, held.file_name, held.form_id)],
        as_of=snapshot.as_of_date,
        recipe="restated by a test",
    )
    return float(figure), float(figure) - 1


def test_a_restated_figure_a_changed_bar_and_the_way_between_builds(small_built):
    small, first = small_built, pipeline.build(small_built)
    assert first.is_held
    with pytest.raises(UsageError, match="first build here"):
        builds.find_previous(small)
    assert json.loads((first.folder / "manifest.json").read_text())["baseline"] is None
    assert "nothing to compare" in (first.folder / "report" / "index.html").read_text(encoding="utf-8")

    was, now = restate(small)
    second = pipeline.build(small)
    found = trace.diff(builds.find_previous(small), second.folder)
    assert [(row["source_id"], row["kind"]) for row in found["causes"]["data"]] == [
        ("mini_statistics", "restated")
    ]
    assert (
        not found["causes"]["config"]
        and not found["causes"]["method"]
        and "provider restated it" in found["verdict"]["en"]
    )
    (table,) = found["evidence"]
    assert (table["table"], table["n_restated"], table["n_new"], table["n_gone"]) == (
        "core.statistic",
        1,
        0,
        0,
    )
    assert (
        table["examples"][0]["changed"]["value"] == [was, now]
        and table["examples"][0]["key"]["area_code"] == "JP"
    )
    manifest = json.loads((second.folder / "manifest.json").read_text())
    assert manifest["baseline"] == {
        "run_id": first.run_id,
        "candidates_sha256": builds.sha256_file(first.folder / "candidates.json"),
    }
    page = (second.folder / "report" / "index.html").read_text(encoding="utf-8")
    assert "restated by its provider" in page and first.run_id in page

    said = overview.summarise(second).lines
    assert any(line.startswith(f"since build {first.run_id}: 0 changed status") for line in said)

    # The same again is held; made anew in place of its damaged self it is compared with what it was compared
    # with, for the same bytes.
    assert pipeline.build(small).is_held
    assert builds.find_baseline(small, second.run_id) == first.folder
    assert builds.find_baseline(small, "0123456789abcdef") == second.folder
    whole = (second.folder / "candidates.csv").read_bytes()
    (second.folder / "candidates.csv").write_bytes(b"damaged")
    assert builds.find_baseline(small, second.run_id) == first.folder
    assert builds.find_baseline(small, "0123456789abcdef") is None, "a damaged build is no baseline"
    (second.folder / "candidates.csv").write_bytes(whole)

    ran = CliRunner().invoke(cli, ["-w", str(small.root), "diff", first.run_id[:6], "--json"])
    document = json.loads(ran.stdout)
    assert (ran.exit_code, document["before"], document["after"]) == (1, first.run_id, second.run_id)
    same = CliRunner().invoke(cli, ["-w", str(small.root), "diff", second.run_id, str(small.root)])
    assert same.exit_code == 0 and "the lists are the same" in same.stdout


def test_a_build_is_found_by_beginning_and_folder_and_an_unclear_name_is_refused(tmp_path):
    from listgen.config.workspace import Workspace

    here = Workspace(tmp_path, None)
    for name in ("ab12", "ab34", "cd56"):
        (here.builds / name).mkdir(parents=True)
        (here.builds / name / builds.DATABASE).write_bytes(b"")
    assert builds.locate_build(here, "cd").name == "cd56"
    assert builds.locate_build(here, str(here.builds / "ab34")).name == "ab34"
    with pytest.raises(UsageError, match="begins several builds: ab12, ab34"):
        builds.locate_build(here, "ab")
    with pytest.raises(UsageError, match="no build"):
        builds.locate_build(here, "ef")


def test_a_build_of_a_version_that_kept_no_parts_is_refused_with_what_to_do(tmp_path):
    (tmp_path / "candidates.json").write_text("{}")
    (tmp_path / "manifest.json").write_text('{"run_id": "x", "inputs": {"raw": []}}')
    with pytest.raises(DataError, match="cannot be compared"):
        trace.read_state(tmp_path)


def test_settings_inherited_from_another_workspace_count(workspace, tmp_path):
    child = tmp_path / "child"
    (child / "config").mkdir(parents=True)
    (child / "config" / "settings.yaml").write_text("schema_version: 1\nextends: ../workspace\n")
    before = load_workspace(child).config
    path = workspace.root / "config" / "settings.yaml"
    path.write_text(re.sub(r"^seed:.*$", "seed: 99", path.read_text(encoding="utf-8"), flags=re.MULTILINE))
    after = load_workspace(child).config
    assert before.digest != after.digest
    (key,) = changes.changed_keys(copy.deepcopy(before.contents), after.contents)
    assert (key["key"], key["after"]) == ("settings.yaml.seed", 99)
