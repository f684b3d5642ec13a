"""The miniature world.

A workspace with raw files in the providers' forms, small enough to compute every answer by hand.
"""

import shutil
from pathlib import Path

from listgen.base.provenance import sha256_file
from listgen.config.workspace import Workspace
from listgen.store.raw import HeldFile
from listgen.workspace.loading import load_workspace

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
AS_OF = "2025-07-01"


def open_miniature(folder: Path) -> Workspace:
    """Return a copy of the miniature workspace.

    Goalposts, caveats and expectations are the repository's own.
    """
    shutil.copytree(HERE / "config", folder / "config")
    shutil.copytree(HERE / "raw", folder / "raw")
    for name in ("scoring.yaml", "caveats.yaml", "cpc_subclasses.csv"):
        shutil.copy(ROOT / "config" / name, folder / "config" / name)
    if (ROOT / "expectations").is_dir():
        shutil.copytree(ROOT / "expectations", folder / "expectations")
    return load_workspace(folder)


def held_file(path: Path, source_id: str, form_id: str, name: str | None = None) -> HeldFile:
    """Return a file as the raw store would hold it."""
    return HeldFile(
        source_id, form_id, name or path.name, sha256_file(path), path.stat().st_size, AS_OF, path
    )


def held_files(workspace: Workspace) -> list[HeldFile]:
    """Return all raw files of the miniature."""
    found = []
    for source in workspace.config.used_sources.values():
        for declared in source.files:
            for path in sorted(workspace.root.glob(declared.path)):
                found.append(
                    held_file(path, source.id, declared.form, path.relative_to(workspace.root).as_posix())
                )
    return sorted(found)
