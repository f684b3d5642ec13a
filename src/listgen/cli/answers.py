"""Commands that answer questions about a build: check, explain, trace, diff."""

from __future__ import annotations

import click

from listgen.cli.context import Context, build_option
from listgen.cli.help import Command, emit, json_option


@click.command(cls=Command, epilog="Example: listgen check")
@build_option
@json_option
@click.pass_obj
def check(context: Context, run_id: str | None, as_json: bool) -> None:
    """Show what the expectations found, by row key; after a failed build, of that build."""
    from listgen.workspace import overview

    found = overview.read_checks(context.load(), run_id)
    emit(found.document, as_json, found.lines)
    if found.document["n_failed"]:
        raise SystemExit(1)


@click.command(cls=Command, epilog="Example: listgen explain semiconductor_materials")
@click.argument("technology")
@build_option
@json_option
@click.pass_obj
def explain(context: Context, technology: str, run_id: str | None, as_json: bool) -> None:
    """Show why a technology has the scores and status it has."""
    from listgen import pipeline, trace

    workspace = context.load()
    document = trace.explain(workspace, pipeline.find_build(workspace, run_id), technology)
    emit(document, as_json, trace.explain_lines(document))


@click.command("trace", cls=Command, epilog="Example: listgen trace s1_top10_share/quantum_computing/JP")
@click.argument("reference")
@click.option(
    "--sql", "only_sql", is_flag=True, help="Only the script that recomputes the value from the raw bytes."
)
@build_option
@json_option
@click.pass_obj
def trace_command(
    context: Context, reference: str, only_sql: bool, run_id: str | None, as_json: bool
) -> None:
    """Walk back from a value to its SQL, rows, raw files, digests and licences."""
    from listgen import pipeline, trace

    workspace = context.load()
    document = trace.trace(workspace, pipeline.find_build(workspace, run_id), reference)
    if only_sql:
        click.echo(document["recompute_sql"])
        return
    emit(document, as_json, trace.trace_lines(document))


@click.command(cls=Command, epilog="Example: listgen diff 8d90 3f1c")
@click.argument("before", required=False)
@click.argument("after", required=False)
@json_option
@click.pass_obj
def diff(context: Context, before: str | None, after: str | None, as_json: bool) -> None:
    """Show what differs between two builds, and why; without names, between the current and the previous one.

    A build is named by its run id, by the beginning of one, or by a folder: of a build, or of another
    workspace. One name is compared with the current build. Exit code 1: the lists or the evidence differ.
    """
    from listgen import trace
    from listgen.store.builds import find_build, find_previous

    workspace = context.load()
    folders = (
        find_build(workspace, before) if before else find_previous(workspace),
        find_build(workspace, after),
    )
    document = trace.diff(*folders)
    emit(document, as_json, trace.diff_lines(document))
    if document["differs"]:
        raise SystemExit(1)
