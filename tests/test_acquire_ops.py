"""The connector of the EPO's Open Patent Services against a real server that behaves as they do.

Rows of the fault matrix are named.
"""

import json

import pytest
from doubles.faults import Fault, FaultPlan
from doubles.ops import OpsDouble
from miniature import open_miniature
from portal_world import FAMILIES, NUMBERS, answers, services
from soak.portal import fail_each_write
from test_acquire_stage import build

from listgen.acquire import Incoming, register
from listgen.acquire.http import Manners
from listgen.acquire.ops import api
from listgen.acquire.ops.api import address_of
from listgen.acquire.ops.estimate import estimate
from listgen.acquire.order import Order
from listgen.base.errors import BudgetError, DataError, ProviderError, RefusedError, UsageError
from listgen.base.xmltext import EntityError, parse_xml
from listgen.config.models import ANSWER_INDEX, KEPT_ONLY
from listgen.store.raw import newest_snapshot
from listgen.store.warehouse import connect

CANARY = ("canary-ops-key-77aa", "canary-ops-secret-55bb")
KINDS = (
    "status_500", "status_502", "status_503", "status_504", "cut_body", "reset", "garbage", "captive_portal",
    "empty_body", "error_in_200",
    "wrong_encoding", "slow_drip", "delay", "clock_skew", "partial_200",
)  # fmt: skip


@pytest.fixture(autouse=True)
def user(monkeypatch):
    monkeypatch.setenv("EPO_OPS_KEY", "test-key")
    monkeypatch.setenv("EPO_OPS_SECRET", "test-secret")


@pytest.fixture(scope="module")
def clean(tmp_path_factory) -> dict[str, object]:
    """What an undisturbed run gets."""
    with pytest.MonkeyPatch.context() as patch, services(tmp_path_factory.mktemp("clean") / "w") as w:
        patch.setenv("EPO_OPS_KEY", "test-key")
        patch.setenv("EPO_OPS_SECRET", "test-secret")
        return answers(w.acquire())


def plan(*faults: Fault, **rest) -> FaultPlan:
    return FaultPlan(list(faults), **rest)


# ---- what is asked -------------------------------------------------------------------------------


def test_every_named_publication_is_answered_as_received_and_its_extended_family_says_the_simple_ones(
    tmp_path, clean
):
    assert sorted(clean) == sorted([*(f"family/{number}.xml" for number in NUMBERS), "requests.jsonl"])
    for document in FAMILIES.documents[:12]:
        root = parse_xml(clean[f"family/{document.name}.xml"])
        members = root.findall(".//{http://ops.epo.org}family-member")
        assert len(members) == len(FAMILIES.extended[document.priorities])
        assert {int(one.get("family-id")) for one in members} == {
            FAMILIES.simple[one.priorities] for one in FAMILIES.extended[document.priorities]
        }
    assert all(line["status"] == 200 and not line["is_unconfirmed"] for line in clean["requests.jsonl"])


@pytest.mark.parametrize(
    ("number", "place"),
    [
        ("EP-1000000-A1", "docdb/EP.1000000.A1"),
        ("US-10123456-B2", "docdb/US.10123456.B2"),
        ("US-20210000001-A1", "docdb/US.2021000001.A1"),
        ("US-2021000001-A1", "docdb/US.2021000001.A1"),
        ("US-D900007-S1", "docdb/US.D900007.S1"),
        ("US-10123456", "epodoc/US10123456"),
    ],
)
def test_a_number_is_asked_for_as_the_services_write_it(number, place):
    assert address_of("family", number) == f"/rest-services/family/publication/{place}"
    assert address_of("biblio", number) == f"/rest-services/published-data/publication/{place}/biblio"


