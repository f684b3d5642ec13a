"""The gates.

Every suite and every check finds its broken row by key, and nothing that did not run counts as passed.
"""

import json
import shutil
import subprocess
import sys
from dataclasses import replace

import pytest
from validate_broken import BROKEN, BROKEN_CHECKS
from validate_world import COLUMNS, ROOT, make_world, small_config

from listgen import validate
from listgen.base.errors import CheckFailedError, CouldNotCheckError
from listgen.store.sqlfile import load_sql_file
from listgen.store.warehouse import Warehouse
from listgen.validate.rules import CHECK_TYPE, GATES, ROWS_TYPE, RULE_TYPES, load_rules


@pytest.fixture
def world():
    with make_world() as warehouse:
        yield warehouse


@pytest.fixture
def rules_folder(tmp_path):
    """A copy of the rule files that a test may spoil."""
    return shutil.copytree(ROOT / "expectations", tmp_path / "expectations")


@pytest.fixture(scope="module")
def broken_results():
    """Every suite run once on a build in which each table has one broken row."""
    with make_world() as warehouse:
        for table, (sql, _, _) in BROKEN.items():
            warehouse.execute(sql.format(t=table))
        for gate in GATES:
            with pytest.raises(CheckFailedError):
                validate.run_gate(warehouse, small_config(), gate)
        columns = "table_name, rule_id, status, finding, failed_keys, rule_type"
        yield warehouse.rows(f"SELECT {columns} FROM prov.check")


def edit(path, change):
    document = json.loads(path.read_text(encoding="utf-8"))
    change(document)
    path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")


def test_every_suite_and_check_has_a_broken_row():
    folder = ROOT / "expectations"
    assert (
        {path.stem for path in folder.glob("*.json")}
        == set(BROKEN)
        == {table for table in COLUMNS if not table.startswith("prov.")}
    )
    assert {path.stem for path in folder.glob("checks/*.sql")} == set(BROKEN_CHECKS)


@pytest.mark.parametrize("table", BROKEN)
def test_suite_fails_on_its_broken_row_and_names_the_key(broken_results, table):
    failed = {
        rule: json.loads(finding)["en"]
        for name, rule, status, finding, _, kind in broken_results
        if (name, status) == (table, "failed") and kind != CHECK_TYPE
    }
    _, rule_id, named = BROKEN[table]
    assert set(failed) == {rule_id}
    assert named in failed[rule_id]


def test_a_suite_speaks_only_of_its_own_table(world):
    """So a suite that passes beside forty broken tables passes beside one."""
    for gate in GATES:
        for rule in load_rules(world, small_config(), gate):
            if rule.rule_type == ROWS_TYPE:
                query = rule.kwargs["unexpected_rows_query"]
                assert query.count("{batch}") == 1
                assert not [table for table in COLUMNS if table in query]


@pytest.mark.parametrize("gate", GATES)
def test_no_rule_finds_anything_in_the_sound_world(world, gate):
    for rule in load_rules(world, small_config(), gate):
        query = rule.rows_query()
        assert query is None or validate._failing_rows(world, *query) == ([], 0), rule.name


@pytest.mark.parametrize("check", BROKEN_CHECKS)
def test_check_selects_the_offending_row(world, check):
    sql, named = BROKEN_CHECKS[check]
    world.execute(sql)
    gate = load_sql_file(ROOT / "expectations" / "checks" / f"{check}.sql").header["gate"]
    rule = next(rule for rule in load_rules(world, small_config(), gate) if rule.rule_id == check)
    result = validate._result(world, rule, None)
    assert result.status == "failed"
    assert named in result.finding["en"]


def test_sound_gate_passes_and_counts_its_rules(world):
    results = validate.run_gate(world, small_config(), "list")
    files = [
        path for path in (ROOT / "expectations").glob("*.json") if path.stem.split(".")[0] in GATES["list"]
    ]
    in_files = sum(len(json.loads(path.read_text(encoding="utf-8"))["expectations"]) for path in files)
    assert len([result for result in results if result.rule.rule_type != CHECK_TYPE]) == in_files
    assert {result.status for result in results} == {"passed"}
    assert world.scalar("SELECT count(*) FROM prov.check") == len(results)


def test_critical_failure_is_told_in_the_house_style(world):
    world.execute(BROKEN["list.candidate"][0].format(t="list.candidate"))
    with pytest.raises(CheckFailedError) as error:
        validate.run_gate(world, small_config(), "list")
    assert error.value.exit_code == 4
    assert "list.candidate: technology_id=alpha: best_rule_p 2.0 outside 0..1 [between(best_rule_p)]" in str(
        error.value
    )
    assert "Nothing was promoted; the rows are in checks.json of this build." in str(error.value)


