"""The OpenAlex connector against a real server that fails as the provider does.

Rows of the fault matrix are named N1, P9, ...
"""

import json
import os
import time

import pytest
from doubles.clock import TurnedClock
from doubles.corpus import Corpus
from doubles.faults import MISTAKEN, PASSING, Fault, FaultPlan
from doubles.openalex import OpenAlexDouble
from openalex_world import KEY, TOPICS, World, contents, corpus, world

from listgen.acquire.http import Manners
from listgen.base.errors import BudgetError, ProviderError, RefusedError, UsageError

CANARY = "canary-8c1f55e2-never-to-be-seen"


@pytest.fixture(autouse=True)
def key(monkeypatch):
    monkeypatch.setenv("OPENALEX_API_KEY", KEY)


@pytest.fixture(scope="module")
def clean(tmp_path_factory) -> dict[str, object]:
    """What an undisturbed run gets, its calls and its credits."""
    os.environ["OPENALEX_API_KEY"] = KEY
    with world(tmp_path_factory.mktemp("clean") / "w") as w:
        snapshot = w.acquire()
        return {
            "contents": contents(snapshot, w.double),
            "calls": w.double.calls,
            "credits": w.double.credits,
        }


def plan(*faults: Fault) -> FaultPlan:
    return FaultPlan(list(faults))


# ---- what is asked -------------------------------------------------------------------------------


def test_every_work_of_the_declared_topics_in_the_window_is_held(tmp_path):
    with world(tmp_path / "w", access={"cited_works_credits": 0}) as w:
        snapshot = w.acquire()
        held = [
            json.loads(f.path.read_bytes())["results"] for f in snapshot.files if f.form_id == "openalex_page"
        ]
        ids = sorted(int(work["id"].rsplit("W", 1)[1]) for page in held for work in page)
    works = corpus()
    wanted = {"T10001", "T10002"}
    topics = [{works.topics[t]["topic_id"] for t in row if t >= 0} for row in works.work_topics]
    expected = [
        p
        for p in range(works.n)
        if topics[p] & wanted and works.year[p] in (2023, 2024) and not works.is_xpac[p]
    ]
    assert ids == [4_000_000_000 + place for place in expected]
    assert snapshot.as_of_date == "2026-11-23"


def test_p26_requests_are_slim_keyed_by_header_and_never_too_fast(tmp_path):
    with world(tmp_path / "w") as w:
        snapshot = w.acquire()
        targets = [seen.target for seen in w.double.log]
        assert all("select=" in t and "corpus=core" in t for t in targets if "/works?" in t)
        assert all(seen.headers["authorization"] == f"Bearer {KEY}" for seen in w.double.log)
        assert not any(KEY in target or "api_key" in target or "mailto" in target for target in targets)
        assert w.double.most_in_a_second() <= 9
        assert not any(KEY in json.dumps(origin) for origin in w.origins(snapshot))


def test_what_is_held_and_fresh_is_not_asked_for_again_and_not_thrown_together_with_what_is_stale(tmp_path):
    with world(tmp_path / "w", access={"cited_works_credits": 0}) as w:
        first, calls = w.acquire(), w.double.calls
        assert w.acquire().number == first.number
        assert w.double.calls == calls
        w.clock.sleep(31 * 86_400)
        assert w.acquire().as_of_date == "2026-12-24"
        assert w.double.calls == 2 * calls


def test_without_a_key_a_tenth_of_the_budget_is_there_and_a_blank_key_is_refused_here(tmp_path, monkeypatch):
    monkeypatch.delenv("OPENALEX_API_KEY")
    with world(tmp_path / "w", budget=50) as w, pytest.raises(BudgetError):
        w.acquire()
    assert w.double.credits == 5
    monkeypatch.setenv("OPENALEX_API_KEY", "  ")
    with world(tmp_path / "v") as w, pytest.raises(UsageError, match="OPENALEX_API_KEY"):
        w.acquire()
    assert w.double.calls == 0


def test_the_origin_of_a_page_says_how_it_came(tmp_path):
    with world(tmp_path / "w") as w:
        snapshot = w.acquire()
        origin = next(o for o in w.origins(snapshot) if o["form_id"] == "openalex_page")
    request = origin["request"]
    assert request["status"] == 200
    assert request["headers"]["x-ratelimit-credits-used"] == "1"
    assert request["request_sha256"] != request["sha256"] == origin["sha256"]
    assert request["fetched_at"].startswith("2026-11-23T09:00")
    assert origin["licence"]["redistribution"] == "allowed"


# ---- counts --------------------------------------------------------------------------------------


