"""The refresh flow: acquire, then every step of a build, each a task of its own.

Only acquiring is retried, and only after network failures: a step on held bytes fails the same way twice.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx
from listgen.flows.bound import end_with_scheduler
from prefect import flow, task
from prefect.artifacts import create_link_artifact, create_table_artifact
from prefect.cache_policies import NO_CACHE
from prefect.settings import PREFECT_API_URL, PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings

from listgen import pipeline
from listgen.base.errors import ProviderError, RefusedError
from listgen.base.text import t
from listgen.config.workspace import Workspace
from listgen.store.collapse import acceptance
from listgen.store.lease import hold_lease
from listgen.workspace import overview
from listgen.workspace.loading import load_workspace


def _is_network_failure(task: Any, run: Any, state: Any) -> bool:  # noqa: ANN401 - Prefect's own signature
    error = state.result(raise_on_failure=False)
    return isinstance(error, ProviderError) and not isinstance(error, RefusedError)


@task(
    name="acquire",
    task_run_name="acquire {source_id}",
    retries=2,
    retry_delay_seconds=[2, 10],
    retry_condition_fn=_is_network_failure,
    cache_policy=NO_CACHE,
)
def acquire_source(root: str, source_id: str) -> list[str]:
    """Take one source into the raw store and return the ids of its snapshots."""
    snapshots = pipeline.acquire(load_workspace(Path(root)), [source_id])
    return [f"{snapshot.source_id}/{snapshot.number}" for snapshot in snapshots]


@flow(name="refresh", persist_result=False)
def refresh(root: str, accept_shift: str | None = None) -> str:
    """Acquire the sources of a workspace and build its list; return the run id.

    Args:
        root: The workspace.
        accept_shift: Why a list or source that shrank is right; a scheduled run has none and stops.
    """
    end_with_scheduler()
    workspace = load_workspace(Path(root))
    with hold_lease(workspace.data, "refresh"):
        outcome = _journey(workspace, lambda text: None, accept_shift)
    return outcome.run_id


def _journey(
    workspace: Workspace, say: pipeline.Say, accept_shift: str | None = None, made: Sequence[str] = ()
) -> pipeline.Outcome:
    for source_id in workspace.config.settings.sources:
        if source_id not in made:
            say(t("acquire {source}", source=source_id))
        acquire_source(str(workspace.root), source_id)
    finished = pipeline.find_finished(workspace)
    if finished is not None:
        return finished
    with pipeline.new_build(workspace, acceptance(accept_shift)) as build:
        for step in pipeline.steps():
            say(step.name)
            _run_as_task(build, step)
        outcome = pipeline.promote(build)
    _leave_artifacts(outcome)
    return outcome


def _run_as_task(build: pipeline.Build, step: pipeline.Step) -> None:
    """Run a step as a task.

    The open build stays out of the task's parameters, which Prefect would look through.
    """

    @task(name=step.name, cache_policy=NO_CACHE)
    def run() -> None:
        pipeline.run_step(build, step)

    run()


def _leave_artifacts(outcome: pipeline.Outcome) -> None:
    found = overview.summarise(outcome).document
    table = [
        {"status": status, "technologies": count} for status, count in sorted(found["status_counts"].items())
    ]
    create_table_artifact(key="candidates", table=table, description=f"Build {outcome.run_id}")
    create_link_artifact(
        key="report", link=outcome.paths["report"].as_uri(), description=f"Report of build {outcome.run_id}"
    )


def run_here(
    workspace: Workspace, say: pipeline.Say, address: str, made: Sequence[str], accept_shift: str | None
) -> pipeline.Outcome | None:
    """Run the flow in this process, under a lease that the caller holds.

    Return None if Prefect's server stopped answering.

    Args:
        workspace: The workspace whose list is built.
        say: Receives the name of each step.
        address: The address of Prefect's server.
        made: Sources that were acquired already; they are not announced again.
        accept_shift: Why a list that shrank is right.
    """

    @flow(name="refresh", persist_result=False)
    def here() -> pipeline.Outcome:
        return _journey(workspace, say, accept_shift, made)

    # A flow run otherwise waits a second for its heartbeat thread; the lease has a heartbeat of its own.
    settings: dict[Any, Any] = {PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None, PREFECT_API_URL: address}
    try:
        with temporary_settings(settings):
            return here()
    except (
        httpx.TransportError
    ):  # a provider's would have become one of our errors, so this is Prefect's own server
        return None


def go_on_without(workspace: Workspace, say: pipeline.Say, accept_shift: str | None) -> pipeline.Outcome:
    """Run the same steps as plain functions, because Prefect's server does not answer."""
    logging.getLogger("prefect").setLevel(
        logging.CRITICAL
    )  # it would go on telling that it is gone until the end
    say(t("Prefect's server no longer answers: going on without it"))
    return pipeline.refresh(workspace, say, acceptance(accept_shift))
