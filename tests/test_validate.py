"""The gates: every suite and every check finds its broken row by key, and nothing that did not run counts as passed."""

import json
import shutil
import subprocess
import sys
from dataclasses import replace

import pytest
from validate_world import COLUMNS, ROOT, make_world, small_config

from listgen import validate
from listgen.base.errors import CheckFailedError, CouldNotCheckError
from listgen.base.sqlfile import load_sql_file
from listgen.validate_rules import CHECK_TYPE, GATES, ROWS_TYPE, RULE_TYPES, load_rules

# One broken row per suite: what is done to the table, the rule that must find it, how the row must be named.
BROKEN = {
    "core.country": ("UPDATE {t} SET name_ja = NULL WHERE country_code = 'CN'", "not_null(name_ja)", "country_code=CN: name_ja is empty"),
    "core.source": (
        "UPDATE {t} SET grade = 'guess' WHERE source_id = 'ore'",
        "in_set(grade)",
        'source_id=ore: grade "guess" is not one of',
    ),
    "core.raw_file": (
        "UPDATE {t} SET n_bytes = 0 WHERE source_id = 'ore'",
        "between(n_bytes)",
        "source_id=ore, file_name=ore.gz: n_bytes 0 outside 1..",
    ),
    "core.period": (
        "UPDATE {t} SET last_year = 2021 WHERE period_id = 'works'",
        "at_least(last_year, first_year)",
        "period_id=works: last_year 2021 is below",
    ),
    "core.topic": ("INSERT INTO {t} VALUES ('T10001', 'Again')", "unique(topic_id)", "topic_id=T10001: topic_id stands 2 times"),
    "core.technology": ("UPDATE {t} SET name_en = NULL WHERE technology_id = 'beta'", "not_null(name_en)", "technology_id=beta"),
    "core.technology_topic": (
        "INSERT INTO {t} VALUES ('beta', 'T10002')",
        "unique(technology_id, topic_id)",
        "technology_id=beta, topic_id=T10002",
    ),
    "core.technology_cpc": (
        "INSERT INTO {t} VALUES ('beta', 'H01L')",
        "unique(technology_id, cpc_prefix)",
        "technology_id=beta, cpc_prefix=H01L",
    ),
    "core.technology_series": ("UPDATE {t} SET relation = 'same'", "in_set(relation)", "technology_id=alpha, series_id=numbers:alpha"),
    "core.technology_commodity": (
        "UPDATE {t} SET importance = 2",
        "between(importance)",
        "technology_id=alpha, commodity_id=gallium, stage_id=refined",
    ),
    "core.work": (
        "UPDATE {t} SET publication_year = 2999 WHERE work_id = 3",
        "between(publication_year)",
        "work_id=3: publication_year 2999 outside 1000..2026",
    ),
    "core.work_topic": ("UPDATE {t} SET topic_score = 1.5 WHERE work_id = 2", "between(topic_score)", "work_id=2, topic_id=T10001"),
    "core.institution": ("INSERT INTO {t} VALUES (11, 'Twin', 'JP')", "unique(institution_id)", "institution_id=11"),
    "core.authorship": (
        "UPDATE {t} SET author_seq = 0 WHERE work_id = 2 AND author_seq = 1",
        "between(author_seq)",
        "work_id=2, author_seq=0",
    ),
    "core.work_country": ("INSERT INTO {t} VALUES (4, 'JP', 0.5)", "key_unique", "work_id=4, country_code=JP"),
    "core.work_reference": (
        "INSERT INTO {t} VALUES (4, 901)",
        "key_unique",
        "citing_work_id=4, cited_work_id=901",
    ),
    "core.technology_work": (
        "UPDATE {t} SET top10_weight = 1.5 WHERE work_id = 6",
        "between(top10_weight)",
        "technology_id=beta, work_id=6",
    ),
    "core.patent_publication": (
        "UPDATE {t} SET office_code = 'us' WHERE publication_number = 'US-3-B2'",
        "office_is_code",
        "publication_number=US-3-B2: office_code=us",
    ),
    "core.patent_family": ("UPDATE {t} SET family_kind = 'clan' WHERE family_id = 'F2'", "in_set(family_kind)", "family_id=F2"),
    "core.patent_family_country": (
        "UPDATE {t} SET role = 'owner' WHERE role = 'applicant'",
        "in_set(role)",
        "family_id=F2, role=owner, country_code=US",
    ),
    "core.patent_family_cpc": ("UPDATE {t} SET cpc_code = NULL WHERE family_id = 'F2'", "not_null(cpc_code)", "family_id=F2"),
    "core.patent_citation": (
        "INSERT INTO {t} VALUES ('F2', NULL, 'EP-9-A1')",
        "key_unique",
        "citing_family_id=F2, cited_publication_number=EP-9-A1",
    ),
    "core.technology_family": (
        "UPDATE {t} SET is_comparable = NULL WHERE family_id = 'F2'",
        "not_null(is_comparable)",
        "technology_id=beta, family_id=F2",
    ),
    "core.citation_flow": (
        "UPDATE {t} SET flow = 9 WHERE basis = 'families' AND citing_country_code = 'JP'",
        "at_least(n_citations, flow)",
        "technology_id=alpha, basis=families, citing_country_code=JP, cited_country_code=US: n_citations 1 is below flow 9",
    ),
    "core.reference_coverage": (
        "UPDATE {t} SET n_resolved = 99 WHERE technology_id = 'beta' AND basis = 'works'",
        "at_least(n_references, n_resolved)",
        "technology_id=beta, basis=works",
    ),
    "core.technology_evidence": (
        "UPDATE {t} SET basis = 'patents' WHERE technology_id = 'beta' AND basis = 'families'",
        "in_set(basis)",
        "technology_id=beta, basis=patents",
    ),
    "core.statistic_series": (
        "UPDATE {t} SET measure = 'rank' WHERE series_id = 'numbers:best'",
        "in_set(measure)",
        "series_id=numbers:best",
    ),
    "core.statistic": (
        "UPDATE {t} SET value = -1 WHERE series_id = 'numbers:best'",
        "between(value)",
        "series_id=numbers:best, area_code=JP, period_year=2023",
    ),
    "core.supply": ("UPDATE {t} SET quantity = -1 WHERE country_code = 'JP'", "between(quantity)", "country_code=JP, period_year=2023"),
    "ind.definition": ("UPDATE {t} SET unit = NULL WHERE indicator_id = 'st_share'", "not_null(unit)", "indicator_id=st_share"),
    "ind.value": (
        "UPDATE {t} SET value = NULL WHERE indicator_id = 'st_share'",
        "value_iff_ok",
        "indicator_id=st_share, technology_id=alpha, country_code=JP",
    ),
    "score.normalised": (
        "UPDATE {t} SET importance = 2 WHERE axis_id = 'autonomy'",
        "between(importance)",
        "technology_id=alpha, axis_id=autonomy, indicator_id=s1_top10_share",
    ),
    "score.technology": (
        "UPDATE {t} SET hi = 50 WHERE axis_id = 'autonomy' AND value > 0",
        "at_least(hi, value)",
        "axis_id=autonomy: hi 50.0 is below value 60.0",
    ),
    "score.rank_range": (
        "UPDATE {t} SET rank_p95 = 5 WHERE axis_id = 'autonomy'",
        "at_least(n_ranked, rank_p95)",
        "technology_id=alpha, axis_id=autonomy",
    ),
    "score.draw": (
        "INSERT INTO {t} VALUES ('alpha', 'autonomy', 2, 60)",
        "key_unique",
        "axis_id=autonomy, draw=2",
    ),
    "score.monopoly_risk": (
        "UPDATE {t} SET p_low = 0.9 WHERE technology_id = 'alpha'",
        "probabilities_sum_to_one",
        "technology_id=alpha: p_high=0.25",
    ),
    "cluster.member": (
        "UPDATE {t} SET stability = 2 WHERE technology_id = 'alpha'",
        "between(stability)",
        "technology_id=alpha: stability 2.0 outside 0..1",
    ),
    "cluster.label": ("UPDATE {t} SET n_members = 0", "between(n_members)", "cluster_id=c1"),
    "list.candidate": ("UPDATE {t} SET best_rule_p = 2 WHERE technology_id = 'alpha'", "between(best_rule_p)", "technology_id=alpha"),
    "list.reason": (
        "UPDATE {t} SET text_ja = NULL WHERE technology_id = 'beta' AND rule_id = 'secure'",
        "not_null(text_ja)",
        "technology_id=beta, rule_id=secure",
    ),
}

