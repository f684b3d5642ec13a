"""The wheel and the source distribution, built offline.

The wheel does its work in an environment without the repository.
"""

import json
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
UV = Path(sys.executable).parent / "uv"
LOCK = ROOT / "requirements.lock"
# Relative to the repository, and where the wheel has it.
FOLDERS = {
    "src/listgen": "listgen",
    "flows": "listgen/flows",
    "config": "listgen/template/config",
    "expectations": "listgen/template/expectations",
}

pytestmark = pytest.mark.slow


def run(*command: str | Path, cwd: Path, **env: str) -> subprocess.CompletedProcess:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("LISTGEN_", "PYTHON"))}
    return subprocess.run(
        [str(part) for part in command], cwd=cwd, capture_output=True, text=True, timeout=600, env=clean | env
    )


@pytest.fixture(scope="module")
def distributions(tmp_path_factory) -> dict[str, Path]:
    """The wheel and the source distribution of a copy of the tracked files."""
    tree = tmp_path_factory.mktemp("tree") / "listgen"
    tracked = (
        subprocess.run(["git", "-C", str(ROOT), "ls-files", "-z"], capture_output=True, check=True)
        .stdout.decode()
        .split("\0")
    )
    for name in filter(None, tracked):
        if (ROOT / name).is_file() and not name.startswith(("tests/", "examples/", "docs/")):
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, tree / name)
    out = tmp_path_factory.mktemp("distributions")
    code = (
        "import sys; out = sys.argv[1]; from setuptools import build_meta as b; print(b.build_sdist(out),"
        " b.build_wheel(out), sep='\\n')"
    )
    done = run(sys.executable, "-c", code, out, cwd=tree)
    assert done.returncode == 0, done.stderr
    sdist, wheel = done.stdout.splitlines()[-2:]
    return {"tree": tree, "sdist": out / sdist, "wheel": out / wheel}


def test_the_wheel_has_every_file_of_the_package_and_nothing_else(distributions):
    with zipfile.ZipFile(distributions["wheel"]) as wheel:
        names = {name for name in wheel.namelist() if ".dist-info/" not in name}
    expected = set()
    for folder, place in FOLDERS.items():
        files = (
            path.relative_to(distributions["tree"] / folder)
            for path in (distributions["tree"] / folder).rglob("*")
            if path.is_file()
        )
        expected |= {f"{place}/{file.as_posix()}" for file in files if "egg-info" not in file.as_posix()}
    assert names == expected


def test_the_source_distribution_builds_the_same_wheel(distributions, tmp_path):
    with tarfile.open(distributions["sdist"]) as archive:
        archive.extractall(tmp_path, filter="data")
    (tree,) = tmp_path.iterdir()
    assert not (tree / "tests").exists()
    done = run(
        sys.executable, "-c", "from setuptools import build_meta as b; print(b.build_wheel('.'))", cwd=tree
    )
    assert done.returncode == 0, done.stderr
    with (
        zipfile.ZipFile(distributions["wheel"]) as one,
        zipfile.ZipFile(tree / done.stdout.splitlines()[-1]) as other,
    ):
        assert {name: one.read(name) for name in one.namelist()} == {
            name: other.read(name) for name in other.namelist()
        }


@pytest.mark.skipif(not UV.exists(), reason="uv is not in this environment (it was installed with pip)")
def test_the_wheel_works_in_a_clean_environment_with_what_the_lock_names(distributions, tmp_path):
    venv, workspace = tmp_path / "venv", tmp_path / "workspace"
    assert run(sys.executable, "-m", "venv", "--without-pip", venv, cwd=tmp_path).returncode == 0
    offline = {"VIRTUAL_ENV": str(venv), "UV_OFFLINE": "true"}
    locked = run(UV, "pip", "sync", "--quiet", "--require-hashes", LOCK, cwd=tmp_path, **offline)
    if locked.returncode != 0:
        pytest.skip("the packages are not in uv's cache, and this test downloads nothing")
    installed = run(
        UV, "pip", "install", "--quiet", "--no-deps", distributions["wheel"], cwd=tmp_path, **offline
    )
    assert installed.returncode == 0, installed.stderr

    def listgen(*arguments: str) -> dict:
        done = run(
            venv / "bin" / "listgen", *arguments, "--json", cwd=tmp_path, LISTGEN_WORKSPACE=str(workspace)
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    assert run(venv / "bin" / "listgen", "init", workspace, cwd=tmp_path).returncode == 0
    plain = listgen("refresh", "--no-prefect")
    assert listgen("refresh")["held"] is True
    shutil.rmtree(workspace / "data" / "builds")
    flow = listgen("refresh")
    assert (flow["run_id"], flow["held"]) == (plain["run_id"], False)
    (workspace / "panel.csv").write_text(
        "email,name\nko@example.org,Ko\naki@example.org,Aki\nmio@example.org,Mio\n", "utf-8"
    )
    assert listgen("review", "open", "--panel", str(workspace / "panel.csv"))["round"]
