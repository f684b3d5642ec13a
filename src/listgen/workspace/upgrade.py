"""Carries a workspace of an earlier version of listgen forward.

Declarations of tables, suites, the documents of its builds, the database of its review.

Each document has a step for every earlier schema version (`base/versions.py`); a step turns it into the next
version. The lists of builds stay as they were promoted: only what says how to read them changes. A table that
is new gets its packaged suite. The log of a review is never changed: events of every version verify as they
were written; the migrations add what newer pages need.

Reads: config/sources, expectations, data/raw, data/builds, data/review/review.sqlite3. Writes: what has an
earlier version in them, suites that are missing, data/log/builds.jsonl, and copies of it before, data/backup.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from listgen.base.errors import CouldNotCheckError, DataError, UsageError
from listgen.base.files import write_atomically
from listgen.base.provenance import PACKAGE
from listgen.base.text import t
from listgen.base.versions import MANIFEST_VERSION
from listgen.config.models import Source
from listgen.config.template import packaged
from listgen.config.workspace import Workspace
from listgen.config.yamlfile import dump_yaml, load_places
from listgen.outputs.manifest import Manifest
from listgen.store.builds import (
    DATABASE,
    MANIFEST,
    read_manifest,
    remember_promotion,
    seal_manifest,
    verify_outputs,
)
from listgen.store.collapse import counts_of
from listgen.store.raw import newest_snapshot
from listgen.store.warehouse import Warehouse
from listgen.workspace.understanding import read_by

_REVIEW = "data/review/review.sqlite3"
_MIGRATIONS = PACKAGE / "review" / "migrations"
_BACKUP = "backup"
# What a suite of an earlier version says, what it has to say now.
_SUITE_STEPS = {
    "list.candidate.json": (
        '["listed", "near_miss", "not_listed", "insufficient_evidence"]',
        '["listed", "near_miss", "not_listed", "partly_judged", "insufficient_evidence"]',
    ),
}


@dataclass(frozen=True)
class Change:
    """One file that an upgrade changes.

    Its path in the workspace, what changes, how, and what has to be so before.
    """

    file: str
    what: str
    run: Callable[[Path], None]
    check: Callable[[Path], None] = lambda path: None
    # Nothing here can keep a copy of it: whoever upgrades says that there is one.
    is_on_server: bool = False


def find_changes(workspace: Workspace) -> list[Change]:
    """Return what an upgrade of a workspace would change; nothing when it is up to date."""
    manifests = list(_manifests(workspace))
    # Reading tables takes time: only a workspace with builds of an earlier version may need it.
    declared = list(_declarations(workspace)) if manifests else []
    return [*declared, *_suites(workspace), *manifests, *_review(workspace)]


def require_dump(changes: list[Change], *, is_dumped: bool) -> None:
    """Refuse to change a database that no copy can be kept of, unless there is a dump.

    Raises:
        UsageError: A database on a server would change, and nobody says that it was dumped.
    """
    if not is_dumped and any(change.is_on_server for change in changes):
        raise UsageError(
            t("The review database is on a server, and no copy of it is kept here."),
            t("Expected a dump made today: pg_dump --format=custom --file review.dump DATABASE_ADDRESS"),
            t("Then run: listgen upgrade --dumped"),
        )


def apply(workspace: Workspace, changes: list[Change]) -> Path:
    """Make the changes, and return the folder with copies of the files as they were before.

    Every file is checked and copied before the first one changes. A run that was interrupted can be repeated:
    what is up to date stays as it is.

    Args:
        workspace: What to carry forward; its lease is held.
        changes: What `find_changes` returned.

    Raises:
        CouldNotCheckError: A build is damaged; it is left as it is, and nothing is changed.
    """
    root = workspace.root
    for change in changes:
        change.check(root / change.file)
    backup = workspace.data / _BACKUP / dt.datetime.now(dt.UTC).strftime("%Y%m%dT%H%M%S.%fZ")
    for change in changes:
        _copy(root / change.file, backup / change.file)
    for change in changes:
        change.run(root / change.file)
    return backup


def _copy(source: Path, target: Path) -> None:
    """Copy a file that is there; a database with its log, so that the copy is whole."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if not source.exists():
        return
    if source.suffix != ".sqlite3":
        shutil.copy2(source, target)
        return
    os.close(os.open(target, os.O_RDWR | os.O_CREAT, 0o600))
    with closing(sqlite3.connect(source)) as database, closing(sqlite3.connect(target)) as copy:
        database.backup(copy)


# ---- declarations of tables ----------------------------------------------------------------------


def _declarations(workspace: Workspace) -> Iterator[Change]:
    """Yield the declarations of tables with names that are no countries and that nobody has listed.

    Version 1 left such rows out without a word; since version 2 the names have to be declared.
    """
    for source_id in workspace.config.used_sources:
        source = workspace.config.sources[source_id]
        if source.table is None or source.table.other_areas is not None:
            continue
        names = _unlisted(workspace, source)
        if names:
            what = t(
                "table.other_areas: {names}; rows of these names were left out before, see that none is a"
                " country",
                names=", ".join(names),
            )
            yield Change(f"config/sources/{source_id}.yaml", what, partial(_list_others, names))


def _unlisted(workspace: Workspace, source: Source) -> list[str]:
    """Return the names in a source's newest files that are no countries, nor spelt nearly like one."""
    names: set[str] = set()
    # What cannot be read is for the build to say.
    with tempfile.TemporaryDirectory() as folder, suppress(DataError):
        snapshot = newest_snapshot(workspace.raw, source.id)
        for file in snapshot.files if snapshot else ():
            found = read_by(workspace.config, source, file, Path(folder))
            names.update(name for name in found.not_countries if name not in found.slips)
    return sorted(names)


