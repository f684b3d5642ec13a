"""Running the command line as its users do, in a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

from listgen import pipeline

PYTHON = sys.executable
TIMEOUT_SECONDS = 900  # a whole refresh takes 40 on a quiet machine and ten times that where many share it


def listgen(
    root: Path, *arguments: str, env: dict[str, str] | None = None, prefix: tuple[str, ...] = ()
) -> subprocess.CompletedProcess:
    command = [*prefix, PYTHON, "-m", "listgen", "--workspace", str(root), *arguments]
    return subprocess.run(
        command, capture_output=True, text=True, env=os.environ | (env or {}), timeout=TIMEOUT_SECONDS
    )


def output_bytes(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in pipeline.output_names(folder)}
