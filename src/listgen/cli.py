"""The `listgen` command: journey words as verbs, results on stdout, talk on stderr, exit codes as a contract."""

from __future__ import annotations

import json
import os
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from listgen import __version__
from listgen.base.clickhelp import Group, emit, json_option, show_error
from listgen.base.errors import ListgenError, machine_trouble
from listgen.base.text import set_language, t
from listgen.review_commands import review

if TYPE_CHECKING:
    from listgen.config.loader import Workspace
    from listgen.pipeline import Outcome, Say

EXIT_CODES = """
\b
Exit codes: 0 ok; 1 a finding (check, diff, doctor); 2 usage or configuration; 3 network or provider;
4 critical checks stopped promotion; 5 budget reached, resumable; 6 locked; 7 internal, or
something that had to be checked could not be; 130/143 interrupted.
"""


class _Context:
    """What the global options chose."""

    def __init__(self, workspace: Path | None, quiet: bool) -> None:
        self.path = workspace
        self.quiet = quiet

    def load(self) -> Workspace:
        """Return the workspace, read and checked."""
        from listgen.workspaces import load_workspace

        return load_workspace(self.path)


@click.group(
    cls=Group,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=EXIT_CODES,
    help="Make an evidence-based list of technologies critical to economic security.\n\nExample: listgen refresh",
)
@click.version_option(__version__, prog_name="listgen")
@click.option(
    "--workspace", "-w", type=click.Path(path_type=Path), help="Workspace folder (default: LISTGEN_WORKSPACE, or the nearest above)."
)
@click.option("--lang", type=click.Choice(["en", "ja"]), help="Language of messages (default: LISTGEN_LANG, then the locale).")
@click.option("--quiet", "-q", is_flag=True, help="No progress on stderr.")
@click.pass_context
def cli(context: click.Context, workspace: Path | None, lang: str | None, quiet: bool) -> None:
    """Set what every verb needs."""
    set_language(lang)
    context.obj = _Context(workspace, quiet)


build_option = click.option("--build", "run_id", metavar="RUN", help="A build's run id (default: the current build).")


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


def report_outcome(outcome: Outcome, as_json: bool) -> None:
    """Write what a build or refresh came to."""
    from listgen import overview

    summary = overview.summarise(outcome)
    paths = {name: str(path) for name, path in outcome.paths.items()}
    document = {"run_id": outcome.run_id, "held": outcome.is_held, "paths": paths, "seconds": outcome.seconds, **summary.document}
    first = t("held: build {run_id} is already made from these inputs; nothing changed", run_id=outcome.run_id)
    lines = [first if outcome.is_held else t("promoted: build {run_id}", run_id=outcome.run_id), *summary.lines]
    labels = {"list": t("list"), "workbook": t("workbook"), "report": t("report"), "checks": t("checks")}
    lines += [f"  {labels[name]}: {path}" for name, path in paths.items()]
    emit(document, as_json, lines)


@cli.command(epilog="Example: listgen init my-workspace")
@click.argument("directory", type=click.Path(path_type=Path))
@json_option
def init(directory: Path, as_json: bool) -> None:
    """Make a new workspace from the packaged templates."""
    from listgen.config.template import make_workspace

    target = make_workspace(directory)
    emit(
        {"workspace": str(target)},
        as_json,
        [t("made workspace {path}", path=target), t("next: listgen --workspace {path} refresh", path=target)],
    )


@cli.command(epilog="Example: listgen doctor")
@json_option
@click.pass_obj
def doctor(context: _Context, as_json: bool) -> None:
    """Say what is missing or unsafe here, each with the command that mends it."""
    from listgen import doctor as examiner

    findings = examiner.examine(context.load())
    rows = [finding.as_dict() for finding in findings]
    emit({"ok": not any(f.is_bad for f in findings), "findings": rows}, as_json, [finding.line() for finding in findings])
    if any(finding.is_bad for finding in findings):
        raise SystemExit(1)


