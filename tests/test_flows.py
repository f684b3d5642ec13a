"""The Prefect flow: the same bytes as the plain functions, and a schedule that really fires."""

import json
import os
import shutil
import signal
import subprocess
import time

import pytest
from running import PYTHON, listgen, output_bytes

from listgen import pipeline


@pytest.mark.slow
def test_the_flow_and_the_plain_functions_give_the_same_bytes(small_root, tmp_path):
    root = tmp_path / "flow"
    shutil.copytree(small_root, root, ignore=shutil.ignore_patterns("builds", "current", "last.json"), symlinks=True)
    result = listgen(root, "refresh", "--json")
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout)["held"] is False
    assert output_bytes((root / "data/current").resolve()) == output_bytes((small_root / "data/current").resolve())
    assert (root / "data/prefect/prefect.db").exists()
    started = time.monotonic()
    again = listgen(root, "refresh", "--json")
    assert json.loads(again.stdout)["held"] is True
    assert time.monotonic() - started < 30


@pytest.mark.slow
def test_a_scheduled_run_promotes_a_build(small):
    command = [PYTHON, "-m", "listgen", "--workspace", str(small.root), "schedule", "--cron", "* * * * *"]
    with (small.root / "schedule.log").open("w") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
    try:
        deadline = time.monotonic() + 240
        while time.monotonic() < deadline and not small.current.exists() and process.poll() is None:
            time.sleep(1)
        assert small.current.exists(), (small.root / "schedule.log").read_text()
        assert pipeline.verify_outputs(small.current.resolve()) == []
    finally:
        os.killpg(process.pid, signal.SIGINT)
        try:
            process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
