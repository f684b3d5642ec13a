"""The connector of the USPTO Open Data Portal against a real server that fails as the portal does.

Rows of the fault matrix are named.
"""

import json

import pytest
from doubles.clock import RealClock
from doubles.faults import Fault, FaultPlan
from doubles.odp import YEAR, OdpDouble, Store
from miniature import ROOT
from portal_world import KEY, PATENTS, PRODUCTS, declare, portal, table_bytes
from soak.portal import fail_each_write, kill_and_finish

from listgen.acquire.http import Manners
from listgen.acquire.odp.estimate import estimate
from listgen.acquire.order import Order
from listgen.base.errors import BudgetError, DataError, ListgenError, ProviderError, RefusedError, UsageError
from listgen.store.raw import newest_snapshot
from listgen.workspace.loading import load_workspace

CANARY = "canary-odp-3f0a-never-to-be-seen"
N_FILES = sum(len(tables) for tables in PRODUCTS.values())
G_PATENT = "PVGPATDIS/2025-12-31/g_patent.tsv.zip"
CUTS = (
    "cut_body",
    "reset",
    "garbage",
    "captive_portal",
    "empty_body",
    "wrong_encoding",
    "slow_drip",
    "delay",
    "clock_skew",
    "status_503",
    "status_500",
)


@pytest.fixture(autouse=True)
def key(monkeypatch):
    monkeypatch.setenv("USPTO_API_KEY", KEY)


@pytest.fixture(scope="module")
def clean(tmp_path_factory) -> dict[str, bytes]:
    """What an undisturbed run gets: the archives as the provider packed them."""
    return {
        f"{product}/2025-12-31/released-2026-04-10/{table}.tsv.zip": PATENTS.archive(table, "2025-12-31")
        for product, tables in PRODUCTS.items()
        for table in tables
    }


def plan(*faults: Fault, **rest) -> FaultPlan:
    return FaultPlan(list(faults), **rest)


# ---- what is fetched -----------------------------------------------------------------------------


def test_the_wanted_tables_of_both_products_are_held_as_received_and_say_how_they_came(tmp_path, clean):
    with portal(tmp_path / "w") as w:
        snapshot = w.acquire()
        assert table_bytes(snapshot) == clean
        assert {f.form_id for f in snapshot.files} == {
            "kept_only", "patentsview_g_patent", "patentsview_g_application", "patentsview_g_cpc_current",
            "patentsview_pg_published_application",
        }  # fmt: skip
        assert snapshot.as_of_date == "2025-12-31"
        assert w.double.n_downloads() == N_FILES == w.ledger()
        request = next(o for name, o in w.origins(snapshot).items() if name.endswith("g_patent.tsv.zip"))[
            "request"
        ]
    assert request["listed"] == {
        "n_bytes": len(clean[next(n for n in clean if "g_patent" in n)]),
        "released": "2026-04-10",
        "data_to": "2025-12-31",
    }
    assert request["received"]["etag"].startswith('"')
    assert request["address"].endswith(f"/files/{G_PATENT}")
    assert not list((tmp_path / "w").rglob("pending/patentsview/*"))


def test_n6_the_store_is_asked_without_the_key_and_its_permit_is_kept_nowhere(tmp_path):
    with portal(tmp_path / "w") as w:
        w.acquire()
        assert all(seen.headers["x-api-key"] == KEY for seen in w.double.log)
        assert w.store.calls == N_FILES
        assert not any(KEY in str(seen.headers) + seen.target for seen in w.store.log)
        assert not any(KEY in seen.target for seen in w.double.log)
        held = b"".join(path.read_bytes() for path in (tmp_path / "w").rglob("*") if path.is_file())
    assert b"X-Amz" not in held


def test_n6_a_redirect_to_an_address_that_is_not_https_is_not_followed_from_https():
    from listgen.acquire.download import _Download
    from listgen.acquire.http import AskAgainError, Client

    with Client("https://api.uspto.gov", clock=None, key="k", key_header="X-API-KEY", resume="x") as client:
        underway = _Download(client, "https://api.uspto.gov/f", None, 1, None)
        with pytest.raises(AskAgainError, match="not https"):
            underway._onward("https://api.uspto.gov/f", "http://169.254.169.254/latest")
        assert (
            underway._onward("https://api.uspto.gov/f", "https://store.example/f")
            == "https://store.example/f"
        )