@cli.command(epilog="Example: listgen plan openalex")
@click.argument("source", nargs=-1)
@json_option
@click.pass_obj
def plan(context: _Context, source: tuple[str, ...], as_json: bool) -> None:
    """Say what a refresh would take in, compute and cost; reads only."""
    from listgen.plan import plan_refresh

    found = plan_refresh(context.load(), source)
    emit(found.document, as_json, found.lines)


@cli.command(epilog="Example: listgen acquire sample")
@click.argument("source", nargs=-1)
@click.option(
    "--budget",
    type=click.IntRange(min=1),
    metavar="N",
    help="What a provider may be asked for in this run: credits, calls, downloads or look-ups.",
)
@click.option("--again", is_flag=True, help="Ask a provider even when what is held is still fresh.")
@json_option
@click.pass_obj
def acquire(context: _Context, source: tuple[str, ...], budget: int | None, again: bool, as_json: bool) -> None:
    """Fetch, generate (sample) or register raw bytes; the only verb that writes the raw store."""
    from listgen import pipeline
    from listgen.store.lease import hold_lease

    workspace = context.load()
    wanted = len(source) or len(workspace.config.settings.sources)
    with hold_lease(workspace.data, "acquire"), progress(context.quiet, wanted) as say:
        snapshots = pipeline.acquire(workspace, source, say, budget=budget, again=again)
    rows = [
        {
            "source_id": s.source_id,
            "snapshot": s.number,
            "as_of_date": s.as_of_date,
            "files": len(s.files),
            "bytes": sum(f.n_bytes for f in s.files),
        }
        for s in snapshots
    ]
    template = "{source_id}: snapshot {snapshot}, {files} file(s), {bytes:,} bytes, as of {as_of_date}"
    emit({"snapshots": rows}, as_json, [t(template, **row) for row in rows])


@cli.command("acquire add", epilog="Example: listgen acquire add inbox/germanium.csv --source germanium_2024")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--source", "source_id", required=True, metavar="ID", help="Source the file belongs to; a new id gets a drafted declaration.")
@click.option("--sheet", help="Sheet of a workbook (default: the first with countries).")
@click.option(
    "--form",
    type=click.Choice(["statistic_table", "supply_table"]),
    metavar="FORM",
    help="statistic_table or supply_table (default: told from the header).",
)
@json_option
@click.pass_obj
def acquire_add(context: _Context, file: Path, source_id: str, sheet: str | None, form: str | None, as_json: bool) -> None:
    """Register a published table and draft its declaration; shows what was understood and what to check."""
    from listgen import adding
    from listgen.store.lease import hold_lease

    workspace = context.load()
    with hold_lease(workspace.data, "acquire"):
        found = adding.add_file(workspace, file, source_id, sheet=sheet, form=form)
    emit(found.document, as_json, found.lines)


@cli.command(epilog="Example: listgen build")
@json_option
@click.pass_obj
def build(context: _Context, as_json: bool) -> None:
    """Build the list from the held bytes: offline, without Prefect."""
    from listgen import pipeline
    from listgen.store.lease import hold_lease

    workspace = context.load()
    with hold_lease(workspace.data, "build"), progress(context.quiet, len(pipeline.steps())) as say:
        outcome = pipeline.build(workspace, say)
    report_outcome(outcome, as_json)


@cli.command(epilog="Example: listgen refresh --no-prefect")
@click.option("--no-prefect", is_flag=True, help="The same steps as plain functions.")
@json_option
@click.pass_obj
def refresh(context: _Context, no_prefect: bool, as_json: bool) -> None:
    """Acquire and build, as the Prefect flow."""
    from listgen import pipeline

    workspace = context.load()
    total = len(workspace.config.settings.sources) + len(pipeline.steps())
    with progress(context.quiet, total) as say:
        if no_prefect:
            outcome = pipeline.refresh(workspace, say)
        else:
            from listgen.flows import run_refresh

            outcome = run_refresh(workspace, say)
    report_outcome(outcome, as_json)


