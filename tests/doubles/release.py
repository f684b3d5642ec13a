"""The double's works as the provider's bulk release.

Parts by day of update, a manifest written last, a list of deleted works.
"""

import gzip
import json
from collections.abc import Sequence
from pathlib import Path

from doubles.corpus import FIRST_ID, Corpus

# What the Parquet form is given of a record here: every field a reader may ask for, with one type each.
PARQUET_FIELDS = (
    "id", "doi", "title", "publication_year", "publication_date", "language", "type", "authorships",
    "cited_by_count",
    "citation_normalized_percentile", "is_retracted", "is_xpac", "primary_topic", "topics",
    "referenced_works", "updated_date",
)  # fmt: skip


def write_release(
    corpus: Corpus,
    folder: Path,
    *,
    form: str = "jsonl",
    date: str = "2026-11-01",
    older: bool = False,
    deleted: Sequence[int] = (),
    days: dict | None = None,
) -> Path:
    """Write a release and return its manifest's path.

    Args:
        corpus: The works.
        folder: The mirror's root.
        form: jsonl or parquet.
        date: The release's date.
        older: The layout before 2026: no folder for the format, parts `part_000.gz`, a manifest with
            `entries`.
        deleted: Positions of works that were deleted.
        days: Positions of works that moved to another day of update.
    """
    home = folder / "data" / "works" if older else folder / "data" / form / "works"
    by_day: dict[str, list[int]] = {}
    for place in range(corpus.n):
        if corpus.visible[place] and place not in deleted:
            by_day.setdefault((days or {}).get(place) or corpus.updated_date(place), []).append(place)
    entries = []
    for day, places in sorted(by_day.items()):
        name = "part_000.gz" if older else "part_0000.gz" if form == "jsonl" else "part_0000.parquet"
        path = home / f"updated_date={day}" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        works = [work | {"updated_date": f"{day}T03:04:05"} for work in corpus.works(places)]
        _write(path, works, form)
        url = f"s3://openalex/{path.relative_to(folder).as_posix()}"
        entries.append(
            {"url": url, "meta": {"content_length": path.stat().st_size, "record_count": len(works)}}
        )
    if deleted:
        rows = "".join(f"W{FIRST_ID + place},{date}\n" for place in deleted)
        (home / "deleted_ids.csv").write_text("work_id,deleted_date\n" + rows, encoding="utf-8")
    total = sum(entry["meta"]["record_count"] for entry in entries)
    document: dict = (
        {"entries": entries, "meta": {"record_count": total}}
        if older
        else {"date": date, "format": form, "entity": "works", "files": entries}
    )
    manifest = home / ("manifest" if older else "manifest.json")
    manifest.write_text(json.dumps(document), encoding="utf-8")
    return manifest


def _write(path: Path, works: list[dict], form: str) -> None:
    if form == "jsonl":
        with path.open("wb") as raw, gzip.GzipFile("", "wb", 1, raw, mtime=0) as stream:
            for work in works:
                stream.write(json.dumps(work).encode() + b"\n")
        return
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(
        pa.Table.from_pylist([{name: work[name] for name in PARQUET_FIELDS} for work in works]),
        path,
        compression="snappy",
    )
