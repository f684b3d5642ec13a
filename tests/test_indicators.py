"""Every indicator against rows checked by hand, and its words for values without enough evidence."""

import ast
import copy
import math
import re

import polars as pl
import pytest
from indicator_world import CASES, ROOT, make_config, make_warehouse, read_cases, rows_of

from listgen.indicators import FOLDER, indicator_problems, load_indicators, measure, run
from listgen.store.sqlfile import load_sql_dir, parameter_names
from listgen.workspace.loading import load_workspace

INDICATORS = {indicator.id: indicator for indicator in load_indicators()}
FILES = load_sql_dir(FOLDER)
HAND = [(name, case) for name in sorted(FILES) for case in read_cases(name)]
CONFIG = load_workspace(ROOT).config
GATES = make_config().scoring.gates


def case_of(indicator_id: str, part: str = "") -> dict:
    return next(case for case in read_cases(indicator_id) if part in case["name"])


def world_of(case: dict):
    return make_warehouse({table: rows_of(given) for table, given in case["tables"].items()})


def period_of(indicator) -> tuple[int | None, int | None]:
    return {"works": (2019, 2023), "families": (2018, 2022)}.get(indicator.basis, (None, None))


def measured_of(warehouse, name: str, case: dict) -> pl.DataFrame:
    indicator = INDICATORS[case.get("variant", name)]
    indicator.params.update(case.get("params", {}))
    try:
        return measure(warehouse, {indicator: period_of(indicator)})
    finally:
        indicator.params.update(indicator.header.get("params") or {})


def ids(value: object) -> str:
    return value if isinstance(value, str) else value["name"][:40]


def test_every_file_of_an_indicator_has_hand_checked_rows():
    assert {path.stem for path in CASES.glob("*.yaml")} == set(FILES)
    assert len(INDICATORS) >= len(FILES)  # a file may measure a second basis as a variant


@pytest.mark.parametrize(("name", "case"), HAND, ids=ids)
def test_rows_checked_by_hand(name, case):
    indicator = INDICATORS[case.get("variant", name)]
    # Citations stand behind a stage table; their evidence has tests of its own below.
    adds_up = (
        indicator.header["contribution"] == "value_part" and "core.citation_flow" not in indicator.file.inputs
    )
    with world_of(case) as warehouse:
        found = measured_of(warehouse, name, case)
        assert found["country_code"].to_list() == [row["country_code"] for row in case["expected"]]
        for row, expected in zip(found.iter_rows(named=True), case["expected"], strict=True):
            wrong = {
                key: (wanted, row[key]) for key, wanted in expected.items() if not is_same(row[key], wanted)
            }
            assert not wrong, f"{row['country_code']}: expected, found: {wrong}"
            if row["value"] is not None and row["value_lo"] is not None:
                assert row["value_lo"] - 1e-12 <= row["value"] <= row["value_hi"] + 1e-12
            if adds_up and row["value"] is not None:
                evidence = evidence_of(warehouse, indicator, row["country_code"])
                assert math.isclose(evidence["contribution"].sum(), row["value"], abs_tol=1e-9)


def is_same(found: object, wanted: object) -> bool:
    if isinstance(wanted, int | float) and isinstance(found, int | float):
        return math.isclose(found, wanted, abs_tol=2e-6)
    return found == wanted


def evidence_of(warehouse, indicator, country_code: str) -> pl.DataFrame:
    first_year, last_year = period_of(indicator)
    params = indicator.params | {
        "technology_id": "t",
        "country_code": country_code,
        "first_year": first_year,
        "last_year": last_year,
    }
    named = parameter_names(indicator.file.evidence_sql)
    frame = warehouse.frame(
        indicator.file.evidence_sql, {key: value for key, value in params.items() if key in named}
    )
    assert frame.columns == ["raw_digest", "raw_line", "item_id", "contribution"]
    assert frame["contribution"].to_list() == sorted(frame["contribution"], reverse=True)
    return frame


@pytest.mark.parametrize("indicator", INDICATORS.values(), ids=lambda indicator: indicator.id)
def test_header_tells_everything(indicator):
    header, file = indicator.header, indicator.file
    assert header["id"] == file.id
    for text in (header["name"], header["definition"]):
        assert text["en"].isascii()
        assert re.search(r"[぀-ヿ一-鿿]", text["ja"])
        assert not re.search(r"[぀-ヿ一-鿿] [぀-ヿ一-鿿]", text["ja"]), "no blank from a folded line"
    read = set(re.findall(r"\bcore\.[a-z_0-9]+", file.sql + file.evidence_sql))
    gate = {"core.reference_coverage"} if "core.citation_flow" in read else set()
    assert set(file.inputs) == read | gate, "inputs names exactly the tables the statements read and the gate"
    assert file.parameters <= {"first_year", "last_year"} | set(indicator.params)
    assert {"technology_id", "country_code"} <= parameter_names(file.evidence_sql)
    assert header["caveats"]
    assert header["references"]
    # Characters, not lines: how lines are broken says nothing about what is to be read.
    assert len(file.path.read_text(encoding="utf-8")) <= 6900