def test_both_services_are_asked_and_an_unknown_number_is_an_answer(tmp_path):
    with services(
        tmp_path / "w", access={"services": ["family", "biblio"], "numbers": [NUMBERS[0], "EP-9999999-A1"]}
    ) as w:
        snapshot = w.acquire()
        lines = w.index(snapshot)
        assert {(line["service"], line["number"], line["status"], line["fault"]) for line in lines} == {
            ("family", NUMBERS[0], 200, ""),
            ("biblio", NUMBERS[0], 200, ""),
            ("family", "EP-9999999-A1", 404, "SERVER.EntityNotFound"),
            ("biblio", "EP-9999999-A1", 404, "SERVER.EntityNotFound"),
        }
        calls = w.double.calls
        assert w.acquire().number == snapshot.number
        assert w.double.calls == calls, "what nobody knows is not asked for again until it is stale"
        w.clock.sleep(366 * 86_400)
        assert w.acquire().number == snapshot.number + 1
        assert w.double.look_ups() == 8


def make_build(folder, rows) -> None:
    """Leave a current build with these publications: number, family, kind of family, technology, source."""
    path = folder / "data" / "builds" / "b" / "listgen.duckdb"
    path.parent.mkdir(parents=True)
    with connect(path) as con:
        con.execute("CREATE SCHEMA core; CREATE TABLE core.source (source_id VARCHAR, is_sample BOOLEAN)")
        con.execute("INSERT INTO core.source VALUES ('real', false), ('made', true)")
        con.execute(
            "CREATE TABLE core.patent_publication (publication_number VARCHAR, family_id VARCHAR, family_kind"
            " VARCHAR, source_id VARCHAR)"
        )
        con.execute("CREATE TABLE core.technology_family (technology_id VARCHAR, family_id VARCHAR)")
        for number, family, kind, technology, source in rows:
            con.execute(
                "INSERT INTO core.patent_publication VALUES (?, ?, ?, ?)", [number, family, kind, source]
            )
            if technology:
                con.execute("INSERT INTO core.technology_family VALUES (?, ?)", [technology, family])
    (folder / "data" / "current").symlink_to("builds/b")


def test_publications_without_a_family_are_looked_up_within_the_budget_shared_by_technologies(
    tmp_path,
):
    us = [document.name for document in FAMILIES.documents if document.kind == "B2"]
    alone = [(number, number, "single_document", "cells", "real") for number in us[:5]]
    others = [
        (us[5], "pair", "single_document", "chips", "real"),
        (
            "US-10000000-A1",
            "pair",
            "single_document",
            "",
            "real",
        ),  # stands with it, and is not known at the EPO
        (us[6], "f", "docdb", "chips", "real"),
        (us[7], us[7], "single_document", "", "real"),
        (us[8], us[8], "single_document", "cells", "made"),
        ("odd number", "odd", "single_document", "cells", "real"),
    ]
    with services(tmp_path / "w", access={"numbers": []}) as w:
        empty = w.acquire()
        assert ([file.file_name for file in empty.files], w.double.calls) == (["requests.jsonl"], 0)
        make_build(w.workspace.root, [*alone, *others])
        first = w.acquire(budget=2)
        assert {line["number"]: line["status"] for line in w.index(first)} == {
            us[0]: 200,
            "US-10000000-A1": 404,
        }
        found = estimate(w.workspace, w.source, Order(clock=w.clock))
        assert (found.look_ups, found.left) == (5, 5)
        assert found.week_bytes >= sum(file.n_bytes for file in first.files if file.form_id == "epo_ops") > 0
        second = w.acquire()
        assert {line["number"] for line in w.index(second)} == {*us[:6], "US-10000000-A1"}
        assert (
            answers(second).items()
            >= {k: v for k, v in answers(first).items() if k != "requests.jsonl"}.items()
        )
        assert w.double.look_ups() == 7


def test_a_build_that_cannot_be_read_is_named(tmp_path):
    with services(tmp_path / "w") as w:
        make_build(w.workspace.root, [])
        (w.workspace.current / "listgen.duckdb").write_bytes(b"no database")
        with pytest.raises(DataError, match=r"data/current/listgen\.duckdb cannot be read"):
            w.acquire()


