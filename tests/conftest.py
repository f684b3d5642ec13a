"""Fixtures shared by the tests."""

import shutil
from pathlib import Path

import pytest

from listgen.base import text
from listgen.base.config import Workspace, load_workspace

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(autouse=True)
def english():
    """Messages are compared in English whatever the machine's locale."""
    text.set_language("en")


@pytest.fixture
def workspace(tmp_path) -> Workspace:
    """A copy of the repository's configuration in a folder of its own, nothing built."""
    root = tmp_path / "workspace"
    for part in ("config", "expectations"):
        shutil.copytree(ROOT / part, root / part)
    return load_workspace(root)


@pytest.fixture(scope="session")
def small_root(tmp_path_factory) -> Path:
    """A workspace whose sample is a tenth of the usual size, acquired and not built; tests copy it."""
    import re

    from listgen import pipeline

    root = tmp_path_factory.mktemp("small")
    for part in ("config", "expectations"):
        shutil.copytree(ROOT / part, root / part)
    path = root / "config" / "sources" / "sample.yaml"
    text = path.read_text(encoding="utf-8")
    text = re.sub(r"^n_works:.*$", "n_works: 5000", text, flags=re.MULTILINE)
    path.write_text(re.sub(r"^n_publications:.*$", "n_publications: 2000", text, flags=re.MULTILINE), encoding="utf-8")
    pipeline.acquire(load_workspace(root))
    return root


@pytest.fixture
def small(small_root, tmp_path) -> Workspace:
    """A copy of the small acquired workspace that a test may change."""
    root = tmp_path / "small"
    shutil.copytree(small_root, root, symlinks=True)
    return load_workspace(root)


@pytest.fixture(scope="session")
def built(tmp_path_factory) -> Workspace:
    """The sample workspace, refreshed once without Prefect; tests must not change it."""
    from listgen import pipeline

    root = tmp_path_factory.mktemp("built")
    for part in ("config", "expectations"):
        shutil.copytree(ROOT / part, root / part)
    workspace = load_workspace(root)
    pipeline.refresh(workspace)
    return workspace


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
    from listgen.base.warehouse import Warehouse

    with Warehouse() as warehouse:
        stage.run(warehouse, mini.config, held_files(mini), mini.stage_cache)
        yield warehouse
