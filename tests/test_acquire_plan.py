"""What a plan promises against what a real run at the double then costs."""

import csv
import json
from collections import Counter
from functools import cache

import pytest
from doubles.corpus import Corpus
from openalex_world import ALL_TOPICS, KEY, corpus, world

from listgen.acquire.openalex.estimate import estimate
from listgen.acquire.order import Order
from listgen.base.errors import BudgetError


@pytest.fixture(autouse=True)
def key(monkeypatch):
    monkeypatch.setenv("OPENALEX_API_KEY", KEY)


@cache
def wide_corpus() -> Corpus:
    """A world of 400 topics: together they reach every country, each alone far fewer."""
    with ALL_TOPICS.open(encoding="utf-8", newline="") as stream:
        ids = [row["topic_id"] for row in csv.DictReader(stream)][:400]
    return Corpus(ALL_TOPICS, n_works=60_000, years=(2019, 2026), topic_ids=ids)


@pytest.mark.parametrize("access", [{}, {"route": "counts"}, {"page_size": 20, "cited_works_credits": 2}])
def test_the_plan_is_within_two_percent_of_what_then_happens(tmp_path, access):
    with world(tmp_path / "w", works=wide_corpus(), access=access) as w:
        found = estimate(w.workspace, w.source, Order(clock=w.clock))
        assert w.double.credits == found.asked
        calls, credits = w.double.calls, w.double.credits
        snapshot = w.acquire()
        named = sum("/works?" in seen.target for seen in w.double.log[calls:])
        assert found.credits == pytest.approx(w.double.credits - credits, rel=0.02)
        assert found.calls == pytest.approx(named, rel=0.02)
        assert found.n_bytes == pytest.approx(
            sum(f.n_bytes for f in snapshot.files if f.file_name != "requests.jsonl"), rel=0.02
        )
        assert estimate(w.workspace, w.source, Order(clock=w.clock)).calls == 0, "what is fresh costs nothing"


def test_a_plan_in_the_middle_of_a_run_counts_only_what_is_left(tmp_path):
    with world(tmp_path / "w") as w:
        whole = estimate(w.workspace, w.source, Order(clock=w.clock))
        with pytest.raises(BudgetError):
            w.acquire(budget=4)
        assert estimate(w.workspace, w.source, Order(clock=w.clock)).credits == whole.credits - 3


@pytest.mark.parametrize("match", [["topics"], ["topics", "keywords"]])
def test_cited_works_are_counted_once_where_all_works_are_read(tmp_path, match):
    access = {"cited_works_credits": 2000, "page_size": 20, "match": match}
    with world(tmp_path / "w", works=corpus(), access=access) as w:
        for technology in w.workspace.config.technologies.values():
            technology.works.keywords[:] = ["laser", "battery"]
        found, credits = estimate(w.workspace, w.source, Order(clock=w.clock)), w.double.credits
        snapshot = w.acquire()
        received = [
            json.loads(line)
            for file in snapshot.files
            if file.form_id == "openalex_page"
            for line in file.path.read_text().splitlines()
        ]
        named = Counter(work["id"] for page in received for work in page.get("results", []))
        assert (max(named.values()) > 1) == (len(match) > 1), "a work that two queries find comes twice"
        n_cited = sum(line["unit"].startswith("cited/") for line in w.index(snapshot))
        assert 1 < n_cited == found.n_cited
        assert found.n_bytes == pytest.approx(
            sum(f.n_bytes for f in snapshot.files if f.file_name != "requests.jsonl"), rel=0.02
        )
        assert found.credits == pytest.approx(w.double.credits - credits, rel=0.02)


@pytest.mark.parametrize("deepest", [10_000, 60])
def test_what_is_cited_is_worked_out_from_a_part_of_the_works(monkeypatch, tmp_path, deepest):
    access = {"cited_works_credits": 2000, "page_size": 20}
    with world(tmp_path / "wide", works=wide_corpus(), access=access) as w:
        counted = estimate(w.workspace, w.source, Order(clock=w.clock))
        monkeypatch.setattr("listgen.acquire.openalex.estimate._MOST_ASKED", 12)
        monkeypatch.setattr("listgen.acquire.openalex.estimate._DEEPEST", deepest)
        n_before = len(w.double.log)
        guessed = estimate(w.workspace, w.source, Order(clock=w.clock))
        pages = [seen.target for seen in w.double.log[n_before:] if "&page=" in seen.target]
        assert len(pages) == len(set(pages)) > 1, (
            "no page is read twice, however few of them can be asked for by number"
        )
        assert guessed.asked < counted.asked
        assert guessed.n_cited == pytest.approx(counted.n_cited, rel=0.1)
