"""The connectors of the patent offices under fire.

Seeds x faults, every write failing once, kills at random moments.

Everything runs on loopback. Usage: `make soak`, or `PYTHONPATH=tests python -m soak.portal --seeds 5 --kills
2`.
"""

import argparse
import errno
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path

from doubles.clock import RealClock
from doubles.faults import FaultPlan
from doubles.odp import OdpDouble, Store
from doubles.ops import OpsDouble
from doubles.provider import Provider
from portal_world import (
    FAMILIES,
    KEY,
    NUMBERS,
    PATENTS,
    PRODUCTS,
    answers,
    declare,
    portal,
    services,
    table_bytes,
)

from listgen.base.errors import ListgenError
from listgen.store.raw import newest_snapshot
from soak.openalex import _fail_nth

_LIMIT = 90  # seconds one command may take
USER = {"EPO_OPS_KEY": "test-key", "EPO_OPS_SECRET": "test-secret", "USPTO_API_KEY": KEY}
PASSING = (
    "status_500", "status_502", "status_503", "status_504", "cut_body", "reset", "garbage", "captive_portal",
    "empty_body", "error_in_200",
    "wrong_encoding", "slow_drip", "delay", "clock_skew", "partial_200",
)  # fmt: skip


def fail_each_write(
    world: Callable[[int], AbstractContextManager], is_same: Callable[[object], bool], *, step: int
) -> int:
    """Let the n-th flush or rename fail, for n = 1, 1 + step, ...

    Until a run meets none; each run must say so and then recover.
    """
    n, tried = 1, 0
    while True:
        with world(n) as w:
            failed = _fail_nth(w, n, errno.EIO if tried % 2 else errno.ENOSPC)
            if failed is None:
                return tried
            assert isinstance(failed, ListgenError), f"write {n}: {failed!r}"
            assert is_same(w), f"write {n}: other bytes after it"
        tried, n = tried + 1, n + step


def kill_and_finish(
    root: Path,
    source_id: str,
    servers: tuple[Provider, ...],
    env: Mapping[str, str],
    *,
    kills: int,
    seed: int,
) -> int:
    """Kill an acquiring process some moments after a request, several times, then let one finish.

    Return how many were killed in time.
    """
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
        process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=os.environ | env
        )
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


def run_seeds(folder: Path, n: int) -> bool:
    """Run both connectors with 30 % of all answers wrong.

    The bytes must be those of a run without a fault.
    """
    with portal(folder / "odp") as clean_portal, services(folder / "ops") as clean_services:
        tables, look_ups = table_bytes(clean_portal.acquire()), answers(clean_services.acquire())
        calls = [clean_portal.double.calls + clean_portal.store.calls, clean_services.double.calls]
    same, ratios, most = 0, [], 0
    for seed in range(n):
        faults = [FaultPlan(rate=0.3, seed=seed, kinds=PASSING) for _ in range(3)]
        with (
            portal(folder / f"odp-{seed}", faults=faults[0], store_faults=faults[1]) as w,
            services(folder / f"ops-{seed}", faults=faults[2]) as v,
        ):
            same += table_bytes(w.acquire()) == tables and answers(v.acquire()) == look_ups
            ratios += [(w.double.calls + w.store.calls) / calls[0], v.double.calls / calls[1]]
            most = max(most, *(len(times) for times in w.double.downloads.values()))
            assert w.ledger() >= w.double.n_downloads()
    print(
        f"faults: {same} of {n} seeds end with the bytes of the clean run at both offices; calls"
        f" {sum(ratios) / len(ratios):.2f} x clean on average, at most {max(ratios):.2f} x; at most {most}"
        " downloads of one file"
    )
    return same == n


def run_kills(folder: Path, n: int) -> bool:
    """Kill both connectors at random moments and finish each run."""
    with portal(folder / "odp") as clean_portal, services(folder / "ops") as clean_services:
        tables, look_ups = table_bytes(clean_portal.acquire()), answers(clean_services.acquire())
    killed = same = runs = 0
    while killed < n:
        runs += 1
        faults = FaultPlan(rate=0.3, seed=runs, kinds=("cut_body", "reset", "status_503"))
        with (
            Store(clock=RealClock(), faults=faults) as store,
            OdpDouble(store, clock=RealClock(), patents=PATENTS) as double,
        ):
            root = declare(
                folder / f"kill-odp-{runs}",
                "patentsview",
                {"odp": {"url": double.url, "products": PRODUCTS, "requests_per_second": 10}},
            )
            killed += kill_and_finish(root, "patentsview", (double, store), USER, kills=3, seed=runs)
            same += table_bytes(newest_snapshot(root / "data" / "raw", "patentsview")) == tables
        with OpsDouble(FAMILIES, clock=RealClock(), limits={"inpadoc": 6000}) as double:
            block = {"url": f"{double.url}/3.2", "numbers": NUMBERS, "requests_per_second": 10}
            root = declare(folder / f"kill-ops-{runs}", "epo_ops", {"ops": block}, access="api")
            killed += kill_and_finish(root, "epo_ops", (double,), USER, kills=3, seed=runs)
            same += answers(newest_snapshot(root / "data" / "raw", "epo_ops")) == look_ups
    print(f"kills: {killed} kills in {2 * runs} runs, {same} of them end with the bytes of the clean run")
    return same == 2 * runs


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=50)
    parser.add_argument("--kills", type=int, default=30)
    options = parser.parse_args()
    os.environ |= USER
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        good = [
            run_seeds(Path(name) / "seeds", options.seeds),
            run_kills(Path(name) / "kills", options.kills),
        ]
    print(f"soak: {'all clean' if all(good) else 'NOT CLEAN'} in {time.monotonic() - started:.0f} s")
    sys.exit(0 if all(good) else 1)


if __name__ == "__main__":
    main()
