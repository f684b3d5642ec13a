"""A build that is stopped or killed leaves nothing half made and no lock."""

import signal
import subprocess

import pytest
from running import PYTHON, listgen

from listgen import pipeline


def test_c42_ctrl_c_leaves_nothing_half_made(small):
    command = [PYTHON, "-m", "listgen", "--workspace", str(small.root), "build"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    for line in process.stderr:
        if "indicators" in line:
            break
    process.send_signal(signal.SIGINT)
    _, rest = process.communicate(timeout=60)
    assert process.returncode == 130, rest
    assert "Traceback" not in rest
    assert not small.current.exists()
    assert not (small.data / "lease.json").exists()
    assert list(small.builds.glob(".*.partial")) == []


def test_c42_an_interruption_between_two_steps_leaves_nothing_half_made(small):
    def say(name):
        raise KeyboardInterrupt(name)

    with pytest.raises(KeyboardInterrupt):
        pipeline.build(small, say)
    assert not small.current.exists()
    assert list(small.builds.iterdir()) == []


def test_c41_f34_a_killed_build_leaves_no_lock_and_is_swept(small):
    command = [PYTHON, "-m", "listgen", "--workspace", str(small.root), "build"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    for line in process.stderr:
        if "indicators" in line:
            break
    process.send_signal(signal.SIGSTOP)  # it holds the lease as long as the second one needs to ask
    assert listgen(small.root, "build").returncode == 6
    process.kill()
    process.communicate()
    assert list(small.builds.glob(".*.partial"))
    assert listgen(small.root, "build").returncode == 0
    assert list(small.builds.glob(".*.partial")) == []
