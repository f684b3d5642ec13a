"""Workspaces of earlier versions are carried forward.

Nothing is lost, nothing happens twice, and commands say when it is needed.
"""

import json
import shutil
import sqlite3
import tarfile
from pathlib import Path

import pytest
from running import listgen

from listgen.base.errors import CouldNotCheckError, DataError, UpgradeNeededError
from listgen.outputs.manifest import Manifest
from listgen.store.builds import verify_outputs
from listgen.workspace import upgrade
from listgen.workspace.loading import load_workspace

FROZEN = sorted(Path(__file__).with_name("frozen").glob("*.tar.xz"))


@pytest.fixture(params=FROZEN, ids=lambda path: path.name.split(".")[0])
def frozen(request, tmp_path):
    """Return a workspace as an earlier version left it."""
    root = tmp_path / "workspace"
    with tarfile.open(request.param) as archive:
        archive.extractall(root, filter="data")
    return root


def run(root, *arguments):
    result = listgen(root, *arguments, "--json")
    assert "Traceback" not in result.stderr and result.returncode != 7, result.stderr
    return result.returncode, json.loads(result.stdout)


def state(root):
    """Return the content of every file of a workspace but the lease."""
    files = (path for path in root.rglob("*") if path.is_file() and "lease" not in path.name)
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in files}


# Tables that came after the frozen version bring expectations of their own.
CHANGED_SUITES = (
    *("cluster.front", "core.citation_spread", "core.supply_position", "ind.world"),
    "list.candidate",  # a status is new
)


def test_check_names_every_change_and_changes_nothing(frozen):
    before = state(frozen)
    code, found = run(frozen, "upgrade", "--check")
    assert code == 1 and not found["is_applied"]
    named = {row["file"] for row in found["changes"]}
    manifests = {f"data/builds/{path.name}/manifest.json" for path in (frozen / "data/builds").iterdir()}
    suites = {f"expectations/{table}.json" for table in CHANGED_SUITES}
    tables = {f"config/sources/{name}.yaml" for name in ("mini_statistics", "mini_supply")}
    assert named == tables | manifests | suites | {"data/review/review.sqlite3"}
    said = {row["file"]: row["what"] for row in found["changes"]}
    assert "table.other_areas: Asia; rows of these" in said["config/sources/mini_statistics.yaml"]
    assert state(frozen) == before


