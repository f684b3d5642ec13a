"""The review's flow: reminds, closes at the hour, opens the next planned round, and starts the next build.

Its state lives in the review database, not here.

It looks once and ends, so weeks, restarts and missed hours do not matter: run it by hand or on a cron as
often as wanted.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from listgen.flows.bound import end_with_scheduler
from prefect import flow, task
from prefect.cache_policies import NO_CACHE

from listgen import pipeline
from listgen.review.ops import desk
from listgen.store.lease import hold_lease
from listgen.workspace.loading import load_workspace


@task(name="remind", cache_policy=NO_CACHE)
def remind(root: str) -> dict[str, Any]:
    """Remind those who have not finished, once, when the hour of closing draws near."""
    return desk.remind_if_due(load_workspace(Path(root)))


@task(name="close", cache_policy=NO_CACHE)
def close(root: str) -> bool:
    """Close the round that is due, hand over decisions, and return whether a build has something new."""
    workspace = load_workspace(Path(root))
    closed = desk.close_if_due(workspace)
    if closed is None:
        return False
    before = pipeline.held_files(workspace)
    pipeline.register_decisions(workspace, closed.decisions, closed.as_of_date)
    return pipeline.held_files(workspace) != before


@task(name="open", cache_policy=NO_CACHE)
def open_next(root: str) -> dict[str, Any]:
    """Open the next of the planned rounds once the last is closed, and tell where its links are."""
    opened = desk.open_next_if_due(load_workspace(Path(root)))
    return (
        {"opened": opened.round_name, "links": str(opened.invitations), "mailed": opened.n_mailed}
        if opened
        else {}
    )


@task(name="build", cache_policy=NO_CACHE)
def build(root: str) -> str:
    """Build the list with the decisions and return its run id."""
    workspace = load_workspace(Path(root))
    with hold_lease(workspace.data, "build"):
        return pipeline.build(workspace).run_id


@flow(name="review", persist_result=False)
def review(root: str) -> dict[str, Any]:
    """Do what is due in the review of a workspace and return what was done.

    Nothing where no review was ever opened.
    """
    end_with_scheduler()
    if not desk.is_under_way(load_workspace(Path(root))):
        return {}
    done: dict[str, Any] = remind(root)
    if close(root):
        done["run_id"] = build(root)
    return done | open_next(root)
