"""Indicators, scores and rules find what the sample world has planted, for this seed and three others."""

import json
import re
import shutil
from pathlib import Path

import pytest

from listgen import composite, fronts, indicators, pipeline, stage
from listgen.config.workspace import Workspace
from listgen.listing import candidates
from listgen.store.warehouse import Warehouse
from listgen.workspace.loading import load_workspace

ROOT = Path(__file__).resolve().parents[1]
OTHER_SEEDS = (1, 2, 3)


def measured(workspace: Workspace) -> Warehouse:
    """Return the tables of the sample of a workspace up to the candidates, in memory."""
    warehouse = Warehouse()
    stage.run(warehouse, workspace.config, pipeline.held_files(workspace), workspace.stage_cache)
    for step in (indicators, composite, fronts, candidates):
        step.run(warehouse, workspace.config)
    return warehouse


def check_truths(warehouse: Warehouse, truth: dict) -> None:
    monopoly = {
        row[0]: row[1:]
        for row in warehouse.rows(
            "SELECT technology_id, leader_country_code, risk_class, k, ratio, p_high, p_medium, p_low FROM"
            " score.monopoly_risk"
        )
    }
    axes = {
        (row[0], row[1]): row[2]
        for row in warehouse.rows("SELECT technology_id, axis_id, value FROM score.technology")
    }
    status = dict(warehouse.rows("SELECT technology_id, status FROM list.candidate"))
    met = set(warehouse.rows("SELECT technology_id, rule_id FROM list.reason WHERE is_met"))

    leader, risk, k, ratio, p_high, _, _ = monopoly["machine_learning"]
    assert (leader, risk) == ("CN", "high") and k >= 8 and ratio >= 3 and p_high > 0.9
    leader, risk, _, _, _, p_medium, _ = monopoly["quantum_communication"]
    assert (leader, risk) == ("CN", "medium") and p_medium > 0.5
    leader, risk, _, ratio, _, _, p_low = monopoly["advanced_integrated_circuits"]
    assert (leader, risk) == ("US", "low") and ratio < 2 and p_low > 0.9

    assert (
        axes["semiconductor_materials", "indispensability"] >= 60
        and axes["semiconductor_materials", "superiority"] >= 50
    )
    assert ("semiconductor_materials", "protect") in met and status["semiconductor_materials"] == "listed"
    assert axes["hydrogen_ammonia", "autonomy"] <= 30 and ("hydrogen_ammonia", "secure") in met
    sources = warehouse.rows(
        "SELECT cited_country_code FROM core.citation_flow WHERE technology_id = 'hydrogen_ammonia' AND basis"
        " = 'works' AND citing_country_code = 'JP' AND cited_country_code <> 'JP' ORDER BY flow DESC LIMIT 1"
    )
    assert sources == [("DE",)]

    for technology, planted in truth["imports"].items():
        values = dict(
            warehouse.rows(
                "SELECT indicator_id, value FROM ind.value WHERE technology_id = $t AND country_code = $c AND"
                " basis = 'trade'",
                {"t": technology, "c": planted["country"]},
            )
        )
        assert (
            values["a9_import_dependence"] >= planted["min_share"]
            and values["a8_import_concentration"] >= planted["min_concentration"]
        )
        assert values["a9_import_dependence_exposed"] is None, "nobody said who is like-minded"
        leaders = warehouse.rows(
            "SELECT hs_code, arg_max(exporter_country_code, trade_value_usd) FROM core.import_origin "
            "WHERE importer_country_code = 'JP' AND NOT is_mirror GROUP BY ALL ORDER BY ALL"
        )
        assert [leader for code, leader in leaders if code in planted["codes"]] == [planted["origin"]] * len(
            planted["codes"]
        )
    assert warehouse.rows("SELECT period_year FROM core.trade_year WHERE is_used") == [(2023,)], (
        "2024 is not yet reported by all"
    )

    thin = warehouse.rows(
        "SELECT status, value FROM ind.value WHERE technology_id = 'adversarial_ai' AND indicator_id ="
        " 's1_top10_share' AND country_code = 'JP'"
    )
    assert thin == [("too_few", None)]
    assert status["adversarial_ai"] == status["hypersonics"] == "insufficient_evidence"
    assert "emerging" in json.dumps(truth)


def test_the_planted_truths_are_recovered(built):
    truth = json.loads((built.data / "sample" / "truth.json").read_text(encoding="utf-8"))
    with Warehouse(built.current.resolve() / pipeline.DATABASE, read_only=True) as warehouse:
        check_truths(warehouse, truth)


@pytest.mark.slow
@pytest.mark.parametrize("seed", OTHER_SEEDS)
def test_the_planted_truths_are_recovered_for_another_seed(tmp_path, seed):
    for part in ("config", "expectations"):
        shutil.copytree(ROOT / part, tmp_path / part)
    path = tmp_path / "config" / "sources" / "sample.yaml"
    path.write_text(
        re.sub(r"^seed:.*$", f"seed: {seed}", path.read_text(encoding="utf-8"), flags=re.MULTILINE),
        encoding="utf-8",
    )
    workspace = load_workspace(tmp_path)
    pipeline.acquire(workspace)
    with measured(workspace) as warehouse:
        check_truths(
            warehouse, json.loads((workspace.data / "sample" / "truth.json").read_text(encoding="utf-8"))
        )


def test_no_step_can_open_the_truth_file():
    package = ROOT / "src" / "listgen"
    readers = [
        path.relative_to(package).as_posix()
        for path in package.rglob("*.py")
        if "truth.json" in path.read_text(encoding="utf-8")
    ]
    assert all(name.startswith("sample/") for name in readers), readers
