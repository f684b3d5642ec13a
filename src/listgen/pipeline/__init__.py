"""The journey from raw bytes to a candidate list, with or without Prefect.

acquire -> stage -> validate -> indicators -> score -> cluster -> candidates -> report, then promotion. Steps
speak through tables; this module only knows their order, the gates between them and what makes a build the
current one.

Reads: data/raw.
Writes: data/builds/<run_id>, data/current, data/previous, data/last.json.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from listgen import __version__
from listgen.base.errors import CheckFailedError, CouldNotCheckError, ListgenError, UsageError
from listgen.base.files import write_atomically
from listgen.base.provenance import (
    PACKAGE,
    canonical_json,
    dependency_digest,
    package_digest,
    sha256_file,
    sha256_text,
)
from listgen.base.text import t
from listgen.base.versions import MANIFEST_VERSION
from listgen.config.loader import Config, Workspace
from listgen.outputs.candidates import Candidates
from listgen.outputs.manifest import Manifest
from listgen.pipeline.intake import DECISIONS, Say, acquire, register_decisions
from listgen.store.builds import (
    CONFIG,
    DATABASE,
    MANIFEST,
    SEAL,
    describe_baseline,
    find_baseline,
    find_build,
    output_names,
    parts_of,
    point_current,
    read_manifest,
    remember_promotion,
    seal_manifest,
    verify_outputs,
)
from listgen.store.collapse import Acceptance, counts_of, guard
from listgen.store.raw import HeldFile, check_digests, newest_snapshot
from listgen.store.warehouse import Warehouse

__all__ = [
    "DATABASE",
    "MANIFEST",
    "Build",
    "Outcome",
    "Say",
    "Step",
    "acquire",
    "find_build",
    "output_names",
    "register_decisions",
    "verify_outputs",
]


@dataclass(frozen=True)
class Step:
    """One step of a build: a name, what it does, and the gate its tables must pass."""

    name: str
    run: Callable[[Build], None]
    gate: str = ""


@dataclass
class Build:
    """A build under way in its own folder; it becomes visible only by promotion."""

    workspace: Workspace
    run_id: str
    holdings: tuple[HeldFile, ...]
    inputs: dict[str, Any]
    folder: Path
    warehouse: Warehouse
    baseline: Path | None = None
    accepted: Acceptance | None = None
    shift: dict[str, Any] | None = None
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def config(self) -> Config:
        """Return the workspace's configuration."""
        return self.workspace.config


@dataclass(frozen=True)
class Outcome:
    """What a build or refresh came to."""

    run_id: str
    folder: Path
    is_held: bool
    seconds: dict[str, float]

    @property
    def paths(self) -> dict[str, Path]:
        """Return the outputs by the names people use for them."""
        names = {
            "list": "candidates.json",
            "workbook": "candidates.xlsx",
            "report": "report/index.html",
            "checks": "checks.json",
        }
        return {name: self.folder / path for name, path in names.items()}


# ---- build ---------------------------------------------------------------------------------------


def held_files(workspace: Workspace) -> tuple[HeldFile, ...]:
    """Return the files of the newest snapshot of every source in use.

    Raises:
        UsageError: A source was never acquired.
    """
    files: list[HeldFile] = []
    for source_id in workspace.config.used_sources:
        snapshot = newest_snapshot(workspace.raw, source_id)
        if snapshot is None:
            asked = "sample" if workspace.config.sources[source_id].access == "sample" else source_id
            raise UsageError(
                t("No snapshot of {source} is held.", source=source_id),
                "",
                t("Run: listgen acquire {source}", source=asked),
            )
        files += snapshot.files
    decided = newest_snapshot(workspace.raw, DECISIONS) if DECISIONS in workspace.config.sources else None
    return tuple(sorted([*files, *(decided.files if decided else ())]))


def identify(workspace: Workspace, holdings: Iterable[HeldFile]) -> tuple[str, dict[str, Any]]:
    """Return the run id and what it stands for: raw digests, configuration, code, libraries and seed."""
    inputs = {
        "raw": [[f.source_id, f.form_id, f.file_name, f.raw_digest, f.as_of_date] for f in holdings],
        "config": workspace.config.digest,
        "package": package_digest(),
        "libraries": dependency_digest(),
        "seed": workspace.config.settings.seed,
        "listgen_version": __version__,
    }
    return sha256_text(canonical_json(inputs))[:16], inputs


def find_held(workspace: Workspace, run_id: str, holdings: Iterable[HeldFile] = ()) -> Outcome | None:
    """Return the intact build with this id, made current again, or None.

    Raises:
        DataError: The build is there, but a raw file it was made from has changed since.
    """
    folder = workspace.builds / run_id
    if not folder.is_dir() or verify_outputs(folder, may_trust_notes=True):
        return None
    check_digests(workspace.raw, holdings)
    point_current(workspace, run_id)
    _note_last(workspace, run_id, folder, "held")
    return Outcome(run_id, folder, is_held=True, seconds={})


