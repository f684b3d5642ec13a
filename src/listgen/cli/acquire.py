"""Commands that fill the raw store: acquire, acquire add."""

from __future__ import annotations

from pathlib import Path

import click

from listgen.base.text import t
from listgen.cli.context import Context, progress
from listgen.cli.help import Command, emit, json_option


@click.command(cls=Command, epilog="Example: listgen acquire sample")
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
def acquire(
    context: Context, source: tuple[str, ...], budget: int | None, again: bool, as_json: bool
) -> None:
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


@click.command(
    "acquire add",
    cls=Command,
    epilog="Example: listgen acquire add inbox/germanium.csv --source germanium_2024",
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--source",
    "source_id",
    required=True,
    metavar="ID",
    help="Source the file belongs to; a new id gets a drafted declaration.",
)
@click.option("--sheet", help="Sheet of a workbook (default: the first with countries).")
@click.option(
    "--form",
    type=click.Choice(["statistic_table", "supply_table"]),
    metavar="FORM",
    help="statistic_table or supply_table (default: told from the header).",
)
@json_option
@click.pass_obj
def acquire_add(
    context: Context, file: Path, source_id: str, sheet: str | None, form: str | None, as_json: bool
) -> None:
    """Register a published table and draft its declaration; shows what was understood and what to check."""
    from listgen.store.lease import hold_lease
    from listgen.workspace import adding

    workspace = context.load()
    with hold_lease(workspace.data, "acquire"):
        found = adding.add_file(workspace, file, source_id, sheet=sheet, form=form)
    emit(found.document, as_json, found.lines)
