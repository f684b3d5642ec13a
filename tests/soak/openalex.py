"""The OpenAlex connector under fire.

Seeds x faults, kills at random moments, every write failing once, power cuts, mutants of real records.

Everything runs on loopback. Usage: `make soak`, or `PYTHONPATH=tests python -m soak.openalex --seeds 5
--kills 5 --mutants 50`.
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
from collections import Counter
from pathlib import Path

from doubles.clock import RealClock
from doubles.faults import PASSING, FaultPlan
from doubles.openalex import OpenAlexDouble
from openalex_world import KEY, World, contents, corpus, declare, world

from listgen.base.errors import ListgenError
from listgen.store.raw import newest_snapshot
from listgen.workspace.loading import load_workspace
from soak.mutants import run_mutants
from soak.power import run_power

RATE = 0.3
ACCESS = {
    "page_size": 3,
    "cited_works_credits": 6,
}  # small pages, so that a run has enough requests to go wrong and chance evens out
_LIMIT = 90  # seconds one command may take


class Clean:
    """What an undisturbed run holds, and how many calls it takes."""

    def __init__(self, folder: Path) -> None:
        with world(folder / "clean", access=ACCESS) as w:
            snapshot = w.acquire()
            self.contents = contents(snapshot, w.double)
            self.calls = w.double.calls


# ---- faults --------------------------------------------------------------------------------------


def one_seed(folder: Path, clean: Clean, seed: int) -> dict[str, object]:
    """Run once with 30 % of all answers wrong; return what came of it."""
    with world(folder / f"seed-{seed}", faults=FaultPlan(rate=RATE, seed=seed), access=ACCESS) as w:
        snapshot = w.acquire()
        return {
            "same": contents(snapshot, w.double) == clean.contents,
            "ratio": w.double.calls / clean.calls,
            "kinds": set(w.double.faults.done),
            "most": w.double.most_in_a_second(),
        }


def run_seeds(folder: Path, clean: Clean, n: int) -> bool:
    found = [one_seed(folder, clean, seed) for seed in range(n)]
    same = sum(bool(row["same"]) for row in found)
    ratios = [float(row["ratio"]) for row in found]
    kinds = set().union(*(row["kinds"] for row in found)) if found else set()
    mean = sum(ratios) / max(1, len(ratios))
    most = max((int(row["most"]) for row in found), default=0)
    print(
        f"faults: {same} of {n} seeds end with the bytes of the clean run; {RATE:.0%} of answers wrong,"
        f" {len(kinds)} of {len(PASSING)} kinds; calls {mean:.2f} x clean on average, at most"
        f" {max(ratios, default=0):.2f} x; at most {most} requests in a second"
    )
    return same == n and max(ratios, default=0) <= 1.6 and most <= 100


# ---- kills ---------------------------------------------------------------------------------------


def command(root: Path, *arguments: str) -> list[str]:
    return [
        sys.executable,
        "-m",
        "listgen",
        "--workspace",
        str(root),
        "--quiet",
        "acquire",
        "openalex",
        *arguments,
    ]


def run_until_killed(root: Path, double: OpenAlexDouble, at_request: int, after: float) -> bool:
    """Start acquiring and kill it some moments after a request.

    Return whether it was killed before it ended.
    """
    reached = threading.Event()
    start = double.calls
    double.on_request = lambda number: reached.set() if number - start >= at_request else None
    process = subprocess.Popen(
        command(root),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=os.environ | {"OPENALEX_API_KEY": KEY},
    )
    deadline = time.monotonic() + _LIMIT
    while process.poll() is None and not reached.is_set() and time.monotonic() < deadline:
        time.sleep(0.002)
    time.sleep(after)
    was_running = process.poll() is None
    if was_running:
        process.send_signal(signal.SIGKILL)
    process.wait()
    double.on_request = lambda number: None
    return was_running


def run_kills(folder: Path, clean: Clean, n: int, seed: int = 1) -> bool:
    """Kill at random moments, several times a run, and finish each run.

    Nothing may be lost, and next to nothing asked for twice.
    """
    chance = random.Random(seed)
    kills = runs = extra = wrong = leftovers = 0
    while kills < n:
        runs += 1
        with OpenAlexDouble(corpus(), clock=RealClock()) as double:
            root = folder / f"kill-{runs}"
            declare(root, double.url, **ACCESS)
            mine = 0
            for _ in range(min(4, n - kills)):
                mine += run_until_killed(
                    root, double, chance.randint(1, clean.calls // 4), chance.random() * 0.25
                )
            done = subprocess.run(
                command(root),
                capture_output=True,
                text=True,
                timeout=_LIMIT,
                env=os.environ | {"OPENALEX_API_KEY": KEY},
            )
            kills += max(mine, 1)
            snapshot = newest_snapshot(root / "data" / "raw", "openalex")
            wrong += done.returncode != 0 or snapshot is None or contents(snapshot, double) != clean.contents
            extra = max(extra, double.calls - clean.calls - 2 * mine)
            leftovers += any((root / "data" / "raw" / "pending" / "openalex").glob("*"))
    print(
        f"kills: {kills} kills in {runs} runs, {wrong} runs with other bytes, {leftovers} with leftovers;"
        f" calls beyond one unit a kill: {max(0, extra)}"
    )
    return wrong == 0 and leftovers == 0 and extra <= 0


# ---- the n-th write fails ------------------------------------------------------------------------


def run_writes(folder: Path, clean: Clean, step: int) -> bool:
    """Let the n-th flush, rename or opening for writing fail, for n = 1, 1 + step, ...

    Until a run meets none; then finish each run.
    """
    tried = wrong = rude = 0
    n = 1
    while True:
        with world(folder / f"write-{n}", access=ACCESS) as w:
            failed = _fail_nth(w, n, errno.EIO if tried % 2 else errno.ENOSPC)
            if failed is None:
                break
            tried += 1
            rude += not isinstance(failed, ListgenError)
            wrong += contents(w.acquire(), w.double) != clean.contents
        n += step
    print(
        f"writes: each of {tried} sites (every {step}) failed once; {rude} not told in a sentence, {wrong}"
        " runs that did not recover"
    )
    return wrong == 0 and rude == 0 and tried > 0


def _fail_nth(w: World, n: int, reason: int) -> BaseException | None:
    """Run with the n-th call that changes the disk failing for a reason of `errno`.

    Return the error, None when the run met no such call.
    """
    count, lock = Counter(), threading.Lock()
    whole = {"fsync": os.fsync, "replace": Path.replace, "rename": Path.rename}

    def failing(name: str):
        def call(*arguments: object) -> object:
            with lock:
                count["all"] += 1
                mine = count["all"]
            if mine == n:
                raise OSError(reason, os.strerror(reason))
            return whole[name](*arguments)

        return call

    os.fsync, Path.replace, Path.rename = failing("fsync"), failing("replace"), failing("rename")
    try:
        w.acquire()
    except Exception as error:  # whatever it is, it is judged by the caller
        return error
    finally:
        os.fsync, Path.replace, Path.rename = whole["fsync"], whole["replace"], whole["rename"]
    return None if count["all"] < n else AssertionError("a failed write was swallowed")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=50)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--mutants", type=int, default=1000)
    parser.add_argument("--every", type=int, default=3, help="fail every k-th write")
    options = parser.parse_args()
    os.environ["OPENALEX_API_KEY"] = KEY
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        clean = Clean(folder)
        load_workspace(declare(folder / "check", "http://127.0.0.1:9"))
        good = [
            run_seeds(folder, clean, options.seeds),
            run_kills(folder, clean, options.kills),
            run_writes(folder, clean, options.every),
            run_power(folder, clean.contents, ACCESS, options.every),
            run_mutants(folder, options.mutants),
        ]
    print(f"soak: {'all clean' if all(good) else 'NOT CLEAN'} in {time.monotonic() - started:.0f} s")
    sys.exit(0 if all(good) else 1)


if __name__ == "__main__":
    main()
