"""The lease that keeps two refreshes of one workspace apart.

A lease names its process by pid, boot id and process start, so that a process that died (or a machine that
was restarted) never blocks the next run, and it beats while it lives, so that another machine sharing the
folder can tell.
"""

from __future__ import annotations

import fcntl
import json
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from listgen.base.errors import LockedError
from listgen.base.files import write_atomically
from listgen.base.text import t

BEAT_SECONDS = 5.0
STALE_SECONDS = 60.0


def _boot_id() -> str:
    path = Path("/proc/sys/kernel/random/boot_id")
    return path.read_text().strip() if path.exists() else ""


def _process_start(pid: int) -> str:
    """Return the kernel's start tick of a process, empty where there is no such process or no /proc."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    state, start = fields[0], fields[19]
    return "" if state in ("Z", "X") else start


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def is_alive(lease: dict[str, Any]) -> bool:
    """Tell whether the process that holds a lease still lives."""
    if lease.get("host") != socket.gethostname():
        return time.time() - float(lease.get("beat", 0)) < STALE_SECONDS
    if lease.get("boot_id") != _boot_id() or not _is_running(int(lease["pid"])):
        return False
    return not Path("/proc").is_dir() or _process_start(int(lease["pid"])) == lease.get("process_start")


@contextmanager
def hold_lease(data: Path, verb: str) -> Iterator[None]:
    """Hold the workspace's lease while the block runs.

    Args:
        data: The workspace's data folder.
        verb: What is being done, shown to whoever finds the lease taken.

    Raises:
        LockedError: A living process holds it.
    """
    data.mkdir(parents=True, exist_ok=True)
    path = data / "lease.json"
    mine: dict[str, Any] = {
        "pid": os.getpid(),
        "host": socket.gethostname(),
        "boot_id": _boot_id(),
        "process_start": _process_start(os.getpid()),
        "verb": verb,
        "since": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    with _guard(data):
        _refuse_if_taken(path)
        _beat(path, mine)
    stop = threading.Event()
    thread = threading.Thread(target=_keep_beating, args=(path, mine, stop), daemon=True, name="lease")
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
        with _guard(data):
            path.unlink(missing_ok=True)


@contextmanager
def _guard(data: Path) -> Iterator[None]:
    """Let one process at a time look at the lease and take it."""
    with (data / ".lease.guard").open("a") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _refuse_if_taken(path: Path) -> None:
    try:
        lease = json.loads(path.read_text(encoding="utf-8"))
        taken = is_alive(lease)
    except (OSError, ValueError, KeyError, TypeError):
        return
    if taken:
        raise LockedError(
            t(
                "Another `listgen {verb}` is at work here: process {pid} on {host}, since {since}.",
                verb=lease.get("verb"),
                pid=lease.get("pid"),
                host=lease.get("host"),
                since=lease.get("since"),
            ),
            t("Only one may write to a workspace at a time."),
            t("Wait for it to end, then run the command again."),
        )


def _beat(path: Path, mine: dict[str, Any]) -> None:
    write_atomically(path, json.dumps(mine | {"beat": time.time()}).encode())


def _keep_beating(path: Path, mine: dict[str, Any], stop: threading.Event) -> None:
    while not stop.wait(BEAT_SECONDS):
        with suppress(
            OSError
        ):  # a full disk stops the work with an error of its own; on this machine the process id counts
            _beat(path, mine)
