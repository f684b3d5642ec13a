"""Equal credit is a tie, whatever remainder of 1e-12 a division into thirds leaves.

And worlds with nothing to rank.

The expected values are added up in fractions, from the works, by code that shares nothing with the
statements.
"""

import random
from collections import defaultdict
from fractions import Fraction
from pathlib import Path

import duckdb
import pytest
from indicator_world import COUNTRIES, make_config, make_warehouse, statement_of

from listgen.composite import monopoly
from listgen.indicators import load_indicators, measure, run

INDICATORS = {indicator.id: indicator for indicator in load_indicators()}
UNITS = 10**12
TEN_PLACES = ["JP", "US", "CN", "DE", "KR", "JP", "US", "CN", "DE", "KR"]


def parts(n: int) -> list[str]:
    """Return n equal parts as the stage writes them: twelve digits, the remainder on the first."""
    each = UNITS // n
    units = [each + UNITS % n] + [each] * (n - 1)
    return [f"{unit / UNITS:.12f}" for unit in units]


def measured(tables: dict, name: str, **params: int) -> dict:
    indicator = INDICATORS[name]
    with make_warehouse(tables) as warehouse:
        warehouse.execute(statement_of("core.citation_flow", duckdb.StatementType.INSERT))
        was = dict(indicator.params)
        indicator.params.update(params)
        try:
            frame = measure(warehouse, {indicator: (2019, 2023)})
        finally:
            indicator.params.update(was)
    return dict(frame.select("country_code", "value").iter_rows())


def breadth_of(flow: dict, output: dict) -> dict[str, Fraction]:
    """Return for each country the share of the output elsewhere that cites it among its first three."""
    partners = sorted({one for one, _ in flow})
    breadth = {}
    for code in sorted({other for _, other in flow}):
        reached = whole = Fraction(0)
        for partner in partners:
            if partner != code:
                others = sorted((f for (a, b), f in flow.items() if a == partner and b != code), reverse=True)
                bar = others[2] if len(others) > 2 else Fraction(0)
                whole += output[partner]
                reached += output[partner] if 0 < flow.get((partner, code), 0) >= bar else 0
        breadth[code] = reached / whole
    return breadth


def citing_world(seed: int) -> tuple[dict, dict[str, Fraction]]:
    """Return a world full of ties, and what the breadth of each country is in it."""
    rng = random.Random(seed)
    members = {n: rng.sample(COUNTRIES, rng.choice((1, 2, 3, 3))) for n in range(1, 25)}
    references = [(n, rng.choice([m for m in members if m != n])) for n in members for _ in range(2)]
    flow: dict = defaultdict(Fraction)
    output: dict = defaultdict(Fraction)
    for codes in members.values():
        for code in codes:
            output[code] += Fraction(1, len(codes))
    for citing, cited in sorted(set(references)):
        for one in members[citing]:
            for other in members[cited]:
                if one != other:
                    flow[one, other] += Fraction(1, len(members[citing]) * len(members[cited]))
    breadth = breadth_of(flow, output)
    tables = {
        "core.technology_work": [{"work_id": n} for n in members],
        "core.work_country": [
            {"work_id": n, "country_code": code, "weight": weight}
            for n, codes in members.items()
            for code, weight in zip(codes, parts(len(codes)), strict=True)
        ],
        "core.work_reference": [
            {"citing_work_id": citing, "cited_work_id": cited} for citing, cited in sorted(set(references))
        ],
    }
    return tables, breadth


@pytest.mark.parametrize("seed", range(40))
def test_a_tie_for_the_third_place_counts_for_all(seed):
    tables, expected = citing_world(seed)
    found = measured(tables, "i2_breadth")
    assert found == pytest.approx({code: float(value) for code, value in expected.items()}, abs=1e-9)