def test_the_newest_edition_that_is_there_whole_is_taken_or_the_one_named(tmp_path):
    with portal(tmp_path / "w", editions=("2025-09-30", "2025-12-31")) as w:
        assert w.acquire().as_of_date == "2025-12-31"
        w.declare(edition="2025-09-30")
        older = w.acquire()
        assert {name.split("/")[1] for name in table_bytes(older)} == {"2025-09-30"}
        w.declare(edition="2024-12-31")
        with pytest.raises(DataError, match=r"no whole edition 2024-12-31.*2025-09-30, 2025-12-31"):
            w.acquire()
        assert w.double.n_downloads() == 2 * N_FILES


def test_p15_a_held_release_is_never_fetched_again_whatever_is_asked(tmp_path):
    with portal(tmp_path / "w", editions=("2025-09-30", "2025-12-31")) as w:
        first = w.acquire()
        calls = w.double.calls
        assert w.acquire().number == first.number
        assert w.double.calls == calls, "what is fresh is not even asked about"
        assert w.acquire(again=True).number == first.number
        w.clock.sleep(31 * 86_400)
        assert w.acquire().number == first.number
        w.declare(edition="2025-09-30")
        w.acquire()
        w.declare()  # back to the newest, which is in an older snapshot
        assert table_bytes(w.acquire()) == table_bytes(first)
        w.declare(products={"PVGPATDIS": ["g_patent", "g_assignee_disambiguated"]})
        w.acquire()
        assert w.double.n_downloads() == 2 * N_FILES + 1 == w.ledger()


def test_every_table_of_the_packaged_source_is_one_the_portal_lists(tmp_path):
    packaged = load_workspace(ROOT).config.sources["patentsview"].odp
    with portal(tmp_path / "w", access={"products": packaged.products}) as w:
        held = [file.form_id for file in w.acquire().files if file.form_id != "kept_only"]
    assert sorted(held) == sorted(
        f"patentsview_{table}" for tables in packaged.products.values() for table in tables
    )


# ---- the allowance -------------------------------------------------------------------------------


def test_p15_the_yearly_allowance_stops_a_file_before_the_provider_does_and_starts_anew_after_a_year(
    tmp_path, clean
):
    with portal(tmp_path / "w", allowance=3, access={"yearly_downloads": 3}) as w:
        w.store.permit_seconds = -1  # every permit ran out before it is used
        with pytest.raises(
            BudgetError, match=r"g_application.tsv.zip was asked for 3 times within a year"
        ) as stopped:
            w.acquire(manners=Manners(attempts=40))
        assert stopped.value.exit_code == 5
        assert "2027-11-23" in stopped.value.expected
        assert [len(times) for times in w.double.downloads.values()] == [3]
        found = {
            file.table: file.downloads_left
            for file in estimate(w.workspace, w.source, Order(clock=w.clock)).files
        }
        assert found == dict.fromkeys(found, 3) | {"PVGPATDIS/g_application": 0}
        w.store.permit_seconds = 300
        w.clock.sleep(YEAR + 1)
        assert table_bytes(w.acquire()) == clean


def test_p15_a_refusal_by_the_provider_is_remembered_by_the_plan(tmp_path):
    with portal(tmp_path / "w", allowance=0) as w:
        with pytest.raises(BudgetError, match="for the rest of the year"):
            w.acquire()
        left = {file.downloads_left for file in estimate(w.workspace, w.source, Order(clock=w.clock)).files}
        assert left == {0, 20}
        files = sum("/files/" in seen.target for seen in w.double.log)
        with pytest.raises(BudgetError, match="within a year"):
            w.acquire()
        assert sum("/files/" in seen.target for seen in w.double.log) == files, (
            "it is not asked again to be refused again"
        )