def find_finished(workspace: Workspace) -> Outcome | None:
    """Return the intact build of the stored files, made current again, or None where it has to be made.

    Raises:
        UsageError: A source was never acquired.
        DataError: The build is there, but a raw file it was made from has changed since.
    """
    holdings = held_files(workspace)
    return find_held(workspace, identify(workspace, holdings)[0], holdings)


@contextmanager
def new_build(workspace: Workspace, accepted: Acceptance | None = None) -> Iterator[Build]:
    """Yield a new build of the stored files.

    Whatever ends the block, Ctrl-C between two steps too, nothing half made stays: what was not promoted is
    removed, and after a rule that failed or could not run its checks stay readable.

    Raises:
        UsageError: A source was never acquired.
    """
    holdings = held_files(workspace)
    run_id, inputs = identify(workspace, holdings)
    _sweep(workspace)
    folder = workspace.builds / f".{run_id}.{os.getpid()}.partial"
    try:
        folder.mkdir(parents=True)
        with Warehouse(folder / DATABASE) as warehouse:
            build = Build(
                workspace,
                run_id,
                holdings,
                inputs,
                folder,
                warehouse,
                find_baseline(workspace, run_id),
                accepted,
            )
            try:
                yield build
            except ListgenError as error:
                is_kept = isinstance(error, CheckFailedError | CouldNotCheckError) and _keep_checks(build)
                if not is_kept:
                    _note_last(workspace, run_id, None, "stopped", str(error))
                raise
    finally:
        shutil.rmtree(folder, ignore_errors=True)  # no longer there when it was promoted or kept


def held_outcome(workspace: Workspace) -> Outcome | None:
    """Return the held build when a refresh would find nothing new.

    The same files at every source, the same everything else.
    """
    from listgen.acquire import is_unchanged
    from listgen.sample import sample_recipe

    sample = workspace.config.sample
    for source_id in workspace.config.settings.sources:
        is_generated = sample is not None and source_id == sample.id
        parts = sample.produces if is_generated and sample else [source_id]
        recipe = sample_recipe(workspace.config) if is_generated else ""
        if not all(is_unchanged(workspace, part, recipe) for part in parts):
            return None
    return find_finished(workspace)


def _sweep(workspace: Workspace) -> None:
    """Remove what killed builds left; only the holder of the lease comes here."""
    for leftover in workspace.builds.glob(".*.partial"):
        shutil.rmtree(leftover, ignore_errors=True)


def steps() -> tuple[Step, ...]:
    """Return the journey in order. Each step loads its libraries only when it runs."""
    return (
        Step("stage", _stage, "core"),
        Step("indicators", _indicators, "ind"),
        Step("score", _score, "score"),
        Step("cluster", _cluster),
        Step("candidates", _candidates, "list"),
        Step("report", _report),
    )


def _stage(build: Build) -> None:
    from listgen import stage

    stage.run(build.warehouse, build.config, build.holdings, build.workspace.stage_cache)
    build.warehouse.shut_out_files()


def _indicators(build: Build) -> None:
    from listgen import indicators

    indicators.run(build.warehouse, build.config)


def _score(build: Build) -> None:
    from listgen import composite

    composite.run(build.warehouse, build.config)


def _cluster(build: Build) -> None:
    from listgen import fronts

    fronts.run(build.warehouse, build.config)


def _candidates(build: Build) -> None:
    from listgen.listing import candidates

    candidates.run(build.warehouse, build.config)


