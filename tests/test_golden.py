"""Every number of both workspaces is the one that was published last.

A change is a commit of its own (CONTRIBUTING.md).
"""

import copy
import json

import pytest
from golden_values import differences, read_build, read_golden, to_text
from real_world import needs_data

pytestmark = pytest.mark.slow
SHOWN = 20


def assert_same(name, workspace):
    found = differences(read_golden(name), read_build(workspace.current / "listgen.duckdb"))
    shown = "\n".join(found[:SHOWN])
    assert not found, (
        f"{len(found)} values of tests/golden/{name}.json differ; if they should, run: make golden\n{shown}"
    )


def test_the_sample_has_its_golden_values(built):
    assert_same("sample", built)


@needs_data
def test_the_real_workspace_has_its_golden_values(real_root):
    assert_same("real", real_root)


def test_a_number_that_moved_is_named_with_its_key_and_both_values(built):
    tables = read_build(built.current / "listgen.duckdb")
    golden = {name: [["..."], *rows] for name, rows in copy.deepcopy(tables).items()}
    golden |= {name: [header, *golden[name][1:]] for name, (header, *_) in read_golden("sample").items()}
    at = next(i for i, row in enumerate(golden["ind.value"]) if i and row[7] is not None)
    row = golden["ind.value"][at]
    now, row[7] = row[7], row[7] * (1 + 1e-6)
    reason = next(row for row in golden["list.reason"][1:] if row[2] is not None)
    was, reason[6]["conditions"][0]["p"] = reason[6]["conditions"][0]["p"], 0.123
    gone = golden["cluster.member"].pop()
    assert differences(golden, tables) == [
        f"ind.value[{', '.join(str(part) for part in row[:6])}].value: {row[7]} -> {now}",
        f"cluster.member[{gone[0]}]: no row -> {gone[1:]}",
        f"list.reason[{reason[0]}, {reason[1]}].inputs.conditions[0].p: 0.123 -> {was}",
    ]


def test_the_file_has_one_row_a_line_and_reads_back_whole(built):
    tables = read_build(built.current / "listgen.duckdb")
    text = to_text(tables)
    assert text.count("\n") == sum(len(rows) for rows in tables.values()) + 3 * len(tables) + 2
    assert {name: rows[1:] for name, rows in json.loads(text).items()} == tables
