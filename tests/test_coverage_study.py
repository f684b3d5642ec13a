"""The coverage study in its short form: it passes today, and finds an interval that is too narrow."""

import os
import subprocess
import sys

import pytest
from indicator_world import ROOT

pytestmark = pytest.mark.slow


def study(*options: str) -> subprocess.CompletedProcess:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return subprocess.run(
        [sys.executable, "method/coverage.py", "--short", "--draws", "100", *options],
        cwd=ROOT,
        env=environment | {"PYTHONPATH": str(ROOT / "tests")},
        capture_output=True,
        text=True,
        check=False,
    )


def test_no_interval_misses():
    done = study()
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_narrow_interval_is_found():
    done = study("--narrow", "a1_foreign_dependence")
    assert done.returncode == 1, done.stdout + done.stderr
    missed = {line.split()[0] for line in done.stdout.splitlines() if line.endswith("MISSED")}
    assert "a1_foreign_dependence" in missed, done.stdout