def _report(build: Build) -> None:
    from listgen import report

    write_atomically(
        build.folder / CONFIG,
        (json.dumps(build.config.contents, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode(),
    )
    report.run(build.warehouse, build.config, build.folder, run_id=build.run_id, compare=_comparison(build))


def _comparison(build: Build) -> Callable[[Candidates], dict[str, Any]] | None:
    """Return what compares this build's list with that of the build before; None for a first build."""
    from listgen import trace

    if build.baseline is None:
        return None
    before, inputs = trace.read_state(build.baseline), build.inputs
    parts, contents = parts_of(build.config), build.config.contents
    return lambda document: trace.compare(
        before, trace.State(build.run_id, document, inputs["raw"], parts, inputs["seed"], contents)
    )


def run_step(build: Build, step: Step) -> None:
    """Run one step and its gate.

    Raises:
        CheckFailedError: A critical expectation failed.
        CouldNotCheckError: A rule could not be run.
    """
    started = time.monotonic()
    with build.warehouse.transaction():
        step.run(build)
    if step.gate:
        from listgen import validate

        validate.run_gate(build.warehouse, build.config, step.gate)
    if step.gate == "list":
        build.shift = guard(build.warehouse, build.workspace, build.run_id, build.accepted)
    build.seconds[step.name] = round(time.monotonic() - started, 3)


def _keep_checks(build: Build) -> bool:
    """Put a build that its checks stopped aside, with the evidence of what failed.

    False when it came to no check.
    """
    if not build.warehouse.has_table("prov.check"):
        return False
    from listgen import report

    report.write_checks(build.warehouse, build.folder)
    build.warehouse.close()
    kept = workspace_failed(build.workspace, build.run_id)
    shutil.rmtree(kept, ignore_errors=True)
    build.folder.rename(kept)
    _note_last(build.workspace, build.run_id, kept, "failed")
    return True


def workspace_failed(workspace: Workspace, run_id: str) -> Path:
    """Return where the last failed build of these inputs is kept."""
    return workspace.builds / f"{run_id}.failed"


def promote(build: Build) -> Outcome:
    """Seal a finished build and make it the current one in a single step.

    Raises:
        DataError: A raw file has changed since it was acquired. A parse in the cache does not read the file
            again, so it is hashed here.
    """
    check_digests(build.workspace.raw, build.holdings)
    manifest = {
        "schema_version": MANIFEST_VERSION,
        "run_id": build.run_id,
        "is_sample": build.config.is_sample,
        "inputs": build.inputs,
        "parts": parts_of(build.config),
        "baseline": describe_baseline(build.baseline),
        "counts": counts_of(build.warehouse),
        "accepted_shift": build.shift,
        "tables": build.warehouse.content_digests(),
        "outputs": {name: sha256_file(build.folder / name) for name in output_names(build.folder)},
        "code": _git_state(),
    }
    build.warehouse.close()
    manifest["database"] = sha256_file(
        build.folder / DATABASE
    )  # tells damage; another run may lay out the same rows otherwise
    manifest = seal_manifest(manifest)
    write_atomically(build.folder / MANIFEST, Manifest.model_validate(manifest).as_bytes())
    final = build.workspace.builds / build.run_id
    shutil.rmtree(final, ignore_errors=True)
    build.folder.rename(final)
    remember_promotion(build.workspace.data, manifest)
    point_current(build.workspace, build.run_id)
    _note_last(build.workspace, build.run_id, final, "promoted")
    shutil.rmtree(workspace_failed(build.workspace, build.run_id), ignore_errors=True)
    return Outcome(build.run_id, final, is_held=False, seconds=build.seconds)


def build(workspace: Workspace, say: Say = lambda text: None, accepted: Acceptance | None = None) -> Outcome:
    """Run stage ... report on the stored bytes: offline, without Prefect.

    Args:
        workspace: Where.
        say: Reports progress.
        accepted: Who accepted that the list or a source shrank, and why; without it such a build stops.
    """
    finished = find_finished(workspace)
    if finished is not None:
        return finished
    with new_build(workspace, accepted) as build:
        for step in steps():
            say(step.name)
            run_step(build, step)
        return promote(build)


def _note_last(
    workspace: Workspace, run_id: str, folder: Path | None, outcome: str, problem: str = ""
) -> None:
    """Keep what the last build came to.

    One that stopped before its checks left no folder, only what stopped it.
    """
    note = {
        "run_id": run_id,
        "folder": folder.relative_to(workspace.data).as_posix() if folder else None,
        "outcome": outcome,
    }
    note |= {"problem": problem} if problem else {}
    seal = (read_manifest(folder) or {}).get(SEAL) if folder else None
    note |= {SEAL: seal} if seal else {}
    write_atomically(workspace.data / "last.json", json.dumps(note).encode())


def _git_state() -> dict[str, Any] | None:
    """Return the commit the package runs from, None when it is not a checkout.

    It stands in the manifest only.
    """
    here = PACKAGE.parents[1]
    try:
        commit = subprocess.run(
            ["git", "-C", str(here), "rev-parse", "HEAD"],
            capture_output=True,
            text=True,
            timeout=10,
            check=True,
        )
        status = subprocess.run(
            ["git", "-C", str(here), "status", "--porcelain"],
            capture_output=True,
            text=True,
            timeout=10,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return {"commit": commit.stdout.strip(), "is_modified": bool(status.stdout.strip())}


def refresh(
    workspace: Workspace, say: Say = lambda text: None, accepted: Acceptance | None = None
) -> Outcome:
    """Acquire and build under the workspace's lease, as plain functions; see `build`."""
    from listgen.store.lease import hold_lease

    with hold_lease(workspace.data, "refresh"):
        acquire(workspace, (), say)
        return build(workspace, say, accepted)