# One broken build per check: what is done, and how the offending row must be named.
BROKEN_CHECKS = {
    "source_has_files": ("DELETE FROM core.raw_file WHERE source_id = 'ore'", "source_id=ore"),
    "raw_files_known": (
        f"UPDATE core.work SET raw_digest = '{'9' * 64}' WHERE work_id = 2",
        "table_name=core.work, source_id=works, raw_digest=999",
    ),
    "quarantine_any": (
        "INSERT INTO prov.quarantine VALUES ('works', 'a', 'works.gz', 17, 'id', 'missing', '')",
        "source_id=works, file_name=works.gz",
    ),
    "quarantine_share": (
        "INSERT INTO prov.quarantine SELECT 'works', repeat('a', 64), 'works.gz', i, 'id', 'missing', '' FROM range(3) AS r(i)",
        "source_id=works, file_name=works.gz",
    ),
    "unmapped_country_code": ("INSERT INTO prov.unmapped VALUES ('works', 'institution', 'XK', 3)", "area_text=XK"),
    "unmapped_area": ("INSERT INTO prov.unmapped VALUES ('numbers', 'statistic', 'EU-27', 3)", "area_text=EU-27"),
    "superseded_records": ("INSERT INTO prov.duplicate VALUES ('works', 'openalex_work', 2, 1)", "source_id=works, form_id=openalex_work"),
    "authorship_weight_sum": ("UPDATE core.authorship SET weight = 0.4 WHERE work_id = 2 AND author_seq = 1", "work_id=2: weight_sum=0.9"),
    "work_country_weight": ("DELETE FROM core.work_country WHERE work_id = 3 AND country_code = 'US'", "work_id=3"),
    "work_ids_survive": ("DELETE FROM core.work WHERE work_id = 5", "table_name=core.authorship, work_id=5"),
    "technology_work_complete": ("DELETE FROM core.technology_work WHERE work_id = 4", "technology_id=alpha, work_id=4"),
    "top10_weight_is_tenth": (
        "UPDATE core.technology_work SET top10_weight = 0.2 WHERE work_id = 6",
        "technology_id=beta, publication_year=2022",
    ),
    "work_country_known": ("DELETE FROM core.work_country WHERE work_id IN (5, 6)", "technology_id=beta"),
    "window_years_present": ("UPDATE core.period SET first_year = 2021 WHERE period_id = 'works'", "period_id=works, period_year=2021"),
    "family_country_weight_sum": (
        "DELETE FROM core.patent_family_country WHERE family_id = 'F1' AND country_code = 'JP'",
        "family_id=F1, role=inventor",
    ),
    "family_ids_survive": ("DELETE FROM core.patent_family WHERE family_id = 'F2'", "table_name=core.patent_citation, family_id=F2"),
    "technology_family_complete": (
        "UPDATE core.technology_family SET technology_id = 'alpha' WHERE family_id = 'F2'",
        "technology_id=alpha, family_id=F2",
    ),
    "technology_ids_known": (
        "DELETE FROM core.technology WHERE technology_id = 'beta'",
        "table_name=core.reference_coverage, technology_id=beta",
    ),
    "country_codes_known": (
        "UPDATE core.supply SET country_code = 'ZZ' WHERE country_code = 'JP'",
        "table_name=core.supply, country_code=ZZ",
    ),
    "source_ids_known": (
        "UPDATE core.patent_family SET source_id = 'hearsay' WHERE family_id = 'F1'",
        "table_name=core.patent_family, source_id=hearsay",
    ),
    "topic_ids_known": ("DELETE FROM core.topic WHERE topic_id = 'T10002'", "table_name=core.technology_topic, topic_id=T10002"),
    "citation_flow_within_references": (
        "UPDATE core.reference_coverage SET n_resolved = 1 WHERE technology_id = 'alpha'",
        "technology_id=alpha, basis=works",
    ),
    "reference_coverage_ratio": (
        "UPDATE core.reference_coverage SET coverage = 0.9 WHERE technology_id = 'beta' AND basis = 'works'",
        "technology_id=beta",
    ),
    "evidence_complete": (
        "DELETE FROM core.technology_evidence WHERE technology_id = 'old' AND basis = 'supply'",
        "technology_id=old, basis=supply",
    ),
    "statistic_world_row": (
        "DELETE FROM core.statistic WHERE series_id = 'numbers:all' AND area_code = 'WORLD'",
        "series_id=numbers:all, period_year=2023",
    ),
    "statistic_within_world": (
        "UPDATE core.statistic SET value = 62 WHERE series_id = 'numbers:all' AND area_code = 'US'",
        "series_id=numbers:all, period_year=2023",
    ),
    "series_ids_known": (
        "DELETE FROM core.statistic_series WHERE series_id = 'numbers:all'",
        "table_name=core.statistic, series_id=numbers:all",
    ),
    "supply_within_world": (
        "UPDATE core.supply SET quantity = 97 WHERE country_code = 'CN'",
        "commodity_id=gallium, stage_id=refined, period_year=2023",
    ),
    "supply_one_unit": (
        "UPDATE core.supply SET unit = 'kg' WHERE country_code = 'CN'",
        "commodity_id=gallium, stage_id=refined, period_year=2023",
    ),
    "value_ids_known": ("UPDATE ind.value SET indicator_id = 's9' WHERE indicator_id = 'st_share'", "id_name=indicator_id, id=s9"),
    "value_within_unit": (
        "UPDATE ind.value SET value_hi = 1.2 WHERE indicator_id = 's1_top10_share' AND country_code = 'US'",
        "technology_id=alpha, country_code=US",
    ),
    "share_sum_within_world": (
        "UPDATE ind.value SET value = 0.6 WHERE indicator_id = 's1_top10_share' AND country_code = 'US'",
        "share_sum=1.1",
    ),
    "published_share_sum_within_world": (
        "UPDATE ind.value SET value = 1.5 WHERE indicator_id = 'st_share'",
        "indicator_id=st_share, technology_id=alpha",
    ),
    "supply_share_sum_within_world": (
        "UPDATE ind.value SET value = 1.5 WHERE indicator_id = 'i6_supply_share'",
        "indicator_id=i6_supply_share",
    ),
    "axis_rows_complete": (
        "DELETE FROM score.technology WHERE technology_id = 'beta' AND axis_id = 'autonomy'",
        "technology_id=beta: n_axes=2",
    ),
    "draws_complete": (
        "DELETE FROM score.draw WHERE axis_id = 'autonomy' AND draw = 1",
        "technology_id=alpha, axis_id=autonomy: n_draws=3",
    ),
    "ranks_complete": ("DELETE FROM score.rank_range WHERE axis_id = 'autonomy'", "technology_id=alpha, axis_id=autonomy"),
    "importance_sums_to_one": (
        "UPDATE score.normalised SET importance = 0.5 WHERE axis_id = 'autonomy'",
        "technology_id=alpha, axis_id=autonomy, branch=records",
    ),
    "score_from_value": (
        "UPDATE score.normalised SET value = 0.51 WHERE axis_id = 'autonomy'",
        "technology_id=alpha, indicator_id=s1_top10_share",
    ),
    "candidate_once": ("DELETE FROM list.candidate WHERE technology_id = 'beta'", "technology_id=beta: n_rows=0"),
    "reasons_complete": ("DELETE FROM list.reason WHERE technology_id = 'beta' AND rule_id = 'secure'", "technology_id=beta: n_reasons=1"),
    "status_follows_reasons": ("UPDATE list.candidate SET best_rule_p = 0.5 WHERE technology_id = 'alpha'", "technology_id=alpha"),
    "clusters_complete": ("DELETE FROM cluster.member WHERE technology_id = 'beta'", "technology_id=beta"),
    "cluster_sizes": ("UPDATE cluster.label SET n_members = 2", "cluster_id=c1: n_members=2, n_found=1"),
}


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
    assert {path.stem for path in folder.glob("*.json")} == set(BROKEN) == {table for table in COLUMNS if not table.startswith("prov.")}
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
    files = [path for path in (ROOT / "expectations").glob("*.json") if path.stem.split(".")[0] in GATES["list"]]
    in_files = sum(len(json.loads(path.read_text(encoding="utf-8"))["expectations"]) for path in files)
    assert len([result for result in results if result.rule.rule_type != CHECK_TYPE]) == in_files
    assert {result.status for result in results} == {"passed"}
    assert world.scalar("SELECT count(*) FROM prov.check") == len(results)