def test_a_wrong_head_is_told_with_its_line_and_the_nearest_name(tmp_path):
    text = (FOLDER / "s1_top10_share.sql").read_text(encoding="utf-8")
    slips = {
        "id: s1_top10_share": "id: s1_top10",
        "min_n: min_top10_items": "min_n: min_top_items",
        "[known_country": "[knwon_country",
    }
    for good, bad in slips.items():
        assert good in text
        text = text.replace(good, bad, 1)
    (tmp_path / "s1_top10_share.sql").write_text(text, encoding="utf-8")
    lines = {line.partition(":")[0]: number for number, line in enumerate(text.splitlines(), 1)}
    told = {problem.line: problem.message for problem in indicator_problems(CONFIG, None, tmp_path)}
    assert told[lines["id"]] == 'id must be the file\'s name, "s1_top10_share"'
    assert 'Did you mean "min_top10_items"?' in told[lines["min_n"]]
    assert 'Did you mean "known_country_denominator"?' in told[lines["caveats"]]
    (tmp_path / "s1_top10_share.sql").write_text(text.replace("caveats:", "caveat:"), encoding="utf-8")
    assert any("caveat" in problem.message for problem in indicator_problems(CONFIG, None, tmp_path))


def test_sql_that_is_none_is_told_before_a_build(tmp_path):
    text = (FOLDER / "s1_top10_share.sql").read_text(encoding="utf-8").replace("---*/\nWITH", "---*/\nWITHH")
    (tmp_path / "s1_top10_share.sql").write_text(text, encoding="utf-8")
    assert [
        "the SQL does not run" in problem.message for problem in indicator_problems(CONFIG, None, tmp_path)
    ] == [True]


def test_fractional_counts_survive_and_full_counts_exceed_the_total():
    with world_of(case_of("s1_top10_share", "ties")) as warehouse:
        found = measured_of(warehouse, "s1_top10_share", case_of("s1_top10_share", "ties"))
    assert math.isclose(found["value"].sum(), 1.0)
    assert found["n_national"].sum() > found["n"][0], "a work of two countries is counted for both"


@pytest.mark.parametrize("name", ["s1_top10_share", "s3_log_lead"])
def test_another_top_work_raises_share_and_lead(name):
    values = []
    for extra in ([], [[99, "JP", 1]]):
        case = copy.deepcopy(case_of("s3_log_lead", "leader"))
        case["tables"]["core.technology_work"]["rows"] += [[work_id, 1] for work_id, _, _ in extra]
        case["tables"]["core.work_country"]["rows"] += extra
        with world_of(case) as warehouse:
            values.append(
                measured_of(warehouse, name, case).filter(pl.col("country_code") == "JP")["value"][0]
            )
    assert values[0] < values[1]


FLOW_WORLD = {
    # JP's work 1 cites 11 (US) and 12 (half JP, half CN); US's work 2 cites 11 (US) and 13 (JP); 14 has no
    # known country.
    "core.technology_work": [{"work_id": 1}, {"work_id": 2}],
    "core.work": [{"work_id": 1}, {"work_id": 2}, {"work_id": 11}, {"work_id": 12}, {"work_id": 13},
        {"work_id": 14}],
    "core.work_country": [
        {"work_id": work, "country_code": country, "weight": weight}
        for work, country, weight in ((1, "JP", 1), (2, "US", 1), (11, "US", 1), (12, "JP", 0.5), (12, "CN",
            0.5), (13, "JP", 1))
    ],
    "core.work_reference": [
        {"citing_work_id": citing, "cited_work_id": cited} for citing,
        cited in ((1, 11), (1, 12), (1, 14), (2, 11), (2, 13))
    ],
    "core.citation_flow": [
        {"citing_country_code": citing, "cited_country_code": cited, "flow": flow, "n_citations": 1}
        for citing, cited, flow in (("JP", "US", 1), ("JP", "JP", 0.5), ("JP", "CN", 0.5), ("US", "US", 1),
            ("US", "JP", 1))
    ],
}  # fmt: skip


@pytest.mark.parametrize(("name", "value"), [("a1_foreign_dependence", 0.75), ("i1_inbound_reliance", 1.0)])
def test_citing_documents_add_up_to_what_the_matrix_says(name, value):
    with make_warehouse(FLOW_WORLD) as warehouse:
        found = measured_of(warehouse, name, {}).filter(pl.col("country_code") == "JP")["value"][0]
        evidence = evidence_of(warehouse, INDICATORS[name], "JP")
    assert found == value
    assert math.isclose(evidence["contribution"].sum(), value)


