"""Commands about a workspace as a whole: init, doctor, plan."""

from __future__ import annotations

from pathlib import Path

import click

from listgen.base.text import t
from listgen.cli.context import Context
from listgen.cli.help import Command, emit, json_option


@click.command(cls=Command, epilog="Example: listgen init my-workspace")
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


@click.command(cls=Command, epilog="Example: listgen doctor")
@json_option
@click.pass_obj
def doctor(context: Context, as_json: bool) -> None:
    """Say what is missing or unsafe here, each with the command that mends it."""
    from listgen import doctor as examiner

    findings = examiner.examine(context.load())
    rows = [finding.as_dict() for finding in findings]
    emit({"ok": not any(f.is_bad for f in findings), "findings": rows}, as_json, [finding.line() for finding in findings])
    if any(finding.is_bad for finding in findings):
        raise SystemExit(1)


@click.command(cls=Command, epilog="Example: listgen plan openalex")
@click.argument("source", nargs=-1)
@json_option
@click.pass_obj
def plan(context: Context, source: tuple[str, ...], as_json: bool) -> None:
    """Say what a refresh would take in, compute and cost; reads only."""
    from listgen.plan import plan_refresh

    found = plan_refresh(context.load(), source)
    emit(found.document, as_json, found.lines)
