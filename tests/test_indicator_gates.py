"""What evidence must reach before a value stands on it, and the word for a country nobody measured."""

from dataclasses import asdict

import polars as pl
import pytest

from listgen.indicators.status import Bars, complete, judge


def rows_for_gate(**columns) -> pl.DataFrame:
    row = {
        "indicator_id": "i",
        "technology_id": "t",
        "country_code": "JP",
        "value": 0.5,
        "value_lo": 0.4,
        "value_hi": 0.6,
        "n": 50,
        "n_national": 10,
        "n_effective": None,
        "caveats": ["k"],
    }
    types = {"value": pl.Float64, "n": pl.Int64, "n_national": pl.Int64, "n_effective": pl.Float64}
    return pl.DataFrame([row | columns], schema_overrides=types)


def evidence_of(n_references: int | None, coverage: float | None, basis: str = "families") -> pl.DataFrame:
    types = {
        "technology_id": pl.String,
        "basis": pl.String,
        "n_items": pl.Int64,
        "n_comparable": pl.Int64,
        "n_references": pl.Int64,
        "coverage": pl.Float64,
    }
    return pl.DataFrame([("t", basis, 9, 9, n_references, coverage)], schema=types, orient="row")


def bars_of(*numbers: float, basis: str = "families") -> pl.DataFrame:
    return pl.DataFrame([{"indicator_id": "i", "basis": basis} | asdict(Bars(*numbers))])


@pytest.mark.parametrize(
    ("n_references", "coverage", "status"),
    [
        (100, 0.40, "ok"),
        (99, 1.0, "too_few"),
        # 9 of 22 references of guidance_weapons_systems in one collection of grants: 41 % of next to nothing.
        (22, 9 / 22, "too_few"),
        (22, 0.0, "too_few"),
        (2_000, 0.02, "low_coverage"),
        (0, None, "too_few"),
    ],
)
def test_a_share_of_few_references_opens_no_gate(n_references, coverage, status):
    bars, evidence = bars_of(30, 5, 0.40, 100), evidence_of(n_references, coverage)
    assert judge(rows_for_gate(), bars, evidence)["status"].to_list() == [status]
    assert judge(rows_for_gate(), bars_of(30, 5), evidence)["status"].to_list() == ["ok"], (
        "what stands on no references"
    )
    # The country nobody measured says the same.
    nobody = judge(rows_for_gate().clear(), bars, evidence)
    found = complete(nobody, bars, evidence, focal_country="JP")
    # Enough references are resolved, yet no country cites another: the indicator does not apply.
    assert found["status"].to_list() == [status if status != "ok" else "not_applicable"]


@pytest.mark.parametrize(
    ("columns", "coverage", "status"),
    [
        ({}, 0.40, "ok"),
        ({}, 0.39, "low_coverage"),
        ({}, None, "ok"),
        ({"n": 29}, 1.0, "too_few"),
        ({"n": 30}, 1.0, "ok"),
        # A hundred works tied at the threshold are ten top 10 % works.
        ({"n": 100, "n_effective": 10.0}, 1.0, "too_few"),
        ({"n_national": 4}, 1.0, "too_few"),
        ({"n_national": 0, "value": 0.0}, 1.0, "too_few"),
        ({"value": None}, 1.0, "not_applicable"),
        ({"value": None, "n": None, "n_national": None}, 1.0, "not_applicable"),
    ],
)
def test_a_value_stands_only_on_enough_evidence(columns, coverage, status):
    found = judge(rows_for_gate(**columns), bars_of(30, 5, 0.40, 100), evidence_of(100, coverage)).row(
        0, named=True
    )
    assert found["status"] == status
    assert (found["value"] is not None) == (status == "ok")
    assert (found["value_lo"] is not None) == (status == "ok")
    assert found["n"] == (rows_for_gate(**columns)["n"][0]), "n stays"


@pytest.mark.parametrize(
    ("basis", "others", "status"),
    [
        ("works", "ok", "too_few"),
        ("works", "too_few", "too_few"),
        ("works", "not_applicable", "not_applicable"),
        ("works", None, "not_applicable"),
        ("statistics", "ok", "missing"),
        ("statistics", None, "not_applicable"),
    ],
)
def test_a_country_that_was_not_measured_says_why(basis, others, status):
    judged = rows_for_gate(country_code="US").with_columns(pl.lit(others, dtype=pl.String).alias("status"))
    judged = judged.filter(pl.col("status").is_not_null())
    found = complete(
        judged, bars_of(30, 5, 0.40, 100, basis=basis), evidence_of(100, 1.0, basis), focal_country="JP"
    )
    assert found.filter(pl.col("country_code") == "JP")["status"].to_list() == [status]
    assert found.height == judged.height + 1


def test_what_needs_no_references_is_missing_where_nobody_was_measured():
    nobody = rows_for_gate().clear().with_columns(pl.lit("ok").alias("status"))
    found = complete(nobody, bars_of(30, 5), evidence_of(100, 1.0), focal_country="JP")
    assert found["status"].to_list() == ["missing"]
