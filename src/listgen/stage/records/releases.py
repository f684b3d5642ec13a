"""Two releases of one yearly file of trade: the later one revises flows of the earlier, so only one of them can be used.

Reads: read_baci.
Writes: nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

from listgen.base.errors import DataError
from listgen.base.text import t
from listgen.store.raw import HeldFile
from listgen.store.warehouse import Warehouse


def check_releases(warehouse: Warehouse, holdings: Sequence[HeldFile]) -> None:
    """Refuse two files of one source that hold the same year.

    Args:
        warehouse: The build, with the views of all forms open.
        holdings: The raw files of the build, for their names.

    Raises:
        DataError: A year is in two files; both are named.
    """
    names = {(file.source_id, file.raw_digest): file.file_name for file in reversed(sorted(holdings))}
    sql = """SELECT source_id, period_year, list(DISTINCT CAST(raw_digest AS VARCHAR)) FROM read_baci
      GROUP BY source_id, period_year HAVING count(DISTINCT raw_digest) > 1 ORDER BY ALL"""
    twice = [
        t(
            "Source {source}: two files for {year}: {files}.",
            source=source,
            year=year,
            files=", ".join(sorted(names[source, one] for one in digests)),
        )
        for source, year, digests in warehouse.rows(sql)
    ]
    if twice:
        raise DataError(
            "\n".join(twice),
            t("Expected one release of each year: a later release revises flows, and two amounts of one flow cannot both be used."),
            t("Move the older release out of the folder (or name one file under `files`), then run: listgen acquire SOURCE"),
        )