def _list_others(names: list[str], path: Path) -> None:
    document = load_places(path, path.name)
    document["table"]["other_areas"] = names
    write_atomically(path, dump_yaml(document).encode())


# ---- expectations --------------------------------------------------------------------------------


def _suites(workspace: Workspace) -> Iterator[Change]:
    """Yield the packaged suites that a workspace lacks, and those that would refuse what is new.

    Every table needs a suite, and a version may add tables and statuses.

    Checks in SQL are not among them: a workspace may have left one out on purpose.
    """
    for source in sorted(packaged("expectations").glob("*.json")):
        if source.name not in workspace.config.expectation_files:
            yield Change(
                f"expectations/{source.name}",
                t("added: the suite of a table that is new"),
                partial(_add, source),
            )

    for name, (before, after) in _SUITE_STEPS.items():
        path = workspace.root / "expectations" / name
        if path.is_file() and before in path.read_text(encoding="utf-8"):
            what = t("a status is new: partly_judged, not listed as far as judged")
            yield Change(f"expectations/{name}", what, partial(_replace, before, after))


def _replace(before: str, after: str, path: Path) -> None:
    write_atomically(path, path.read_text(encoding="utf-8").replace(before, after).encode())


def _add(source: Path, target: Path) -> None:
    write_atomically(target, source.read_bytes())


# ---- manifests -----------------------------------------------------------------------------------


def _manifests(workspace: Workspace) -> Iterator[Change]:
    """Yield the manifests of earlier versions in the order in which the log of promotions takes them.

    The current build is its last.
    """
    root, newest = workspace.root, [link.resolve().name for link in (workspace.previous, workspace.current)]
    paths = root.glob(f"data/builds/*/{MANIFEST}")
    for path in sorted(
        paths, key=lambda path: (path.parent.name in newest and newest.index(path.parent.name) + 1, path)
    ):
        version = (read_manifest(path.parent) or {}).get("schema_version")
        if isinstance(version, int) and version < MANIFEST_VERSION and not path.parent.is_symlink():
            what = t("schema version {found} becomes {wanted}", found=version, wanted=MANIFEST_VERSION)
            yield Change(path.relative_to(root).as_posix(), what, _upgrade_manifest, _require_intact)


def _require_intact(path: Path) -> None:
    """Make sure that a build is as it was promoted: a new digest would hide a change.

    Raises:
        CouldNotCheckError: It is not.
    """
    wrong = verify_outputs(path.parent)
    if wrong:
        raise CouldNotCheckError(
            t(
                "Build {run_id} is not as it was promoted: {files}.",
                run_id=path.parent.name,
                files=", ".join(wrong),
            ),
            t("A damaged build is not carried forward; nothing was changed."),
            t("Remove {folder}, then run: listgen upgrade", folder=path.parent),
        )


def _upgrade_manifest(path: Path) -> None:
    manifest: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    for version in range(manifest["schema_version"], MANIFEST_VERSION):
        manifest = _MANIFEST_STEPS[version](manifest, path.parent)
    write_atomically(path, Manifest.model_validate(manifest).as_bytes())
    # A manifest whose digest the log does not have yet is accepted; a digest in the log without its manifest
    # would mean damage.
    remember_promotion(path.parents[2], manifest)


def _seal(manifest: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Return a manifest of version 1 with what version 2 has more.

    The counts of the build, and the digest of itself.
    """
    with Warehouse(folder / DATABASE, read_only=True) as warehouse:
        counts = counts_of(warehouse)
    return seal_manifest(manifest | {"schema_version": 2, "counts": counts, "accepted_shift": None})


# How a manifest of each earlier version becomes one of the next.
_MANIFEST_STEPS: dict[int, Callable[[dict[str, Any], Path], dict[str, Any]]] = {1: _seal}


# ---- the review ----------------------------------------------------------------------------------


def _review(workspace: Workspace) -> Iterator[Change]:
    """Yield the review database if it lacks migrations."""
    if os.environ.get("LISTGEN_REVIEW_DATABASE"):
        yield from _review_on_server(workspace)
        return
    path = workspace.root / _REVIEW
    if not path.is_file() or path.stat().st_size == 0:
        return
    missing = sorted({file.stem for file in _MIGRATIONS.glob("[0-9]*.py")} - _migrations_of(path))
    if missing:
        yield Change(_REVIEW, t("migrations to run: {names}", names=", ".join(missing)), _migrate_review)


def _review_on_server(workspace: Workspace) -> Iterator[Change]:
    """Yield the review database on a server if it lacks migrations; its copy is its administrator's."""
    from listgen.review.web import site

    missing = site.missing_migrations(workspace.data / "review")
    if missing:
        what = t(
            "migrations to run: {names}; no copy is kept of a server's database",
            names=", ".join(missing),
        )
        yield Change(
            t("the review database on the server"),
            what,
            lambda _: site.start(workspace.data / "review", is_upgrade=True),
            is_on_server=True,
        )


def _migrations_of(path: Path) -> set[str]:
    """Return the migrations that a review database has.

    Raises:
        CouldNotCheckError: The file is not a review database.
    """
    # Without a log next to it the file is whole, and SQLite need not put files of its own there to read it.
    how = "mode=ro" if path.with_name(f"{path.name}-wal").exists() else "mode=ro&immutable=1"
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?{how}", uri=True)) as database:
            return {
                row[0] for row in database.execute("SELECT name FROM django_migrations WHERE app = 'review'")
            }
    except sqlite3.Error as error:
        raise CouldNotCheckError(
            t("{file}: cannot be read ({reason}).", file=path, reason=error),
            t("Expected the database of a review."),
        ) from error


def _migrate_review(path: Path) -> None:
    from listgen.review.web import site

    site.start(path.parent, is_upgrade=True)
