"""The list from real data: facts recomputed from the raw files, and what the evidence must not be taken to carry."""

import json
import shutil
from pathlib import Path

import duckdb
import pytest

from listgen import cli
from listgen.base.config import Workspace, load_workspace

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared" / "data"
TABLES = SHARED / "reference" / "ncses_country_year_derived.csv.gz"

pytestmark = pytest.mark.slow
needs_data = pytest.mark.skipif(not TABLES.is_file(), reason=f"the real data are not held: no {TABLES}")


def copy_of_real(root: Path, data: Path) -> Path:
    """Return a copy of examples/real whose sources read from another folder; it extends the repository as the original does."""
    shutil.copytree(ROOT / "examples" / "real" / "config", root / "config")
    settings = root / "config" / "settings.yaml"
    settings.write_text(settings.read_text("utf-8").replace("extends: ../..", f"extends: {ROOT}"), "utf-8")
    for path in (root / "config" / "sources").glob("*.yaml"):
        path.write_text(path.read_text("utf-8").replace("../../../shared/data", str(data)), "utf-8")
    return root


@pytest.fixture(scope="module")
def real(tmp_path_factory) -> Workspace:
    """The real workspace, refreshed once without Prefect."""
    root = copy_of_real(tmp_path_factory.mktemp("real") / "workspace", SHARED)
    assert cli.main(["--workspace", str(root), "refresh", "--no-prefect"]) == 0
    return load_workspace(root)