def test_p19_more_than_200_groups_are_read_to_the_end_and_agree_with_single_queries(tmp_path):
    works = Corpus(TOPICS, n_works=60_000, years=(2023, 2026))
    with world(tmp_path / "w", works=works, access={"route": "counts"}) as w:
        snapshot = w.acquire()
        rows = {}
        for line in w.index(snapshot):
            if line["unit"] == "counts/all_works/2023":
                document = json.loads(
                    next(f.path for f in snapshot.files if f.raw_digest == line["sha256"]).read_bytes()
                )
                rows |= {group["key"]: group["count"] for group in document["group_by"]}
    assert len(rows) > 200
    inside = (works.year == 2023) & ~works.is_xpac
    for code in ("JP", "FJ"):
        assert rows[f"https://openalex.org/countries/{code}"] == int(
            inside[works.works_of_country[code]].sum()
        )


# ---- three kinds of 429 --------------------------------------------------------------------------


def test_p9_too_many_requests_are_waited_out(tmp_path, clean):
    with world(tmp_path / "w", faults=plan(Fault("rate_429", "topics", (1, 2), 7))) as w:
        assert contents(w.acquire(), w.double) == clean["contents"]
        assert w.clock.sleeps.count(7.0) == 2


def test_p10_a_spent_budget_stops_cleanly_and_the_next_day_goes_on(tmp_path, clean):
    with world(tmp_path / "w", budget=6) as w:
        with pytest.raises(BudgetError) as stopped:
            w.acquire()
        assert stopped.value.exit_code == 5
        assert "2026-11-24 00:00" in str(stopped.value)
        assert "listgen acquire openalex" in stopped.value.next_step
        assert w.double.credits == 6
        assert max(w.clock.sleeps) < 1, "a spent budget is not waited for"
        w.double.budget = 10_000
        w.clock.turn_to_midnight()
        assert contents(w.acquire(), w.double) == clean["contents"]


def test_our_own_budget_stops_before_it_is_passed_and_the_next_run_goes_on(tmp_path, clean):
    with world(tmp_path / "w") as w:
        runs, snapshot = 0, None
        while snapshot is None and runs < 9:
            runs, spent = runs + 1, w.double.credits
            try:
                snapshot = w.acquire(budget=4)
            except BudgetError:
                assert w.double.credits - spent <= 4
        assert runs > 2
        assert contents(snapshot, w.double) == clean["contents"]
        assert w.double.calls <= clean["calls"] + 2 * runs


def test_p11_what_needs_a_paid_plan_is_explained_and_never_retried(tmp_path):
    with (
        world(tmp_path / "w", faults=plan(Fault("plan_429", "topics"))) as w,
        pytest.raises(RefusedError, match="paid plan"),
    ):
        w.acquire()
    assert sum("topics.id" in seen.target for seen in w.double.log) == 1


def test_p12_a_key_that_is_rotated_in_the_middle_stops_at_once_and_is_not_shown(tmp_path, clean):
    with world(tmp_path / "w", faults=plan(Fault("key_401", "", (5,)))) as w:
        with pytest.raises(RefusedError) as stopped:
            w.acquire()
        assert "OPENALEX_API_KEY" in str(stopped.value)
        assert KEY not in str(stopped.value)
        assert w.double.calls == 5
        assert contents(w.acquire(), w.double) == clean["contents"]


# ---- the network ---------------------------------------------------------------------------------


def test_n1_n8_nobody_there_ends_within_two_seconds(tmp_path):
    with world(tmp_path / "w") as w:
        pass  # the double is gone now
    started = time.monotonic()
    with pytest.raises(ProviderError) as stopped:
        w.acquire()
    assert stopped.value.exit_code == 3
    assert "127.0.0.1" in stopped.value.what
    assert "listgen acquire openalex" in stopped.value.next_step
    assert time.monotonic() - started < 2
    assert w.clock.monotonic() < 2


@pytest.mark.parametrize("kind", [kind for kind in PASSING if kind != "rate_429"])
def test_n2_n3_n4_n7_p16_p17_p18_p20_p27_every_fault_that_passes_leaves_the_same_bytes(tmp_path, clean, kind):
    """N2 cut, N3 short, N4 drip, N7 portal, P16 5xx, P17 error in 200, P18 partial, P20 repeats, P27 skew."""
    faults = plan(Fault(kind, "topics", (1, 4)), Fault(kind, "ids.openalex", (1,)))
    with world(tmp_path / "w", faults=faults) as w:
        assert contents(w.acquire(), w.double) == clean["contents"]
        assert w.double.faults.done[kind] >= 2
        assert w.double.calls <= 1.6 * clean["calls"]


