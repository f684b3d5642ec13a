"""Stage: raw records become typed, keyed, commented tables.

What cannot be used is set aside with its place and reason.

Each table is one SQL file in `core/`, run in the order its `inputs` ask for; each raw form is one reader in
`read/`. What the providers of patents have goes through the interface tables of `patents/`.

Reads: data/raw through data/stage, config/. Writes: core.*, prov.quarantine, prov.row_account,
prov.duplicate, prov.unmapped, prov.unconfirmed, prov.reading, prov.config_*.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from functools import cache
from pathlib import Path

import duckdb
import polars as pl

from listgen.base.errors import ListgenError
from listgen.base.text import t
from listgen.config.loader import Config
from listgen.stage.configuration import frames_of
from listgen.stage.patents import load_interfaces
from listgen.stage.records.manifest import check_manifests
from listgen.stage.records.reading import stage_files
from listgen.stage.records.views import open_records
from listgen.stage.tables.areas import map_areas
from listgen.stage.tables.promises import check_promises
from listgen.store.raw import HeldFile
from listgen.store.sqlfile import SqlFile, load_sql_dir, order_by_inputs
from listgen.store.warehouse import Warehouse

__all__ = ["load_readers", "run"]

_HERE = Path(__file__).parent
_STEP = "stage"
_DECLARED = "Each row is one declaration as this build used it / 各行はこの版で用いた設定1件"


@cache
def load_readers() -> Mapping[str, SqlFile]:
    """Return the reader of every raw form, by form; what several forms share is put behind each of them."""
    shared = load_sql_dir(_HERE / "read" / "shared")
    return {form: _with_shared(file, shared) for form, file in load_sql_dir(_HERE / "read").items()}


def _with_shared(file: SqlFile, shared: Mapping[str, SqlFile]) -> SqlFile:
    """Return a reader followed by the statements its header names (`then`); each reads its predecessor."""
    sql, following = file.sql, file.header.get("then")
    while following:
        after = shared[following]
        sql, following = (
            f"WITH {after.header['takes']} AS (\n{sql}\n)\nSELECT * FROM (\n{after.sql}\n)",
            after.header.get("then"),
        )
    return replace(file, sql=sql)


@cache
def _load_tables() -> Sequence[SqlFile]:
    """Return the files that make the tables, in the order their inputs ask for."""
    files = load_sql_dir(_HERE / "core") | load_interfaces()
    return order_by_inputs(files, {file_id: str(file.header["table"]) for file_id, file in files.items()})


def run(warehouse: Warehouse, config: Config, holdings: Sequence[HeldFile], cache_dir: Path) -> None:
    """Write every core table of a build.

    Args:
        warehouse: A fresh build.
        config: The workspace's configuration.
        holdings: The raw files to build from.
        cache_dir: Where parsed files are kept between builds.

    Raises:
        DataError: A raw file cannot carry what its source declares.
        UsageError: A source declares a form nothing reads.
    """
    readers = load_readers()
    staged = stage_files(readers, config, holdings, cache_dir)
    check_manifests(holdings, staged, config.sources)
    open_records(warehouse, readers, staged, config.sources)
    frames = frames_of(config, holdings, readers)
    frames["config_area"] = _area_frame(warehouse, config)
    check_promises(warehouse, config, holdings, frames["config_area"])
    with ExitStack() as shown:
        for name, frame in frames.items():
            shown.enter_context(warehouse.shown(name, frame))
            warehouse.execute(f"CREATE TABLE prov.{name} AS FROM {name} ORDER BY ALL")
            warehouse.execute(f"COMMENT ON TABLE prov.{name} IS '{_DECLARED}'")
        for file in _load_tables():
            _make_table(warehouse, file)
            warehouse.settle()  # the next tables are made from this one
    warehouse.drop_temporary()


def _make_table(warehouse: Warehouse, file: SqlFile) -> None:
    """Run one table's file; a rule of the table that the records break is told in one sentence."""
    try:
        warehouse.run_sql(_STEP, file)
    except duckdb.OutOfMemoryException:
        raise
    except duckdb.Error as error:
        raise ListgenError(
            t(
                "{table} could not be made ({reason}).",
                table=file.header["table"],
                reason=str(error).split("\n")[0],
            ),
            t(
                "Expected records that keep the rules of src/listgen/stage/{file}.",
                file=file.path.relative_to(_HERE),
            ),
            t("Nothing was promoted; the last good build is still current."),
        ) from error


def _area_frame(warehouse: Warehouse, config: Config) -> pl.DataFrame:
    """Return the area names printed in the held tables that are countries or the world, by source."""
    sql = """SELECT source_id, list(DISTINCT area_text) FROM (
      SELECT source_id, area_text FROM read_statistic_table UNION ALL SELECT source_id, area_text
        FROM read_supply_table) GROUP BY source_id"""
    rows = []
    for source_id, texts in warehouse.rows(sql):
        table = config.sources[source_id].table
        codes = map_areas(texts, config.countries, table.areas if table else None)
        rows += [(source_id, text, code) for text, code in codes.items()]
    return pl.DataFrame(
        sorted(rows), schema=dict.fromkeys(("source_id", "area_text", "area_code"), pl.String), orient="row"
    )