# ---- tokens --------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [400, 401, 403])
def test_p14_a_token_that_ran_out_is_renewed_once_and_the_run_goes_on(tmp_path, clean, status):
    with services(tmp_path / "w", token_seconds=3, token_status=status) as w:
        assert answers(w.acquire()) == clean
        renewed = sum(seen.method == "POST" for seen in w.double.log)
        assert 2 <= renewed <= len(NUMBERS)
        assert max(w.clock.sleeps) < 5


def test_a_token_is_asked_for_once_in_twenty_minutes_and_the_secret_goes_nowhere_else(tmp_path):
    with services(tmp_path / "w") as w:
        w.acquire()
        posts = [seen for seen in w.double.log if seen.method == "POST"]
        assert len(posts) == 1
        assert posts[0].headers["authorization"].startswith("Basic ")
        assert all(
            seen.headers["authorization"].startswith("Bearer ")
            for seen in w.double.log
            if seen.method == "GET"
        )
        w.clock.sleep(1180)
        w.acquire(again=True)
        assert sum(seen.method == "POST" for seen in w.double.log) == 2, "it is renewed before it runs out"
        assert all(seen.status in (200, 404) for seen in w.double.log)


@pytest.mark.parametrize("users", [{"test-key": "another"}, {"other": "x"}])
def test_p12_a_registration_that_is_not_accepted_stops_at_once(tmp_path, users):
    with services(tmp_path / "w", users=users) as w:
        with pytest.raises(RefusedError, match="EPO_OPS_KEY, EPO_OPS_SECRET") as stopped:
            w.acquire()
        assert w.double.calls == 1
    assert "test-secret" not in str(stopped.value)


def test_a_token_that_is_never_accepted_does_not_go_round_in_circles(tmp_path):
    with (
        services(tmp_path / "w", token_seconds=-1) as w,
        pytest.raises(RefusedError, match="does not accept"),
    ):
        w.acquire()
    assert w.double.calls == 4


def test_without_a_key_nothing_is_asked(tmp_path, monkeypatch):
    monkeypatch.delenv("EPO_OPS_SECRET")
    with services(tmp_path / "w") as w, pytest.raises(UsageError, match="EPO_OPS_SECRET is not set"):
        w.acquire()
    assert w.double.calls == 0


# ---- lights and quotas ---------------------------------------------------------------------------


def test_the_lights_are_obeyed_before_they_turn_red(tmp_path, clean):
    with services(tmp_path / "w", limits={"inpadoc": 6}, access={"requests_per_second": 10}) as w:
        assert answers(w.acquire()) == clean
        assert not [seen for seen in w.double.log if seen.status == 403]
        assert w.clock.monotonic() >= (len(NUMBERS) - 1) * 10


def test_busy_servers_are_asked_more_slowly(tmp_path):
    took = {}
    for state in ("idle", "overloaded"):
        with services(tmp_path / state) as w:
            w.double.state = state
            w.acquire()
            took[state] = w.clock.monotonic()
    assert took["overloaded"] > 2 * took["idle"]


def test_p13_a_black_light_is_waited_for_in_milliseconds(tmp_path, clean):
    with services(tmp_path / "w") as w:
        w.double.suspended["inpadoc"] = w.clock.now() + 7
        assert answers(w.acquire()) == clean
        waits = [wait for wait in w.clock.sleeps if wait > 5]
        assert len(waits) == 1
        assert 5 < waits[0] < 8, "a pause told in milliseconds, not in seconds"


def test_p13_a_long_suspension_is_told_and_not_waited_for(tmp_path):
    with services(tmp_path / "w") as w:
        w.double.suspended["inpadoc"] = w.clock.now() + 7200
        with pytest.raises(BudgetError, match="suspended") as stopped:
            w.acquire()
        assert stopped.value.exit_code == 5
        assert "2026-11-23 11:0" in stopped.value.expected
        assert w.clock.monotonic() < 10


