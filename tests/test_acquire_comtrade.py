"""The UN Comtrade connector against a real server that fails as the provider does.

Rows of the fault matrix are named N1, P9, ...
"""

import json
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
from doubles.clock import TurnedClock
from doubles.comtrade import ComtradeDouble, Trade
from doubles.faults import PASSING, Fault, FaultPlan
from miniature import open_miniature
from test_acquire_stage import build

from listgen.acquire.comtrade.access import ComtradeAccess
from listgen.acquire.comtrade.acquisition import acquire as acquire_comtrade
from listgen.acquire.comtrade.estimate import estimate
from listgen.acquire.http import Manners
from listgen.acquire.order import Order
from listgen.base.errors import BudgetError, ProviderError, RefusedError, UsageError
from listgen.config.models import HsMeaning
from listgen.store.raw import Snapshot, origin_path

KEY, CANARY = "test-key", "canary-51e0c9aa-never-to-be-seen"
CODES = ("850760", "8542", "854231")
TRADE = Trade(CODES, years=(2024, 2025))


class World:
    """A miniature workspace with one source at the double, both on one clock that nobody has to wait for."""

    def __init__(self, folder: Path, double: ComtradeDouble, clock: TurnedClock, **access) -> None:
        self.workspace = open_miniature(folder)
        self.double, self.clock = double, clock
        config = self.workspace.config
        config.technologies["solid_cells"].hs_codes.extend(CODES)
        given = {
            "url": double.url,
            "years": 2,
            "codes_per_call": 2,
            "preview_rows": 400,
            "requests_per_second": 0.9,
        } | access
        changes = {
            "id": "comtrade",
            "access": "api",
            "as_of": None,
            "files": [],
            "table": None,
            "comtrade": ComtradeAccess(**given),
        }
        self.source = config.sources["mini_supply"].model_copy(update=changes)
        config.sources["comtrade"] = self.source

    def acquire(self, **order) -> Snapshot:
        return acquire_comtrade(self.workspace, self.source, Order(clock=self.clock, **order))

    def plan(self):
        return estimate(self.workspace, self.source, Order(clock=self.clock))

    def rows(self, snapshot: Snapshot) -> list[dict]:
        pages = [
            json.loads(file.path.read_bytes()) for file in snapshot.files if file.form_id == "comtrade_page"
        ]
        return [row for page in pages for row in page["data"]]


@contextmanager
def world(folder: Path, *, trade: Trade = TRADE, access: dict | None = None, **double):
    clock = TurnedClock()
    with ComtradeDouble(trade, clock=clock, **{"preview_rows": 400} | double) as server:
        yield World(folder, server, clock, **(access or {}))


def contents(snapshot: Snapshot) -> dict[str, object]:
    """Return what a snapshot holds by name.

    Addresses, which differ from run to run, are struck out of the index.
    """
    found: dict[str, object] = {file.file_name: file.path.read_bytes() for file in snapshot.files}
    lines = [json.loads(line) for line in found["requests.jsonl"].splitlines()]
    return found | {
        "requests.jsonl": [
            {k: v for k, v in line.items() if k not in ("address", "request_sha256")} for line in lines
        ]
    }


def plan(*faults: Fault) -> FaultPlan:
    return FaultPlan(list(faults))


def keys_of(rows: list[dict]) -> set[tuple]:
    return {
        tuple(row[name] for name in ("flowCode", "reporterCode", "partnerCode", "cmdCode", "period"))
        for row in rows
    }


@pytest.fixture(autouse=True)
def key(monkeypatch):
    monkeypatch.setenv("COMTRADE_API_KEY", KEY)


@pytest.fixture(scope="module")
def clean(tmp_path_factory) -> dict[str, object]:
    """What an undisturbed run gets, and its calls."""
    with pytest.MonkeyPatch.context() as patch, world(tmp_path_factory.mktemp("clean") / "w") as w:
        patch.setenv("COMTRADE_API_KEY", KEY)
        planned = w.plan()
        snapshot = w.acquire()
        rows = w.rows(snapshot)
        return {
            "contents": contents(snapshot),
            "calls": w.double.calls,
            "rows": rows,
            "planned": planned,
            "log": w.double.log,
        }


# ---- what is asked -------------------------------------------------------------------------------


def test_both_sides_of_every_flow_are_held_once(clean):
    rows, codes = clean["rows"], ("TOTAL", *CODES)
    expected = {
        (flow, reporter, partner, code, str(year))
        for flow in "MX" for code in codes for year in TRADE.years
        for reporter, partner, _ in TRADE.rows(flow, code, year)
        if (flow == "M" and (reporter == 392 or partner in (0, 392))) or (flow == "X" and partner in (0, 392))
    }  # fmt: skip
    assert keys_of(rows) == expected
    assert {(row["partner2Code"], row["motCode"], row["customsCode"]) for row in rows} == {(0, 0, "C00")}, (
        "no part of a row beside the row"
    )


