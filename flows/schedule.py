"""The scheduler.

A Prefect server of our own on loopback, with the refresh flow and the review flow served on their crons.

A served flow alone never fires: the schedule lives in a server, so one is started first and awaited. What
fell due while the machine was off is made up for once, however often it fell due: a second refresh would find
nothing new.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import os
import sys
import threading

from listgen.flows.bound import SCHEDULER
from listgen.flows.server import Server, running_server

from listgen.base.errors import ProviderError, UsageError, machine_trouble
from listgen.base.text import t
from listgen.config.loader import Workspace
from listgen.config.shapes import check_cron


def serve(workspace: Workspace, cron: str, port: int | None) -> None:
    """Serve both flows until stopped.

    Args:
        workspace: Whose flows they are.
        cron: When to refresh, in the workspace's time zone.
        port: The server's port on loopback; a free one when None.

    Raises:
        UsageError: No clock can follow the cron line, or the port is taken.
        ProviderError: The server did not come up.
    """
    try:
        check_cron(cron)
    except ValueError as error:
        raise UsageError(
            t('"{cron}" is no cron line.', cron=cron), t("Expected five fields such as 0 6 1 1,4,7,10 *.")
        ) from error
    with running_server(workspace, port) as server:
        os.environ |= {"PREFECT_API_URL": server.address, SCHEDULER: str(os.getpid())}
        threading.Thread(target=_end_with, args=(server,), daemon=True, name="server").start()
        _serve(workspace, cron)


def _serve(workspace: Workspace, cron: str) -> None:
    from listgen.flows.refresh import refresh
    from listgen.flows.review import review
    from prefect import serve as serve_flows
    from prefect.schedules import Cron

    zone = workspace.config.settings.schedule.timezone
    due = _missed(cron, zone)
    if due:
        _say(t("a refresh was due at {time:%Y-%m-%d %H:%M} and nothing served it: running it now", time=due))
        try:
            refresh(str(workspace.root))
        except Exception as error:  # noqa: BLE001 - whatever it is, it is reported, and the next ones are served all the same
            _say(str(machine_trouble(error) or error))
    _say(t("serving refreshes on {cron} ({zone}); stop with Ctrl-C", cron=cron, zone=zone))
    of_here = {"parameters": {"root": str(workspace.root)}}
    tend = Cron(workspace.config.settings.schedule.review_cron, timezone=zone)
    # One at a time: both may build.
    serve_flows(
        refresh.to_deployment(name="refresh", schedule=Cron(cron, timezone=zone), **of_here),
        review.to_deployment(name="review", schedule=tend, **of_here),
        limit=1,
    )


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _end_with(server: Server) -> None:
    """End the scheduler when its server has ended: without it nothing would ever fire again.

    Prefect would go on asking and end in a traceback minutes later. Runs under way end with this process;
    what they had promoted is kept.
    """
    server.process.wait()
    if server.is_stopping.is_set():
        return
    try:
        server.require_alive()
    except ProviderError as error:
        _say(t("error: {message}", message=error))
        os._exit(error.exit_code)


def _missed(cron: str, timezone: str) -> dt.datetime | None:
    """Return when a refresh fell due first since the last one began.

    None where none did, or none ever ran here.
    """
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.filters import FlowFilter, FlowFilterName
    from prefect.client.schemas.sorting import FlowRunSort
    from prefect.server.schemas.schedules import CronSchedule

    with get_client(sync_client=True) as client:
        named = FlowFilter(name=FlowFilterName(any_=["refresh"]))
        begun = [
            run.start_time
            for run in client.read_flow_runs(flow_filter=named, sort=FlowRunSort.START_TIME_DESC, limit=1)
        ]
    if not begun or begun[0] is None:
        return None
    dates = CronSchedule(cron=cron, timezone=timezone).get_dates(
        n=1, start=begun[0], end=dt.datetime.now(dt.UTC)
    )
    return next(iter(asyncio.run(dates)), None)
