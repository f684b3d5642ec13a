"""A process that ends with the one that started it, however that one ends: kill -9 leaves no server behind.

Two ways, because each has a gap: Linux sends a signal when the starting thread ends, which the process
answers only when its parent is really gone; a thread that looks once a second works on every system.

Run as a module it is the Prefect server: python -m listgen.flows.bound PARENT_PID LISTENING_SOCKET
APPLICATION
"""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import sys
import threading
import time

SCHEDULER = "LISTGEN_SCHEDULER"  # process id of the scheduler, which its runs inherit
_PR_SET_PDEATHSIG = 1
_LOOK_SECONDS = 1.0


def end_with(parent: int) -> None:
    """Let this process end as soon as its parent is gone.

    Outside the main thread only by looking once a second.

    Args:
        parent: Process id of the parent, as the parent gave it: it may be gone already.
    """

    def end_if_alone(*_: object) -> None:
        if os.getppid() != parent:
            os._exit(1)  # nothing to save: the state lives in files that survive a kill

    if sys.platform == "linux" and threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGUSR1, end_if_alone)
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGUSR1, 0, 0, 0)
    end_if_alone()

    def watch() -> None:
        while True:
            end_if_alone()
            time.sleep(_LOOK_SECONDS)

    threading.Thread(target=watch, daemon=True, name="parent").start()


def end_with_scheduler() -> None:
    """Let the process of a scheduled run end with the scheduler; in every other process do nothing."""
    parent = os.getppid()
    if os.environ.get(SCHEDULER) == str(parent):
        end_with(parent)


def serve(parent: int, listening: int, application: str) -> None:
    """Run a web application on a socket that the parent opened, until the parent ends it or is gone."""
    end_with(parent)
    import uvicorn

    config = uvicorn.Config(application, factory=True, log_level="error", lifespan="on")
    uvicorn.Server(config).run(sockets=[socket.socket(fileno=listening)])


if __name__ == "__main__":
    serve(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
