"""What the OpenAlex connector fetched, as the tables of a build.

The same rows as the same records in a file.
"""

import gzip
import json
import shutil
import zipfile
from pathlib import Path

import pytest
from doubles.clock import TurnedClock
from doubles.corpus import Corpus
from doubles.openalex import OpenAlexDouble
from miniature import held_file, open_miniature
from openalex_world import KEY, TOPICS, corpus, declare, world

from listgen import pipeline, stage
from listgen.acquire import Incoming, register
from listgen.store.raw import origin_path
from listgen.store.warehouse import Warehouse, connect
from listgen.trace.shifts import find_shifts, shift_lines
from listgen.workspace.loading import load_workspace

REAL = Path(__file__).resolve().parents[2] / "shared" / "data" / "openalex"
PAGES = ("api-page-search-200-works.json.gz", "api-page-ids-1-legacy-schema.json.gz")


@pytest.fixture(autouse=True)
def key(monkeypatch):
    monkeypatch.setenv("OPENALEX_API_KEY", KEY)


def build(workspace, holdings, name="w.duckdb") -> Warehouse:
    """Stage these files with every source of the workspace in use."""
    warehouse = Warehouse(workspace.root / name)
    used = sorted({file.source_id for file in holdings})
    settings = workspace.config.settings.model_copy(update={"sources": used})
    import dataclasses

    config = dataclasses.replace(workspace.config, settings=settings)
    with warehouse.transaction():
        stage.run(warehouse, config, holdings, workspace.stage_cache)
    return warehouse


WORKS = (
    "SELECT work_id, title, publication_year, cited_by_count, n_authors, n_references, primary_topic_id FROM"
    " core.work ORDER BY work_id"
)


def test_pages_give_the_rows_of_the_same_records_in_a_file(tmp_path):
    with world(tmp_path / "w", access={"cited_works_credits": 0}) as w:
        snapshot = w.acquire()
        works = [
            work
            for f in snapshot.files
            if f.form_id == "openalex_page"
            for work in json.loads(f.path.read_bytes())["results"]
        ]
        path = tmp_path / "same.jsonl"
        path.write_text("".join(json.dumps(work) + "\n" for work in works), encoding="utf-8")
        with (
            build(w.workspace, list(snapshot.files)) as pages,
            build(w.workspace, [held_file(path, "openalex", "openalex_work")], "f.duckdb") as file,
        ):
            for sql in (
                WORKS,
                "FROM core.authorship ORDER BY ALL",
                "FROM core.work_reference ORDER BY ALL",
                "FROM core.work_topic ORDER BY ALL",
            ):
                assert pages.rows(sql) == file.rows(sql) != []


@pytest.mark.parametrize("words", ["keywords", "text"])
def test_works_that_only_words_find_are_counted_apart(tmp_path, words):
    with world(tmp_path / "w", access={"match": ["topics", words], "cited_works_credits": 1}) as w:
        for technology in w.workspace.config.technologies.values():
            technology.works.keywords[:] = ["laser", "battery"]
        snapshot = w.acquire()
        asked = {line["sha256"]: line["unit"] for line in w.index(snapshot)}
        found: dict[str, set[str]] = {"topics": set(), words: set(), "cited": set()}
        for file in snapshot.files:
            if file.form_id == "openalex_page":
                document = json.loads(file.path.read_bytes())
                kind = next((kind for kind in found if f"/{kind}-" in asked[file.raw_digest]), "cited")
                found[kind] |= {work["id"] for work in document.get("results", [document])}
        with build(w.workspace, list(snapshot.files)) as staged:
            rows = {
                row[0]: row[1:]
                for row in staged.rows("SELECT query_kind, n_works, n_counted FROM prov.query_yield")
            }
            n_counted = staged.scalar(
                "SELECT count(*) FROM core.work WHERE primary_topic_id IN (SELECT topic_id FROM"
                " core.technology_topic)"
            )
    assert {kind: row[0] for kind, row in rows.items()} == {
        "topics": len(found["topics"]),
        words: len(found[words] - found["topics"]),
        "cited": len(found["cited"] - found["topics"] - found[words]),
    }
    assert rows[words][0] > rows[words][1], "some works only words find, and no technology counts them"
    assert sum(row[1] for row in rows.values()) == n_counted


