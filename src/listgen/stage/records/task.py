"""One raw file to read, with everything that decides its records, and what reading it gives.

Reads: nothing.
Writes: nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from listgen.config.models import Source
from listgen.stage.records.inflating import Inflating
from listgen.store.raw import HeldFile
from listgen.store.sqlfile import SqlFile

# Light packing and small dictionaries: what is read once a build is not worth more, and it costs a tenth of
# the reading. Small row groups are gathered in memory that is already there; fetching more took the system
# half as long as the packing.
PARQUET = (
    "FORMAT parquet, COMPRESSION lz4_raw, ROW_GROUP_SIZE 6144, DICTIONARY_SIZE_LIMIT 1000, PARQUET_VERSION v2"
)


@dataclass(frozen=True)
class StagedFile:
    """A raw file and its parsed records.

    `n_rows`: how many rows the file has, those included that its reader leaves out. `n_excluded`: records
    that its reader marks as left out by rule. `is_cut`: no line end follows its last figure.
    """

    held: HeldFile
    parquet: Path
    n_records: int
    n_rejected: int
    sql: str
    params_text: str
    n_rows: int
    is_cut: bool = False
    n_excluded: int = 0


@dataclass(frozen=True)
class Task:
    """One file to read, with everything that decides its records.

    `scratch` is where it may be unpacked; `cursors` are where the reading can be stopped. `layout` is how the
    file stores records: json_lines, json_document, xml, parquet, delimited or declared. `as_of_year` is the
    year the file speaks for; later years are impossible in it.
    """

    held: HeldFile
    source: Source
    reader: SqlFile
    wanted: Mapping[str, Sequence[str]]
    scratch: Path
    inflating: Inflating
    cursors: list[duckdb.DuckDBPyConnection]
    layout: str
    as_of_year: int