def test_the_key_is_a_header_and_requests_are_never_too_fast(clean):
    assert all(
        seen.headers["ocp-apim-subscription-key"] == KEY and "authorization" not in seen.headers
        for seen in clean["log"]
    )
    assert not any(KEY in seen.target for seen in clean["log"])
    assert all(seen.status == 200 for seen in clean["log"]), "nothing was asked too fast"


def test_the_plan_counts_the_calls(clean, tmp_path):
    assert clean["planned"].calls == clean["calls"] == 5 * 2 * 2
    assert clean["planned"].route == "key"
    with world(tmp_path / "w") as w:
        with pytest.raises(BudgetError):
            w.acquire(budget=7)
        assert w.plan().calls == clean["calls"] - 7
        w.acquire()
        assert w.plan().calls == 0, "what is fresh costs nothing"
        calls = w.double.calls
        w.acquire()
        assert w.double.calls == calls


def test_the_plan_tells_calls_quota_and_what_they_can_carry(tmp_path):
    from listgen.workspace.plan import plan_refresh

    with world(tmp_path / "w") as w:
        found = plan_refresh(w.workspace, ["comtrade"])
        assert w.double.calls == 0, "a plan asks nothing"
    (row,) = found.document["sources"]
    assert (row["calls"], row["quota"], row["days"]) == (20, 500, 1)
    assert {"a8_import_concentration", "i7_export_share"} <= set(row["carries"])
    assert "20 calls of 500 a day" in found.lines[0] and "with a key" in found.lines[0]


def test_without_a_key_the_preview_is_read_to_the_end_in_smaller_pieces(tmp_path, clean, monkeypatch):
    monkeypatch.delenv("COMTRADE_API_KEY")
    with world(tmp_path / "w", preview_rows=60, access={"preview_rows": 60}) as w:
        assert w.plan().route == "preview"
        snapshot = w.acquire()
        assert keys_of(w.rows(snapshot)) == keys_of(clean["rows"])
        assert all("/public/v1/preview/" in seen.target for seen in w.double.log)
    with world(tmp_path / "v", preview_rows=10, access={"preview_rows": 10}) as w:
        snapshot = w.acquire()
        lines = contents(snapshot)["requests.jsonl"]
        meaning = HsMeaning(en="A good", ja="財", since="H5")
        w.workspace.config.hs_codes.update(dict.fromkeys(CODES, meaning))
        with build(w.workspace, list(snapshot.files)) as staged:
            unconfirmed = staged.rows("SELECT source_id, unit FROM prov.unconfirmed")
    assert sorted(unconfirmed) == sorted(
        (snapshot.source_id, line["unit"]) for line in lines if line["is_unconfirmed"]
    )
    assert any(line["is_unconfirmed"] for line in lines), (
        "what cannot be cut any smaller says that it may be a part"
    )


def test_an_answer_cut_at_the_limit_is_asked_for_in_halves_also_after_a_stop(tmp_path, clean):
    with world(tmp_path / "w", max_rows=40, access={"max_rows": 40, "codes_per_call": 4}) as w:
        runs, snapshot = 0, None
        while snapshot is None and runs < 20:
            runs += 1
            try:
                snapshot = w.acquire(budget=9)
            except BudgetError:
                continue
        assert runs > 2
        assert keys_of(w.rows(snapshot)) == keys_of(clean["rows"])
        assert len(w.rows(snapshot)) == len(clean["rows"])


# ---- quota and keys ------------------------------------------------------------------------------


def test_p10_a_used_up_quota_stops_cleanly_and_the_next_day_goes_on(tmp_path, clean):
    with world(tmp_path / "w", quota=6) as w:
        with pytest.raises(BudgetError) as stopped:
            w.acquire()
        assert stopped.value.exit_code == 5
        assert "2026-11-24 00:00" in str(stopped.value)
        assert "listgen acquire comtrade" in stopped.value.next_step
        assert max(w.clock.sleeps) < 3, "a used up quota is not waited for"
        w.double.quota = 500
        w.clock.turn_to_midnight()
        assert contents(w.acquire()) == clean["contents"]


def test_p9_too_fast_is_waited_out(tmp_path, clean):
    with world(tmp_path / "w", faults=plan(Fault("rate_429", "flowCode=X", (1, 2), 7))) as w:
        assert contents(w.acquire()) == clean["contents"]
        assert w.clock.sleeps.count(7.0) == 2


@pytest.mark.parametrize("status", [401, 403])
def test_p12_a_bad_key_stops_at_once_and_is_not_shown(tmp_path, monkeypatch, status):
    monkeypatch.setenv("COMTRADE_API_KEY", CANARY)
    with (
        world(tmp_path / "w", bad_key_status=status) as w,
        pytest.raises(RefusedError, match="COMTRADE_API_KEY") as stopped,
    ):
        w.acquire()
    assert w.double.calls == 1
    assert CANARY not in str(stopped.value) + json.dumps(stopped.value.as_dict())