def test_our_own_budget_counts_downloads_and_the_next_run_goes_on(tmp_path, clean):
    with portal(tmp_path / "w") as w:
        with pytest.raises(BudgetError, match="2 downloads"):
            w.acquire(budget=2)
        assert w.double.n_downloads() == 2
        assert table_bytes(w.acquire()) == clean
        assert w.double.n_downloads() == N_FILES


def test_a_damaged_account_is_named_and_not_counted_as_nothing(tmp_path):
    with portal(tmp_path / "w") as w:
        w.acquire()
        account = next((w.workspace.raw / "allowance").glob("*.json"))
        account.write_text("[[1,")
        w.declare(products={"PVGPATDIS": ["g_assignee_disambiguated"]})
        with pytest.raises(DataError, match=account.name):
            w.acquire()


def test_the_plan_tells_files_bytes_and_what_is_left_and_asks_for_no_file(tmp_path, clean):
    with portal(tmp_path / "w") as w:
        before = estimate(w.workspace, w.source, Order(clock=w.clock))
        assert (before.n_bytes, before.calls) == (sum(map(len, clean.values())), N_FILES)
        assert w.double.n_downloads() == 0
        w.acquire()
        after = estimate(w.workspace, w.source, Order(clock=w.clock))
    assert (after.n_bytes, after.calls, after.disk_bytes) == (0, 0, 0)
    assert all(file.is_held and file.downloads_left == 19 for file in after.files)


# ---- the network ---------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", CUTS)
def test_n2_n3_n4_n7_a_broken_answer_of_the_store_changes_no_byte_and_costs_no_download(
    tmp_path, clean, kind
):
    with portal(tmp_path / "w", store_faults=plan(Fault(kind, "", (1, 3)))) as w:
        assert table_bytes(w.acquire()) == clean
        assert w.double.n_downloads() <= N_FILES + 2
        assert w.store.faults.done[kind] == 2


def test_a_cut_download_goes_on_where_it_stopped_also_in_another_run(tmp_path, clean):
    with portal(tmp_path / "w", store_faults=plan(Fault("cut_body", "g_patent", (), 0.7))) as w:
        with pytest.raises(ProviderError):
            w.acquire(manners=Manners(attempts=2))
        name = next(name for name in clean if "g_patent" in name)
        part = next(tmp_path.rglob("g_patent.tsv.zip.part"))
        cut = part.stat().st_size
        assert clean[name].startswith(part.read_bytes())
        w.store.faults.faults.clear()
        w.store.log.clear()
        assert table_bytes(w.acquire()) == clean
        asked = next(seen for seen in w.store.log if "g_patent" in seen.target)
    assert asked.headers["range"] == f"bytes={cut}-"
    assert asked.n_bytes == len(clean[name]) - cut


def test_another_file_under_the_same_address_is_never_joined_to_the_part_that_came(tmp_path):
    with portal(
        tmp_path / "w",
        store_faults=plan(Fault("cut_body", "", (1,), 0.5)),
        access={"products": {"PVGPATDIS": ["g_patent"]}},
    ) as w:
        whole = PATENTS.archive("g_patent", "2025-12-31")

        def change(number: int) -> None:
            if number == 2:  # the store is asked to go on, and has another archive of the same size
                w.store.files[G_PATENT] = b"\0" * len(whole)

        w.store.on_request = change
        with pytest.raises(DataError, match="g_patent.tsv.zip is torn"):
            w.acquire()
        assert w.store.log[1].headers["range"].startswith("bytes=")
        assert [seen.status for seen in w.store.log] == [200, 200]
        assert table_bytes(w.acquire()).popitem()[1] == whole


def test_a_store_without_ranges_is_read_from_the_start(tmp_path, clean):
    with portal(tmp_path / "w", ranges=False, store_faults=plan(Fault("reset", "", (1, 2)))) as w:
        assert table_bytes(w.acquire()) == clean


