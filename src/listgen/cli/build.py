"""Commands that make a build: build, refresh, schedule."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from listgen.base.text import t
from listgen.cli.context import Context, progress
from listgen.cli.help import Command, emit, json_option

if TYPE_CHECKING:
    from listgen.pipeline import Outcome


def report_outcome(outcome: Outcome, as_json: bool) -> None:
    """Write what a build or refresh came to."""
    from listgen.workspace import overview

    summary = overview.summarise(outcome)
    paths = {name: str(path) for name, path in outcome.paths.items()}
    document = {
        "run_id": outcome.run_id,
        "held": outcome.is_held,
        "paths": paths,
        "seconds": outcome.seconds,
        **summary.document,
    }
    first = t(
        "held: build {run_id} is already made from these inputs; nothing changed", run_id=outcome.run_id
    )
    lines = [
        first if outcome.is_held else t("promoted: build {run_id}", run_id=outcome.run_id),
        *summary.lines,
    ]
    labels = {"list": t("list"), "workbook": t("workbook"), "report": t("report"), "checks": t("checks")}
    lines += [f"  {labels[name]}: {path}" for name, path in paths.items()]
    emit(document, as_json, lines)


accept_option = click.option(
    "--accept-shift",
    metavar="REASON",
    help="Promote though the list or a source shrank by half; the reason is shown to readers.",
)


@click.command(cls=Command, epilog="Example: listgen build")
@accept_option
@json_option
@click.pass_obj
def build(context: Context, accept_shift: str | None, as_json: bool) -> None:
    """Build the list from the held bytes: offline, without Prefect."""
    from listgen import pipeline
    from listgen.store.collapse import acceptance
    from listgen.store.lease import hold_lease

    workspace = context.load()
    with hold_lease(workspace.data, "build"), progress(context.quiet, len(pipeline.steps())) as say:
        outcome = pipeline.build(workspace, say, acceptance(accept_shift))
    report_outcome(outcome, as_json)


@click.command(cls=Command, epilog="Example: listgen refresh --no-prefect")
@click.option("--no-prefect", is_flag=True, help="The same steps as plain functions.")
@accept_option
@json_option
@click.pass_obj
def refresh(context: Context, no_prefect: bool, accept_shift: str | None, as_json: bool) -> None:
    """Acquire and build, as the Prefect flow."""
    from listgen import pipeline
    from listgen.store.collapse import acceptance

    workspace = context.load()
    total = len(workspace.config.settings.sources) + len(pipeline.steps())
    with progress(context.quiet, total) as say:
        if no_prefect:
            outcome = pipeline.refresh(workspace, say, acceptance(accept_shift))
        else:
            from listgen.flows import run_refresh

            acceptance(accept_shift)  # an empty reason is refused before anything runs
            outcome = run_refresh(workspace, say, accept_shift)
    report_outcome(outcome, as_json)


@click.command(cls=Command, epilog='Example: listgen schedule --cron "0 6 1 1,4,7,10 *"')
@click.option("--cron", help="Cron line (default: settings.yaml).")
@click.option(
    "--port", type=click.IntRange(1, 65535), help="Port of the server on loopback (default: a free one)."
)
@click.pass_obj
def schedule(context: Context, cron: str | None, port: int | None) -> None:
    """Start the scheduler on loopback, refresh on its cron and look after the expert review until stopped."""
    from listgen.flows import serve_refresh

    serve_refresh(context.load(), cron, port)