def test_critical_failure_is_told_in_the_house_style(world):
    world.execute(BROKEN["list.candidate"][0].format(t="list.candidate"))
    with pytest.raises(CheckFailedError) as error:
        validate.run_gate(world, small_config(), "list")
    assert error.value.exit_code == 4
    assert "list.candidate: technology_id=alpha: best_rule_p 2.0 outside 0..1 [between(best_rule_p)]" in str(error.value)
    assert "Nothing was promoted; the rows are in checks.json of this build." in str(error.value)


def test_warnings_and_notes_do_not_stop_the_build(world, rules_folder):
    def soften(document):
        for rule in document["expectations"]:
            rule["severity"] = "warning"

    edit(rules_folder / "cluster.label.json", soften)
    world.execute("UPDATE cluster.label SET stability = 7")
    results = validate.run_gate(world, small_config(rules_folder), "list")
    assert [(result.rule.severity, result.n_failed) for result in results if result.status == "failed"] == [("warning", 1)]


def test_record_of_the_checks_is_complete_and_repeats_itself(broken_results, world):
    assert {row[2] for row in broken_results} == {"passed", "failed"}
    validate.run_gate(world, small_config(), "ind")
    first = world.rows("SELECT * FROM prov.check")
    validate.run_gate(world, small_config(), "ind")
    assert world.rows("SELECT * FROM prov.check") == first