def test_citing_families_add_up_to_what_the_matrix_says():
    tables = {
        "core.technology_family": [{"family_id": "a"}],
        "core.patent_family": [{"family_id": "a"}, {"family_id": "b"}, {"family_id": "c"}],
        "core.patent_family_country": [
            {"family_id": f, "country_code": c, "weight": 1}
            for f, c in (("a", "JP"), ("b", "US"), ("c", "JP"))
        ],
        # b is cited through two publications: one pair of families.
        "core.patent_citation": [
            {"citing_family_id": "a", "cited_family_id": f, "cited_publication_number": n}
            for f, n in (("b", "1"), ("b", "2"), ("c", "3"))
        ],
        "core.citation_flow": [
            {
                "basis": "families",
                "citing_country_code": "JP",
                "cited_country_code": c,
                "flow": 1,
                "n_citations": 1,
            }
            for c in ("US", "JP")
        ],
    }
    indicator = INDICATORS["a1_foreign_dependence_families"]
    with make_warehouse(tables) as warehouse:
        found = measured_of(warehouse, indicator.id, {"variant": indicator.id})["value"][0]
        evidence = evidence_of(warehouse, indicator, "JP")
    assert found == 0.5
    assert math.isclose(evidence["contribution"].sum(), 0.5)


def test_d59_nothing_held_gives_nothing():
    with make_warehouse() as warehouse:
        assert measure(
            warehouse, {indicator: period_of(indicator) for indicator in INDICATORS.values()}
        ).is_empty()
        for indicator in INDICATORS.values():
            assert evidence_of(warehouse, indicator, "JP").is_empty(), indicator.id


def big_world() -> dict:
    """Technologies.

    Full (JP and US, all evidence), thin, sampled, abroad (nobody of JP), cited_in_vain (few references
    found), empty.
    """
    works, countries, flows, first = [], [], [], 0
    for technology_id, codes, n, is_comparable in (
        ("full", ("JP", "US"), 80, True), ("thin", ("JP",), 12, True), ("sampled", ("JP",), 80, False),
        ("abroad", ("CN", "US"), 80, True),
    ):  # fmt: skip
        for work_id in range(first, first + n):
            works.append(
                {
                    "technology_id": technology_id,
                    "work_id": work_id,
                    "is_comparable": is_comparable,
                    "top10_weight": 1 if is_comparable else None,
                }
            )
            countries.append({"work_id": work_id, "country_code": codes[work_id % len(codes)], "weight": 1})
        first += n
    for technology_id in ("full", "cited_in_vain"):
        flows += [
            {"technology_id": technology_id, "citing_country_code": a, "cited_country_code": b, "flow": 40,
                "n_citations": 40}
            for a in ("JP", "US") for b in ("JP", "US", "CN")
        ]  # fmt: skip
    names = ("full", "thin", "sampled", "abroad", "cited_in_vain", "empty")
    n_items = {
        "full": (80, 80),
        "thin": (12, 12),
        "sampled": (80, 0),
        "abroad": (80, 80),
        "cited_in_vain": (9, 9),
    }
    return {
        "core.technology": [{"technology_id": name} for name in names],
        "core.technology_work": works,
        "core.work": [
            {"work_id": row["work_id"], "is_field_top10": row["work_id"] % 5 == 0} for row in works
        ],
        "core.work_country": countries,
        "core.citation_flow": flows,
        "core.reference_coverage": [
            {"technology_id": name, "n_references": n, "coverage": c}
            for name, n, c in (("full", 240, 0.4), ("cited_in_vain", 240, 0.1), ("abroad", 22, 9 / 22))
        ],
        "core.technology_evidence": (
            [
                {"technology_id": name, "basis": "works", "n_items": items, "n_comparable": comparable}
                for name, (items, comparable) in n_items.items()
            ]
            + [{"technology_id": "thin", "basis": "statistics", "n_items": 5, "n_comparable": 5}]
        ),
    }


def run_world() -> dict[str, pl.DataFrame]:
    """Return what the step leaves, in the order it was written."""
    with make_warehouse(big_world()) as warehouse:
        run(warehouse, make_config())
        return {
            "values": warehouse.frame("SELECT * FROM ind.value"),
            "definitions": warehouse.frame("SELECT * FROM ind.definition"),
            "statements": warehouse.frame("SELECT * FROM prov.statement WHERE step = 'indicators'"),
            "tables": warehouse.frame(
                "SELECT table_name AS name, comment FROM duckdb_tables() WHERE schema_name = 'ind'"
            ),
            "columns": warehouse.frame(
                "SELECT column_name AS name, comment FROM duckdb_columns() WHERE schema_name = 'ind'"
            ),
        }


