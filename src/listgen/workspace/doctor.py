"""What is missing or unsafe in a workspace, each finding with the command that mends it.

Reads: the workspace, the current build, the machine.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

import duckdb

from listgen import pipeline
from listgen.acquire.connector import connectors
from listgen.base.errors import ConfigError, CouldNotCheckError, ListgenError
from listgen.base.provenance import package_files, sha256_file
from listgen.base.text import t
from listgen.config.invitation import example_texts
from listgen.config.workspace import Workspace
from listgen.outputs.checks import Checks
from listgen.store.builds import DATABASE, read_manifest
from listgen.store.lease import is_alive
from listgen.store.raw import newest_snapshot, stored_as
from listgen.store.sqlfile import load_sql_file
from listgen.store.warehouse import Warehouse, connect

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
        return f"{mark:>4}  {self.subject}: {self.found}" + (
            f"  -> {self.mend}" if self.is_bad and self.mend else ""
        )

    def as_dict(self) -> dict[str, object]:
        """Return the finding for `--json`."""
        return {
            "subject": self.subject,
            "ok": not self.is_bad,
            "found": self.found,
            "mend": self.mend if self.is_bad else "",
        }


def examine(workspace: Workspace) -> list[Finding]:
    """Return all findings; the configuration itself was already read and checked."""
    looks: tuple[Callable[[Workspace], Iterator[Finding]], ...] = (
        _config,
        _rules,
        _indicators,
        _disk,
        _lease,
        _versions,
        _invitation,
        _providers,
        _raw,
        _build,
        _telemetry,
    )
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


def _rules(workspace: Workspace) -> Iterator[Finding]:
    """Read the rule files as a build would, against the tables of the current build.

    Without one only their heads and grammar.
    """
    from listgen.validate.rules import GATES, load_rules

    problems: list[str] = []
    with _tables(workspace) as warehouse:
        if warehouse is None:
            problems += _unreadable(workspace)
        for gate in GATES if warehouse else ():
            try:
                load_rules(warehouse, workspace.config, gate)  # type: ignore[arg-type]  # there are gates only where there is a build
            except CouldNotCheckError as error:
                problems += [line.strip() for line in error.what.splitlines()[1:] if line.strip()]
        is_bound = warehouse is not None
    yield _files_read(
        t("rules of expectations/"), len(workspace.config.expectation_files), problems, is_bound
    )


def _unreadable(workspace: Workspace) -> list[str]:
    """Return which rule files are no JSON, have no head, or hold SQL that is none."""
    found = []
    connection = connect()
    for name, path in workspace.config.expectation_files.items():
        try:
            if name.endswith(".json"):
                json.loads(path.read_text(encoding="utf-8"))
            else:
                connection.extract_statements(load_sql_file(path).sql)
        except (OSError, ValueError, CouldNotCheckError, ConfigError, duckdb.Error) as error:
            found.append(
                t(
                    "{file}: cannot be read ({reason}).",
                    file=f"expectations/{name}",
                    reason=" ".join(str(error).split()),
                )
            )
    connection.close()
    return found


def _indicators(workspace: Workspace) -> Iterator[Finding]:
    from listgen.indicators import FOLDER, indicator_problems

    with _tables(workspace) as warehouse:
        problems = [str(problem) for problem in indicator_problems(workspace.config, warehouse)]
        yield _files_read(t("indicators"), len(list(FOLDER.glob("*.sql"))), problems, warehouse is not None)


def _files_read(subject: str, n_files: int, problems: list[str], is_bound: bool) -> Finding:
    if problems:
        return Finding(
            subject,
            True,
            "".join(f"\n        {line}" for line in dict.fromkeys(problems)) + "\n     ",
            t("mend the files named"),
        )
    how = (
        t("read, and held against the tables of the current build")
        if is_bound
        else t("read; tables and columns are checked by a build")
    )
    return Finding(subject, False, t("{n} file(s) {how}", n=n_files, how=how))


@contextmanager
def _tables(workspace: Workspace) -> Iterator[Warehouse | None]:
    """Yield the current build, opened for reading.

    None where there is none, it is damaged, or other code made its tables.
    """
    folder = workspace.current.resolve()
    parts = (read_manifest(folder) or {}).get("parts") if workspace.current.exists() else None
    own, made = (
        {n: d for n, d in files.items() if _makes_tables(n)}
        for files in (package_files(), (parts or {}).get("package", {}))
    )
    if not parts or own != made or DATABASE in pipeline.verify_outputs(folder):
        yield None
        return
    with Warehouse(folder / DATABASE, read_only=True) as warehouse:
        yield warehouse


def _makes_tables(name: str) -> bool:
    """Tell whether a file of the package declares a table: all SQL but the statements of the indicators."""
    return name.endswith(".sql") and not (name.startswith("indicators/") and "/tables/" not in name)


def _disk(workspace: Workspace) -> Iterator[Finding]:
    free = shutil.disk_usage(workspace.root).free
    yield Finding(
        t("disk"), free < _NEEDED_BYTES, t("{free:.1f} GB free", free=free / 1e9), t("free at least 2 GB")
    )
    folder = workspace.data if workspace.data.is_dir() else workspace.root
    is_writable = os.access(folder, os.W_OK)
    yield Finding(
        t("data folder"),
        not is_writable,
        t("writable") if is_writable else t("not writable"),
        f"chmod u+w {folder}",
    )


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
    found = (
        t("held by process {pid}", pid=lease.get("pid"))
        if alive
        else t("left by a process that died; the next run takes it over")
    )
    yield Finding(t("lease"), False, found)


def _providers(workspace: Workspace) -> Iterator[Finding]:
    """Say of every source in use that is fetched whether its provider can be asked from here.

    Nothing is asked.
    """
    for source_id, source in workspace.config.used_sources.items():
        if source.provider is not None:
            found = connectors()[source.provider].condition(workspace, source)
            yield Finding(t("provider of {source}", source=source_id), found.is_bad, found.found, found.mend)


def _versions(workspace: Workspace) -> Iterator[Finding]:
    from listgen.workspace.upgrade import find_changes

    try:
        changes = find_changes(workspace)
    except ListgenError as error:  # such as a database server that does not answer
        yield Finding(t("files of earlier versions"), True, error.what, error.next_step)
        return
    found = "; ".join(f"{change.file}: {change.what}" for change in changes) or t("of this version")
    yield Finding(t("files of earlier versions"), bool(changes), found, "listgen upgrade")


def _invitation(workspace: Workspace) -> Iterator[Finding]:
    """Say which texts of the invitation are still examples; bad where a mail server would send them."""
    if workspace.config.review is None:
        return
    examples = example_texts(workspace, workspace.config.review)
    found = "; ".join(map(str, examples)) or t("no example text")
    is_bad = bool(examples and os.environ.get("LISTGEN_REVIEW_SMTP"))
    yield Finding(
        t("invitation to the review"), is_bad, found, t("replace these texts in config/review.yaml")
    )


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
        broken = [
            f"{file.file_name} (data/raw/{stored_as(file)})"
            for file in snapshot.files
            if sha256_file(file.path) != file.raw_digest
        ]
        found = (
            t("bytes changed: {files}", files=", ".join(broken))
            if broken
            else t("{n} file(s) intact", n=len(snapshot.files))
        )
        yield Finding(
            source_id,
            bool(broken),
            found,
            t("remove the changed files from data/raw, then: {command}", command=mend),
        )
        if source.licence.licence_class == "C":
            yield Finding(
                source_id,
                True,
                t("its licence is unclear (class C)"),
                t("do not use it for anything published"),
            )


def _build(workspace: Workspace) -> Iterator[Finding]:
    if not workspace.current.exists():
        yield Finding(t("current build"), True, t("none"), "listgen refresh")
        return
    folder = workspace.current.resolve()
    wrong = pipeline.verify_outputs(folder)
    found = (
        t("changed or missing: {files}", files=", ".join(wrong))
        if wrong
        else t("{run_id} intact", run_id=folder.name)
    )
    yield Finding(t("current build"), bool(wrong), found, "listgen build")


def _focal(workspace: Workspace) -> Iterator[Finding]:
    """Name the tables of the current build in which the country of the list was not found."""
    path = workspace.current / "checks.json"
    if not path.is_file():
        return
    for check in Checks.from_bytes(path.read_bytes()).checks:
        if check.rule_id == "table_focal_present" and check.status == "failed":
            for key in check.failed_keys:
                found = t(
                    "{code}, the country of the list, is not among its countries",
                    code=workspace.config.settings.focal_country,
                )
                yield Finding(
                    str(key["source_id"]),
                    True,
                    found,
                    t("see how the table prints its name, and add it under table.areas"),
                )


def _telemetry(workspace: Workspace) -> Iterator[Finding]:
    host = urlsplit(os.environ.get("PREFECT_API_URL", "")).hostname
    foreign = host not in (None, "127.0.0.1", "localhost", "::1")
    found = (
        t("PREFECT_API_URL points to another host")
        if foreign
        else t("off; Prefect keeps its state in data/prefect")
    )
    yield Finding(t("telemetry and servers"), foreign, found, "unset PREFECT_API_URL")