@pytest.mark.parametrize(
    ("quota", "anew"), [("hourly_bytes", "2026-11-23 10:00"), ("weekly_bytes", "2026-11-30 09:0")]
)
def test_p13_a_quota_that_is_used_up_keeps_what_came_and_tells_when_it_starts_anew(
    tmp_path, clean, quota, anew
):
    size = sum(len(body) for body in clean.values() if isinstance(body, bytes))
    with services(tmp_path / "w", **{quota: size // 2}) as w:
        with pytest.raises(
            BudgetError,
            match="IndividualQuotaPerHour" if quota == "hourly_bytes" else "RegisteredQuotaPerWeek",
        ) as stopped:
            w.acquire()
        assert anew in stopped.value.expected
        held = newest_snapshot(w.workspace.raw, "epo_ops")
        assert 2 < len(held.files) < len(NUMBERS)
        setattr(w.double, quota, 1 << 40)
        asked = w.double.look_ups()
        assert answers(w.acquire()) == clean
        assert w.double.look_ups() - asked == len(NUMBERS) - (len(held.files) - 1), (
            "nothing is asked for twice"
        )


def test_our_own_count_of_the_weekly_fair_use_stops_before_the_provider_does(tmp_path, clean):
    with services(tmp_path / "w") as w:
        w.acquire()
        w.declare(weekly_bytes=1_000_000)
        account = next((w.workspace.raw / "allowance").glob("*.json"))
        rows = json.loads(account.read_text())
        assert sum(amount for _, _, amount in rows) >= sum(
            len(body) for body in clean.values() if isinstance(body, bytes)
        )
        account.write_text(json.dumps([[rows[0][0], "bytes", 1_000_000]]))
        calls = w.double.calls
        with pytest.raises(BudgetError, match="1,000,000 bytes a week is used up"):
            w.acquire(again=True)
        assert w.double.calls == calls
        w.clock.sleep(7 * 86_400 + 3600)
        w.acquire(again=True)


# ---- the network and what it brings --------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_n2_n3_n4_n7_p17_p18_a_broken_answer_changes_no_byte(tmp_path, clean, kind):
    with services(tmp_path / "w", faults=plan(Fault(kind, "family", (2, 5)))) as w:
        assert answers(w.acquire()) == clean
        assert w.double.faults.done[kind] == 2


def test_p16_thirty_percent_of_random_faults_change_no_byte(tmp_path, clean, seed=1):
    with services(tmp_path / "w", faults=plan(rate=0.3, seed=seed, kinds=KINDS)) as w:
        assert answers(w.acquire()) == clean
        assert w.double.calls <= 3 * len(NUMBERS)


def test_p18_a_family_that_stays_short_is_kept_and_flagged(tmp_path):
    found = FAMILIES.documents
    number = next(a.name for a in found if sum(a.priorities == b.priorities for b in found) > 2)
    with services(
        tmp_path / "w", faults=plan(Fault("partial_200", "family")), access={"numbers": [number]}
    ) as w:
        snapshot = w.acquire()
        line = w.index(snapshot)[0]
        mini = open_miniature(tmp_path / "mini")
        mini.config.sources["epo_ops"] = w.source
        with build(mini, list(snapshot.files)) as staged:
            unconfirmed = staged.rows("SELECT source_id, unit FROM prov.unconfirmed")
    assert line["is_unconfirmed"]
    assert w.double.look_ups() == 3
    assert unconfirmed == [("epo_ops", f"family/{number}")]


def test_an_index_of_an_earlier_version_is_read_and_replaced(tmp_path):
    with services(tmp_path / "w") as w:
        first = w.acquire()
        lines = w.index(first)
        earlier = tmp_path / "requests.json"
        earlier.write_text(json.dumps([{k: v for k, v in line.items() if k != "unit"} for line in lines]))
        kept = [file for file in first.files if file.form_id != ANSWER_INDEX]
        register(
            w.workspace,
            w.source,
            [Incoming(earlier, "requests.json", KEPT_ONLY)],
            as_of=first.as_of_date,
            kept=kept,
        )
        calls = w.double.calls
        w.acquire()
        assert w.double.calls == calls, "what was answered is not asked again"
        later = w.acquire(again=True)
    assert w.index(later) == lines
    assert "requests.json" not in [file.file_name for file in later.files]


def test_n6_a_redirect_to_another_host_is_not_followed(tmp_path):
    with OpsDouble(FAMILIES) as other:
        elsewhere = plan(Fault("redirect", "family", (), f"{other.url}/3.2/"))
        with (
            services(tmp_path / "w", faults=elsewhere) as w,
            pytest.raises(ProviderError, match="another host"),
        ):
            w.acquire()
        assert other.calls == 0


_LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
BOMBS = {
    "entities": f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "lol">{_LAUGHS}]><x>&l9;</x>',
    "attribute": f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "lol">{_LAUGHS}]><x a="&l9;"/>',
    "external": '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><x>&f;</x>',
    "parameter": '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1:9/x"> %p;]><x/>',
    "doctype": '<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd"><x/>',
}