def institution_world(seed: int, size: int) -> tuple[dict, dict[str, Fraction]]:
    """Return works in thirds and wholes of ten institutions, and the share of each country among the best."""
    rng = random.Random(seed)
    members = {n: rng.sample(range(10), rng.choice((1, 3, 3))) for n in range(1, 13)}
    credit: dict = defaultdict(Fraction)
    for places in members.values():
        for place in places:
            credit[place] += Fraction(1, len(places))
    best = sorted(credit, key=lambda place: (-credit[place], place))[:size]
    share: dict = {TEN_PLACES[place]: Fraction(0) for place in credit}
    for place in best:
        share[TEN_PLACES[place]] += Fraction(1, len(best))
    tables = {
        "core.technology_work": [{"work_id": n, "top10_weight": 1} for n in members],
        "core.authorship": [
            {"work_id": n, "author_seq": seq, "institution_id": place, "weight": weight}
            for n, places in members.items()
            for seq, (place, weight) in enumerate(zip(places, parts(len(places)), strict=True), 1)
        ],
        "core.institution": [
            {"institution_id": place, "country_code": code} for place, code in enumerate(TEN_PLACES)
        ],
    }
    return tables, share


@pytest.mark.parametrize("seed", range(40))
def test_institutions_of_equal_credit_are_ordered_by_id(seed):
    tables, expected = institution_world(seed, 5)
    found = measured(tables, "s4_elite_institutions", elite_size=5, elite_min=2)
    assert found == pytest.approx({code: float(value) for code, value in expected.items()}, abs=1e-9)


def odd_world(countries: list[str], top10_weights: list[float]) -> dict:
    """Return 400 works of one institution a country in turn, each citing two earlier ones."""
    ids = range(1, 401)
    codes = {n: countries[n % len(countries)] for n in ids}
    references = [
        {"citing_work_id": n, "cited_work_id": n - back} for n in ids for back in (1, 2) if n > back
    ]
    return {
        "core.technology": [{}],
        "core.technology_evidence": [{"basis": "works", "n_items": 400, "n_comparable": 400}],
        "core.technology_work": [
            {"work_id": n, "top10_weight": top10_weights[n % len(top10_weights)]} for n in ids
        ],
        "core.work": [
            {"work_id": n, "cited_by_count": 9 * (top10_weights[n % len(top10_weights)] > 0)} for n in ids
        ],
        "core.work_country": [{"work_id": n, "country_code": codes[n], "weight": 1} for n in ids],
        "core.authorship": [
            {"work_id": n, "author_seq": 1, "institution_id": n % 31, "weight": 1} for n in ids
        ],
        "core.institution": [
            {"institution_id": n, "country_code": countries[n % len(countries)]} for n in range(31)
        ],
        "core.work_reference": references,
        "core.reference_coverage": [{"n_references": len(references), "coverage": 1.0}],
    }


def statuses(tables: dict) -> dict[str, str]:
    with make_warehouse(tables) as warehouse:
        warehouse.execute(statement_of("core.citation_flow", duckdb.StatementType.INSERT))
        run(warehouse, make_config())
        rows = warehouse.rows("SELECT indicator_id, status FROM ind.value WHERE country_code = 'JP'")
    return dict(rows)


def test_a_world_of_one_country_cites_nobody_abroad_and_is_not_empty():
    found = statuses(odd_world(["JP"], [0, 0, 0, 0.4]))
    assert found["a1_foreign_dependence"] == "ok"
    for name in ("a3_source_concentration", "i1_inbound_reliance", "i2_breadth", "i3_removal_impact"):
        assert found[name] == "not_applicable", name
    assert found["s3_log_lead"] == "not_applicable"
    assert found["a1_foreign_dependence_families"] == "missing"


def test_where_nothing_is_cited_nothing_is_among_the_most_cited():
    equal, ranked = odd_world(["JP", "US"], [0.1]), odd_world(["JP", "US"], [0, 0.3, 0])
    for name in ("s1_top10_share", "s3_log_lead", "s4_elite_institutions"):
        assert statuses(equal)[name] == "not_applicable", name
        assert statuses(ranked)[name] == "ok", name


@pytest.mark.parametrize(("weights", "status"), [([0.1], "not_applicable"), ([0, 0.3, 0], "ok")])
def test_nothing_cited_gives_no_monopoly_class(weights, status):
    config = make_config()
    with make_warehouse(odd_world(["JP", "US"], weights)) as warehouse:
        warehouse.execute((Path(monopoly.__file__).parent / "monopoly_risk.sql").read_text(encoding="utf-8"))
        monopoly.run(warehouse, config)
        found = warehouse.rows("SELECT status, risk_class IS NULL FROM score.monopoly_risk")
    assert found == [(status, status != "ok")]
