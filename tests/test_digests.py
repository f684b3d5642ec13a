"""Every command that reads finds a forged raw file, output, database or manifest, whatever its times."""

import json
import os
import shutil
import time

import duckdb
import pytest
from running import listgen

from listgen import pipeline
from listgen.base.errors import DataError, ListgenError
from listgen.store import builds, digests
from listgen.store.digests import NOTES, Digests
from listgen.store.raw import newest_snapshot
from listgen.workspace import overview


@pytest.fixture
def noting(monkeypatch):
    """Let files be noted at once: the tests' copies are too young otherwise."""
    monkeypatch.setattr(digests, "SETTLED_NS", -1)


def forge(path, content: bytes) -> None:
    """Write other bytes of the same length and set the time of the last change back."""
    before = path.stat()
    path.chmod(0o644)
    path.write_bytes(content)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert path.stat().st_size == before.st_size and path.stat().st_mtime_ns == before.st_mtime_ns


def forge_raw(workspace):
    path = newest_snapshot(workspace.raw, "mini_statistics").files[0].path
    content = path.read_bytes()
    forge(path, content.replace(b"Japan", b"Jupan", 1))
    return path


# ---- notes ---------------------------------------------------------------------------------------


def test_a_noted_digest_is_used_only_while_the_file_is_the_same(tmp_path, monkeypatch, noting):
    file, other = tmp_path / "file", tmp_path / "other"
    file.write_bytes(b"one")
    notes = Digests(tmp_path)
    first = notes.of(file)
    notes.save()
    hashed = []
    monkeypatch.setattr(digests, "sha256_file", lambda path: hashed.append(path) or "hashed")
    assert Digests(tmp_path).of(file) == first and hashed == []
    forge(file, b"two")
    assert Digests(tmp_path).of(file) == "hashed"
    other.write_bytes(b"one")
    os.utime(other, ns=(file.stat().st_atime_ns, file.stat().st_mtime_ns))
    other.replace(file)
    assert Digests(tmp_path).of(file) == "hashed", "another file under the same name"
    (tmp_path / NOTES).write_text("no notes")
    assert Digests(tmp_path).of(file) == "hashed"


def test_a_file_that_changed_a_moment_ago_is_hashed_again(tmp_path):
    file = tmp_path / "file"
    file.write_bytes(b"one")
    notes = Digests(tmp_path)
    notes.of(file)
    notes.save()
    assert not (tmp_path / NOTES).exists()
    time.sleep(digests.SETTLED_NS / 1e9 + 0.1)
    notes.of(file)
    notes.save()
    assert list(json.loads((tmp_path / NOTES).read_text())) == ["file"]


def test_notes_that_cannot_be_kept_are_no_error(tmp_path, noting):
    (tmp_path / "file").write_bytes(b"one")
    (tmp_path / NOTES).mkdir()
    notes = Digests(tmp_path)
    assert notes.of(tmp_path / "file")
    notes.save()


# ---- raw files -----------------------------------------------------------------------------------


def test_a_forged_raw_file_is_found_before_a_build_is_called_up_to_date(small_built, noting):
    assert pipeline.build(small_built).is_held
    forge_raw(small_built)
    with pytest.raises(DataError, match="has changed since it was acquired") as found:
        pipeline.build(small_built)
    assert "Remove data/raw/sha256/" in found.value.next_step
    with pytest.raises(DataError, match="has changed since it was acquired"):
        pipeline.held_outcome(small_built)


def test_a_forged_raw_file_is_found_before_promotion_though_its_parse_is_cached(small_built, noting):
    shutil.rmtree(small_built.builds)
    small_built.current.unlink()
    forge_raw(small_built)
    assert listgen(small_built.root, "build").returncode == 4
    with pytest.raises(DataError, match="has changed since it was acquired"):
        pipeline.build(small_built)
    assert not small_built.current.exists()
    assert not list(small_built.builds.glob("*/" + builds.DATABASE))


# ---- finished builds -----------------------------------------------------------------------------

READERS = (
    ("trace", "st_share/photon_chips/JP"),
    ("explain", "photon_chips"),
    ("check",),
    ("diff", "{run}", "{run}"),
    ("review", "open"),
)


