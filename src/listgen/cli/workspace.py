"""Commands about a workspace as a whole: init, doctor, upgrade, plan."""

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
    from listgen.workspace import doctor as examiner

    findings = examiner.examine(context.load())
    rows = [finding.as_dict() for finding in findings]
    emit(
        {"ok": not any(f.is_bad for f in findings), "findings": rows},
        as_json,
        [finding.line() for finding in findings],
    )
    if any(finding.is_bad for finding in findings):
        raise SystemExit(1)


@click.command(cls=Command, epilog="Example: listgen upgrade --check")
@click.option(
    "--check", "is_check", is_flag=True, help="Only say what would change; exit code 1 if anything would."
)
@click.option(
    "--dumped",
    "is_dumped",
    is_flag=True,
    help="A review database on a server was dumped; needed to change one.",
)
@json_option
@click.pass_obj
def upgrade(context: Context, is_check: bool, is_dumped: bool, as_json: bool) -> None:
    """Carry a workspace of an earlier version forward; copies of what changes are written first."""
    from listgen.store.lease import hold_lease
    from listgen.workspace import upgrade as upgrading

    workspace = context.load()
    changes = upgrading.find_changes(workspace)
    backup = None
    if changes and not is_check:
        upgrading.require_dump(changes, is_dumped=is_dumped)
        with hold_lease(workspace.data, "upgrade"):
            backup = upgrading.apply(workspace, changes)
    rows = [{"file": change.file, "what": change.what} for change in changes]
    first = (
        t("up to date: nothing to upgrade") if not changes else t("would change" if is_check else "changed")
    )
    lines = [first, *(f"  {change.file}: {change.what}" for change in changes)]
    lines += [t("copies of the files before: {folder}", folder=backup)] if backup else []
    lines += [t("next: listgen upgrade")] if changes and is_check else []
    emit(
        {"changes": rows, "is_applied": backup is not None, "backup": str(backup) if backup else None},
        as_json,
        lines,
    )
    if changes and is_check:
        raise SystemExit(1)


@click.command(cls=Command, epilog="Example: listgen plan openalex")
@click.argument("source", nargs=-1)
@json_option
@click.pass_obj
def plan(context: Context, source: tuple[str, ...], as_json: bool) -> None:
    """Say what a refresh would take in, compute and cost; reads only."""
    from listgen.workspace.plan import plan_refresh

    found = plan_refresh(context.load(), source)
    emit(found.document, as_json, found.lines)
