"""Work records in the form of the provider's snapshot: gzipped JSON lines by date of update, and a manifest.

Reads: the arrays of `works`. Writes: openalex/data/jsonl/works/updated_date=YYYY-MM-DD/part_0000.gz,
openalex/data/jsonl/works/manifest.json.
"""

from __future__ import annotations

import datetime as dt
import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from listgen.sample.draw import spread
from listgen.sample.flows import draw_references
from listgen.sample.names import (
    describe_authors,
    describe_keywords,
    describe_topic,
    make_abstract_halves,
    make_titles,
)
from listgen.sample.works import AUTHORS_PER_INSTITUTION, Works
from listgen.sample.world import World

WORK_BASE = 9_000_000_001
_OUTSIDE_BASE, _N_OUTSIDE = 2_000_000_000, 900_000_000
_N_PARTITIONS = 6
_CHUNK = 4000
_GZIP_LEVEL = 1  # the records are what is tested; a stronger level costs more than making them
_MAX_COPIES = 120
_TYPES = ("article", "review", "preprint", "book-chapter")
_LANGUAGES = ('"en"', '"zh"', '"ja"', '"de"', "null")
_SOURCES = tuple(
    f'{{"id":"https://openalex.org/S99{number:08d}","display_name":"Sample Journal'
    f' {number + 1:02d}","issn_l":"0000-{number:04d}","is_oa":{"true" if number % 3 == 0 else "false"},"host_organization":"https://openalex.org/P9900000001","host_organization_name":"Sample'
    ' Press","type":"journal"}'
    for number in range(40)
)


@dataclass(frozen=True)
class _Fragments:
    """Ready pieces of JSON, made once."""

    authors: list[str]
    topics: list[tuple[str, str]]
    keywords: list[str]
    titles: list[list[str]]
    first_halves: list[str]
    second_halves: list[str]