@pytest.mark.parametrize("kind", MISTAKEN)
def test_an_answer_to_another_request_is_never_kept(tmp_path, clean, kind):
    """The records of another query, or one with another id, once: the same bytes; for ever.

    An error that names them, and nothing kept.
    """
    match = "ids.openalex" if kind == "other_answer" else "/works/W"
    with world(tmp_path / "w", faults=plan(Fault(kind, match, (1,)))) as w:
        assert contents(w.acquire(), w.double) == clean["contents"]
        assert w.double.faults.done[kind] == 1
    with world(tmp_path / "v", faults=plan(Fault(kind, match))) as w:
        with pytest.raises(ProviderError, match="another (question|record)"):
            w.acquire()
        assert not (w.workspace.raw / "snapshots" / "openalex").exists()


def test_n2_a_body_cut_anywhere_is_never_kept(tmp_path, clean):
    cuts = [Fault("cut_body", "topics", (place,), place / 9) for place in range(1, 9)]
    with world(tmp_path / "w", faults=plan(*cuts)) as w:
        assert contents(w.acquire(), w.double) == clean["contents"]


def test_n5_a_certificate_nobody_vouches_for_is_refused(tmp_path):
    import ssl
    import subprocess

    from listgen.acquire.http import Client

    made = tmp_path / "key.pem", tmp_path / "cert.pem"
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-keyout",
        str(made[0]),
        "-out",
        str(made[1]),
        "-days",
        "1",
    ]
    subprocess.run([*command, "-subj", "/CN=elsewhere.example"], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made[1], made[0])
    double = OpenAlexDouble(corpus(), clock=TurnedClock())
    double.server.socket = context.wrap_socket(double.server.socket, server_side=True)
    with double, Client(double.url.replace("http:", "https:"), clock=TurnedClock(), resume="x") as client:
        with pytest.raises(ProviderError, match="certificate"):
            client.get("/works", {}, lambda response: response)
        assert double.calls == 0


def test_n6_the_key_is_not_carried_to_another_host(tmp_path):
    clock = TurnedClock()
    with OpenAlexDouble(corpus(), clock=clock) as other:
        faults = plan(Fault("redirect", "topics", (), f"{other.url}/works"))
        with (
            world(tmp_path / "w", clock=clock, faults=faults) as w,
            pytest.raises(ProviderError, match="another host"),
        ):
            w.acquire()
        assert other.calls == 0


@pytest.mark.parametrize("kind", ["huge", "bomb"])
def test_an_answer_without_end_is_cut_off(tmp_path, kind):
    with (
        world(tmp_path / "w", faults=plan(Fault(kind, "topics", (), 64))) as w,
        pytest.raises(ProviderError, match="larger than"),
    ):
        w.acquire(manners=Manners(max_bytes=3 << 20, attempts=2))


# ---- the provider --------------------------------------------------------------------------------


