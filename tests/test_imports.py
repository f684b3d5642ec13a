"""Imports are found without running code; a parsed file's identity covers all modules staging imports."""

import os
import shutil
import subprocess
import sys

import pytest
from miniature import held_file

from listgen import stage
from listgen.base.imports import imported_files, imports_digest
from listgen.base.provenance import PACKAGE
from listgen.stage.records.reading import reading_code, stage_files


def package(folder, **modules):
    """Write a package of modules; `a__b` is the module a.b, and each folder gets its `__init__.py`."""
    for name, text in modules.items():
        path = (folder / name.replace("__", "/")).with_suffix(".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        for parent in (path.parent, *path.parent.parents):
            if parent == folder.parent:
                break
            (parent / "__init__.py").touch()
        path.write_text(text)
    return folder


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("import pkg.low.deep", {"low/__init__.py", "low/deep.py"}),
        ("import pkg.low.deep as short, json", {"low/__init__.py", "low/deep.py"}),
        ("from pkg.low import deep", {"low/__init__.py", "low/deep.py"}),
        ("from pkg.low.deep import name", {"low/__init__.py", "low/deep.py"}),
        ("from .near import name", {"high/near.py"}),
        ("from . import near", {"high/near.py"}),
        ("from ..low import deep", {"low/__init__.py", "low/deep.py"}),
        ("def work():\n    from pkg.low import deep", {"low/__init__.py", "low/deep.py"}),
        (
            "from pkg.high import near",
            {"high/near.py", "low/__init__.py", "low/deep.py"},
        ),  # near imports it in that case
        ("from other.low import deep\nimport pkgother.low", set()),
    ],
)
def test_every_kind_of_import_is_followed(tmp_path, text, found):
    near = "from pkg.low.deep import name" if "pkg.high" in text else "name = 1"
    root = package(tmp_path / "pkg", high__start=text, high__near=near, low__deep="name = 1", low__unused="")
    assert imported_files(["high/start.py"], root) == found | {
        "__init__.py",
        "high/__init__.py",
        "high/start.py",
    }


def test_modules_in_a_circle_end_and_a_folder_that_is_left_out_is_not_followed(tmp_path):
    root = package(
        tmp_path / "pkg", a="import pkg.b", b="import pkg.a, pkg.shown.page", shown__page="import pkg.c", c=""
    )
    assert imported_files(["a.py"], root) == {
        "__init__.py",
        "a.py",
        "b.py",
        "shown/__init__.py",
        "shown/page.py",
        "c.py",
    }
    assert imported_files(["a.py"], root, without=("shown",)) == {"__init__.py", "a.py", "b.py"}


def loaded(*names):
    """Return the files of listgen that Python itself loads for these modules."""
    code = (
        f"import sys, {', '.join(names)}\nprint(*(m.__file__ for n, m in sys.modules.items() if"
        " n.split('.')[0] == 'listgen'), sep='\\n')"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return {os.path.relpath(line, PACKAGE) for line in ran.stdout.splitlines()}


def test_what_python_loads_is_found_without_running_it():
    assert loaded("listgen.stage") <= imported_files(["stage"])
    assert loaded("listgen.pipeline", "listgen.indicators") <= imported_files(["pipeline"])


# ---- parsed files --------------------------------------------------------------------------------


def test_every_module_that_staging_imports_changes_the_identity_of_parsed_files(tmp_path):
    copy = tmp_path / "listgen"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    before = reading_code.__wrapped__(copy)
    assert before == reading_code()
    covered = imported_files(["stage"], copy)
    assert covered >= {path.relative_to(copy).as_posix() for path in (copy / "stage").rglob("*.py")}
    assert covered >= {"base/zipped.py", "store/patentnumber.py", "config/table.py", "base/xmltext.py"}
    for file in covered:
        was = (copy / file).read_bytes()
        (copy / file).write_bytes(was + b"\n# changed\n")
        assert imports_digest(["stage"], copy) != before, file
        (copy / file).write_bytes(was)
    assert imports_digest(["stage"], copy) == before


def test_a_module_that_staging_begins_to_import_is_covered(tmp_path):
    copy = tmp_path / "listgen"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    (copy / "base" / "planted.py").write_text("ANSWER = 1\n")
    untouched = imports_digest(["stage"], copy)
    assert untouched == reading_code()
    with (copy / "base" / "zipped.py").open("a") as stream:
        stream.write("\nfrom listgen.base.planted import ANSWER\n")
    planted = imports_digest(["stage"], copy)
    (copy / "base" / "planted.py").write_text("ANSWER = 2\n")
    assert len({untouched, planted, imports_digest(["stage"], copy)}) == 3


def test_parsed_files_are_not_reused_when_a_module_or_the_header_of_their_reader_changes(
    mini, tmp_path, monkeypatch
):
    path = tmp_path / "deleted.csv"
    path.write_text("work_id,deleted_date\nW1,2025-01-01\n")
    held, readers = held_file(path, "mini_openalex", "openalex_deleted"), stage.load_readers()
    (first,) = stage_files(readers, mini.config, [held], tmp_path / "cache")
    (again,) = stage_files(readers, mini.config, [held], tmp_path / "cache")
    assert first.parquet == again.parquet
    reader = readers[held.form_id]
    monkeypatch.setitem(reader.header, "also_called", {"work_id": ["id"]})
    (renamed,) = stage_files(readers, mini.config, [held], tmp_path / "cache")
    monkeypatch.setattr("listgen.stage.records.reading.reading_code", lambda: "other code")
    (other,) = stage_files(readers, mini.config, [held], tmp_path / "cache")
    assert len({first.parquet, renamed.parquet, other.parquet}) == 3
