"""What OpenAlex is asked for, in how many pieces, and what is said of answers that never add up."""

import json

import pytest
from doubles.corpus import Corpus
from doubles.faults import Fault, FaultPlan
from doubles.openalex import OpenAlexDouble
from doubles.wire import Answer
from openalex_world import ALL_TOPICS, KEY, world
from test_acquire_stage import build

from listgen.acquire.openalex.access import OpenAlexAccess


@pytest.fixture(autouse=True)
def key(monkeypatch):
    monkeypatch.setenv("OPENALEX_API_KEY", KEY)


def test_a_long_list_of_topics_is_asked_for_in_hundreds_and_nothing_of_it_is_left_out(tmp_path):
    works = Corpus(ALL_TOPICS, n_works=3000, years=(2023, 2024))
    topics = [row["topic_id"] for row in works.topics[:205]]
    size = OpenAlexAccess.model_fields["page_size"].default
    with world(tmp_path / "w", works=works, access={"cited_works_credits": 0, "page_size": size}) as w:
        next(iter(w.workspace.config.technologies.values())).works.topics[:] = topics
        snapshot = w.acquire()
        asked = [seen.target for seen in w.double.log if "topics.id" in seen.target]
        held = [
            json.loads(f.path.read_bytes())["results"] for f in snapshot.files if f.form_id == "openalex_page"
        ]
        origins = w.origins(snapshot)
    n_values = {target.count("|") + 1 for target in asked}
    assert max(n_values) == 100, "as many as the provider takes, and no more"
    assert len({target.split("filter=")[1].split("&")[0] for target in asked}) == 2 * 3, (
        "of each year three pieces"
    )
    assert all(target.count("filter=") == 1 and "&per_page=100&" in target for target in asked)
    wanted = set(topics) | {t for tech in w.workspace.config.technologies.values() for t in tech.works.topics}
    numbers = {n for n, row in enumerate(works.topics) if row["topic_id"] in wanted}
    expected = {
        4_000_000_000 + p
        for p in range(works.n)
        if numbers & set(works.work_topics[p]) and not works.is_xpac[p]
    }
    assert {int(work["id"].rsplit("W", 1)[1]) for page in held for work in page} == expected
    pages = [origin["request"] for origin in origins if origin["form_id"] == "openalex_page"]
    assert all(
        "corpus=core" in request["address"] and request["client"].startswith("listgen/") for request in pages
    )


def test_p18_answers_that_stay_a_part_are_kept_and_the_build_warns_of_them(tmp_path, monkeypatch):
    """The search engine gives up after five seconds.

    Mostly without a word (2024 here), on some servers with `timed_out` (2023).
    """
    in_part = OpenAlexDouble.spoil

    def spoil(self, kind, target, answer):
        if "year:2024" in target:
            return in_part(self, kind, target, answer)
        document = answer.document | {"meta": answer.document["meta"] | {"timed_out": True}}
        return Answer(answer.status, json.dumps(document).encode(), answer.headers)

    monkeypatch.setattr(OpenAlexDouble, "spoil", spoil)
    with world(
        tmp_path / "w", faults=FaultPlan([Fault("partial_200", "topics")]), access={"cited_works_credits": 0}
    ) as w:
        snapshot = w.acquire()
        lines = [line["unit"] for line in w.index(snapshot) if line["is_unconfirmed"]]
        with build(w.workspace, list(snapshot.files)) as staged:
            told = staged.rows("SELECT source_id, unit, n_answers FROM prov.unconfirmed")
    assert sorted(set(lines)) == ["works/topics-001/2023", "works/topics-001/2024"]
    assert told == [("openalex", unit, lines.count(unit)) for unit in sorted(set(lines))]