def test_p25_a_provider_that_tells_its_history_anew_is_flagged_and_a_usual_quarter_is_not(tmp_path):
    with world(tmp_path / "w", works=corpus(1800), access={"cited_works_credits": 0}) as w:
        build(w.workspace, list(w.acquire().files)).close()
    now = w.workspace.root / "w.duckdb"

    def shifts(left_out: str) -> list[dict]:
        before = shutil.copy(now, tmp_path / "before.duckdb")
        with Warehouse(before) as warehouse:
            warehouse.execute(f"DELETE FROM core.work WHERE {left_out}")
        with Warehouse(now, read_only=True) as warehouse:
            warehouse.execute(f"ATTACH '{before}' AS earlier (READ_ONLY)")
            return find_shifts(warehouse)

    assert shifts("false") == shifts("work_id % 25 = 0") == [], "a few per cent more are a usual quarter"
    [found] = shifts("work_id % 8 < 3")  # five eighths were known before: sixty per cent more now
    with Warehouse(now, read_only=True) as warehouse:
        newest = warehouse.scalar("SELECT max(publication_year) FROM core.work")
        known = "primary_topic_id IN (SELECT topic_id FROM core.technology_topic)"
        n_over = warehouse.scalar(
            f"SELECT count(*) FROM core.work WHERE publication_year < {newest} AND {known}"
        )
    assert (found["source_id"], found["n_after"], found["last_year"]) == ("openalex", n_over, newest - 1)
    assert found["n_after"] / found["n_before"] == pytest.approx(1.6, rel=0.1)
    assert "provider shift" in shift_lines([found])[0]
    assert "review the list" in shift_lines([found])[-1]


def test_a_reference_to_a_merged_work_leads_to_the_one_it_became(tmp_path):
    with world(tmp_path / "w", access={"cited_works_credits": 30, "page_size": 20}) as w:
        snapshot = w.acquire()
        renamed = {
            line["asked"]: line["answered"]
            for line in w.index(snapshot)
            if line.get("status") == 200 and line["unit"][:6] == "merged"
        }
        pairs = {(int(a[1:]), int(b.rsplit("W", 1)[1])) for a, b in renamed.items() if not b.endswith(a)}
        assert pairs
        with build(w.workspace, list(snapshot.files)) as warehouse:
            cited = {
                row[0] for row in warehouse.rows("SELECT DISTINCT cited_work_id FROM core.work_reference")
            }
            doubled = (
                "SELECT 1 FROM core.work_reference GROUP BY citing_work_id, cited_work_id HAVING count(*) > 1"
            )
            assert warehouse.rows(doubled) == []
        for old, new in pairs:
            assert old not in cited
            assert new in cited


def test_counts_become_a_series_a_technology_of_full_counts_with_measured_zeros(tmp_path):
    works = Corpus(TOPICS, n_works=120, years=(2021, 2026))
    with world(tmp_path / "w", works=works, access={"route": "counts"}) as w:
        snapshot = w.acquire()
        with build(w.workspace, list(snapshot.files)) as warehouse:
            series = warehouse.rows(
                "SELECT series_id, counting, universe_series_id FROM core.statistic_series ORDER BY 1"
            )
            assert series == [
                ("openalex:all_works", "full", None),
                ("openalex:photon_chips", "full", "openalex:all_works"),
                ("openalex:solid_cells", "full", "openalex:all_works"),
            ]
            rows = {
                (area, year): value
                for area, year, value in warehouse.rows(
                    "SELECT area_code, period_year, value FROM core.statistic WHERE series_id ="
                    " 'openalex:solid_cells'"
                )
            }
            links = warehouse.rows("SELECT technology_id, relation FROM core.technology_series ORDER BY 1")
    assert links == [("photon_chips", "exact"), ("solid_cells", "exact")]
    member = [p for p in works.works_of_topic["T10002"] if not works.is_xpac[p]]
    for year in (2022, 2023, 2024, 2025):
        inside = {p for p in member if works.year[p] == year}
        assert rows["WORLD", year] == len(inside)
        for code in ("JP", "US", "CN"):
            assert rows[code, year] == len(inside & set(works.works_of_country[code].tolist()))
    assert 0 in rows.values()


