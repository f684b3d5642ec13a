"""The builds of a workspace on disk: finding one, telling whether it is intact, and which one is current.

The manifest of a build lists every file with its digest and carries a digest of itself, which the log of
promotions repeats: neither a file nor a key of the manifest can change unseen.

Reads: data/builds, data/current, data/previous, data/log/builds.jsonl, data/last.json.
Writes: data/current, data/previous, data/log/builds.jsonl.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from listgen.base.errors import ListgenError, UsageError, nearest
from listgen.base.files import point_link
from listgen.base.provenance import canonical_json, libraries, package_files, sha256_file, sha256_text
from listgen.base.text import t
from listgen.config.workspace import Config, Workspace
from listgen.outputs.manifest import Manifest
from listgen.store.digests import Digests

DATABASE = "listgen.duckdb"
MANIFEST = "manifest.json"
SEAL = "manifest_sha256"
PROMOTIONS = "log/builds.jsonl"
DOCUMENT = "candidates.json"
CONFIG = "config.json"
_MAX_SHOWN = 12


def output_names(folder: Path) -> list[str]:
    """Return what a build left for readers.

    Every file but the database, a cache, and the manifest, which lists the others.
    """
    names = (path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    return sorted(name for name in names if name != MANIFEST and not name.startswith(DATABASE))


def read_manifest(folder: Path) -> dict[str, Any] | None:
    """Return the manifest of a build, None when there is none that can be read."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return manifest if isinstance(manifest, dict) else None


def seal_manifest(manifest: dict[str, Any]) -> dict[str, Any]:
    """Return a manifest with the digest of its own content."""
    return manifest | {SEAL: _seal_of(manifest)}


def _seal_of(manifest: dict[str, Any]) -> str:
    return sha256_text(canonical_json({key: value for key, value in manifest.items() if key != SEAL}))


def remember_promotion(data: Path, manifest: dict[str, Any]) -> None:
    """Append to the log of promotions which manifest a build was promoted with."""
    path = data / PROMOTIONS
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as stream:
        stream.write(canonical_json({"run_id": manifest["run_id"], SEAL: manifest[SEAL]}) + "\n")
        stream.flush()
        os.fsync(stream.fileno())


def _remembered_seal(folder: Path) -> str | None:
    """Return the digest a build's manifest was promoted with, None where the workspace remembers none."""
    data = folder.parent.parent
    found = None
    for path in (data / PROMOTIONS, data / "last.json"):
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except (OSError, ValueError):
            continue
        for line in lines:
            with suppress(ValueError, AttributeError):
                note = json.loads(line)
                found = note.get(SEAL, found) if note.get("run_id") == folder.name else found
    return found


def verify_outputs(folder: Path, *, may_trust_notes: bool = False) -> list[str]:
    """Return what is wrong with a finished build's files: nothing when it is intact.

    Args:
        folder: The build.
        may_trust_notes: Take the remembered digest of a file that did not change since it was hashed; else
            every file is hashed.
    """
    try:
        manifest = read_manifest(folder) or {}
        wanted = dict(manifest["outputs"])
        is_sealed = _is_sealed(folder, manifest)
    except (KeyError, TypeError, ValueError, AttributeError):
        return [MANIFEST]
    if not is_sealed:
        return [MANIFEST]
    digests = Digests(folder.parent)
    digest_of = digests.of if may_trust_notes else sha256_file
    wrong = {name for name, digest in wanted.items() if not _has_digest(folder / name, digest, digest_of)}
    wrong |= set(_extra_files(folder, wanted))
    if not _is_as_promoted(folder / DATABASE, manifest.get("database"), digest_of):
        wrong.add(DATABASE)
    digests.save()
    return sorted(wrong)


def _is_sealed(folder: Path, manifest: dict[str, Any]) -> bool:
    """Tell whether a manifest is the one that a build was promoted with.

    One of an earlier version carries no digest of itself.
    """
    seal, remembered = manifest.get(SEAL), _remembered_seal(folder)
    if folder.parent.name == "builds" and manifest.get("run_id") != folder.name:
        return False
    return remembered in (None, seal) and (seal is None or seal == _seal_of(manifest))


def _has_digest(path: Path, digest: str, digest_of: Callable[[Path], str]) -> bool:
    return path.is_file() and path.stat().st_size > 0 and digest_of(path) == digest


def _extra_files(folder: Path, wanted: Mapping[str, str]) -> Iterator[str]:
    """Yield the files of a build's folder that its manifest does not list.

    What DuckDB spills while it reads is not counted.
    """
    for path in folder.rglob("*"):
        name = path.relative_to(folder).as_posix()
        is_known = name in wanted or name in (
            MANIFEST,
            DATABASE,
            f"{DATABASE}.wal",
        )  # a log makes the database a changed one
        if (
            not is_known
            and not name.startswith(f"{DATABASE}.tmp/")
            and (path.is_symlink() or not path.is_dir())
        ):
            yield name


def _is_as_promoted(database: Path, digest: str | None, digest_of: Callable[[Path], str]) -> bool:
    """Tell whether a database has the bytes it was promoted with.

    A log next to it means that somebody wrote to it since.
    """
    if not database.is_file() or database.with_name(f"{DATABASE}.wal").exists():
        return False
    return digest is None or digest_of(database) == digest