@cli.command(epilog="Example: listgen check")
@build_option
@json_option
@click.pass_obj
def check(context: _Context, run_id: str | None, as_json: bool) -> None:
    """Show what the expectations found, by row key; after a failed build, of that build."""
    from listgen import overview

    found = overview.read_checks(context.load(), run_id)
    emit(found.document, as_json, found.lines)
    if found.document["n_failed"]:
        raise SystemExit(1)


@cli.command(epilog="Example: listgen explain semiconductor_materials")
@click.argument("technology")
@build_option
@json_option
@click.pass_obj
def explain(context: _Context, technology: str, run_id: str | None, as_json: bool) -> None:
    """Show why a technology has the scores and status it has."""
    from listgen import pipeline, trace

    workspace = context.load()
    document = trace.explain(workspace, pipeline.find_build(workspace, run_id), technology)
    emit(document, as_json, trace.explain_lines(document))


@cli.command("trace", epilog="Example: listgen trace s1_top10_share/quantum_computing/JP")
@click.argument("reference")
@click.option("--sql", "only_sql", is_flag=True, help="Only the script that recomputes the value from the raw bytes.")
@build_option
@json_option
@click.pass_obj
def trace_command(context: _Context, reference: str, only_sql: bool, run_id: str | None, as_json: bool) -> None:
    """Walk back from a value to its SQL, rows, raw files, digests and licences."""
    from listgen import pipeline, trace

    workspace = context.load()
    document = trace.trace(workspace, pipeline.find_build(workspace, run_id), reference)
    if only_sql:
        click.echo(document["recompute_sql"])
        return
    emit(document, as_json, trace.trace_lines(document))


@cli.command(epilog="Example: listgen diff 8d90 3f1c")
@click.argument("before", required=False)
@click.argument("after", required=False)
@json_option
@click.pass_obj
def diff(context: _Context, before: str | None, after: str | None, as_json: bool) -> None:
    """Show what differs between two builds and what caused it; without names, between the current build and the one before.

    A build is named by its run id, by the beginning of one, or by a folder: of a build, or of another workspace. One name is compared with the
    current build. Exit code 1: the lists or the evidence differ.
    """
    from listgen import trace
    from listgen.store.builds import find_build, find_previous

    workspace = context.load()
    folders = (find_build(workspace, before) if before else find_previous(workspace), find_build(workspace, after))
    document = trace.diff(*folders)
    emit(document, as_json, trace.diff_lines(document))
    if document["differs"]:
        raise SystemExit(1)


@cli.command(epilog='Example: listgen schedule --cron "0 6 1 1,4,7,10 *"')
@click.option("--cron", help="Cron line (default: settings.yaml).")
@click.option("--port", type=click.IntRange(1, 65535), help="Port of the server on loopback (default: a free one).")
@click.pass_obj
def schedule(context: _Context, cron: str | None, port: int | None) -> None:
    """Start the scheduler on loopback, refresh on its cron and look after the expert review until stopped."""
    from listgen.flows import serve_refresh

    serve_refresh(context.load(), cron, port)


cli.add_command(review)

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
        "internal error ({kind}: {error}). Nothing was promoted. Details: {place}", kind=type(error).__name__, error=error, place=place
    )
    click.echo(t("error: {message}", message=message), err=True)
    return 7


def main() -> None:
    """Run the command line; every expected error becomes its exit code and three sentences, never a traceback."""
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
    """Tell whether Ctrl-C is behind an error: DuckDB turns it into an error of its own, which a step may have wrapped."""
    while error is not None:
        of_duckdb = type(error).__name__ in ("InterruptException", "RuntimeError") and "interrupt" in str(error).lower()
        if isinstance(error, click.Abort | KeyboardInterrupt) or of_duckdb:
            return True
        error = error.__cause__ or error.__context__
    return False
