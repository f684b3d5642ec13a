"""What taking in a release of works costs, part by part; `bench.py` runs each part in a process of its own.

CPU seconds, because other work on the machine lengthens the others.
"""

from __future__ import annotations

import os
import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any


def works_files(folder: Path) -> list[Any]:
    """Return the raw works files a workspace holds."""
    from listgen import pipeline
    from listgen.workspace.loading import load_workspace

    return [file for file in pipeline.held_files(load_workspace(folder)) if file.form_id == "openalex_work"]


def part_release(folder: Path) -> dict[str, float]:
    """Take a release in from a mirror, then the same release again; return CPU seconds of both."""
    from listgen import pipeline
    from listgen.acquire.openalex.access import OpenAlexAccess
    from listgen.acquire.openalex.acquisition import acquire as acquire_openalex
    from listgen.acquire.order import Order
    from listgen.workspace.loading import load_workspace

    workspace, mirror = load_workspace(folder), folder / "mirror"
    for file in pipeline.held_files(workspace):
        if file.source_id == "sample_openalex":
            (mirror / file.file_name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file.path, mirror / file.file_name)
    access = OpenAlexAccess(route="snapshot", mirror=str(mirror / "openalex"))
    source = workspace.config.sources["sample_openalex"].model_copy(
        update={"id": "bench", "access": "bulk", "openalex": access}
    )
    seconds = []
    for _ in range(2):
        started = time.process_time()
        acquire_openalex(workspace, source, Order())
        seconds.append(time.process_time() - started)
    return {"first": seconds[0], "again": seconds[1]}


def _ingest(folder: Path, files: list[Any], topics: set[str] | None = None) -> dict[str, float]:
    """Parse raw files into an empty cache.

    Return CPU seconds, the number of records and the part of them that was read in full.

    With `topics` the technologies declare no others. The floor, decompression alone, is measured before and
    after, because the machine may be slower from one minute to the next.
    """
    from dataclasses import replace

    from listgen import stage
    from listgen.stage.records.reading import stage_files
    from listgen.store.warehouse import connect
    from listgen.workspace.loading import load_workspace

    config, cache = load_workspace(folder).config, folder / "bench-cache"
    if topics is not None:
        kept = {
            id_: technology.model_copy(
                update={
                    "works": technology.works.model_copy(
                        update={"topics": [topic for topic in technology.works.topics if topic in topics]}
                    )
                }
            )
            for id_, technology in config.technologies.items()
        }
        config = replace(config, technologies=kept)
    shutil.rmtree(cache, ignore_errors=True)
    compressed = works_files(folder)
    before = _inflate(compressed)
    started = time.process_time()
    staged = stage_files(stage.load_readers(), config, files, cache)
    seconds = time.process_time() - started
    floor = (before + _inflate(compressed)) / 2
    with connect() as con:
        share = con.execute(
            "SELECT avg(CAST(referenced_work_ids IS NOT NULL AS INTEGER)) FROM read_parquet($paths)",
            {"paths": [str(file.parquet) for file in staged]},
        ).fetchall()
    shutil.rmtree(cache)
    return {
        "seconds": seconds,
        "floor": floor,
        "works": sum(file.n_records for file in staged),
        "full": float(share[0][0]),
    }


def _inflate(files: list[Any]) -> float:
    """Return the CPU seconds it takes to decompress files with isal, two at a time as staging reads them.

    The floor of ingest.
    """
    from isal import igzip

    def inflate(path: Path) -> None:
        with igzip.open(path) as stream:
            while stream.read(1 << 20):
                pass

    started = time.process_time()
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(inflate, [file.path for file in files]))
    return time.process_time() - started


