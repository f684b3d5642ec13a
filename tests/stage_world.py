"""A staged build of the miniature world, and ways to offer it other bytes."""

import dataclasses
import json

import pytest
from miniature import held_file, held_files

from listgen import stage
from listgen.base.errors import DataError
from listgen.config.models import Table
from listgen.store.warehouse import Warehouse


def build(workspace, holdings=None, config=None):
    """Return a staged build in memory."""
    warehouse = Warehouse()
    stage.run(
        warehouse,
        config or workspace.config,
        held_files(workspace) if holdings is None else holdings,
        workspace.stage_cache,
    )
    return warehouse


def offer(workspace, tmp_path, content, form="openalex_work", source="mini_openalex", name="given.jsonl"):
    """Return the miniature's holdings with all files of a form replaced by one file of these bytes."""
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    kept = [f for f in held_files(workspace) if f.form_id not in (form, "manifest")]
    return [*kept, held_file(path, source, form)]


def lines_of(workspace, part="updated_date=2025-06-01"):
    return (workspace.root / "raw" / "openalex" / part / "part_0000.jsonl").read_text().splitlines()


def changed(line, **fields):
    return json.dumps(json.loads(line) | fields)


def quarantine(warehouse):
    return warehouse.rows(
        "SELECT raw_line, field, reason, excerpt FROM prov.quarantine WHERE source_id = 'mini_openalex' ORDER"
        " BY ALL"
    )


# ---- works ---------------------------------------------------------------------------------------


def with_table(mini, **fields):
    source = mini.config.sources["mini_statistics"]
    table = Table.model_validate(source.table.model_dump() | fields)
    return dataclasses.replace(
        mini.config, sources=mini.config.sources | {source.id: source.model_copy(update={"table": table})}
    )


def offer_table(mini, tmp_path, content):
    return offer(mini, tmp_path, content, "statistic_table", "mini_statistics", "families.csv")


def fails(mini, holdings, *parts, config=None):
    with pytest.raises(DataError) as caught:
        build(mini, holdings, config)
    assert caught.value.next_step or caught.value.expected
    for part in parts:
        assert part in str(caught.value)
    assert str(mini.stage_cache) not in str(caught.value)


def contents(warehouse):
    tables = warehouse.tables("core") + ["prov.quarantine", "prov.duplicate", "prov.unmapped"]
    return {table: warehouse.rows(f"SELECT * FROM {table}") for table in tables}
