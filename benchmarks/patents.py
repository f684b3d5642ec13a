"""The marks on patents.

PatentsView tables, generated and packed as the provider does, read and made into families.

Shaped like the real tables: 35 rows a patent, most of them citations and CPC symbols, every field quoted, one
table a ZIP. Values are even spreads, not draws.

Writes: <table>.tsv and <table>.tsv.zip in a folder.
"""

from __future__ import annotations

import shutil
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb

_AS_OF = "2026-07-01"
_SOURCE = "sample_patentsview"

_TEXT = (
    "'Smith et al., \"Estimation of the state of a device number ' || (i + k) || '\", Journal of Devices,"
    " vol. ' || (i + k) % 90 || ', 20' || lpad(CAST((i + k) % 20 AS VARCHAR), 2, '0') || ', pp. 10-20.'"
)
# A patent's symbols are of one subclass, of all there are: so some patents are of a declared technology and
# most are of none, as in the tables.
_SUBCLASSES = (
    (Path(__file__).resolve().parents[1] / "config" / "cpc_subclasses.csv")
    .read_text(encoding="utf-8")
    .split()[1:]
)
_SYMBOLS = f"{_SUBCLASSES}"
# Table by table: its columns as SQL over i (the patent) and k (the row of the patent), and how many rows a
# patent has.
_PATENT = "CAST(10000000 + i AS VARCHAR)"
_SPREAD = "(i * 2654435761 + k * 40503)"
TABLES: dict[str, tuple[int, dict[str, str]]] = {
    "g_patent": (
        1,
        {
            "patent_id": _PATENT,
            "patent_type": "'utility'",
            "patent_date": "CAST(DATE '2019-01-01' + CAST(i % 2000 AS INTEGER) AS VARCHAR)",
            "patent_title": "'Device and method number ' || i || ' for the estimation of a state'",
            "wipo_kind": "'B2'",
            "num_claims": "'20'",
            "withdrawn": "'0'",
            "filename": "'ipg190101.xml'",
        },
    ),
    "g_application": (
        1,
        {
            "application_id": "CAST(15000000 + i AS VARCHAR)",
            "patent_id": _PATENT,
            "patent_application_type": "'15'",
            "filing_date": "CAST(DATE '2016-01-01' + CAST(i % 2000 AS INTEGER) AS VARCHAR)",
            "series_code": "'15'",
            "rule_47_flag": "'0'",
        },
    ),
    "g_assignee_disambiguated": (
        1,
        {
            "patent_id": _PATENT,
            "assignee_sequence": "'0'",
            "assignee_id": f"md5(CAST({_SPREAD} % 5000 AS VARCHAR))",
            "disambig_assignee_individual_name_first": "''",
            "disambig_assignee_individual_name_last": "''",
            "disambig_assignee_organization": f"'Firm ' || {_SPREAD} % 5000",
            "assignee_type": "'2'",
            "location_id": f"CAST({_SPREAD} % 3000 AS VARCHAR)",
        },
    ),
    "g_inventor_disambiguated": (
        3,
        {
            "patent_id": _PATENT,
            "inventor_sequence": "CAST(k AS VARCHAR)",
            "inventor_id": f"'fl:in_ln:' || {_SPREAD} % 90000",
            "disambig_inventor_name_first": "'First'",
            "disambig_inventor_name_last": "'Last'",
            "gender_code": "'M'",
            "location_id": f"CAST({_SPREAD} % 3000 AS VARCHAR)",
        },
    ),
    "g_cpc_current": (
        7,
        {
            "patent_id": _PATENT,
            "cpc_sequence": "CAST(k AS VARCHAR)",
            "cpc_section": f"{_SYMBOLS}[1 + i * 2654435761 % {len(_SUBCLASSES)}][:1]",
            "cpc_class": f"{_SYMBOLS}[1 + i * 2654435761 % {len(_SUBCLASSES)}][:3]",
            "cpc_subclass": f"{_SYMBOLS}[1 + i * 2654435761 % {len(_SUBCLASSES)}]",
            "cpc_group": (
                f"{_SYMBOLS}[1 + i * 2654435761 % {len(_SUBCLASSES)}] || (1 + {_SPREAD} % 20) || '/' || (10 +"
                f" {_SPREAD} % 19)"
            ),
            "cpc_type": "'inventional'",
        },
    ),
    "g_us_patent_citation": (
        14,
        {
            "patent_id": _PATENT,
            "citation_sequence": "CAST(k AS VARCHAR)",
            "citation_patent_id": f"CAST(9000000 + {_SPREAD} % 1200000 AS VARCHAR)",
            "citation_date": "'2012-03-01'",
            "record_name": "'Smith'",
            "wipo_kind": "'B2'",
            "citation_category": "'cited by applicant'",
        },
    ),
    "g_foreign_citation": (
        3,
        {
            "patent_id": _PATENT,
            "citation_sequence": "CAST(k AS VARCHAR)",
            "citation_application_id": f"CAST(101000000 + {_SPREAD} % 900000 AS VARCHAR)",
            "citation_date": "'2012-03-01'",
            "citation_category": "'cited by applicant'",
            "citation_country": "'CN'",
        },
    ),
    "g_other_reference": (
        5,
        {
            "patent_id": _PATENT,
            "other_reference_sequence": "CAST(k AS VARCHAR)",
            "other_reference_text": _TEXT,
        },
    ),
}
_PLACES = {
    "location_id": "CAST(i AS VARCHAR)",
    "disambig_city": "'City ' || i",
    "disambig_state": "''",
    "disambig_country": "['US', 'US', 'US', 'JP', 'DE', 'KR', 'CN', 'TW'][1 + i % 8]",
    "latitude": "'1.0'",
    "longitude": "'2.0'",
    "county": "''",
    "state_fips": "''",
    "county_fips": "''",
}


