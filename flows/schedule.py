"""The scheduler: a Prefect server of our own on loopback, with the refresh flow and the review flow served on their crons.

A served flow alone never fires: the schedule lives in a server, so one is started first and awaited. What fell due while the
machine was off is made up for once, however often it fell due: a second refresh would find nothing new.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from listgen.base.errors import ProviderError, UsageError, machine_trouble
from listgen.base.text import t
from listgen.config.loader import Workspace
from listgen.config.shapes import check_cron

_HEALTH_SECONDS = 120.0


def serve(workspace: Workspace, cron: str, port: int | None) -> None:
    """Serve both flows until stopped.

    Args:
        workspace: Whose flows they are.
        cron: When to refresh, in the workspace's time zone.
        port: The server's port on loopback; a free one when None.

    Raises:
        UsageError: No clock can follow the cron line.
        ProviderError: The server did not come up.
    """
    try:
        check_cron(cron)
    except ValueError as error:
        raise UsageError(t('"{cron}" is no cron line.', cron=cron), t("Expected five fields such as 0 6 1 1,4,7,10 *.")) from error
    chosen = port or _free_port()
    os.environ["PREFECT_API_URL"] = f"http://127.0.0.1:{chosen}/api"
    from listgen.flows.refresh import refresh
    from listgen.flows.review import review
    from prefect import serve as serve_flows
    from prefect.schedules import Cron

    with _server(workspace, chosen):
        zone = workspace.config.settings.schedule.timezone
        due = _missed(cron, zone)
        if due:
            print(
                t("a refresh was due at {time:%Y-%m-%d %H:%M} and nothing served it: running it now", time=due), file=sys.stderr, flush=True
            )
            try:
                refresh(str(workspace.root))
            except Exception as error:  # noqa: BLE001 - whatever it is, it is told, and the next ones are served all the same
                print(machine_trouble(error) or error, file=sys.stderr, flush=True)
        print(t("serving refreshes on {cron} ({zone}); stop with Ctrl-C", cron=cron, zone=zone), file=sys.stderr, flush=True)
        of_here = {"parameters": {"root": str(workspace.root)}}
        tend = Cron(workspace.config.settings.schedule.review_cron, timezone=zone)
        # One at a time: both may build.
        serve_flows(
            refresh.to_deployment(name="refresh", schedule=Cron(cron, timezone=zone), **of_here),
            review.to_deployment(name="review", schedule=tend, **of_here),
            limit=1,
        )


def _missed(cron: str, timezone: str) -> dt.datetime | None:
    """Return when a refresh fell due first since the last one began; None where none did, or none ever ran here."""
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.filters import FlowFilter, FlowFilterName
    from prefect.client.schemas.sorting import FlowRunSort
    from prefect.server.schemas.schedules import CronSchedule

    with get_client(sync_client=True) as client:
        named = FlowFilter(name=FlowFilterName(any_=["refresh"]))
        begun = [run.start_time for run in client.read_flow_runs(flow_filter=named, sort=FlowRunSort.START_TIME_DESC, limit=1)]
    if not begun or begun[0] is None:
        return None
    dates = CronSchedule(cron=cron, timezone=timezone).get_dates(n=1, start=begun[0], end=dt.datetime.now(dt.UTC))
    return next(iter(asyncio.run(dates)), None)


@contextmanager
def _server(workspace: Workspace, port: int) -> Iterator[None]:
    address = f"http://127.0.0.1:{port}/api"
    log_path = workspace.data / "prefect" / "server.log"
    command = [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port), "--no-ui"]
    with log_path.open("ab") as log:
        # A session of its own: Ctrl-C reaches us first, and we stop the server after the last run.
        process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True)
        try:
            _await_health(process, address, str(log_path))
            yield
        finally:
            process.terminate()
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()


def _await_health(process: subprocess.Popen[bytes], address: str, log: str) -> None:
    deadline = time.monotonic() + _HEALTH_SECONDS
    from prefect.client.orchestration import get_client

    while time.monotonic() < deadline and process.poll() is None:
        with get_client(sync_client=True) as client:
            if client.api_healthcheck() is None:
                return
        time.sleep(0.3)
    raise ProviderError(
        t("The scheduler's server did not start on {address}.", address=address),
        t("Expected it to answer within {seconds:.0f} s.", seconds=_HEALTH_SECONDS),
        t("See {log}", log=log),
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
