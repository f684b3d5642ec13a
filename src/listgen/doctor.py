"""What is missing or unsafe in a workspace, each finding with the command that mends it.

Reads: the workspace, the machine.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from listgen import pipeline
from listgen.base.config import Workspace
from listgen.base.errors import ListgenError
from listgen.base.lease import is_alive
from listgen.base.provenance import sha256_file
from listgen.base.rawstore import newest_snapshot
from listgen.base.text import t

_NEEDED_BYTES = 2_000_000_000


@dataclass(frozen=True)
class Finding:
    """One thing looked at: what was found, and what to do when it is bad."""

    subject: str
    is_bad: bool
    found: str
    mend: str = ""

    def line(self) -> str:
        """Return the finding as one line."""
        mark = t("bad") if self.is_bad else t("ok")
        return f"{mark:>4}  {self.subject}: {self.found}" + (f"  -> {self.mend}" if self.is_bad and self.mend else "")

    def as_dict(self) -> dict[str, object]:
        """Return the finding for `--json`."""
        return {"subject": self.subject, "ok": not self.is_bad, "found": self.found, "mend": self.mend if self.is_bad else ""}


def examine(workspace: Workspace) -> list[Finding]:
    """Return all findings; the configuration itself was already read and checked."""
    looks: tuple[Callable[[Workspace], Iterator[Finding]], ...] = (_config, _disk, _lease, _raw, _build, _telemetry)
    return [finding for look in looks for finding in look(workspace)]


def _config(workspace: Workspace) -> Iterator[Finding]:
    config = workspace.config
    active = sum(technology.status == "active" for technology in config.technologies.values())
    found = t(
        "{technologies} active technologies, {lists} reference lists, {rules} rule files",
        technologies=active,
        lists=len(config.reference_lists),
        rules=len(config.expectation_files),
    )
    yield Finding(t("configuration"), active == 0, found, t("add a file to config/technologies/"))


def _disk(workspace: Workspace) -> Iterator[Finding]:
    free = shutil.disk_usage(workspace.root).free
    yield Finding(t("disk"), free < _NEEDED_BYTES, t("{free:.1f} GB free", free=free / 1e9), t("free at least 2 GB"))
    folder = workspace.data if workspace.data.is_dir() else workspace.root
    is_writable = os.access(folder, os.W_OK)
    yield Finding(t("data folder"), not is_writable, t("writable") if is_writable else t("not writable"), f"chmod u+w {folder}")


def _lease(workspace: Workspace) -> Iterator[Finding]:
    path = workspace.data / "lease.json"
    if not path.is_file():
        yield Finding(t("lease"), False, t("free"))
        return
    try:
        lease = json.loads(path.read_text(encoding="utf-8"))
        alive = is_alive(lease)
    except (OSError, ValueError, KeyError, TypeError):
        alive, lease = False, {}
    found = t("held by process {pid}", pid=lease.get("pid")) if alive else t("left by a process that died; the next run takes it over")
    yield Finding(t("lease"), False, found)


def _raw(workspace: Workspace) -> Iterator[Finding]:
    for source_id, source in workspace.config.used_sources.items():
        asked = "sample" if source.access == "sample" else source_id
        mend = f"listgen acquire {asked}"
        try:
            snapshot = newest_snapshot(workspace.raw, source_id)
        except ListgenError as error:
            yield Finding(source_id, True, str(error), mend)
            continue
        if snapshot is None:
            yield Finding(source_id, True, t("never acquired"), mend)
            continue
        broken = [file.file_name for file in snapshot.files if sha256_file(file.path) != file.raw_digest]
        found = t("bytes changed: {files}", files=", ".join(broken)) if broken else t("{n} file(s) intact", n=len(snapshot.files))
        yield Finding(source_id, bool(broken), found, t("remove the changed files from data/raw, then: {command}", command=mend))
        if source.licence.licence_class == "C":
            yield Finding(source_id, True, t("its licence is unclear (class C)"), t("do not use it for anything published"))


def _build(workspace: Workspace) -> Iterator[Finding]:
    if not workspace.current.exists():
        yield Finding(t("current build"), True, t("none"), "listgen refresh")
        return
    folder = workspace.current.resolve()
    wrong = pipeline.verify_outputs(folder)
    found = t("changed or missing: {files}", files=", ".join(wrong)) if wrong else t("{run_id} intact", run_id=folder.name)
    yield Finding(t("current build"), bool(wrong), found, "listgen build")


def _telemetry(workspace: Workspace) -> Iterator[Finding]:
    host = urlsplit(os.environ.get("PREFECT_API_URL", "")).hostname
    foreign = host not in (None, "127.0.0.1", "localhost", "::1")
    found = t("PREFECT_API_URL points to another host") if foreign else t("off; Prefect keeps its state in data/prefect")
    yield Finding(t("telemetry and servers"), foreign, found, "unset PREFECT_API_URL")