def test_a_permit_that_ran_out_is_asked_for_anew_and_counted(tmp_path, clean):
    with portal(tmp_path / "w", store_faults=plan(Fault("cut_body", "g_patent", (1,)))) as w:

        def turn(number: int) -> None:
            if (
                sum("g_patent" in seen.target for seen in w.store.log) == 2
            ):  # it is asked to go on, five minutes later
                w.clock.sleep(301)

        w.store.on_request = turn
        assert table_bytes(w.acquire()) == clean
        assert w.double.n_downloads() == N_FILES + 1 == w.ledger()
        assert [seen.status for seen in w.store.log if "g_patent" in seen.target] == [200, 403, 206]


def test_n1_a_portal_that_is_not_there_costs_nothing_and_is_named(tmp_path):
    with portal(tmp_path / "w") as w:
        pass
    with pytest.raises(ProviderError, match=r"127\.0\.0\.1:\d+: no connection could be made") as stopped:
        w.acquire()
    assert stopped.value.exit_code == 3
    assert "listgen acquire patentsview" in stopped.value.next_step
    assert w.ledger() == 0


def test_p16_thirty_percent_of_random_faults_change_no_byte(tmp_path, clean, seed=1):
    kinds = (*CUTS, "status_502", "status_504", "partial_200", "error_in_200")
    with portal(
        tmp_path / "w",
        faults=plan(rate=0.3, seed=seed, kinds=kinds),
        store_faults=plan(rate=0.3, seed=seed, kinds=kinds),
    ) as w:
        assert table_bytes(w.acquire()) == clean
        assert sum(w.double.faults.done.values()) + sum(w.store.faults.done.values()) > 0
        assert w.ledger() >= w.double.n_downloads(), "never fewer on our account than on the provider's"


# ---- the provider --------------------------------------------------------------------------------


def test_p12_a_key_that_is_not_accepted_stops_at_once_and_is_not_shown(tmp_path, monkeypatch):
    monkeypatch.setenv("USPTO_API_KEY", "wrong-key-9")
    with portal(tmp_path / "w") as w:
        with pytest.raises(RefusedError, match="USPTO_API_KEY") as stopped:
            w.acquire()
        assert "wrong-key-9" not in str(stopped.value)
        assert w.double.calls == 1
    monkeypatch.delenv("USPTO_API_KEY")
    with portal(tmp_path / "v") as w, pytest.raises(UsageError, match="USPTO_API_KEY is not set"):
        w.acquire()


def test_p18_a_list_that_was_cut_short_is_asked_for_again(tmp_path, clean):
    with portal(tmp_path / "w", faults=plan(Fault("partial_200", "includeFiles", (1,)))) as w:
        assert table_bytes(w.acquire()) == clean


def test_p23_a_field_that_is_gone_is_named_by_its_path(tmp_path, monkeypatch):
    with portal(tmp_path / "w") as w:
        whole = w.double._entry
        monkeypatch.setattr(
            w.double, "_entry", lambda *a: {k: v for k, v in whole(*a).items() if k != "fileReleaseDate"}
        )
        with pytest.raises(ProviderError, match=r"fileDataBag\[1\]\.fileReleaseDate is missing"):
            w.acquire()


def test_p28_a_list_that_went_back_in_time_is_refused(tmp_path):
    with portal(tmp_path / "w", editions=("2025-09-30", "2025-12-31")) as w:
        w.acquire()
        w.double.editions.pop()
        with pytest.raises(DataError, match="2025-09-30, older than the one held"):
            w.acquire(again=True)
        assert w.double.n_downloads() == N_FILES


def test_p29_a_list_that_changes_while_files_are_fetched_starts_again_and_keeps_what_is_unchanged(
    tmp_path, clean
):
    with portal(tmp_path / "w") as w:

        def change(number: int) -> None:
            if "/files/" in w.double.log[-1].target and "2026-03-31" not in w.double.editions:
                w.double.editions.append("2026-03-31")

        w.double.on_request = change
        snapshot = w.acquire()
        assert snapshot.as_of_date == "2026-03-31"
        assert {name.split("/")[1] for name in table_bytes(snapshot)} == {"2026-03-31"}
        assert w.double.n_downloads() == 2 * N_FILES


