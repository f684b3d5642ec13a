"""A workspace, read with every provider this program knows: here the configuration and the providers meet.

Reads: config/.
Writes: nothing.
"""

from __future__ import annotations

from pathlib import Path

from listgen.acquire.connector import connectors
from listgen.config.loader import read_workspace
from listgen.config.workspace import Workspace


def load_workspace(path: Path | None = None) -> Workspace:
    """Return the workspace with its configuration read and checked.

    Args:
        path: Its folder; without one LISTGEN_WORKSPACE, or the nearest folder upward that is a workspace.

    Raises:
        UsageError: There is no workspace.
        ConfigError: The configuration has defects; all of them are in it.
    """
    return read_workspace(path, connectors())