@pytest.mark.parametrize("name", BOMBS)
def test_d54_an_answer_that_defines_entities_is_refused_by_name_and_not_asked_for_again(tmp_path, name):
    with pytest.raises(EntityError):
        parse_xml(BOMBS[name].encode())
    with services(tmp_path / "w", recorded={"family": BOMBS[name].encode()}) as w:
        with pytest.raises(DataError, match=f"the answer about {NUMBERS[0]} defines entities of its own"):
            w.acquire()
        assert w.double.look_ups() == 1
        assert not (w.workspace.raw / "snapshots" / "epo_ops").exists()


def test_an_answer_without_end_is_cut_off(tmp_path):
    with (
        services(tmp_path / "w", faults=plan(Fault("bomb", "family", (), 8))) as w,
        pytest.raises(ProviderError, match="larger than"),
    ):
        w.acquire(manners=Manners(max_bytes=1 << 20))


def test_s77_neither_key_nor_secret_nor_token_is_in_a_file_or_message(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("EPO_OPS_KEY", CANARY[0])
    monkeypatch.setenv("EPO_OPS_SECRET", CANARY[1])
    with services(
        tmp_path / "w",
        users=dict([CANARY]),
        faults=plan(Fault("garbage", "family", (1,)), Fault("status_500", NUMBERS[7][3:8])),
    ) as w:
        with pytest.raises(ProviderError) as stopped:
            w.acquire(say=print, manners=Manners(attempts=3))
        token = next(iter(w.double.tokens))
        w.double.faults.faults.clear()
        w.acquire(say=print)
    told = str(stopped.value) + json.dumps(stopped.value.as_dict()) + capsys.readouterr().out
    files = [path.read_bytes() for path in (tmp_path / "w").rglob("*") if path.is_file()]
    assert len(files) > 20
    for word in (*CANARY, token, *w.double.tokens):
        assert word not in told
        assert not [body for body in files if word.encode() in body]


def test_f31_every_write_that_fails_is_told_and_the_next_run_ends_with_the_same_bytes(tmp_path, clean):
    assert (
        fail_each_write(
            lambda n: services(tmp_path / f"w{n}"), lambda w: answers(w.acquire()) == clean, step=40
        )
        > 1
    )


@pytest.mark.parametrize(
    ("number", "told", "is_other"),
    [
        ("US-10123456-B2", "10123456", False),
        ("US-10123456-B2", "10123457", True),
        ("EP-1234567-A1", "01234567", False),
        ("JP-2020123456", "JP2020123456", False),
    ],
)
def test_an_answer_about_another_publication_is_odd(number, told, is_other):
    document = f"<a><document-id><doc-number>{told}</doc-number></document-id></a>".encode()
    assert bool(api._other_number(number, parse_xml(document))) is is_other


@pytest.mark.parametrize(("total", "is_odd"), [('total-result-count="0"', False), ("", True),
    ('total-result-count="2"', True)])  # fmt: skip
def test_an_answer_without_members_is_whole_where_it_says_so(total, is_odd):
    document = f"<world-patent-data><patent-family {total}/></world-patent-data>".encode()
    assert bool(api._oddity("family", parse_xml(document))) is is_odd