def test_p30_a_file_of_another_size_than_listed_is_refused_and_no_part_of_it_kept(tmp_path):
    with portal(tmp_path / "w") as w:
        w.double.listed_sizes[G_PATENT] = 77
        with pytest.raises(ProviderError, match="expected 77"):
            w.acquire(manners=Manners(attempts=3))
        assert not (w.workspace.raw / "snapshots" / "patentsview").exists()


def test_a_file_that_is_listed_and_not_posted_yet_is_said_so_and_not_counted(tmp_path):
    with portal(tmp_path / "w", unposted=("g_cpc_current",)) as w:
        with pytest.raises(ProviderError, match=r"g_cpc_current.tsv.zip and does not have it \(404\)"):
            w.acquire()
        assert w.ledger() == w.double.n_downloads() == 1


def test_p9_a_portal_that_is_asked_too_fast_is_waited_for(tmp_path, clean):
    with portal(tmp_path / "w", probes_a_minute=1) as w:
        assert table_bytes(w.acquire()) == clean
        assert max(w.clock.sleeps) > 40


def test_d56_a_list_that_leads_elsewhere_is_refused_before_the_key_goes_there(tmp_path, monkeypatch):
    with portal(tmp_path / "w") as w:
        whole = w.double._entry
        for address in (
            "http://127.0.0.1:9/api/v1/datasets/products/files/g_patent.tsv.zip",
            f"{w.double.url}/elsewhere/g_patent.tsv.zip",
        ):
            monkeypatch.setattr(
                w.double,
                "_entry",
                lambda *a, to=address: whole(*a) | ({"fileDownloadURI": to} if "g_patent" in a[2] else {}),
            )
            with pytest.raises(DataError, match="leads elsewhere"):
                w.acquire()


def test_a_disk_that_cannot_hold_it_all_stops_before_a_download_is_used_up(tmp_path, monkeypatch):
    import shutil
    from collections import namedtuple

    usage = namedtuple("usage", "total used free")
    with portal(tmp_path / "w") as w:
        monkeypatch.setattr(shutil, "disk_usage", lambda folder: usage(1, 1, 100))
        with pytest.raises(ListgenError, match="has 100 bytes of room"):
            w.acquire()
        assert w.double.n_downloads() == 0


# ---- keys and crashes ----------------------------------------------------------------------------


def test_s77_the_key_is_in_no_file_and_no_message(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("USPTO_API_KEY", CANARY)
    with portal(
        tmp_path / "w",
        keys=(CANARY,),
        store_faults=plan(Fault("garbage", "", (1,)), Fault("status_500", "cpc")),
    ) as w:
        with pytest.raises(ProviderError) as stopped:
            w.acquire(say=print, manners=Manners(attempts=3))
        assert w.double.log[0].headers["x-api-key"] == CANARY
    assert CANARY not in str(stopped.value) + json.dumps(stopped.value.as_dict()) + capsys.readouterr().out
    files = [path for path in (tmp_path / "w").rglob("*") if path.is_file()]
    assert len(files) >= 4
    assert not [path for path in files if CANARY.encode() in path.read_bytes()]


def test_f31_every_write_that_fails_is_told_and_the_next_run_ends_with_the_same_bytes(tmp_path, clean):
    tried = fail_each_write(
        lambda n: portal(tmp_path / f"w{n}"), lambda w: table_bytes(w.acquire()) == clean, step=23
    )
    assert tried > 1


def test_c41_a_killed_run_goes_on_where_it_was(tmp_path, clean):
    faults = FaultPlan(rate=0.3, seed=7, kinds=("cut_body", "reset", "status_503"))
    with (
        Store(clock=RealClock(), faults=faults) as store,
        OdpDouble(store, clock=RealClock(), patents=PATENTS) as double,
    ):
        root = declare(
            tmp_path / "w",
            "patentsview",
            {"odp": {"url": double.url, "products": PRODUCTS, "requests_per_second": 10}},
        )
        assert (
            kill_and_finish(root, "patentsview", (double, store), {"USPTO_API_KEY": KEY}, kills=1, seed=3)
            == 1
        )
        assert table_bytes(newest_snapshot(root / "data" / "raw", "patentsview")) == clean
        assert double.n_downloads() <= N_FILES + 2