def test_warnings_and_notes_do_not_stop_the_build(world, rules_folder):
    def soften(document):
        for rule in document["expectations"]:
            rule["severity"] = "warning"

    edit(rules_folder / "cluster.label.json", soften)
    world.execute("UPDATE cluster.label SET stability = 7")
    results = validate.run_gate(world, small_config(rules_folder), "list")
    assert [(result.rule.severity, result.n_failed) for result in results if result.status == "failed"] == [
        ("warning", 1)
    ]


def test_record_of_the_checks_is_complete_and_repeats_itself(broken_results, world):
    assert {row[2] for row in broken_results} == {"passed", "failed"}
    validate.run_gate(world, small_config(), "ind")
    first = world.rows("SELECT * FROM prov.check")
    validate.run_gate(world, small_config(), "ind")
    assert world.rows("SELECT * FROM prov.check") == first


def test_keys_are_counted_and_the_first_twenty_kept(world):
    world.execute("INSERT INTO core.authorship SELECT 100 + i, 1, NULL, NULL, 0.5 FROM range(50) AS r(i)")
    rule = next(
        rule for rule in load_rules(world, small_config(), "core") if rule.rule_id == "authorship_weight_sum"
    )
    result = validate._result(world, rule, None)
    assert (result.n_failed, len(result.failed_keys)) == (50, 20)
    assert result.failed_keys[0] == {"work_id": 100, "weight_sum": 0.5, "n_authors": None}
    assert result.finding["en"].endswith("(and 49 more)")


# ---- what did not run is never a pass ------------------------------------------------------------


def spoil_type(document):
    document["expectations"][0]["type"] = "expect_column_values_to_be_uniqe"


def spoil_severity(document):
    document["expectations"][0]["severity"] = "criticle"


def spoil_bounds(document):
    rule = next(
        rule
        for rule in document["expectations"]
        if "min_value" in rule["kwargs"] and "max_value" in rule["kwargs"]
    )
    rule["kwargs"]["max_value"] = rule["kwargs"]["min_value"] - 1


def spoil_why(document):
    del document["expectations"][0]["meta"]["why"]["ja"]


def spoil_column(document):
    document["expectations"][0]["kwargs"] = {"column": "label_id"}


def spoil_argument(document):
    document["expectations"][0]["kwargs"]["mostly"] = 0.9


def spoil_name(document):
    document["name"] = "cluster.labels"


def spoil_rules(document):
    document["expectations"] = []


def spoil_twice(document):
    document["expectations"].append(document["expectations"][0])


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (
            spoil_type,
            (
                'type "expect_column_values_to_be_uniqe" is unknown. Did you mean'
                ' "expect_column_values_to_be_unique"?'
            ),
        ),
        (
            spoil_severity,
            'severity "criticle" is not one of critical, warning, info. Did you mean "critical"?',
        ),
        (spoil_bounds, "is above max_value"),
        (spoil_why, "why needs en and ja"),
        (spoil_column, 'cluster.label has no column "label_id". Did you mean "label_'),
        (spoil_argument, "arguments missing or unknown: mostly"),
        (spoil_name, 'name must be "cluster.label"'),
        (spoil_rules, "holds no rule"),
        (spoil_twice, "stands twice"),
    ],
)
def test_d62_defective_suite_stops_the_gate(world, rules_folder, spoil, said):
    edit(rules_folder / "cluster.label.json", spoil)
    with pytest.raises(CouldNotCheckError) as error:
        validate.run_gate(world, small_config(rules_folder), "list")
    assert error.value.exit_code == 7
    assert "expectations/cluster.label.json" in str(error.value)
    assert said in str(error.value)


def test_all_defects_are_reported_together(world, rules_folder):
    edit(rules_folder / "cluster.label.json", spoil_severity)
    edit(rules_folder / "list.reason.json", spoil_why)
    with pytest.raises(CouldNotCheckError) as error:
        load_rules(world, small_config(rules_folder), "list")
    assert "cluster.label.json" in str(error.value)
    assert "list.reason.json" in str(error.value)


def test_d62_deleted_suite_stops_the_gate(world, rules_folder):
    (rules_folder / "list.reason.json").unlink()
    with pytest.raises(CouldNotCheckError, match="list.reason: has no suite"):
        validate.run_gate(world, small_config(rules_folder), "list")


