"""The mark on trade: a year of BACI, generated, read and kept as far as the technologies need it.

Writes: baci.csv in a folder.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from pathlib import Path

import duckdb

# Two million of a year's eleven million rows; 5,400 products, one in fifty of which a technology names.
_ROWS = """
SELECT 2024 AS t, (x * 7919) % 225 + 4 AS i, (x * 104729) % 225 + 5 AS j,
  lpad(CAST(10000 + ((x * 2654435761) % 5400) * 180 AS VARCHAR), 6, '0') AS k,
  round((x % 99991) * 1.234, 3) AS v, '   ' || round((x % 9973) * 0.37, 3) AS q
FROM range(2000000) AS r(x)
"""
_COLUMNS = dict.fromkeys("tijkvq", "VARCHAR")


def part_trade_split(folder: Path) -> dict[str, float]:
    """Floor: CPU seconds to split the table into fields; the least of three."""
    con, seconds = duckdb.connect(), []
    con.execute("SET threads=2")
    sql = (
        "SELECT count(*) FROM read_csv($path, delim = ',', quote = '\"', escape = '\"', header = true,"
        " auto_detect = false, columns = $columns)"
    )
    for _ in range(3):
        started = time.process_time()
        con.execute(sql, {"path": str(folder / "baci.csv"), "columns": _COLUMNS}).fetchall()
        seconds.append(time.process_time() - started)
    con.close()
    return {"seconds": min(seconds), "bytes": (folder / "baci.csv").stat().st_size}


def part_trade_read(folder: Path) -> dict[str, float]:
    """CPU seconds from the file to judged, typed Parquet, digests included; the least of three."""
    from listgen import stage
    from listgen.base.provenance import sha256_file
    from listgen.stage.records.reading import stage_files
    from listgen.store.raw import HeldFile
    from listgen.workspace.loading import load_workspace

    path, config, seconds = folder / "baci.csv", load_workspace(folder).config, []
    held = HeldFile("baci", "baci", path.name, sha256_file(path), path.stat().st_size, "2026-01-22", path)
    for _ in range(3):
        shutil.rmtree(folder / "trade-cache", ignore_errors=True)
        started = time.process_time()
        staged = stage_files(stage.load_readers(), config, [held], folder / "trade-cache")
        seconds.append(time.process_time() - started)
    return {"seconds": min(seconds), "rows": staged[0].n_records}


def trade_rows(
    folder: Path, measure: Callable[[str, Path], tuple[dict[str, float], int]]
) -> list[tuple[str, str, str, bool, str]]:
    """Return the mark on trade: name, bar, figure, whether it is met, floor."""
    duckdb.execute(f"COPY ({_ROWS}) TO '{folder / 'baci.csv'}' (HEADER)")
    floor, _ = measure("trade_split", folder)
    read, _ = measure("trade_read", folder)
    ratio = read["seconds"] / floor["seconds"]
    split = f"split only {floor['seconds']:.2f} CPU s ({floor['bytes'] / 1e6:,.0f} MB)"
    return [
        (
            "read 2,000,000 rows of BACI, CPU",
            "<= 5 x splitting",
            f"{ratio:.1f} x ({read['seconds']:.1f} s)",
            ratio <= 5,
            split,
        )
    ]