def test_keys_are_counted_and_the_first_twenty_kept(world):
    world.execute("INSERT INTO core.authorship SELECT 100 + i, 1, NULL, NULL, 0.5 FROM range(50) AS r(i)")
    rule = next(rule for rule in load_rules(world, small_config(), "core") if rule.rule_id == "authorship_weight_sum")
    result = validate._result(world, rule, None)
    assert (result.n_failed, len(result.failed_keys)) == (50, 20)
    assert result.failed_keys[0] == {"work_id": 100, "weight_sum": 0.5, "n_authors": None}
    assert result.finding["en"].endswith("(and 49 more)")


# ---- what did not run is never a pass ---------------------------------------------------------------------------------


def spoil_type(document):
    document["expectations"][0]["type"] = "expect_column_values_to_be_uniqe"


def spoil_severity(document):
    document["expectations"][0]["severity"] = "criticle"


def spoil_bounds(document):
    rule = next(rule for rule in document["expectations"] if "min_value" in rule["kwargs"] and "max_value" in rule["kwargs"])
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
        (spoil_type, 'type "expect_column_values_to_be_uniqe" is unknown. Did you mean "expect_column_values_to_be_unique"?'),
        (spoil_severity, 'severity "criticle" is not one of critical, warning, info. Did you mean "critical"?'),
        (spoil_bounds, "is above max_value"),
        (spoil_why, "why needs en and ja"),
        (spoil_column, 'cluster.label has no column "label_id". Did you mean "label_'),
        (spoil_argument, "arguments missing or unknown: mostly"),
        (spoil_name, 'name must be "cluster.label"'),
        (spoil_rules, "holds no rule"),
        (spoil_twice, "stands twice"),
    ],
)
def test_defective_suite_stops_the_gate(world, rules_folder, spoil, said):
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


