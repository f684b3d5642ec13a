"""Every rule of .importlinter is broken once on purpose, in a copy of the package.

A rule that cannot fail guards nothing.
"""

import re
import shutil
import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
# One forbidden import for every rule: the module that gets it, and the line.
PLANTED = {
    "journey": ("src/listgen/stage/__init__.py", "from listgen.report import page"),
    "config": ("src/listgen/config/models.py", "from listgen.config import loader"),
    "workspace": ("src/listgen/workspace/overview.py", "from listgen.workspace import doctor"),
    "store": ("src/listgen/store/sqlfile.py", "from listgen.store import warehouse"),
    "outputs": ("src/listgen/outputs/parts.py", "from listgen.outputs import candidates"),
    "review": ("src/listgen/review/domain/rounds.py", "from listgen.review.web import access"),
    "flows": ("src/listgen/pipeline/__init__.py", "import prefect"),
    "expectations": ("src/listgen/trace/diff.py", "import great_expectations"),
    "learning": ("src/listgen/pipeline/__init__.py", "import sklearn"),
    "network": ("src/listgen/report/page.py", "import httpx"),
    "yaml": ("src/listgen/report/page.py", "import ruamel.yaml"),
    "xml": ("src/listgen/validate/rules.py", "import lxml"),
    "workbooks": ("flows/refresh.py", "import fastexcel"),
    "django": ("src/listgen/pipeline/__init__.py", "import django"),
}


def rules():
    parser = ConfigParser()
    parser.read(ROOT / ".importlinter", encoding="utf-8")
    return {
        name.removeprefix("importlinter:contract:"): parser[name]["name"]
        for name in parser.sections()
        if ":contract:" in name
    }


@pytest.fixture
def copy(tmp_path):
    shutil.copytree(
        ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__", "*.egg-info")
    )
    shutil.copytree(ROOT / "flows", tmp_path / "flows", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / ".importlinter", tmp_path)
    return tmp_path


def lint(folder):
    """Return the exit code and the text of lint-imports on the package copied to a folder."""
    # The copy comes before the installed package, so that the planted line is what is read.
    code = (
        f"import sys; sys.path[:0] = [{str(folder / 'src')!r}, {str(folder)!r}]; from importlinter.cli import"
        " lint_imports_command as run; run(['--no-cache'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout + done.stderr


def test_each_rule_finds_the_import_it_forbids(copy):
    assert PLANTED.keys() == rules().keys()
    for name, line in PLANTED.values():
        path = copy / name
        assert path.exists(), name
        text = path.read_text(encoding="utf-8")
        path.write_text(
            text.replace(
                "from __future__ import annotations\n", f"from __future__ import annotations\n{line}\n", 1
            ),
            encoding="utf-8",
        )
        assert line in path.read_text(encoding="utf-8"), name
    code, told = lint(copy)
    assert code == 1
    for rule, title in rules().items():
        assert re.search(rf"{re.escape(title)} BROKEN", told), (rule, told)


def test_a_module_without_a_place_and_an_exception_without_use_are_errors(copy):
    (copy / "src/listgen/helpers.py").write_text('"""A module that no layer names."""\n', encoding="utf-8")
    code, told = lint(copy)
    assert code == 1
    assert "helpers" in told
    (copy / "src/listgen/helpers.py").unlink()
    rules_file = copy / ".importlinter"
    rules_file.write_text(
        rules_file.read_text(encoding="utf-8").replace("flows.refresh -> httpx", "flows.review -> httpx"),
        encoding="utf-8",
    )
    code, told = lint(copy)
    assert code == 1
    assert "flows.review -> httpx" in told


def test_the_package_as_it_is_keeps_every_rule(copy):
    code, told = lint(copy)
    assert code == 0, told