@pytest.fixture(scope="module")
def measured() -> dict[str, pl.DataFrame]:
    return run_world()


def test_the_focal_country_always_has_a_row_that_says_why(measured):
    focal = measured["values"].filter(pl.col("country_code") == "JP")
    assert focal.height == len(INDICATORS) * 6
    status = {(row["indicator_id"], row["technology_id"]): row for row in focal.iter_rows(named=True)}
    expected = {
        ("s1_top10_share", "full"): "ok",
        ("s1_top10_share", "thin"): "too_few",
        ("s1_top10_share", "sampled"): "not_comparable",
        ("s1_top10_share", "abroad"): "too_few",
        ("s1_top10_share", "empty"): "missing",
        ("s5_international_family_share", "full"): "missing",
        ("a1_foreign_dependence", "full"): "ok",
        ("a1_foreign_dependence", "cited_in_vain"): "low_coverage",
        ("a1_foreign_dependence", "sampled"): "not_comparable",
        ("a1_foreign_dependence", "abroad"): "too_few",
        ("i1_inbound_reliance", "full"): "ok",
        ("st_share", "thin"): "not_applicable",
        ("st_share", "full"): "missing",
        ("a7_supply_concentration", "full"): "missing",
    }
    assert {key: status[key]["status"] for key in expected} == expected
    assert status["s1_top10_share", "thin"]["n"] == 12, "n stays where there is too little of it"
    assert status["s1_top10_share", "abroad"]["n_national"] == 0
    assert status["s1_top10_share", "sampled"]["grade"] == "records_sampled"
    assert status["s1_top10_share", "full"]["period_first_year"] == 2019
    # Half of 80 works each, two of the three cited countries abroad.
    assert status["s1_top10_share", "full"]["value"] == 0.5
    assert math.isclose(status["a1_foreign_dependence", "full"]["value"], 2 / 3)


def test_other_countries_are_measured_too(measured):
    values = measured["values"].filter(
        (pl.col("indicator_id") == "s1_top10_share") & (pl.col("technology_id") == "abroad")
    )
    assert values.filter(pl.col("status") == "ok")["country_code"].to_list() == ["CN", "US"]


def test_no_number_where_the_evidence_is_too_thin(measured):
    silent = measured["values"].filter(pl.col("status") != "ok")
    assert silent.height > 0
    assert silent.select("value", "value_lo", "value_hi").null_count().row(0) == (silent.height,) * 3


def test_two_runs_are_equal(measured):
    again = run_world()
    assert all(again[name].equals(frame) for name, frame in measured.items())


def test_every_statement_is_kept_and_every_table_explained(measured):
    kept = set(measured["statements"]["statement_id"])
    assert kept - {name for name in kept if name.startswith("world/")} == {
        *("ind.value", "ind.definition", "ind.world"),
        *INDICATORS,
        *(f"{name}/evidence" for name in INDICATORS),
    }
    assert measured["tables"]["comment"].str.contains(r"^Each row is .+ / .+").all()
    assert measured["columns"]["comment"].str.contains(r".+ / .+").all()
    definitions = measured["definitions"]
    assert set(definitions["indicator_id"]) == set(INDICATORS)
    assert definitions["name_en"].n_unique() == definitions.height, "a reader can tell works from families"


def test_japans_share_of_semiconductor_families_by_hand():
    # NCSES table 5828, 2016-20: Japan 34,108 of world 140,629 international families.
    japan, world = (8445, 7636, 6511, 6004, 5512), (29760, 29138, 26092, 27428, 28211)
    tables = {
        "core.technology_series": [{"series_id": "t05828"}],
        "core.statistic_series": [{"series_id": "t05828", "period_first_year": 2016,
            "period_last_year": 2020}],
        "core.statistic": [
            {"series_id": "t05828", "area_code": area, "period_year": 2016 + place, "value": value}
            for area, values in (("JP", japan), ("WORLD", world)) for place, value in enumerate(values)
        ],
    }  # fmt: skip
    with make_warehouse(tables) as warehouse:
        found = measured_of(warehouse, "st_share", {}).row(0, named=True)
    assert round(found["value"], 4) == 0.2425
    assert (found["n"], found["n_national"]) == (140_629, 34_108)


def test_every_caveat_key_is_written_like_a_key():
    headers = [indicator.header for indicator in INDICATORS.values()]
    keys = {key for header in headers for key in [*header["caveats"], *header.get("value_caveats", ())]}
    assert all(re.fullmatch(r"[a-z][a-z0-9_]+", key) for key in keys)


def test_the_loader_stays_small():
    text = (ROOT / "src" / "listgen" / "indicators" / "__init__.py").read_text(encoding="utf-8")
    statements = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.stmt)]
    assert len(statements) <= 80
