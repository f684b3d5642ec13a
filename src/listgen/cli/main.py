"""The `listgen` command: its global options, and what becomes of errors and signals."""

from __future__ import annotations

import json
import os
import signal
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from listgen import __version__
from listgen.base.errors import ListgenError, machine_trouble
from listgen.base.text import LANGUAGES, set_language, t
from listgen.cli.acquire import acquire, acquire_add
from listgen.cli.answers import check, diff, explain, trace_command
from listgen.cli.build import build, refresh, schedule
from listgen.cli.context import Context
from listgen.cli.help import Group, show_error
from listgen.cli.review import review
from listgen.cli.workspace import doctor, init, plan, upgrade

EXIT_CODES = """
\b
Exit codes: 0 ok; 1 a finding (check, diff, doctor, upgrade --check); 2 usage or configuration;
3 network or provider; 4 critical checks stopped promotion; 5 budget reached, resumable; 6 locked; 7 internal,
or something that had to be checked could not be; 130/143 interrupted.
"""


@click.group(
    cls=Group,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=EXIT_CODES,
    help=(
        "Make an evidence-based list of technologies critical to economic security.\n\nExample: listgen"
        " refresh"
    ),
)
@click.version_option(__version__, prog_name="listgen")
@click.option(
    "--workspace",
    "-w",
    type=click.Path(path_type=Path),
    help="Workspace folder (default: LISTGEN_WORKSPACE, or the nearest above).",
)
@click.option(
    "--lang",
    type=click.Choice(LANGUAGES),
    help="Language of messages (default: LISTGEN_LANG, then the locale).",
)
@click.option("--quiet", "-q", is_flag=True, help="No progress on stderr.")
@click.pass_context
def cli(context: click.Context, workspace: Path | None, lang: str | None, quiet: bool) -> None:
    """Set what every verb needs."""
    set_language(lang)
    context.obj = Context(workspace, quiet)


for _command in (
    init,
    doctor,
    upgrade,
    plan,
    acquire,
    acquire_add,
    build,
    refresh,
    check,
    explain,
    trace_command,
    diff,
    schedule,
    review,
):
    cli.add_command(_command)

_STOPPED: list[int] = []


def _stop(number: int, frame: object) -> None:
    raise SystemExit(128 + number)


def _interrupt(number: int, frame: object) -> None:
    """Remember Ctrl-C: a library in whose middle it falls may turn it into any error of its own."""
    _STOPPED.append(number)
    raise KeyboardInterrupt


def _fail(error: ListgenError) -> int:
    if "--json" in sys.argv:
        click.echo(json.dumps(error.as_dict(), ensure_ascii=False, sort_keys=True))
    click.echo(t("error: {message}", message=error), err=True)
    return error.exit_code


def _unexpected(error: BaseException) -> int:
    """Keep the traceback in a file for whoever mends it; a user gets one sentence."""
    folder = Path(os.environ.get("LISTGEN_CRASH_DIR") or Path.cwd() / "data" / "log")
    name = "crash.txt"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("".join(traceback.format_exception(error)), encoding="utf-8")
        place = str(folder / name)
    except OSError:
        place = "-"
    message = t(
        "internal error ({kind}: {error}). Nothing was promoted. Details: {place}",
        kind=type(error).__name__,
        error=error,
        place=place,
    )
    click.echo(t("error: {message}", message=message), err=True)
    return 7


def main() -> None:
    """Run the command line.

    Every expected error becomes its exit code and three sentences, never a traceback.
    """
    signal.signal(signal.SIGTERM, _stop)
    signal.signal(signal.SIGINT, _interrupt)
    try:
        code = _run(cli)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    raise SystemExit(code)


def _run(command: Callable[..., Any]) -> int:
    try:
        command(standalone_mode=False)
    except click.exceptions.Exit as error:
        return error.exit_code
    except click.ClickException as error:
        show_error(error)
        return error.exit_code
    except BrokenPipeError:
        raise
    except (Exception, KeyboardInterrupt) as error:  # the last net: a user never sees a traceback
        if _STOPPED or _was_interrupted(error):
            click.echo(t("stopped; nothing half-made was kept, run the command again"), err=True)
            return 130
        known = error if isinstance(error, ListgenError) else machine_trouble(error)
        return _fail(known) if known else _unexpected(error)
    return 0


def _was_interrupted(error: BaseException | None) -> bool:
    """Tell whether Ctrl-C is behind an error.

    DuckDB turns it into an error of its own, which a step may have wrapped.
    """
    while error is not None:
        of_duckdb = (
            type(error).__name__ in ("InterruptException", "RuntimeError")
            and "interrupt" in str(error).lower()
        )
        if isinstance(error, click.Abort | KeyboardInterrupt) or of_duckdb:
            return True
        error = error.__cause__ or error.__context__
    return False