@pytest.mark.skipif(not REAL.is_dir(), reason="the real pages beside the checkout are absent")
@pytest.mark.parametrize("name", PAGES)
def test_a_recorded_page_served_gives_the_rows_of_the_file(tmp_path, name):
    page = json.loads(gzip.decompress((REAL / name).read_bytes()))
    page["meta"] |= {
        "count": len(page["results"]),
        "next_cursor": None,
    }  # the rest of its query was not recorded
    path = tmp_path / "page.json"
    for work in page[
        "results"
    ]:  # the page answered another question: it gets the year and a topic of the one that is asked here
        work["publication_year"] = 2023
        work["topics"] = [*(work.get("topics") or []), {"id": "https://openalex.org/T10001", "score": 0.1}]
    path.write_text(json.dumps(page), encoding="utf-8")
    body = json.dumps(page).encode()
    with world(
        tmp_path / "w",
        recorded={"publication_year:2023": body, "publication_year%3A2023": body},
        access={"cited_works_credits": 0, "page_size": 200},
    ) as w:
        snapshot = w.acquire()
        with build(w.workspace, list(snapshot.files)) as served:
            rows = served.rows(WORKS)
    mini = open_miniature(tmp_path / "direct")
    source = mini.config.sources["mini_openalex"]
    held = register(mini, source, [Incoming(path, name, "openalex_page")], as_of="2026-11-23")
    with build(mini, list(held.files)) as direct:
        assert direct.rows(WORKS) and set(direct.rows(WORKS)) <= set(
            rows
        )  # other years are answered by the corpus


def open_texts(folder: Path) -> str:
    """Return every text a build gives away, unpacked."""
    found = [
        (folder / name).read_text(encoding="utf-8-sig")
        for name in ("candidates.json", "candidates.csv", "checks.json", "report/index.html")
    ]
    with zipfile.ZipFile(folder / "candidates.xlsx") as book:
        found += [book.read(name).decode("utf-8") for name in book.namelist() if name.endswith(".xml")]
    with connect() as con:
        found.append(str(con.execute(f"FROM read_parquet('{folder / 'candidates.parquet'}')").fetchall()))
    return "\n".join(found)


def test_records_whose_licence_forbids_redistribution_are_in_no_open_output(tmp_path):
    clock = TurnedClock()
    with OpenAlexDouble(corpus(), clock=clock) as double:
        root = declare(tmp_path / "w", double.url)
        path = root / "config" / "sources" / "openalex.yaml"
        path.write_text(
            path.read_text().replace("redistribution: allowed", "redistribution: not_allowed"),
            encoding="utf-8",
        )
        workspace = load_workspace(root)
        snapshot = pipeline.acquire(workspace, ["openalex"])[0]
        pipeline.acquire(
            workspace, [source for source in workspace.config.settings.sources if source != "openalex"]
        )
    origin = json.loads(origin_path(workspace.raw, snapshot.files[0].raw_digest, "openalex").read_text())
    assert origin["licence"]["redistribution"] == "not_allowed"
    works = [
        work
        for f in snapshot.files
        if f.form_id == "openalex_page"
        for work in json.loads(f.path.read_bytes()).get("results", [])
    ]
    given_away = open_texts(pipeline.build(workspace).folder)
    assert "openalex" in given_away
    names = {work["title"] for work in works} | {work["doi"] for work in works}
    names |= {
        place["display_name"]
        for work in works
        for author in work["authorships"]
        for place in author["institutions"]
    }
    assert len(names) > 500
    assert not [name for name in names if name in given_away]