def test_deleted_suite_stops_the_gate(world, rules_folder):
    (rules_folder / "list.reason.json").unlink()
    with pytest.raises(CouldNotCheckError, match="list.reason: has no suite"):
        validate.run_gate(world, small_config(rules_folder), "list")


def test_suite_without_its_table_stops_the_gate(world):
    world.execute("DROP TABLE list.reason")
    with pytest.raises(CouldNotCheckError, match="expectations/list.reason.json: the table does not exist"):
        validate.run_gate(world, small_config(), "list")


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
        ("label.n_members <> found.n_found", "label.n_members <> $n_wanted", 'parameter "n_wanted" has no value'),
    ],
)
def test_defective_check_stops_the_gate(world, rules_folder, old, new, said):
    path = rules_folder / "checks" / "cluster_sizes.sql"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(CouldNotCheckError) as error:
        validate.run_gate(world, small_config(rules_folder), "list")
    assert "checks/cluster_sizes.sql" in str(error.value)
    assert said in str(error.value)


def test_check_that_breaks_while_running_is_no_pass(world, rules_folder):
    path = rules_folder / "checks" / "cluster_sizes.sql"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("label.n_members <> found.n_found", "CAST(label.label_en AS INTEGER) > 0"), encoding="utf-8")
    with pytest.raises(CouldNotCheckError, match="could not run: .*Strong"):
        validate.run_gate(world, small_config(rules_folder), "list")
    assert world.scalar("SELECT status FROM prov.check WHERE rule_id = 'cluster_sizes'") == "could_not_check"


def test_rule_dropped_by_the_engine_is_counted(world):
    rule = next(rule for rule in load_rules(world, small_config(), "list") if rule.table == "list.reason")
    with pytest.raises(CouldNotCheckError, match="1 / 0 / 0; missing: dropped"):
        validate._run_suites(world, [replace(rule, rule_id="dropped", rule_type="expect_nothing_in_particular")])


def test_rule_that_fails_inside_the_engine_is_no_pass(world, monkeypatch):
    rule = next(rule for rule in load_rules(world, small_config(), "list") if rule.rule_id == "not_null(text_en)")
    monkeypatch.setattr(validate, "load_rules", lambda *_: [replace(rule, kwargs={"column": "gone"})])
    with pytest.raises(CouldNotCheckError) as error:
        validate.run_gate(world, small_config(), "list")
    assert error.value.exit_code == 7
    assert "1 rule(s) of gate list could not be checked" in str(error.value)


def test_gate_without_rules_is_no_pass(world, monkeypatch):
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
    code = "import sys, listgen.validate; print('great_expectations' in sys.modules or 'sqlalchemy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "False"
