"""The workspace examples/real, copied into a folder of a test's own; its data are outside the repository."""

import shutil
from pathlib import Path

import pytest
from running import listgen

ROOT = Path(__file__).resolve().parents[1]
REAL = ROOT / "examples" / "real"
SHARED = ROOT.parent / "shared" / "data"
TABLES = SHARED / "reference" / "ncses_country_year_derived.csv.gz"

needs_data = pytest.mark.skipif(
    not TABLES.is_file(), reason="the real data are not held (no ../shared/data beside the repository)"
)


def copy_of_real(root: Path, data: Path) -> Path:
    """Return a copy of examples/real that reads files from another folder and extends the repository."""
    for part in ("config", "expectations"):
        if (REAL / part).is_dir():
            shutil.copytree(REAL / part, root / part)
    settings = root / "config" / "settings.yaml"
    settings.write_text(settings.read_text("utf-8").replace("extends: ../..", f"extends: {ROOT}"), "utf-8")
    for path in (root / "config" / "sources").glob("*.yaml"):
        path.write_text(path.read_text("utf-8").replace("../../../shared/data", str(data)), "utf-8")
    return root


def refresh_real(root: Path) -> None:
    """Copy the workspace to `root` and refresh it without Prefect."""
    done = listgen(copy_of_real(root, SHARED), "refresh", "--no-prefect")
    assert done.returncode == 0, done.stderr
