"""Any published value leads back to the raw bytes.

What `trace` prints recomputes the number with DuckDB alone.
"""

import json
import random
import re

import duckdb
import pytest

from listgen import trace
from listgen.base.errors import UsageError
from listgen.trace.recompute import MARK, literal, with_values


def references(workspace) -> list[tuple[str, float]]:
    document = json.loads((workspace.current / "candidates.json").read_text(encoding="utf-8"))
    rows = [
        row for entry in document["entries"] for axis in entry["axes"].values() for row in axis["indicators"]
    ]
    return sorted({(row["trace"], row["value"]) for row in rows if row["value"] is not None})


def test_fifty_values_are_recomputed_from_the_raw_bytes(built, monkeypatch):
    found = references(built)
    chosen = random.Random(20250701).sample(found, 50)
    assert len({reference.split("/")[0] for reference, _ in chosen}) >= 12
    monkeypatch.chdir(built.root)
    con, done = duckdb.connect(), set()
    for reference, published in chosen:
        stage, value = trace.trace(built, built.current.resolve(), reference)["recompute_sql"].split(MARK)
        # The scripts share most of their statements; each runs once.
        for statement in duckdb.extract_statements(stage):
            # A statement's text may end in the comment that opens the next one.
            key = re.sub(r"(\s*--[^\n]*)*\s*\Z", "", statement.query)
            if key not in done:
                con.execute(statement)
                done.add(key)
        recomputed = con.execute(value).fetchall()
        assert recomputed[0][0] == pytest.approx(published, rel=1e-5), reference


def test_evidence_rows_point_at_records_that_are_there(built):
    document = trace.trace(built, built.current.resolve(), "s1_top10_share/machine_learning/CN")
    assert document["n_rows"] > 100
    row = document["rows"][0]
    held = next(file for file in document["raw_files"] if file["sha256"] == row["raw_digest"])
    sql = (
        "SELECT json FROM (SELECT row_number() OVER () AS n, json FROM read_ndjson_objects($path,"
        " ignore_errors = true, compression = 'gzip')) WHERE n = $n"
    )
    record = json.loads(
        duckdb.execute(sql, {"path": str(built.root / held["path"]), "n": row["raw_line"]}).fetchall()[0][0]
    )
    assert record["id"].endswith(row["item_id"])
    assert "CN" in json.dumps(record["authorships"])
    assert (held["licence_class"], held["is_sample"]) == ("A", True)


def test_the_contributions_add_up_to_the_value(built):
    from listgen.trace.reading import open_finished

    keys = {"technology_id": "semiconductor_materials", "country_code": "JP"}
    with open_finished(built.current.resolve()) as warehouse:
        sql, params = warehouse.rows(
            "SELECT sql, params FROM prov.statement WHERE statement_id = 's1_top10_share/evidence'"
        )[0]
        frame = warehouse.frame(sql, json.loads(params) | keys)
        value = warehouse.scalar(
            "SELECT value FROM ind.value WHERE indicator_id = 's1_top10_share' AND technology_id ="
            " $technology_id AND country_code = $country_code",
            keys,
        )
    assert frame["contribution"].sum() == pytest.approx(value, rel=1e-9)


@pytest.mark.parametrize(
    ("reference", "words"),
    [
        ("s1_top10_share", "Expected INDICATOR/TECHNOLOGY/COUNTRY"),
        ("s1_top_share/machine_learning/JP", 'Did you mean "s1_top10_share"?'),
        ("s1_top10_share/machine_lerning/JP", 'Did you mean "machine_learning"?'),
        ("s1_top10_share/machine_learning/JPN", "is not a country with a value"),
    ],
)
def test_a_wrong_reference_says_what_was_expected(built, reference, words):
    with pytest.raises(UsageError, match=words.replace("?", r"\?")):
        trace.trace(built, built.current.resolve(), reference)


def test_the_score_tree_adds_up_to_the_axis(built):
    document = trace.explain(built, built.current.resolve(), "semiconductor_materials")
    for axis in document["axes"]:
        used = [
            row for row in axis["indicators"] if row["score"] is not None and row["branch"] == axis["grade"]
        ]
        total = sum(row["importance"] for row in used)
        assert sum(row["score"] * row["importance"] for row in used) / total == pytest.approx(
            axis["value"], abs=1e-6
        )
    assert any("合成サンプル" in line or "synthetic" in line for line in trace.explain_lines(document))


def test_d55_literals_cannot_break_out():
    assert (
        with_values("SELECT $a, '$b'", {"a": "x'; DROP TABLE y; --"})
        == "SELECT 'x''; DROP TABLE y; --', '$b'"
    )
    assert literal({"a": [1, None, True]}) == "{'a': [1, NULL, true]}"