def write_tables(folder: Path, n_patents: int) -> list[Path]:
    """Write all tables of so many patents, as text and packed; return the packed files."""
    folder.mkdir(parents=True, exist_ok=True)
    con = duckdb.connect()
    for name, (n_rows, columns) in TABLES.items():
        _write(con, folder / f"{name}.tsv", columns, f"range({n_patents}) AS p(i), range({n_rows}) AS r(k)")
    _write(con, folder / "g_location_disambiguated.tsv", _PLACES, "range(3000) AS p(i)")
    con.close()
    packed = []
    for path in sorted(folder.glob("*.tsv")):
        target = path.with_suffix(".tsv.zip")
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=4) as archive:
            archive.write(path, path.name)
        packed.append(target)
    return packed


def _write(con: duckdb.DuckDBPyConnection, path: Path, columns: dict[str, str], rows: str) -> None:
    shown = ", ".join(f"{sql} AS {name}" for name, sql in columns.items())
    con.execute(
        f"COPY (SELECT {shown} FROM {rows}) TO '{path}' (FORMAT csv, DELIMITER '\t', HEADER, FORCE_QUOTE *,"
        " QUOTE '\"', ESCAPE '\"')"
    )


def _holdings(folder: Path) -> list[Any]:
    from listgen.base.provenance import sha256_file
    from listgen.store.raw import HeldFile

    return [
        HeldFile(
            _SOURCE,
            "patentsview_" + path.name.split(".")[0],
            path.name,
            sha256_file(path),
            path.stat().st_size,
            _AS_OF,
            path,
        )
        for path in sorted((folder / "patents").glob("*.tsv.zip"))
    ]


def part_patents_tokenise(folder: Path) -> dict[str, float]:
    """Floor of reading: CPU seconds to split the same tables, unpacked, into fields; the least of three."""
    con, seconds = duckdb.connect(), []
    con.execute("SET threads=2")
    for _ in range(3):
        started = time.process_time()
        for path in sorted((folder / "patents").glob("*.tsv")):
            with path.open(encoding="utf-8") as stream:
                names = [name.strip('"') for name in stream.readline().rstrip("\n").split("\t")]
            sql = (
                "SELECT count(*) FROM read_csv($path, delim = '\t', quote = '\"', escape = '\"', header ="
                " true, auto_detect = false, columns = $columns)"
            )
            con.execute(sql, {"path": str(path), "columns": dict.fromkeys(names, "VARCHAR")}).fetchall()
        seconds.append(time.process_time() - started)
    con.close()
    return {
        "seconds": min(seconds),
        "bytes": sum(path.stat().st_size for path in (folder / "patents").glob("*.tsv")),
    }


def part_patents_read(folder: Path) -> dict[str, float]:
    """CPU seconds from the archives to judged, typed Parquet, unpacking, check sums and digests included."""
    from listgen import stage
    from listgen.stage.records.reading import stage_files
    from listgen.workspace.loading import load_workspace

    config, cache, held = load_workspace(folder).config, folder / "patents-cache", _holdings(folder)
    shutil.rmtree(cache, ignore_errors=True)
    started = time.process_time()
    staged = stage_files(stage.load_readers(), config, held, cache)
    return {"seconds": time.process_time() - started, "rows": sum(file.n_records for file in staged)}


def part_patents(folder: Path) -> dict[str, float]:
    """Seconds and CPU seconds from the archives to the core tables of a build, from an empty cache."""
    from listgen import stage
    from listgen.store.warehouse import Warehouse
    from listgen.workspace.loading import load_workspace

    workspace, cache, target, held = (
        load_workspace(folder),
        folder / "patents-cache",
        folder / "patents.duckdb",
        _holdings(folder),
    )
    shutil.rmtree(cache, ignore_errors=True)
    target.unlink(missing_ok=True)
    started, started_cpu = time.monotonic(), time.process_time()
    with Warehouse(target) as warehouse:
        with warehouse.transaction():
            stage.run(warehouse, workspace.config, held, cache)
        found = {"seconds": time.monotonic() - started, "cpu": time.process_time() - started_cpu}
        families = warehouse.scalar("SELECT count(*) FROM core.patent_family")
    return found | {"families": families}


Measured = tuple[dict[str, float], int]


def patent_rows(
    folder: Path, n_patents: int, measure: Callable[[str, Path], Measured]
) -> list[tuple[str, str, str, bool, str]]:
    """Return the marks on patents: name, bar, figure, whether it is met, floor.

    Each part runs in a process of its own.
    """
    write_tables(folder / "patents", n_patents)
    floor, _ = measure("patents_tokenise", folder)
    read, peak = min(
        (measure("patents_read", folder) for _ in range(2)), key=lambda found: found[0]["seconds"]
    )
    made, made_peak = measure("patents", folder)
    ratio, per_million = read["seconds"] / floor["seconds"], made["seconds"] * 1_000_000 / n_patents
    split, cpu = (
        f"split only {floor['seconds']:.1f} CPU s ({floor['bytes'] / 1e6:,.0f} MB)",
        f"{made['cpu']:.0f} CPU s for {n_patents:,}",
    )
    gib = max(peak, made_peak) / (1 << 30)
    return [
        (
            f"read {read['rows']:,.0f} rows of patents, CPU",
            "<= 5 x splitting",
            f"{ratio:.1f} x ({read['seconds']:.1f} s)",
            ratio <= 5,
            split,
        ),
        ("a million patents into core tables", "<= 60 s", f"{per_million:.0f} s", per_million <= 60, cpu),
        ("peak memory of both", "<= 2 GiB", f"{gib:.2f} GiB", gib <= 2, ""),
    ]