def write_works(world: World, works: Works, folder: Path) -> tuple[list[Path], Path]:
    """Write all partitions and the manifest and return their paths.

    Memory does not grow with a partition's size.
    """
    fragments = _make_fragments(world, works)
    context = (works.pools(world), works.rows(world))
    bounds = [len(works) * part // _N_PARTITIONS for part in range(_N_PARTITIONS + 1)]
    paths, counts = [], []
    carried: list[str] = []
    # From the newest partition back: a stale copy of a newer record belongs into an older partition.
    for part in reversed(range(_N_PARTITIONS)):
        date = world.size.as_of - dt.timedelta(days=4 * (_N_PARTITIONS - part) - 1)
        path = folder / f"updated_date={date.isoformat()}" / "part_0000.gz"
        path.parent.mkdir(parents=True, exist_ok=True)
        copies, older = carried, date - dt.timedelta(days=4)
        carried = []
        written = len(copies)
        with path.open("wb") as raw, gzip.GzipFile("", "wb", _GZIP_LEVEL, raw, mtime=0) as stream:
            for start in range(bounds[part], bounds[part + 1], _CHUNK):
                stop = min(start + _CHUNK, bounds[part + 1])
                lines, stale = _render_chunk(world, works, fragments, context, (start, stop), (date, older))
                written += len(lines)
                carried += stale[: max(0, _MAX_COPIES // _N_PARTITIONS - len(carried))] if part else []
                stream.write("".join(lines).encode("utf-8"))
            stream.write("".join(copies).encode("utf-8"))
        paths.append(path)
        counts.append(written)
    return paths[::-1], _write_manifest(world, folder, paths[::-1], counts[::-1])


def _write_manifest(world: World, folder: Path, paths: list[Path], counts: list[int]) -> Path:
    files: list[dict[str, Any]] = [
        {
            "url": f"s3://openalex/data/jsonl/works/{path.relative_to(folder).as_posix()}",
            "meta": {"content_length": path.stat().st_size, "record_count": count},
        }
        for path, count in zip(paths, counts, strict=True)
    ]
    manifest = {
        "date": (world.size.as_of - dt.timedelta(days=1)).isoformat(),
        "format": "jsonl",
        "entity": "works",
        "record_count": sum(counts),
        "content_length": sum(file["meta"]["content_length"] for file in files),
        "files": files,
    }
    path = folder / "manifest.json"
    path.write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8", newline="\n")
    return path


def _make_fragments(world: World, works: Works) -> _Fragments:
    """Return the pieces; topics no work uses stay empty."""
    used = set(np.unique(np.concatenate([works.first_topic, works.second_topic])).tolist())
    topics = [topic if number in used else None for number, topic in enumerate(world.topics.values())]
    first, second = make_abstract_halves(world)
    return _Fragments(
        authors=describe_authors(world, AUTHORS_PER_INSTITUTION),
        topics=[describe_topic(topic) if topic else ("", "") for topic in topics],
        keywords=[describe_keywords(topic) if topic else "" for topic in topics],
        titles=[[json.dumps(title) for title in make_titles(topic)] if topic else [] for topic in topics],
        first_halves=first,
        second_halves=second,
    )


def _render_chunk(
    world: World,
    works: Works,
    fragments: _Fragments,
    context: tuple[Any, Any],
    bounds: tuple[int, int],
    dates: tuple[dt.date, dt.date],
) -> tuple[list[str], list[str]]:
    """Return the lines of a run of works, and copies of a few for an older partition (stale or identical)."""
    start, stop = bounds
    rng = world.stream("records", start)
    n = stop - start
    references = _draw_reference_lists(world, works, context, bounds)
    authors = _draw_author_lists(works, rng, bounds)
    columns = (
        range(WORK_BASE + start, WORK_BASE + stop),
        works.year[start:stop].tolist(),
        works.first_topic[start:stop].tolist(),
        works.second_topic[start:stop].tolist(),
        works.cited_by[start:stop].tolist(),
        works.percentile[start:stop].tolist(),
        works.is_retracted[start:stop].tolist(),
        works.n_partner_authors[start:stop].tolist(),
        np.floor(spread(rng, n) * 360).astype(int).tolist(),
        np.floor(rng.random(n) * 1_000_000_000).astype(int).tolist(),
    )
    lines, stale = [], []
    updated = (f"{dates[0].isoformat()}T03:46:38.306776", f"{dates[1].isoformat()}T03:46:38.306776")
    for row, work_references, work_authors in zip(
        zip(*columns, strict=True), references, authors, strict=True
    ):
        line = _render_work(fragments, row, work_references, work_authors, updated[0])
        lines.append(line)
        if row[9] % 409 == 0:
            stale.append(line)
        elif row[9] % 409 == 1:
            older = (*row[:4], row[4] // 2, row[5] // 2, *row[6:])
            stale.append(_render_work(fragments, older, work_references, work_authors, updated[1]))
    return lines, stale


def _draw_reference_lists(
    world: World, works: Works, context: tuple[Any, Any], bounds: tuple[int, int]
) -> Iterator[list[int]]:
    """Yield each work's references by id, without repetition."""
    start, stop = bounds
    pools, rows = context
    citing = (
        works.area[start:stop],
        works.country[start:stop],
        works.partner_country[start:stop],
        works.year[start:stop],
    )
    drawn = draw_references(
        world, world.stream("references", start), pools, rows, citing, works.n_references[start:stop]
    )
    outside = _OUTSIDE_BASE + np.floor(drawn.outside * _N_OUTSIDE).astype(np.int64)
    ids = np.where(drawn.cited >= 0, WORK_BASE + drawn.cited, outside)
    pairs = np.unique((drawn.citing << 34) | ids)
    ends = np.searchsorted(pairs >> 34, np.arange(stop - start), side="right").tolist()
    values = (pairs & ((1 << 34) - 1)).tolist()
    begin = 0
    for end in ends:
        yield values[begin:end]
        begin = end


def _draw_author_lists(
    works: Works, rng: np.random.Generator, bounds: tuple[int, int]
) -> Iterator[list[int]]:
    """Yield for each work the numbers of its authors' fragments.

    Leading institution first, partner institution after it.
    """
    start, stop = bounds
    sizes = works.n_authors[start:stop]
    source = np.repeat(np.arange(start, stop), sizes)
    within = np.arange(len(source)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    is_partner = within >= works.n_authors[source] - works.n_partner_authors[source]
    institution = np.where(is_partner, works.partner_institution[source], works.institution[source])
    # Members follow one another, so no author stands twice on a work of up to 40 authors.
    first = np.floor(rng.random(stop - start) * AUTHORS_PER_INSTITUTION).astype(np.int64)
    member = (first[source - start] + within) % AUTHORS_PER_INSTITUTION
    # Institution -1 is the fragment group at the end: authors without an affiliation.
    numbers = (institution * AUTHORS_PER_INSTITUTION + member).tolist()
    begin = 0
    for end in np.cumsum(sizes).tolist():
        yield numbers[begin:end]
        begin = end


def _render_work(
    fragments: _Fragments, row: tuple[int, ...], references: list[int], authors: list[int], updated: str
) -> str:
    """Return one record as a JSON line."""
    work_id, year, first, second, cited_by, percentile, retracted, n_partner, day, dice = row
    title = fragments.titles[first][dice % 40] if first >= 0 else json.dumps(f"Sample note {work_id}")
    doi = f'"https://doi.org/10.5555/listgen.sample.{work_id}"' if dice % 20 else "null"
    kind = dice % 100
    work_type = _TYPES[0 if kind < 82 else 1 if kind < 89 else 2 if kind < 96 else 3]
    language = _LANGUAGES[0 if kind < 95 else kind - 95]
    abstract = (
        f"{{{fragments.first_halves[dice % 61]},{fragments.second_halves[dice % 59]}}}"
        if dice % 9
        else "null"
    )
    source = _SOURCES[dice % 37]
    is_open = "true" if dice % 2 else "false"
    listed = '","https://openalex.org/W'.join(map(str, references))
    cited = f'"https://openalex.org/W{listed}"' if references else ""
    return (
        f'{{"id":"https://openalex.org/W{work_id}","doi":{doi},"title":{title},"display_name":{title},"publication_year":{year},'
        f'"publication_date":"{year}-{day // 30 + 1:02d}-{day % 28 + 1:02d}","ids":{{"openalex":"https://openalex.org/W{work_id}","doi":{doi}}},'
        f'"language":{language},"primary_location":{{"is_oa":{is_open},"landing_page_url":{doi},"pdf_url":null,"source":{source},'
        f'"license":null,"version":"publishedVersion"}},"type":"{work_type}","indexed_in":["crossref"],'
        f'"open_access":{{"is_oa":{is_open},"oa_status":"closed","oa_url":null,"any_repository_has_fulltext":false}},'
        f'"authorships":[{_render_authorships(fragments.authors, authors)}],'
        f'"countries_distinct_count":{1 + (n_partner > 0)},'
        f'"fwci":{cited_by // 9}.{cited_by % 9},"cited_by_count":{cited_by},'
        f"{_render_percentile(first, percentile, dice)},"
        f'"biblio":{{"volume":"{year - 1990}","issue":"{dice % 12 + 1}",'
        f'"first_page":"{dice % 900}","last_page":null}},'
        f'"is_retracted":{"true" if retracted else "false"},"is_paratext":false,"is_xpac":false,'
        f"{_render_topics(fragments, first, second, dice)},"
        f'"referenced_works_count":{len(references)},"referenced_works":[{cited}],'
        f'"related_works":[],"abstract_inverted_index":{abstract},'
        f'"counts_by_year":[{{"year":2024,"cited_by_count":{cited_by // 5}}},'
        f'{{"year":2023,"cited_by_count":{cited_by // 6}}}],"funders":[],"awards":[],'
        f'"updated_date":"{updated}",'
        f'"created_date":"{year + 1}-01-15T00:00:00"}}\n'
    )


def _render_authorships(fragments: list[str], authors: list[int]) -> str:
    if len(authors) == 1:
        return f'{{"author_position":"first",{fragments[authors[0]]}'
    middle = "".join([f'{{"author_position":"middle",{fragments[author]},' for author in authors[1:-1]])
    return (
        f'{{"author_position":"first",{fragments[authors[0]]},{middle}'
        f'{{"author_position":"last",{fragments[authors[-1]]}'
    )


def _render_percentile(first: int, percentile: int, dice: int) -> str:
    """Return the provider's percentile; some records have none, as with the provider."""
    if first < 0 or dice % 25 == 0:
        return '"citation_normalized_percentile":null'
    top1, top10 = percentile >= 990_000, percentile >= 900_000
    flags = (
        f'"is_in_top_1_percent":{"true" if top1 else "false"},'
        f'"is_in_top_10_percent":{"true" if top10 else "false"}'
    )
    return f'"citation_normalized_percentile":{{"value":0.{percentile:06d},{flags}}}'


def _render_topics(fragments: _Fragments, first: int, second: int, dice: int) -> str:
    if first < 0:
        return '"primary_topic":null,"topics":[],"keywords":[]'
    head, tail = fragments.topics[first]
    primary = f"{head}0.9{dice % 1000:03d}{tail}"
    others = ""
    if second >= 0:
        head, tail = fragments.topics[second]
        others = f",{head}0.6{dice % 1000:03d}{tail}"
    return f'"primary_topic":{primary},"topics":[{primary}{others}],"keywords":{fragments.keywords[first]}'
