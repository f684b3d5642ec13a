"""The Prefect flow: the same bytes as the plain functions, and a schedule that really fires."""

import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
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
    """Serve a schedule as its user would.

    Yields what tells all that was said, and fails once the process has ended.
    """
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
        con.execute(
            "UPDATE flow_run SET start_time = ?",
            [(datetime.now(UTC) - timedelta(days=70)).strftime("%Y-%m-%d %H:%M:%S.%f")],
        )

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
        servers = [
            int(child)
            for child in children
            if b"prefect.server" in Path(f"/proc/{child}/cmdline").read_bytes()
        ]
        assert len(servers) == 1
        os.kill(servers[0], signal.SIGKILL)
        _, said = process.communicate(timeout=400)
    assert process.returncode == 0, said
    assert "Prefect's server no longer answers: going on without it" in said
    assert pipeline.verify_outputs(small.current.resolve()) == []
    assert listgen(small.root, "refresh").returncode == 0


# ---- servers end with those who started them -----------------------------------------------------


def servers_of(workspace) -> list[int]:
    """Return the ids of the processes that serve Prefect for a workspace.

    They carry its state folder in their environment.
    """
    home = f"PREFECT_HOME={workspace.data / 'prefect'}".encode()
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if b"prefect.server" in (folder / "cmdline").read_bytes() and home in (
                folder / "environ"
            ).read_bytes().split(b"\0"):
                found.append(int(folder.name))
    return found


def await_none(workspace, seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while servers_of(workspace):
        assert time.monotonic() < deadline, servers_of(workspace)
        time.sleep(0.2)


@pytest.mark.slow
@pytest.mark.parametrize("moment", ["starting", "at work"])
def test_no_server_outlives_a_killed_refresh(small, moment):
    command = [PYTHON, "-m", "listgen", "--workspace", str(small.root), "refresh"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        if moment == "at work":
            for line in process.stderr:
                if "stage" in line:
                    break
        while not servers_of(small):
            assert process.poll() is None
            time.sleep(0.05)
        process.kill()
    await_none(small)


@pytest.mark.slow
def test_a_port_of_another_workspaces_scheduler_is_refused(small_built):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = listgen(small_built.root, "schedule", "--port", str(port))
    assert done.returncode == 2, done.stderr
    assert f"Port {port} of 127.0.0.1 cannot be used" in done.stderr and "another workspace" in done.stderr
    assert "Traceback" not in done.stderr and servers_of(small_built) == []


@pytest.mark.slow
def test_a_killed_server_ends_the_scheduler_with_one_sentence(small_built):
    log = small_built.root / "schedule.log"
    with log.open("w") as out:
        command = [
            PYTHON,
            "-m",
            "listgen",
            "--workspace",
            str(small_built.root),
            "schedule",
            "--cron",
            "0 0 1 1 *",
        ]
        process = subprocess.Popen(command, stdout=out, stderr=out)
    while "serving refreshes" not in log.read_text():
        assert process.poll() is None, log.read_text()
        time.sleep(0.2)
    (server,) = servers_of(small_built)
    os.kill(server, signal.SIGKILL)
    assert process.wait(timeout=60) == 3
    assert "The scheduler's server on http://127.0.0.1:" in log.read_text() and "has ended" in log.read_text()
    assert "Traceback" not in log.read_text()
