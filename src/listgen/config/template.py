"""The packaged copy of the root's `config/` and `expectations/`, from which new workspaces are made."""

from __future__ import annotations

import shutil
from pathlib import Path

from listgen.base.errors import UsageError
from listgen.base.provenance import PACKAGE
from listgen.base.text import t

_PARTS = ("config", "expectations")


def packaged(part: str) -> Path:
    """Return the packaged folder, or in a checkout the folder at its root that is packaged."""
    packaged = PACKAGE / "template" / part
    return packaged if packaged.is_dir() else PACKAGE.parents[1] / part


def make_workspace(target: Path) -> Path:
    """Copy the templates into a new workspace folder and return it.

    Raises:
        UsageError: The folder already holds a workspace, or is a file.
    """
    if target.exists() and not target.is_dir():
        raise UsageError(t('"{path}" is a file.', path=target), t("Expected a folder that is new or empty."))
    taken = [part for part in _PARTS if (target / part).exists()]
    if taken:
        raise UsageError(
            t('"{path}" already holds {parts}/.', path=target, parts="/, ".join(taken)),
            t("Nothing was written."),
            t("Choose another folder: listgen init DIR"),
        )
    target.mkdir(parents=True, exist_ok=True)
    for part in _PARTS:
        shutil.copytree(packaged(part), target / part)
    (target / ".gitignore").write_text("data/\nreleases/\n", encoding="utf-8")
    return target
