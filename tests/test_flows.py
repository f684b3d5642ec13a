"""The Prefect flow: the same bytes as the plain functions, and a schedule that really fires."""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from running import PYTHON, listgen, output_bytes

from listgen import pipeline


@pytest.mark.slow
def test_a_refresh_is_a_flow_whose_steps_are_tasks_and_keeps_its_state_beside_the_data(built):
    with sqlite3.connect(f"file:{built.data}/prefect/prefect.db?mode=ro", uri=True) as state:
        assert state.execute("SELECT state_type FROM flow_run").fetchall() == [("COMPLETED",)]
        tasks = dict(state.execute("SELECT name, state_type FROM task_run"))
    assert set(tasks.values()) == {"COMPLETED"}
    assert all(any(name.startswith(step.name) for name in tasks) for step in pipeline.steps()), sorted(tasks)


@pytest.mark.slow
def test_the_plain_functions_give_the_bytes_of_the_flow_and_both_hold_what_is_unchanged(small_built):
    plain = output_bytes(small_built.current.resolve())
    held = listgen(small_built.root, "refresh", "--json")
    assert json.loads(held.stdout)["held"] is True
    shutil.rmtree(small_built.builds)
    made = listgen(small_built.root, "refresh", "--json")
    assert json.loads(made.stdout)["held"] is False, made.stderr
    assert output_bytes(small_built.current.resolve()) == plain


@contextmanager
def served(workspace, cron: str) -> Iterator[Callable[[], str]]:
    """Serve a schedule as its user would; yields what tells all that was said, and fails once the process has ended."""
    log = workspace.root / "schedule.log"
    command = [PYTHON, "-m", "listgen", "--workspace", str(workspace.root), "schedule", "--cron", cron]
    with log.open("w") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out, start_new_session=True)

    def said() -> str:
        assert process.poll() is None, log.read_text()
        return log.read_text()

    try:
        yield said
    finally:
        os.killpg(process.pid, signal.SIGINT)
        try:
            process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def await_it(happened: Callable[[], bool], said: Callable[[], str]) -> None:
    deadline = time.monotonic() + 240
    while not happened():
        assert time.monotonic() < deadline, said()
        time.sleep(1)


@pytest.mark.slow
def test_a_scheduled_run_promotes_a_build(small):
    with served(small, "* * * * *") as said:
        await_it(lambda: bool(said() or True) and small.current.exists(), said)
        assert pipeline.verify_outputs(small.current.resolve()) == []


@pytest.mark.long
def test_c48_a_refresh_that_fell_due_while_the_machine_was_off_is_made_up_for_once(small):
    assert listgen(small.root, "refresh").returncode == 0
    state = small.data / "prefect" / "prefect.db"
    with sqlite3.connect(state) as con:  # the last one is a long time ago: two fell due since
        con.execute("UPDATE flow_run SET start_time = ?", [(datetime.now(UTC) - timedelta(days=70)).strftime("%Y-%m-%d %H:%M:%S.%f")])

    def n_runs() -> int:
        with sqlite3.connect(f"file:{state}?mode=ro", uri=True) as con:
            return con.execute("SELECT count(*) FROM flow_run WHERE state_type = 'COMPLETED'").fetchone()[0]

    for _ in range(2):  # served twice, made up for once
        with served(small, "0 0 1 * *") as said:
            await_it(lambda said=said: "serving refreshes" in said(), said)
        assert n_runs() == 2
    assert "was due at" not in (small.root / "schedule.log").read_text()


@pytest.mark.long
def test_c47_a_refresh_whose_server_dies_goes_on_without_it(small):
    command = [PYTHON, "-m", "listgen", "--workspace", str(small.root), "refresh"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        for line in process.stderr:
            if "stage" in line:
                break
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        servers = [int(child) for child in children if b"prefect.server" in Path(f"/proc/{child}/cmdline").read_bytes()]
        assert len(servers) == 1
        os.kill(servers[0], signal.SIGKILL)
        _, said = process.communicate(timeout=400)
    assert process.returncode == 0, said
    assert "Prefect's server no longer answers: going on without it" in said
    assert pipeline.verify_outputs(small.current.resolve()) == []
    assert listgen(small.root, "refresh").returncode == 0