def test_an_upgraded_workspace_goes_on(frozen):
    entries = {path: path.read_bytes() for path in frozen.glob("data/builds/*/candidates.json")}
    events = log_of(frozen / "data/review/review.sqlite3")
    assert len(entries) == 2 and len(events) > 20
    assert run(frozen, "upgrade")[0] == 0
    assert {path: path.read_bytes() for path in entries} == entries, "a list stays as it was promoted"
    promoted = [
        json.loads(line)["run_id"]
        for line in (frozen / "data/log/builds.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    assert promoted == [(frozen / "data" / link).resolve().name for link in ("previous", "current")]
    assert log_of(frozen / "data/review/review.sqlite3")[: len(events)] == events, (
        "an event stays as it was written"
    )
    findings = {row["subject"]: row["ok"] for row in run(frozen, "doctor")[1]["findings"]}
    assert findings["files of earlier versions"] and findings["current build"]
    code, verified = run(frozen, "review", "verify")
    assert (code, verified["findings"]) == (0, [])
    code, status = run(frozen, "review", "status")
    assert (code, status["state"], status["finished"], sum(status["decisions"].values())) == (
        0,
        "closed",
        6,
        2,
    )
    before = (frozen / "data/current").resolve().name
    # Names that are no countries were left out without a message before; now the declaration lists them.
    for source, names in (("mini_statistics", ["Asia"]), ("mini_supply", ["Other countries"])):
        declared = load_workspace(frozen).config.sources[source].table
        assert declared is not None and declared.other_areas == names
    code, built = run(frozen, "build")
    assert code == 0 and built["run_id"] != before
    code, found = run(frozen, "diff")
    assert (found["before"], found["after"]) == (before, built["run_id"])
    assert found["causes"]["data"] == [] and found["came"] == found["went"] == []
    decided = {entry["technology_id"] for entry in entries_of(frozen / "data/current") if "decided" in entry}
    assert decided == {
        entry["technology_id"] for entry in entries_of(frozen / "data/builds" / before) if "decided" in entry
    }


def entries_of(folder):
    return json.loads((folder / "candidates.json").read_text(encoding="utf-8"))["entries"]


def log_of(path):
    connection = sqlite3.connect(path)
    try:
        return connection.execute(
            "SELECT sequence, body, digest FROM review_event ORDER BY sequence"
        ).fetchall()
    finally:
        connection.close()


def test_a_second_upgrade_changes_nothing(frozen):
    assert run(frozen, "upgrade")[1]["is_applied"]
    before = state(frozen)
    code, again = run(frozen, "upgrade")
    assert (code, again) == (0, {"changes": [], "is_applied": False, "backup": None})
    assert run(frozen, "upgrade", "--check")[0] == 0
    assert state(frozen) == before


def test_the_copies_are_the_files_as_they_were(frozen):
    before, events = state(frozen), log_of(frozen / "data/review/review.sqlite3")
    _, found = run(frozen, "upgrade")
    backup = Path(found["backup"])
    manifests = [row["file"] for row in found["changes"] if row["file"].endswith("manifest.json")]
    assert manifests and all((backup / name).read_bytes() == before[name] for name in manifests)
    # A copied database may lay its pages out otherwise; the rows are the same.
    assert log_of(backup / "data/review/review.sqlite3") == events
    assert (backup / "data/review/review.sqlite3").stat().st_mode & 0o077 == 0, (
        "votes are read by nobody else"
    )


def test_commands_that_need_an_upgrade_say_so(frozen):
    for command in (("diff",), ("build",)):
        code, answer = run(frozen, *command)
        assert (code, answer["error"], answer["next"]) == (2, "UpgradeNeededError", "Run: listgen upgrade"), (
            command
        )
    (finding,) = (
        row for row in run(frozen, "doctor")[1]["findings"] if row["subject"] == "files of earlier versions"
    )
    assert (finding["ok"], finding["mend"]) == (False, "listgen upgrade")


def test_a_damaged_build_is_not_carried_forward(frozen):
    data, workspace = frozen / "data", load_workspace(frozen)
    (csv, *_) = sorted(data.glob("builds/*/candidates.csv"))
    csv.chmod(0o644)
    csv.write_bytes(csv.read_bytes() + b"\n")
    before = state(frozen)
    with pytest.raises(CouldNotCheckError, match="candidates.csv"):
        upgrade.apply(workspace, upgrade.find_changes(workspace))
    assert state(frozen) == before


def test_an_upgrade_that_was_killed_half_way_can_be_repeated(frozen):
    data, workspace = frozen / "data", load_workspace(frozen)
    changes = [change for change in upgrade.find_changes(workspace) if change.file.startswith("data/")]
    upgrade.apply(workspace, [change for change in upgrade.find_changes(workspace) if change not in changes])
    workspace = load_workspace(frozen)
    first = changes[0]
    first.run(frozen / first.file)
    (data / "log/builds.jsonl").unlink()  # killed before the log was written
    assert not verify_outputs((frozen / first.file).parent)
    assert [change.file for change in upgrade.find_changes(workspace)] == [
        change.file for change in changes[1:]
    ]
    upgrade.apply(workspace, upgrade.find_changes(workspace))
    assert upgrade.find_changes(load_workspace(frozen)) == []
    assert all(not verify_outputs(path.parent) for path in data.glob("builds/*/manifest.json"))


def test_a_document_of_another_version_is_named_with_what_to_do(frozen, tmp_path):
    source = next(frozen.glob("data/builds/*/manifest.json"))
    with pytest.raises(
        UpgradeNeededError, match="has schema version 1. Expected version 2. Run: listgen upgrade"
    ):
        Manifest.load(source)
    newer = tmp_path / "manifest.json"
    shutil.copy(source, newer)
    newer.write_text(
        newer.read_text(encoding="utf-8").replace('"schema_version": 1', '"schema_version": 99'),
        encoding="utf-8",
    )
    with pytest.raises(DataError, match="a newer version wrote this file. Install that version"):
        Manifest.load(newer)
    newer.write_text('{"schema_version": 2, "run_id": 7}', encoding="utf-8")
    with pytest.raises(DataError, match="run_id: Input should be a valid string"):
        Manifest.load(newer)
