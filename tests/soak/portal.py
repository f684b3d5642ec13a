"""The connectors of the patent offices under fire: every write failing once, kills at random moments.

Everything runs on loopback.
"""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path

from doubles.provider import Provider

from listgen.base.errors import ListgenError
from soak.openalex import _fail_nth

_LIMIT = 90  # seconds one command may take


def fail_each_write(world: Callable[[int], AbstractContextManager], is_same: Callable[[object], bool], *, step: int) -> int:
    """Let the n-th flush or rename fail, for n = 1, 1 + step, ... until a run meets none; each run must say so and then recover."""
    n, tried = 1, 0
    while True:
        with world(n) as w:
            failed = _fail_nth(w, n)
            if failed is None:
                return tried
            assert isinstance(failed, ListgenError), f"write {n}: {failed!r}"
            assert is_same(w), f"write {n}: other bytes after it"
        tried, n = tried + 1, n + step


def kill_and_finish(root: Path, source_id: str, servers: tuple[Provider, ...], env: Mapping[str, str], *, kills: int, seed: int) -> int:
    """Kill an acquiring process some moments after a request, several times, then let one finish; return how many were killed in time."""
    chance, killed = random.Random(seed), 0
    command = [sys.executable, "-m", "listgen", "--workspace", str(root), "--quiet", "acquire", source_id]
    for _ in range(kills):
        reached, left = threading.Event(), [chance.randint(1, 4)]

        def count(number: int, reached: threading.Event = reached, left: list[int] = left) -> None:
            left[0] -= 1
            if left[0] <= 0:
                reached.set()

        for server in servers:
            server.on_request = count
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=os.environ | env)
        while process.poll() is None and not reached.wait(0.01):
            pass
        time.sleep(chance.random() * 0.05)
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
            killed += 1
        process.wait(_LIMIT)
    for server in servers:
        server.on_request = lambda number: None
    done = subprocess.run(command, capture_output=True, text=True, timeout=_LIMIT, env=os.environ | env)
    assert done.returncode == 0, done.stderr
    return killed