def require_intact(folder: Path) -> Path:
    """Return the folder of a build whose files are those it was promoted with.

    A failed build has no manifest and is let through.

    Raises:
        ListgenError: A file was changed, added or removed since.
    """
    wrong = [] if folder.name.endswith(".failed") else verify_outputs(folder, may_trust_notes=True)
    if wrong:
        shown = ", ".join(wrong[:_MAX_SHOWN]) + (
            t(" (and {n} more)", n=len(wrong) - _MAX_SHOWN) if len(wrong) > _MAX_SHOWN else ""
        )
        raise ListgenError(
            t(
                "Build {run_id} is not as it was promoted; changed, added or missing: {files}.",
                run_id=folder.name,
                files=shown,
            ),
            t("Expected every file with the digest in manifest.json, and no other file."),
            t("Run: listgen build"),
        )
    return folder


def find_build(workspace: Workspace, name: str | None = None) -> Path:
    """Return the folder of a build that is as it was promoted; see `locate_build`.

    Raises:
        UsageError: There is none, or the name fits several.
        ListgenError: It was changed since it was promoted.
    """
    return require_intact(locate_build(workspace, name))


def locate_build(workspace: Workspace, name: str | None = None) -> Path:
    """Return the folder of a build.

    The current one, one named by its id or the beginning of it, or one named by its path.

    Args:
        workspace: Where ids are looked up.
        name: A run id, a beginning that fits one build only, the folder of a build anywhere, or of a
            workspace: its current build.

    Raises:
        UsageError: There is none, or the beginning fits several.
    """
    if name is None:
        if workspace.current.is_dir():
            return workspace.current.resolve()
        raise UsageError(t("No build has been promoted here yet."), "", t("Run: listgen refresh"))
    for folder in (Path(name), Path(name) / "data" / "current"):
        if (folder / DATABASE).is_file():
            return folder.resolve()
    known = sorted(path.name for path in workspace.builds.glob("[0-9a-f]*") if (path / DATABASE).is_file())
    # A failed build is found by its whole name only.
    fitting = [one for one in known if one == name] or [
        one for one in known if one.startswith(name) and "." not in one
    ]
    if len(fitting) == 1:
        return workspace.builds / fitting[0]
    if fitting:
        raise UsageError(
            t('"{name}" begins several builds: {builds}.', name=name, builds=", ".join(fitting)),
            t("Expected more of the id."),
        )
    raise UsageError(
        t('There is no build "{run_id}".', run_id=name) + nearest(name, known),
        _held_builds(workspace, known),
        "" if known else t("Run: listgen refresh"),
    )


def _held_builds(workspace: Workspace, known: list[str]) -> str:
    """Return the builds one can name, the newest first."""
    newest = sorted(known, key=lambda name: (workspace.builds / name).stat().st_mtime, reverse=True)
    names = [
        t("{run_id} (current)", run_id=name) if name == _target(workspace.current) else name
        for name in newest[:_MAX_SHOWN]
    ]
    more = t(" (and {n} more)", n=len(known) - _MAX_SHOWN) if len(known) > _MAX_SHOWN else ""
    return t("Held here: {names}.", names=", ".join(names) + more) if known else t("No build is held here.")


def find_previous(workspace: Workspace) -> Path:
    """Return the folder of the build that was current before the current one.

    Raises:
        UsageError: The current build is the first here, or the one before is no longer kept.
    """
    current = locate_build(workspace)
    recorded = (read_manifest(current) or {}).get("baseline") or {}
    names = [_target(workspace.previous), recorded.get("run_id")]
    for name in names:
        if name and name != current.name and (workspace.builds / name / DATABASE).is_file():
            return require_intact(workspace.builds / name)
    raise UsageError(
        t("{build} is the first build here; there is nothing to compare it with.", build=current.name),
        t("Expected a build before it, or two builds named."),
        t("Run: listgen diff A B"),
    )


def point_current(workspace: Workspace, run_id: str) -> None:
    """Make a build the current one; the one it takes the place of becomes the previous one."""
    before = _target(workspace.current)
    if before != run_id:
        if before is not None:
            point_link(workspace.previous, f"builds/{before}")
        point_link(workspace.current, f"builds/{run_id}")


def find_baseline(workspace: Workspace, run_id: str) -> Path | None:
    """Return the build that a new one is compared with: the intact current one, None when there is none.

    A build made anew in place of its damaged self is compared with what it was compared with before, so that
    it gets the same bytes.

    Raises:
        UpgradeNeededError: The documents of that build have an earlier schema version.
    """
    before = _target(workspace.current)
    if before == run_id:
        recorded = (read_manifest(workspace.builds / run_id) or {}).get("baseline") or {}
        before = recorded.get("run_id") if isinstance(recorded, dict) else None
    folder = workspace.builds / str(before)
    is_fit = (
        before
        and before != run_id
        and folder.is_dir()
        and not verify_outputs(folder, may_trust_notes=True)
        and "parts" in (read_manifest(folder) or {})
    )
    if is_fit:
        Manifest.load(folder / MANIFEST)
    return folder if is_fit else None


def describe_baseline(folder: Path | None) -> dict[str, str] | None:
    """Return which build a new one was compared with.

    Its outputs are a function of its inputs and of this.
    """
    return (
        None
        if folder is None
        else {"run_id": folder.name, "candidates_sha256": sha256_file(folder / DOCUMENT)}
    )


def parts_of(config: Config) -> dict[str, dict[str, str]]:
    """Return what the digests of configuration, package and libraries in a run id mean, to compare builds."""
    files = {name: sha256_text(canonical_json(content)) for name, content in config.contents.items()}
    return {"config": files, "package": package_files(), "libraries": libraries()}


def _target(link: Path) -> str | None:
    """Return the name of the build a link points to, None when there is no link."""
    return os.path.basename(os.readlink(link)) if link.is_symlink() else None  # noqa: PTH115, PTH119 - the text counts
