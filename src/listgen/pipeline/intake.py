"""What comes into the raw store: the sources of a workspace, and the decisions of a review.

Reads: config/sources, what the sources name.
Writes: data/raw, data/sample.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

from listgen.base.errors import UsageError, nearest
from listgen.base.text import t
from listgen.config.workspace import Config, Workspace
from listgen.store.raw import Snapshot

DECISIONS = "review_decisions"  # the one source a build takes in without its being named in settings.yaml

Say = Callable[[str], None]


def acquire(
    workspace: Workspace,
    only: Sequence[str] = (),
    say: Say = lambda text: None,
    *,
    budget: int | None = None,
    again: bool = False,
) -> list[Snapshot]:
    """Take in the sources of a workspace, or those named, and return their newest snapshots.

    A source fetched over the network may be named though no build uses it yet; `budget` (credits, or calls)
    and `again` (though fresh) are for it.

    Raises:
        UsageError: A named source is not one of this workspace's, or a declared file is not there.
    """
    used, sample = workspace.config.settings.sources, workspace.config.sample
    made = (
        {} if sample is None else dict.fromkeys(sample.produces, sample.id)
    )  # the sample is made as a whole, whichever part is named
    only = list(dict.fromkeys(made.get(source_id, source_id) for source_id in only))
    check_sources(workspace.config, only)
    snapshots: list[Snapshot] = []
    for source_id in only or used:
        say(t("acquire {source}", source=source_id))
        if sample is not None and source_id == sample.id:
            snapshots += _acquire_sample(workspace)
        else:
            from listgen.acquire import acquire_source

            snapshots.append(acquire_source(workspace, source_id, say, budget=budget, again=again))
    return snapshots


def check_sources(config: Config, only: Sequence[str]) -> None:
    """Make sure that every named source is in use here or can be fetched.

    Raises:
        UsageError: One is neither.
    """
    used = config.settings.sources
    known = [*used, *(s.id for s in config.sources.values() if s.is_fetched and s.id not in used)]
    for source_id in only:
        if source_id not in known:
            raise UsageError(
                t('"{source}" is not a source of this workspace.', source=source_id)
                + nearest(source_id, known),
                t("Expected one of: {known}.", known=", ".join(known)),
            )


def _acquire_sample(workspace: Workspace) -> list[Snapshot]:
    """Generate the sample world and register its files.

    An unchanged recipe whose files are held is not made again.
    """
    from listgen.acquire import Incoming, newest_snapshot_or_none, register
    from listgen.sample import generate_sample, sample_recipe

    sample = workspace.config.sample
    if sample is None:
        return []
    recipe = sample_recipe(workspace.config)
    held = [newest_snapshot_or_none(workspace, source_id) for source_id in sample.produces]
    if all(snapshot is not None and snapshot.recipe == recipe for snapshot in held):
        return [snapshot for snapshot in held if snapshot is not None]
    directory = workspace.data / "sample"
    shutil.rmtree(directory, ignore_errors=True)
    made = generate_sample(directory, sample.seed, workspace.config)
    snapshots = []
    for source_id in sample.produces:
        mine = [
            Incoming(file.path, file.path.relative_to(directory).as_posix(), file.form_id)
            for file in made
            if file.source_id == source_id
        ]
        source = workspace.config.sources[source_id]
        snapshots.append(register(workspace, source, mine, as_of=sample.as_of, recipe=recipe))
    return snapshots


def register_decisions(workspace: Workspace, path: Path, as_of: str) -> Snapshot:
    """Take the decisions of a review into the raw store, where every build from now on finds them.

    Args:
        workspace: Where.
        path: `decisions.jsonl`.
        as_of: The newest date of the data that were judged: decisions must not move the measuring windows.

    Raises:
        UsageError: The workspace does not declare the source.
    """
    from listgen.acquire import Incoming, register
    from listgen.store.lease import hold_lease

    if DECISIONS not in workspace.config.sources:
        raise UsageError(
            t("config/sources/{source}.yaml is missing.", source=DECISIONS),
            t("Expected the one listgen init writes."),
        )
    with hold_lease(workspace.data, "review close"):
        source = workspace.config.sources[DECISIONS]
        return register(
            workspace, source, [Incoming(path, f"review/{path.name}", "review_decision")], as_of=as_of
        )