@pytest.mark.parametrize("n", [99, 100, 101, 200])
def test_p22_the_last_page_ends_the_unit_wherever_it_ends(tmp_path, n):
    works = Corpus(TOPICS, n_works=400, years=(2023, 2024))
    wanted = [
        p
        for p in range(works.n)
        if works.year[p] == 2023 and not works.is_xpac[p] and {0, 1} & set(works.work_topics[p])
    ]
    works.visible[wanted[n:]] = False
    n = min(n, len(wanted))
    with world(tmp_path / "w", works=works, access={"cited_works_credits": 0}) as w:
        lines = [line for line in w.index(w.acquire()) if line["unit"].endswith("/2023")]
    assert sum(line["n_records"] for line in lines) == n
    assert len(lines) == max(1, -(-n // 50))
    assert not any(line["is_unconfirmed"] for line in lines)


def test_p20_an_index_that_changes_underway_is_read_again_and_then_flagged(tmp_path):
    works = Corpus(TOPICS, n_works=900, years=(2023, 2024))

    def change(number: int) -> None:  # other works come and go at every request
        works.visible[:] = True
        works.visible[number % 7 :: 7] = False

    with world(tmp_path / "w", works=works, access={"cited_works_credits": 0}) as w:
        w.double.on_request = change
        lines = w.index(w.acquire())
    assert any(line["is_unconfirmed"] for line in lines)
    assert w.double.calls < 200, "it does not go on asking for ever"


def test_p21_a_lost_cursor_starts_its_unit_again_and_no_other(tmp_path, clean, monkeypatch):
    from doubles import query

    whole, lost = query.decode_cursor, []

    def decode(cursor: str) -> object:
        if cursor != "*" and not lost:
            lost.append(cursor)
            raise query.bad("Cursor value is invalid.", "Pagination error.")
        return whole(cursor)

    monkeypatch.setattr(query, "decode_cursor", decode)
    with world(tmp_path / "w") as w:
        assert contents(w.acquire(), w.double) == clean["contents"]
        assert w.double.calls == clean["calls"] + 2


def test_p24_merged_works_are_followed_and_deleted_ones_noted(tmp_path):
    with world(tmp_path / "w", access={"cited_works_credits": 30, "page_size": 20}) as w:
        lines = [line for line in w.index(w.acquire()) if "asked" in line]
    kinds = {line["asked"]: (line["status"], line["answered"]) for line in lines}
    assert len(kinds) >= 20
    for name, (status, answered) in kinds.items():
        place = corpus().position(int(name[1:]))
        if place is not None:  # a work of the expansion, which the list of the core leaves out
            assert corpus().is_xpac[place]
            continue
        kind, target = corpus().merged.get(int(name[1:]), ("deleted", 0))
        assert status == (200 if kind == "redirect" else 404)
        assert answered == (f"https://openalex.org/W{target}" if kind == "redirect" else "")
    assert {status for status, _ in kinds.values()} == {200, 404}


def test_p26_an_older_server_that_does_not_know_corpus_is_asked_without_it(tmp_path, clean):
    with world(tmp_path / "w", knows_corpus=False) as w:
        assert contents(w.acquire(), w.double) == clean["contents"]
    with (
        world(tmp_path / "v", knows_corpus=False, access={"corpus": "expansion"}) as w,
        pytest.raises(RefusedError, match="corpus is not a valid"),
    ):
        w.acquire()


def test_a_provider_that_sends_one_page_for_ever_is_left(tmp_path):
    page = {
        "meta": {"count": 500, "db_response_time_ms": 5, "next_cursor": "again"},
        "results": [{"id": "https://openalex.org/W1"}],
        "group_by": [],
    }
    with world(
        tmp_path / "w", recorded={"topics.id": json.dumps(page).encode()}, access={"cited_works_credits": 0}
    ) as w:
        lines = w.index(w.acquire())
    assert [line["is_unconfirmed"] for line in lines] == [True, True] * 2
    assert w.double.calls < 60


def test_a_page_too_large_to_be_sent_is_asked_for_in_pieces(tmp_path):
    with world(
        tmp_path / "w",
        faults=plan(Fault("xml_503", "topics.*per_page=50")),
        access={"cited_works_credits": 0},
    ) as w:
        snapshot = w.acquire()
        assert sum(line["n_records"] for line in w.index(snapshot)) > 100
        assert all(line["n_records"] <= 25 for line in w.index(snapshot))


def test_p23_a_field_that_is_gone_is_named_by_its_path(tmp_path, monkeypatch):
    def spoil(self: OpenAlexDouble, kind: str, target: str, answer):
        from doubles.wire import Answer

        document = json.loads(answer.body)
        document["results"][2].pop("id")
        return Answer(200, json.dumps(document).encode(), answer.headers)

    monkeypatch.setattr(OpenAlexDouble, "spoil", spoil)
    with (
        world(tmp_path / "w", faults=plan(Fault("stale_page", "topics"))) as w,
        pytest.raises(ProviderError, match=r"results\[2\]\.id is missing"),
    ):
        w.acquire()


# ---- keys ----------------------------------------------------------------------------------------


def test_s77_the_key_is_in_no_file_and_no_message(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("OPENALEX_API_KEY", CANARY)
    faults = plan(Fault("garbage", "", (2,)), Fault("captive_portal", "", (4,)), Fault("status_500", "ids"))
    with world(tmp_path / "w", keys=(CANARY,), faults=faults) as w:
        with pytest.raises(ProviderError) as stopped:
            w.acquire(say=print, manners=Manners(attempts=3))
        assert any(CANARY in seen.headers["authorization"] for seen in w.double.log)
    assert CANARY not in str(stopped.value) + json.dumps(stopped.value.as_dict()) + capsys.readouterr().out
    files = [path for path in (tmp_path / "w").rglob("*") if path.is_file()]
    assert len(files) > 20
    assert not [path for path in files if CANARY.encode() in path.read_bytes()]


def test_a_key_the_provider_echoes_is_struck_out(tmp_path, monkeypatch):
    monkeypatch.setenv("OPENALEX_API_KEY", CANARY)
    with world(tmp_path / "w", keys=(CANARY,)) as w:
        monkeypatch.setattr(w.double, "_works", lambda parameters: (_ for _ in ()).throw(_echo()))
        with pytest.raises(RefusedError) as stopped:
            w.acquire()
    assert "***" in str(stopped.value)
    assert CANARY not in str(stopped.value)


def _echo():
    from doubles.query import bad

    return bad(f"Your key {CANARY} may not ask this.")


def test_another_question_does_not_go_on_with_the_pages_of_the_first(tmp_path, clean):
    with world(tmp_path / "w") as w:
        with pytest.raises(BudgetError):
            w.acquire(budget=5)
        other = World(tmp_path / "x", w.double, w.clock, corpus="all")
        other.workspace = w.workspace
        all_works = other.acquire()
        assert any(
            b'"is_xpac": true' in body
            for body in contents(all_works, w.double).values()
            if isinstance(body, bytes)
        )
