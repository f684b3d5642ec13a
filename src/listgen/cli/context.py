"""What every command gets.

The workspace the global options name, progress on stderr, options several commands share.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from listgen.config.loader import Workspace
    from listgen.pipeline import Say


class Context:
    """What the global options chose."""

    def __init__(self, workspace: Path | None, quiet: bool) -> None:
        self.path = workspace
        self.quiet = quiet

    def load(self) -> Workspace:
        """Return the workspace, read and checked."""
        from listgen.workspace.loading import load_workspace

        return load_workspace(self.path)


build_option = click.option(
    "--build", "run_id", metavar="RUN", help="A build's run id (default: the current build)."
)


@contextmanager
def progress(quiet: bool, total: int) -> Iterator[Say]:
    """Give a function that tells what is being done: a bar on a terminal, plain lines elsewhere."""
    if quiet:
        yield lambda text: None
    elif sys.stderr.isatty() and os.environ.get("TERM") != "dumb":
        from rich.console import Console
        from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

        columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
        with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task("", total=total)

            def say(text: str) -> None:
                bar.update(task, advance=1, description=text)

            yield say
    else:
        yield lambda text: click.echo(f"listgen: {text}", err=True)