def forge_value(folder):
    """Change a value in the database through a copy, so that the file keeps its length and time."""
    database, copy = folder / builds.DATABASE, folder.parent / "copy.duckdb"
    shutil.copy2(database, copy)
    with duckdb.connect(str(copy)) as con:
        con.execute("UPDATE ind.value SET value = 0.9999 WHERE value IS NOT NULL")
    content = copy.read_bytes()
    copy.unlink()
    before = database.stat()
    database.write_bytes(content)
    os.utime(database, ns=(before.st_atime_ns, before.st_mtime_ns))


@pytest.mark.parametrize("command", READERS, ids=lambda command: command[0])
def test_a_forged_value_is_printed_by_no_command(small_built, command):
    folder = small_built.current.resolve()
    arguments = [part.format(run=folder.name) for part in command]
    assert builds.find_build(small_built) == folder
    forge_value(folder)
    done = listgen(small_built.root, *arguments)
    assert done.returncode not in (0, 1), done.stdout
    assert builds.DATABASE in done.stderr and "Run: listgen build" in done.stderr
    assert done.stdout == "" and "Traceback" not in done.stderr


def promoted_manifest(folder) -> dict:
    return json.loads((folder / builds.MANIFEST).read_text(encoding="utf-8"))


def write_manifest(folder, manifest: dict, *, is_resealed: bool) -> None:
    manifest = builds.seal_manifest(manifest) if is_resealed else manifest
    (folder / builds.MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")


def change_key(manifest: dict) -> None:
    manifest["inputs"]["seed"] = 99


def empty_outputs(manifest: dict) -> None:
    manifest["outputs"] = {}


def drop_seal(manifest: dict) -> None:
    del manifest[builds.SEAL]
    manifest["inputs"]["seed"] = 98


@pytest.mark.parametrize("is_resealed", [False, True], ids=["as it is", "with a new digest of itself"])
@pytest.mark.parametrize("change", [change_key, empty_outputs, drop_seal])
def test_a_changed_manifest_is_found(small_built, change, is_resealed):
    folder = small_built.current.resolve()
    manifest = promoted_manifest(folder)
    change(manifest)
    write_manifest(folder, manifest, is_resealed=is_resealed)
    assert builds.verify_outputs(folder) == [builds.MANIFEST]
    for keeper in (small_built.data / builds.PROMOTIONS, small_built.data / "last.json"):
        kept = keeper.read_bytes()
        keeper.unlink()
        assert builds.verify_outputs(folder) == [builds.MANIFEST], "the other one remembers it too"
        keeper.write_bytes(kept)
    with pytest.raises(ListgenError, match=r"manifest\.json"):
        builds.find_build(small_built)


@pytest.mark.parametrize(
    "name", ["extra.txt", "report/extra.js", ".hidden", f"{builds.DATABASE}.bak", "link"]
)
def test_a_file_that_the_manifest_does_not_list_is_found(small_built, name):
    folder = small_built.current.resolve()
    if name == "link":
        (folder / name).symlink_to("nowhere")
    else:
        (folder / name).write_text("added")
    assert builds.verify_outputs(folder) == [name]
    with pytest.raises(ListgenError, match=name):
        builds.find_build(small_built)


def test_an_emptied_output_is_found_by_check(small_built):
    folder = small_built.current.resolve()
    (folder / "checks.json").write_bytes(b"")
    with pytest.raises(ListgenError, match=r"checks\.json"):
        overview.read_checks(small_built, None)


def test_another_build_under_the_name_of_one_is_found(small_built):
    folder = small_built.current.resolve()
    other = folder.with_name("0123456789abcdef")
    shutil.copytree(folder, other)
    assert builds.verify_outputs(other) == [builds.MANIFEST]


def test_an_intact_build_is_hashed_once(small_built, noting, monkeypatch):
    builds.find_build(small_built)
    monkeypatch.setattr(digests, "sha256_file", lambda path: pytest.fail(f"{path} is hashed again"))
    builds.find_build(small_built)
    forge(
        small_built.current.resolve() / "candidates.csv",
        b"x" * (small_built.current.resolve() / "candidates.csv").stat().st_size,
    )
    with pytest.raises(pytest.fail.Exception, match=r"candidates\.csv"):
        builds.find_build(small_built)
