"""Trade from the provider's answers to indicators, against figures computed from the same bytes otherwise."""

import dataclasses
import json
import math

import pytest
from doubles.clock import TurnedClock
from doubles.comtrade import ComtradeDouble, Trade
from miniature import open_miniature

from listgen import indicators, stage
from listgen.acquire.comtrade.access import ComtradeAccess
from listgen.acquire.comtrade.acquisition import acquire as acquire_comtrade
from listgen.acquire.order import Order
from listgen.config.models import HsMeaning
from listgen.store.warehouse import Warehouse
from listgen.trace.recompute import recompute_script

KEY = {"COMTRADE_API_KEY": "test-key"}
TRADE = Trade(
    ("850760", "854231"),
    years=(2023, 2024, 2025),
    silent=frozenset({(156, 2025), (842, 2025), (276, 2025)}),
    planted={(392, "850760"): {156: 0.9, 410: 0.1}, (392, "854231"): {842: 0.5, 156: 0.3, 490: 0.2}},
)
COUNTRIES = {392: "JP", 842: "US", 156: "CN", 276: "DE"}


@pytest.fixture(scope="module")
def journey(tmp_path_factory):
    """The provider's rows and what was measured of them."""
    mini = open_miniature(tmp_path_factory.mktemp("journey") / "w")
    mini.config.technologies["solid_cells"].hs_codes.extend(TRADE.codes)
    meanings = {code: HsMeaning(en=code, ja="品目", since="H6") for code in TRADE.codes}
    clock = TurnedClock()
    with pytest.MonkeyPatch.context() as patch, ComtradeDouble(TRADE, clock=clock) as double:
        patch.setenv(*next(iter(KEY.items())))
        access = ComtradeAccess(url=double.url, requests_per_second=0.9)
        changes = {
            "id": "comtrade",
            "access": "api",
            "as_of": None,
            "files": [],
            "table": None,
            "comtrade": access,
        }
        source = mini.config.sources["mini_supply"].model_copy(update=changes)
        mini.config.sources["comtrade"] = source
        snapshot = acquire_comtrade(mini, source, Order(clock=clock))
    settings = mini.config.settings.model_copy(update={"sources": ["comtrade"], "like_minded": ["US", "DE"]})
    config = dataclasses.replace(mini.config, hs_codes=meanings, settings=settings)
    pages = [json.loads(file.path.read_bytes()) for file in snapshot.files if file.form_id == "comtrade_page"]
    with Warehouse() as warehouse:
        stage.run(warehouse, config, snapshot.files, mini.stage_cache)
        indicators.run(warehouse, config)
        yield mini, {key(row): row["primaryValue"] for page in pages for row in page["data"]}, warehouse


def key(row: dict) -> tuple:
    return row["flowCode"], row["reporterCode"], row["partnerCode"], row["cmdCode"], row["period"]


def value(warehouse, indicator_id: str, country: str = "JP") -> tuple:
    sql = (
        "SELECT value, value_lo, value_hi, grade, status FROM ind.value WHERE indicator_id = $i AND"
        " country_code = $c AND technology_id = 'solid_cells'"
    )
    (row,) = warehouse.rows(sql, {"i": indicator_id, "c": country})
    return row


def shares(rows: dict, flow: str, code: str) -> dict[int, float]:
    """Return the origins' shares of Japan's imports of a code in 2024, told by one side.

    Only countries the miniature knows.
    """
    if flow == "M":
        total = rows["M", 392, 0, code, "2024"]
        return {p: rows.get(("M", 392, p, code, "2024"), 0) / total for p in COUNTRIES if p != 392}
    told = {p: rows.get(("X", p, 392, code, "2024"), 0) for p in COUNTRIES if p != 392}
    return {p: usd / sum(told.values()) for p, usd in told.items()} if sum(told.values()) else {}


def test_the_year_most_of_the_world_has_reported_is_measured(journey):
    _, _, warehouse = journey
    assert warehouse.rows("SELECT period_year FROM core.trade_year WHERE is_used") == [(2024,)]
    assert warehouse.scalar("SELECT reported_share < 0.9 FROM core.trade_year WHERE period_year = 2025")


def test_concentration_and_dependence_agree_with_the_raw_bytes(journey):
    _, rows, warehouse = journey
    totals = {code: rows["M", 392, 0, code, "2024"] for code in TRADE.codes}
    whole = sum(totals.values())
    hhi = (
        sum(totals[code] * sum(s * s for s in shares(rows, "M", code).values()) for code in TRADE.codes)
        / whole
    )
    top = sum(totals[code] * max(shares(rows, "M", code).values()) for code in TRADE.codes) / whole
    china = sum(totals[code] * shares(rows, "M", code)[156] for code in TRADE.codes) / whole
    found, lo, hi, grade, status = value(warehouse, "a8_import_concentration")
    assert math.isclose(found, hhi, rel_tol=1e-9) and lo <= found <= hi and lo < hi
    assert (grade, status) == ("supply", "ok")
    assert math.isclose(value(warehouse, "a9_import_dependence")[0], top, rel_tol=1e-9)
    assert math.isclose(value(warehouse, "a9_import_dependence_exposed")[0], china, rel_tol=1e-9)
    assert shares(rows, "M", "850760")[156] > 0.85, "what was planted"


def test_export_position_agrees_with_the_raw_bytes(journey):
    _, rows, warehouse = journey
    sent = {c: sum(rows.get(("X", c, 0, code, "2024"), 0) for code in TRADE.codes) for c in COUNTRIES}
    everything = {c: rows["X", c, 0, "TOTAL", "2024"] for c in COUNTRIES}
    share = sent[392] / sum(sent.values())
    ratio = share / (everything[392] / sum(everything.values()))
    assert math.isclose(value(warehouse, "i7_export_share")[0], share, rel_tol=1e-9)
    assert math.isclose(value(warehouse, "i8_export_specialisation")[0], ratio, rel_tol=1e-9)
    assert (
        value(warehouse, "i7_export_share")[1] is not None
        and value(warehouse, "i7_export_share", "DE")[1] is None
    ), "only Japan was asked about"


def test_a_value_is_recomputed_from_the_raw_files_by_the_script_of_trace(journey, monkeypatch):
    mini, _, warehouse = journey
    import duckdb

    monkeypatch.chdir(mini.root)
    for indicator_id in ("a9_import_dependence_exposed", "i8_export_specialisation"):
        keys = {"indicator_id": indicator_id, "technology_id": "solid_cells", "country_code": "JP"}
        with duckdb.connect() as con:
            assert con.execute(recompute_script(warehouse, keys)).fetchall() == [
                (value(warehouse, indicator_id)[0],)
            ]