def _few_topics(folder: Path) -> set[str]:
    """Return topics with at most a tenth of the works first, as in a release of everything published."""
    from listgen.store.warehouse import connect

    with connect() as con:
        rows = con.execute(
            "SELECT regexp_extract(primary_topic.id, 'T[0-9]+$') AS topic_id, count(*) AS n_works FROM"
            " read_json($path, format = 'newline_delimited', compression = 'gzip', columns = {id: 'VARCHAR',"
            " primary_topic: 'STRUCT(id VARCHAR)'}) GROUP BY 1 ORDER BY n_works, 1",
            {"path": str(works_files(folder)[0].path)},
        ).fetchall()
    few, left = set(), sum(n_works for _, n_works in rows) // 11
    for topic_id, n_works in rows:
        left -= n_works
        if topic_id and left > 0:
            few.add(topic_id)
    return few


def part_jsonl(folder: Path) -> dict[str, float]:
    """Ingest the works of a release in JSON lines, abstracts included.

    Nearly all are of a declared technology.
    """
    return _ingest(folder, works_files(folder))


def part_jsonl_few(folder: Path) -> dict[str, float]:
    """Ingest the same works where at most a tenth are of a declared technology.

    Even a thin row needs its line parsed. As multiples of decompression: unpacking with the check sum takes
    1.2, DuckDB's parse of the lines without using a field 1.6, its turning the named fields into columns 1.2,
    judging and writing them 0.8.
    """
    return _ingest(folder, works_files(folder), _few_topics(folder))


def part_parquet(folder: Path) -> dict[str, float]:
    """Ingest the same works in Parquet."""
    return _ingest(folder, _as_parquet(folder))


def part_parquet_few(folder: Path) -> dict[str, float]:
    """Ingest the same works in Parquet where at most a tenth are of a declared technology."""
    return _ingest(folder, _as_parquet(folder), _few_topics(folder))


def part_as_parquet(folder: Path) -> dict[str, float]:
    """Turn the works of a release into Parquet; neither its time nor its memory is that of ingest."""
    return {"files": len(_as_parquet(folder))}


def _as_parquet(folder: Path) -> list[Any]:
    """Return the works files in the form of the provider's Parquet release."""
    from dataclasses import replace

    from listgen.base.provenance import sha256_file
    from listgen.store.warehouse import connect

    memory = os.environ.get("LISTGEN_MEMORY", "")
    os.environ["LISTGEN_MEMORY"] = "4000"  # making the files is not what is measured
    files = []
    for number, file in enumerate(works_files(folder)):
        path = folder / f"bench-{number}.parquet"
        if not path.exists():
            with connect() as con:
                con.execute(
                    f"COPY (SELECT * FROM read_json('{file.path}', format = 'newline_delimited', compression"
                    f" = 'gzip', maximum_object_size = 33554432, columns = {_PARQUET_COLUMNS})) TO '{path}'"
                    " (FORMAT parquet, COMPRESSION snappy)"
                )
        files.append(replace(file, form_id="openalex_parquet", path=path, raw_digest=sha256_file(path)))
    os.environ["LISTGEN_MEMORY"] = memory
    return files


_PARQUET_COLUMNS = """{id: 'VARCHAR', doi: 'VARCHAR', title: 'VARCHAR', type: 'VARCHAR',
  publication_year: 'INTEGER', cited_by_count: 'BIGINT',
  is_retracted: 'BOOLEAN', updated_date: 'VARCHAR',
  citation_normalized_percentile: 'STRUCT(value DOUBLE, is_in_top_10_percent BOOLEAN)',
  primary_topic: 'STRUCT(id VARCHAR, field STRUCT(id VARCHAR))', topics: 'STRUCT(id VARCHAR, score DOUBLE)[]',
  authorships: 'STRUCT(author STRUCT(display_name VARCHAR),
    institutions STRUCT(id VARCHAR, display_name VARCHAR, country_code VARCHAR)[], countries VARCHAR[])[]',
  referenced_works: 'VARCHAR[]', abstract_inverted_index: 'JSON'}"""

PARTS = {
    "as_parquet": part_as_parquet,
    "jsonl": part_jsonl,
    "jsonl_few": part_jsonl_few,
    "parquet": part_parquet,
    "parquet_few": part_parquet_few,
    "release": part_release,
}
