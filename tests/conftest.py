"""Fixtures shared by the tests."""

import fcntl
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from measured_times import longest_first, read_seconds
from running import listgen

from listgen.base import text
from listgen.config.workspace import Workspace
from listgen.workspace.loading import load_workspace

ROOT = Path(__file__).resolve().parents[1]

# Where this is set, every process that a test starts would compile all libraries again: eight seconds of a
# processor each time.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False


# Making one of these takes a whole build: tests that use them are not for `make quick`.
WHOLE_BUILDS = {"built", "real_root", "small_root"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark as slow what takes a whole build, and what was measured to be slow.

    Begin with what takes longest.
    """
    slow = set(read_seconds())
    for item in items:
        names = {item.nodeid.split("::")[0], item.nodeid.split("[")[0]}
        if names & slow or WHOLE_BUILDS & set(getattr(item, "fixturenames", ())):
            item.add_marker("slow")
    items[:] = longest_first(items, "built")


@pytest.fixture(autouse=True)
def english():
    """Messages are compared in English whatever the machine's locale."""
    text.set_language("en")


def make_once(tmp_path_factory, name: str, make: Callable[[Path], object]) -> Path:
    """Return a folder that the first worker to ask makes and the others use.

    A maker that fails leaves nothing for them.
    """
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    root = shared / name
    with (shared / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not root.is_dir():
            being_made = shared / f"{name}.being-made"
            shutil.rmtree(being_made, ignore_errors=True)
            being_made.mkdir()
            make(being_made)
            being_made.rename(root)
    return root


def copy_configuration(root: Path) -> None:
    for part in ("config", "expectations"):
        shutil.copytree(ROOT / part, root / part)


@pytest.fixture
def workspace(tmp_path) -> Workspace:
    """A copy of the repository's configuration in a folder of its own, nothing built."""
    root = tmp_path / "workspace"
    copy_configuration(root)
    return load_workspace(root)


@pytest.fixture(scope="session")
def small_root(tmp_path_factory) -> Path:
    """The miniature world, acquired and built; tests copy it."""

    def make(root: Path) -> None:
        from miniature import open_miniature

        from listgen import pipeline

        pipeline.refresh(open_miniature(root))

    return make_once(tmp_path_factory, "small", make)


@pytest.fixture
def small_built(small_root, tmp_path) -> Workspace:
    """A copy of the miniature with its build, which a test may change."""
    root = tmp_path / "small"
    shutil.copytree(small_root, root, symlinks=True)
    return load_workspace(root)


@pytest.fixture
def small(small_built) -> Workspace:
    """A copy of the miniature as it is before its first build.

    Acquired, nothing read yet, nothing promoted.
    """
    for name in ("builds", "stage"):
        shutil.rmtree(small_built.data / name)
    for name in ("current", "last.json"):
        (small_built.data / name).unlink()
    return small_built


@pytest.fixture(scope="session")
def built(tmp_path_factory) -> Workspace:
    """The sample workspace after its user's command, `listgen refresh`; tests must not change it."""

    def make(root: Path) -> None:
        copy_configuration(root)
        result = listgen(root, "refresh")
        assert result.returncode == 0, result.stderr

    return load_workspace(make_once(tmp_path_factory, "built", make))


@pytest.fixture(scope="session")
def real_root(tmp_path_factory) -> Workspace:
    """The workspace examples/real refreshed once without Prefect, from the files in ../shared/data.

    Tests must not change it.
    """
    from real_world import refresh_real

    return load_workspace(make_once(tmp_path_factory, "real", refresh_real))


@pytest.fixture(scope="module")
def mini(tmp_path_factory) -> Workspace:
    """The miniature world as a workspace; each module has its own, with its own stage cache."""
    from miniature import open_miniature

    return open_miniature(tmp_path_factory.mktemp("mini") / "workspace")


@pytest.fixture(scope="module")
def staged(mini):
    """The miniature world, staged; tests must not change it."""
    from miniature import held_files

    from listgen import stage
    from listgen.store.warehouse import Warehouse

    with Warehouse() as warehouse:
        stage.run(warehouse, mini.config, held_files(mini), mini.stage_cache)
        yield warehouse
