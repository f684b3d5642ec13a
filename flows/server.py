"""The Prefect server of one workspace.

On a port of loopback that we opened ourselves, so that no other server can answer in its place.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from listgen.base.errors import ProviderError, UsageError
from listgen.base.text import t
from listgen.config.loader import Workspace

_APPLICATION = "prefect.server.api.server:create_app"
_HOST = "127.0.0.1"
_HEALTH_SECONDS = 120.0
_STOP_SECONDS = 20.0


@dataclass(frozen=True)
class Server:
    """A server that answers."""

    process: subprocess.Popen[bytes]
    address: str
    log: str
    is_stopping: threading.Event = field(default_factory=threading.Event)

    def require_alive(self) -> None:
        """Make sure that the server still runs.

        Raises:
            ProviderError: It has ended.
        """
        code = self.process.poll()
        if code is not None:
            raise ProviderError(
                t(
                    "The scheduler's server on {address} has ended (exit code {code}).",
                    address=self.address,
                    code=code,
                ),
                t("Expected it to run until the scheduler stops. A build that was promoted is kept."),
                t("See {log}, then run: listgen schedule", log=self.log),
            )


@contextmanager
def running_server(
    workspace: Workspace,
    port: int | None = None,
    *,
    is_temporary: bool = False,
    meanwhile: Callable[[], None] = lambda: None,
) -> Iterator[Server]:
    """Start the server, give it when it answers, and stop it at the end.

    It also ends when this process is killed.

    Args:
        workspace: Whose state it keeps; the settings are laid before (see `use_workspace`).
        port: The port on loopback; a free one when None.
        is_temporary: Without the services that a schedule needs.
        meanwhile: Work to do while the server starts, which takes ten seconds the first time.

    Raises:
        UsageError: The port is taken.
        ProviderError: The server did not come up.
    """
    log_path = workspace.data / "prefect" / "server.log"
    environment = os.environ | {"PREFECT_UI_ENABLED": "0", "PREFECT__SERVER_FINAL": "1"}
    environment |= {"PREFECT__SERVER_EPHEMERAL": "1"} if is_temporary else {}
    with _listening(port) as listening, log_path.open("ab") as log:
        address = f"http://{_HOST}:{listening.getsockname()[1]}/api"
        command = [
            sys.executable,
            "-m",
            "listgen.flows.bound",
            str(os.getpid()),
            str(listening.fileno()),
            _APPLICATION,
        ]
        # A session of its own: Ctrl-C reaches us first, and we stop the server after the last run.
        process = subprocess.Popen(
            command,
            stdout=log,
            stderr=log,
            stdin=subprocess.DEVNULL,
            env=environment,
            start_new_session=True,
            pass_fds=[listening.fileno()],
        )
        listening.close()  # once the server has ended, nobody holds the port
        server = Server(process, address, str(log_path))
        try:
            meanwhile()
            _await_health(server)
            yield server
        finally:
            server.is_stopping.set()
            _stop(process)


def _listening(port: int | None) -> socket.socket:
    try:
        return socket.create_server((_HOST, port or 0), backlog=128)
    except OSError as error:
        raise UsageError(
            t(
                "Port {port} of {host} cannot be used ({reason}).",
                port=port,
                host=_HOST,
                reason=error.strerror or str(error),
            ),
            t("Another program uses it, perhaps the scheduler of another workspace; expected a free port."),
            t(
                "Leave out --port to take any free one, or name another: listgen schedule --port {port}",
                port=(port or 4200) + 1,
            ),
        ) from error


def _await_health(server: Server) -> None:
    deadline = time.monotonic() + _HEALTH_SECONDS
    asking = urllib.request.build_opener(
        urllib.request.ProxyHandler({})
    )  # a proxy does not know this machine's loopback
    while time.monotonic() < deadline and server.process.poll() is None:
        with suppress(OSError), asking.open(f"{server.address}/health", timeout=5) as answer:
            if answer.status == 200:
                return
        time.sleep(0.1)
    raise ProviderError(
        t("The scheduler's server did not start on {address}.", address=server.address),
        t("Expected it to answer within {seconds:.0f} s.", seconds=_HEALTH_SECONDS),
        t("See {log}", log=server.log),
    )


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(timeout=_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
