"""The flows: names, order, retries and schedules of the journey, nothing of its content.

Prefect reads its settings when it is imported, so a workspace's settings are laid before: its state lives in
`data/prefect`, nothing is sent anywhere.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from listgen.config.loader import Workspace
    from listgen.pipeline import Outcome, Say


def use_workspace(workspace: Workspace) -> None:
    """Point Prefect to this workspace's state folder and switch its analytics off."""
    home = workspace.data / "prefect"
    home.mkdir(parents=True, exist_ok=True)
    os.environ["PREFECT_HOME"] = str(home)
    os.environ["PREFECT_SERVER_ANALYTICS_ENABLED"] = "false"
    os.environ["DO_NOT_TRACK"] = "1"
    os.environ.setdefault("PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS", "120")
    os.environ.setdefault(
        "PREFECT_CLIENT_MAX_RETRIES", "2"
    )  # the server is on this machine: one that is gone stays gone
    os.environ.setdefault("PREFECT_LOGGING_LEVEL", "WARNING")
    os.environ.setdefault("PREFECT_SERVER_LOGGING_LEVEL", "WARNING")


def run_refresh(workspace: Workspace, say: Say, accept_shift: str | None = None) -> Outcome:
    """Run the refresh flow in this process under the workspace's lease.

    When nothing is new, no server is started.

    The server starts first. While it does, the sample is made and Prefect is imported, so that hardly
    anything waits for it.

    Args:
        workspace: The workspace whose list is built.
        say: Receives the name of each step.
        accept_shift: Why a list that shrank is right.
    """
    use_workspace(workspace)
    from listgen.flows.server import running_server

    from listgen.pipeline import acquire, held_outcome
    from listgen.store.lease import hold_lease

    sample = workspace.config.sample
    made = [sample.id] if sample is not None and sample.id in workspace.config.settings.sources else []

    def prepare() -> None:
        if made:
            acquire(workspace, made, say)
        import listgen.flows.refresh  # noqa: F401 - for the time it takes

    with hold_lease(workspace.data, "refresh"):
        held = held_outcome(workspace)
        if held is not None:
            return held
        with running_server(workspace, is_temporary=True, meanwhile=prepare) as server:
            from listgen.flows.refresh import go_on_without, run_here

            outcome = run_here(workspace, say, server.address, made, accept_shift)
    return outcome or go_on_without(workspace, say, accept_shift)


def run_review(workspace: Workspace) -> dict[str, Any]:
    """Run the review flow once in this process and return what it did."""
    use_workspace(workspace)
    from listgen.flows.review import review

    done: dict[str, Any] = review(str(workspace.root))
    return done


def serve_refresh(workspace: Workspace, cron: str | None, port: int | None) -> None:
    """Start a server on loopback and serve the refresh flow on its cron until stopped."""
    use_workspace(workspace)
    from listgen.flows import schedule

    schedule.serve(workspace, cron or workspace.config.settings.schedule.cron, port)
