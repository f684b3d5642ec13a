"""Rows go to and from DuckDB without pyarrow, which a user does not have."""

import subprocess
import sys

import polars as pl
import pytest

from listgen.base.errors import CouldNotCheckError
from listgen.store.warehouse import Warehouse
from listgen.trace.recompute import record_scripts

_BOTH_WAYS = """
import sys
sys.modules["pyarrow"] = None
import polars as pl
from listgen.store.warehouse import Warehouse
with Warehouse() as warehouse:
    warehouse.execute("CREATE TABLE main.one (name VARCHAR, n BIGINT)")
    warehouse.write("main.one", pl.DataFrame({"n": [1, None], "name": ["日本", None]}))
    print(warehouse.frame("SELECT name, sum(n) AS n FROM main.one GROUP BY name ORDER BY name").rows())
"""


def test_rows_pass_both_ways_without_pyarrow_and_nothing_is_reported_as_lost():
    done = subprocess.run([sys.executable, "-c", _BOTH_WAYS], capture_output=True, text=True, check=True)
    assert done.stdout.strip().startswith("[('日本', ")
    assert done.stderr == ""


def test_a_column_without_any_value_is_inserted():
    with Warehouse(":memory:") as warehouse:
        warehouse.con.execute("CREATE TABLE core.empty (a INTEGER, b DOUBLE, c DATE, d BOOLEAN, e VARCHAR)")
        warehouse.write("core.empty", pl.DataFrame({"a": [1, 2]} | {name: [None, None] for name in "bcde"}))
        assert warehouse.rows("SELECT * FROM core.empty") == [(n, None, None, None, None) for n in (1, 2)]


def test_a_script_of_a_build_without_the_choice_of_records_is_refused():
    with Warehouse() as warehouse:
        assert record_scripts(warehouse, []) == []
        with pytest.raises(CouldNotCheckError, match="An earlier version made this build"):
            record_scripts(warehouse, ["openalex_work"])


def test_what_is_settled_stays_and_what_follows_can_still_be_undone():
    with Warehouse() as warehouse:
        warehouse.settle()  # nothing is under way
        with pytest.raises(ZeroDivisionError), warehouse.transaction():
            warehouse.execute("CREATE TABLE core.first (n INTEGER)")
            warehouse.settle()
            warehouse.execute("CREATE TABLE core.second (n INTEGER)")
            _ = 1 / 0
        assert warehouse.tables("core") == ["core.first"]
        warehouse.settle()  # no longer
        with warehouse.transaction():
            warehouse.execute("CREATE TABLE core.third (n INTEGER)")
        assert warehouse.tables("core") == ["core.first", "core.third"]