def test_a_blank_key_is_refused_here(tmp_path, monkeypatch):
    monkeypatch.setenv("COMTRADE_API_KEY", "  ")
    with world(tmp_path / "w") as w, pytest.raises(UsageError, match="COMTRADE_API_KEY"):
        w.acquire()
    assert w.double.calls == 0


def test_s77_the_key_is_in_no_file_and_no_message(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("COMTRADE_API_KEY", CANARY)
    faults = plan(
        Fault("garbage", "", (2,)),
        Fault("captive_portal", "", (4,)),
        Fault("status_500", "world|flowCode=M.*partnerCode=0"),
    )
    with world(tmp_path / "w", keys=(CANARY,), faults=faults) as w:
        with pytest.raises(ProviderError) as stopped:
            w.acquire(say=print, manners=Manners(attempts=3, requests_per_second=0.9))
        monkeypatch.setattr(w.double, "faults", FaultPlan())
        snapshot = w.acquire(say=print)
        origins = [
            origin_path(w.workspace.raw, file.raw_digest, "comtrade").read_text() for file in snapshot.files
        ]
    assert all('"request_sha256"' in origin for origin in origins if "comtrade_page" in origin)
    assert CANARY not in str(stopped.value) + json.dumps(stopped.value.as_dict()) + capsys.readouterr().out
    files = [path for path in (tmp_path / "w").rglob("*") if path.is_file()]
    assert len(files) > 20
    assert not [path for path in files if CANARY.encode() in path.read_bytes()]


# ---- faults --------------------------------------------------------------------------------------


def test_n1_nobody_there_ends_within_two_seconds(tmp_path):
    with world(tmp_path / "w") as w:
        pass  # the double is gone now
    started = time.monotonic()
    with pytest.raises(ProviderError) as stopped:
        w.acquire(manners=Manners(requests_per_second=50))
    assert stopped.value.exit_code == 3
    assert w.clock.monotonic() < 2
    assert time.monotonic() - started < 2


def test_n2_n3_n7_p16_p17_p18_p20_p27_every_fault_that_passes_leaves_the_same_bytes(tmp_path, clean):
    """N2 cut, N3 short, N7 captive portal, P16 5xx, P17 error in 200, P18 partial, P20 repeats, P27 skew."""
    kinds = [kind for kind in PASSING if kind not in ("rate_429", "slow_drip")]
    faults = plan(*(Fault(kind, "", (2 + 2 * place,)) for place, kind in enumerate(kinds)))
    with world(tmp_path / "w", faults=faults) as w:
        assert contents(w.acquire()) == clean["contents"]
        assert {kind: w.double.faults.done[kind] for kind in kinds} == dict.fromkeys(kinds, 1)
        assert w.double.calls <= clean["calls"] + len(kinds)


def test_n4_a_drip_ends_at_the_deadline(tmp_path, clean):
    with world(tmp_path / "w", faults=plan(Fault("slow_drip", "flowCode=X", (1,)))) as w:
        assert (
            contents(w.acquire(manners=Manners(requests_per_second=0.9, deadline_seconds=60)))
            == clean["contents"]
        )


def test_n6_the_key_is_not_carried_to_another_host(tmp_path):
    with ComtradeDouble(TRADE, clock=TurnedClock()) as other:
        faults = plan(Fault("redirect", "", (), f"{other.url}/data/v1/get/C/A/HS"))
        with world(tmp_path / "w", faults=faults) as w, pytest.raises(ProviderError, match="another host"):
            w.acquire()
        assert other.calls == 0


def test_p23_a_field_that_is_gone_is_named_by_its_path(tmp_path, monkeypatch):
    record = ComtradeDouble._record

    def without(self, *parts: object) -> dict:
        return {name: value for name, value in record(self, *parts).items() if name != "partnerCode"}

    monkeypatch.setattr(ComtradeDouble, "_record", without)
    with world(tmp_path / "w") as w, pytest.raises(ProviderError, match=r"data\[0\]\.partnerCode is missing"):
        w.acquire()


def test_the_double_counts_parts_twice_for_who_does_not_fix_the_totals():
    """The trap the connector must avoid stands in the double.

    Without partner2, mot and customs a row comes with its parts.
    """
    with ComtradeDouble(TRADE, clock=TurnedClock(), rate_limit=9) as double:
        path = "/data/v1/get/C/A/HS?reporterCode=392&period=2024&flowCode=M&partnerCode=0&cmdCode=850760"
        header = {"ocp-apim-subscription-key": KEY}
        loose, fixed = (
            json.loads(double.handle(path + end, header)[0].body)["data"]
            for end in ("", "&partner2Code=0&motCode=0&customsCode=C00")
        )
    assert len(loose) > len(fixed) == 1
    assert sum(row["primaryValue"] for row in loose) > 2 * fixed[0]["primaryValue"]