def test_d62_suite_without_its_table_stops_the_gate(world):
    world.execute("DROP TABLE list.reason")
    with pytest.raises(CouldNotCheckError, match="expectations/list.reason.json: the table does not exist"):
        validate.run_gate(world, small_config(), "list")


def test_d62_empty_build_stops_the_gate():
    with (
        Warehouse() as warehouse,
        pytest.raises(CouldNotCheckError, match="expectations/core.raw_file.json: the table does not exist"),
    ):
        validate.run_gate(warehouse, small_config(), "core")


def test_suite_of_no_gate_stops_every_gate(world, rules_folder):
    shutil.copy(rules_folder / "list.reason.json", rules_folder / "lists.reason.json")
    with pytest.raises(CouldNotCheckError, match="no gate checks the schema lists"):
        load_rules(world, small_config(rules_folder), "ind")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("FROM cluster.label AS label", "FROM cluster.lable AS label", "the SQL does not run"),
        ("key: [cluster_id]", "key: [cluster]", "the SQL must return the key columns (cluster)"),
        ("severity: critical", "severity: fatal", 'severity "fatal"'),
        ("gate: list", "gate: cluster", 'gate "cluster" is not one of'),
        ("table: cluster.label", "table: cluster.lables", 'table "cluster.lables" does not exist'),
        ("id: cluster_sizes", "id: sizes", 'id must be the file\'s name, "cluster_sizes"'),
        ("/*---", "/*", "header"),
        (
            "label.n_members <> found.n_found",
            "label.n_members <> $n_wanted",
            'parameter "n_wanted" has no value',
        ),
    ],
)
def test_d62_defective_check_stops_the_gate(world, rules_folder, old, new, said):
    path = rules_folder / "checks" / "cluster_sizes.sql"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(CouldNotCheckError) as error:
        validate.run_gate(world, small_config(rules_folder), "list")
    assert "checks/cluster_sizes.sql" in str(error.value)
    assert said in str(error.value)


def test_d61_check_that_breaks_while_running_is_no_pass(world, rules_folder):
    path = rules_folder / "checks" / "cluster_sizes.sql"
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace("label.n_members <> found.n_found", "CAST(label.label_en AS INTEGER) > 0"),
        encoding="utf-8",
    )
    with pytest.raises(CouldNotCheckError, match="could not run: .*Strong"):
        validate.run_gate(world, small_config(rules_folder), "list")
    assert world.scalar("SELECT status FROM prov.check WHERE rule_id = 'cluster_sizes'") == "could_not_check"


def test_d61_rule_dropped_by_the_engine_is_counted(world):
    rule = next(rule for rule in load_rules(world, small_config(), "list") if rule.table == "list.reason")
    with pytest.raises(CouldNotCheckError, match="1 / 0 / 0; missing: dropped"):
        validate._run_suites(
            world, [replace(rule, rule_id="dropped", rule_type="expect_nothing_in_particular")]
        )


def test_d61_rule_that_fails_inside_the_engine_is_no_pass(world, monkeypatch):
    rule = next(
        rule for rule in load_rules(world, small_config(), "list") if rule.rule_id == "not_null(text_en)"
    )
    monkeypatch.setattr(validate, "load_rules", lambda *_: [replace(rule, kwargs={"column": "gone"})])
    with pytest.raises(CouldNotCheckError) as error:
        validate.run_gate(world, small_config(), "list")
    assert error.value.exit_code == 7
    assert "1 rule(s) of gate list could not be checked" in str(error.value)


def test_d62_gate_without_rules_is_no_pass(world, monkeypatch):
    monkeypatch.setattr(validate, "load_rules", lambda *_: [])
    with pytest.raises(CouldNotCheckError):
        validate.run_gate(world, small_config(), "list")


def test_unknown_gate_is_refused(world):
    with pytest.raises(ValueError, match="gate 'cor'"):
        validate.run_gate(world, small_config(), "cor")


def test_rule_types_are_known_to_great_expectations():
    from great_expectations.expectations.registry import get_expectation_impl

    assert all(get_expectation_impl(kind) for kind in RULE_TYPES)


def test_importing_the_gate_does_not_load_great_expectations():
    code = (
        "import sys, listgen.validate; print('great_expectations' in sys.modules or 'sqlalchemy' in"
        " sys.modules)"
    )
    assert (
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        ).stdout.strip()
        == "False"
    )
