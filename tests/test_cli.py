"""The command line.

Help that costs nothing, exit codes, one JSON document, both languages, and the README's word.
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest
from running import listgen

from listgen import pipeline
from listgen.cli import cli

ROOT = Path(__file__).resolve().parents[1]
HEAVY = (
    "duckdb",
    "polars",
    "prefect",
    "great_expectations",
    "sklearn",
    "pandas",
    "numpy",
    "pydantic",
    "ruamel",
    "jinja2",
    "rich",
    "httpx",
    "django",
    "waitress",
    "argon2",
)


def run(*arguments: str, cwd: Path = ROOT, env: dict[str, str] | None = None) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "listgen", *arguments]
    return subprocess.run(
        command, capture_output=True, text=True, cwd=cwd, env=os.environ | (env or {}), timeout=120
    )


def test_help_loads_no_heavy_library():
    code = (
        "import sys, listgen.cli\ntry:\n    listgen.cli.cli(['--help'])\nexcept SystemExit:\n   "
        f" pass\nprint([m for m in {HEAVY!r} if m in sys.modules])"
    )
    output = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert output.strip().endswith("[]")


@pytest.mark.parametrize("name", sorted(cli.commands))
def test_every_command_has_an_example_and_stands_in_both_readmes(name):
    command = cli.commands[name]
    assert command.help and command.epilog.startswith("Example: listgen " + name)
    for readme in ("README.md", "README.ja.md"):
        assert f"`listgen {name}" in (ROOT / readme).read_text(encoding="utf-8"), readme


def test_every_reading_command_can_answer_in_json():
    verbs = {name: command for name, command in cli.commands.items() if name != "review"}
    verbs |= {f"review {name}": command for name, command in cli.commands["review"].commands.items()}
    talkers = {
        name
        for name, command in verbs.items()
        if not any("--json" in p.opts for p in command.params if isinstance(p, click.Option))
    }
    assert talkers == {"schedule", "review serve"}, "they run until stopped and have no result"


def test_unknown_verb_and_option_end_with_two():
    for arguments in (("trce",), ("build", "--nonsense"), ("explain",)):
        result = run(*arguments)
        assert result.returncode == 2, arguments
        assert "Traceback" not in result.stderr


def test_no_workspace_ends_with_two_and_names_init(tmp_path):
    result = run("doctor", cwd=tmp_path)
    assert result.returncode == 2
    assert "listgen init" in result.stderr


def test_errors_are_json_too(tmp_path):
    result = run("--workspace", str(tmp_path), "plan", "--json")
    document = json.loads(result.stdout)
    assert (result.returncode, document["exit_code"], document["error"]) == (2, 2, "UsageError")


def test_init_makes_a_workspace_that_reads_well(tmp_path):
    target = tmp_path / "新しい list"
    assert run("init", str(target), cwd=tmp_path).returncode == 0
    found = run("--workspace", str(target), "doctor", "--json", cwd=tmp_path)
    findings = {row["subject"]: row["ok"] for row in json.loads(found.stdout)["findings"]}
    assert found.returncode == 1, "nothing was acquired yet, which is a finding"
    assert findings["configuration"] and not findings["current build"]
    again = run("init", str(target), cwd=tmp_path)
    assert again.returncode == 2 and "already holds" in again.stderr


def test_broken_configuration_lists_every_place(workspace):
    path = workspace.root / "config" / "settings.yaml"
    path.write_text(
        path.read_text(encoding="utf-8").replace("focal_country: JP", "focal_country: JPN\nfocal_contry: JP"),
        encoding="utf-8",
    )
    result = run("--workspace", str(workspace.root), "doctor")
    assert result.returncode == 2
    assert re.search(r"config/settings\.yaml:\d+:\d+: .*Did you mean \"focal_country\"", result.stderr)


def test_messages_come_in_japanese(workspace):
    result = run("--workspace", str(workspace.root), "--lang", "ja", "plan")
    assert result.returncode == 0
    assert re.search(r"[ぁ-ん]", result.stdout)


def test_plan_writes_nothing(workspace):
    before = sorted(path.as_posix() for path in workspace.root.rglob("*"))
    result = run("--workspace", str(workspace.root), "plan", "--json")
    document = json.loads(result.stdout)
    assert document["sources"][0]["source_id"] == "sample" and document["bytes"] > 10_000_000
    assert sorted(path.as_posix() for path in workspace.root.rglob("*")) == before


def test_explain_and_check_read_the_current_build(built):
    root = str(built.root)
    assert run("--workspace", root, "check").returncode in (0, 1)
    explained = json.loads(run("--workspace", root, "explain", "machine_learning", "--json").stdout)
    assert explained["is_sample"] is True and {axis["axis_id"] for axis in explained["axes"]} == {
        "autonomy",
        "superiority",
        "indispensability",
    }
    wrong = run("--workspace", root, "explain", "machine_lerning")
    assert wrong.returncode == 2 and 'Did you mean "machine_learning"' in wrong.stderr
    named = run("--workspace", root, "--lang", "ja", "explain", "機械学習").stdout
    assert (
        named.startswith("machine_learning: ")
        and "充足率" in named
        and not re.search(r"insufficient|records|near_miss|not_listed", named)
    )
    assert "Held: " in run("--workspace", root, "trace", "s1_top10_share/machine_learning/XX").stderr
    looked = {
        row["subject"]: row
        for row in json.loads(run("--workspace", root, "doctor", "--json").stdout)["findings"]
    }
    assert all(
        "held against the tables" in looked[name]["found"]
        for name in ("rules of expectations/", "indicators")
    )


def test_ctrl_c_inside_duckdb_is_still_an_interruption():
    from listgen.base.errors import CouldNotCheckError
    from listgen.cli.main import _was_interrupted

    wrapped = CouldNotCheckError("core.work could not be made")
    wrapped.__cause__ = RuntimeError("Query interrupted")
    assert _was_interrupted(wrapped)
    assert _was_interrupted(KeyboardInterrupt())
    assert not _was_interrupted(RuntimeError("dictionary changed size during iteration"))


def test_a_cron_line_no_clock_can_follow_is_told_before_a_server_starts(workspace):
    done = listgen(workspace.root, "schedule", "--cron", "x y")
    assert done.returncode == 2
    assert done.stderr == 'error: "x y" is no cron line. Expected five fields such as 0 6 1 1,4,7,10 *.\n'


@pytest.mark.slow
def test_a_part_of_the_sample_is_acquired_by_its_own_name_too(built):
    made = {snapshot.source_id for snapshot in pipeline.acquire(built, ["sample_trade", "sample_supply"])}
    assert made == set(built.config.sample.produces)
