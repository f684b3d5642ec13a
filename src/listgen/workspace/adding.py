"""`acquire add`: a published table becomes a source, or a further file of one.

What was understood is shown, nothing is overwritten.

Reads: one file, config/sources.
Writes: config/sources/<id>.yaml (a new one, or one line more in `files`), data/raw.
"""

from __future__ import annotations

import glob
import os
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from listgen.acquire import Incoming, find_files, register
from listgen.base.errors import DataError, ListgenError, UsageError
from listgen.base.files import write_atomically
from listgen.base.text import t
from listgen.config.models import Source
from listgen.config.shapes import TO_FILL, is_to_fill, places_to_fill
from listgen.config.workspace import Workspace
from listgen.config.yamlfile import dump_yaml
from listgen.stage import load_readers
from listgen.stage.records.recognition import recognise_form
from listgen.stage.tables.draft import Draft, draft_table
from listgen.store.raw import Snapshot
from listgen.workspace.loading import load_workspace
from listgen.workspace.overview import Overview
from listgen.workspace.understanding import (
    Understood,
    as_held,
    header_lines,
    lines_of,
    read_by,
    remarks_on,
)

_SLUG = re.compile(r"[a-z][a-z0-9_]{1,63}")
_MAX_UNITS = 6
_FORMS = ("statistic_table", "supply_table")


def add_file(
    workspace: Workspace, path: Path, source_id: str, *, sheet: str | None = None, form: str | None = None
) -> Overview:
    """Register a file and draft, or extend, its source's declaration.

    Args:
        workspace: Where.
        path: The file.
        source_id: An id, new or declared.
        sheet: The sheet of a workbook, for a draft.
        form: statistic_table or supply_table, for a draft.

    Raises:
        UsageError: The file or the id cannot be used: it is not a table, or holds records of a known form.
        DataError: The existing declaration does not read the file; nothing was registered.
    """
    if not path.is_file():
        raise UsageError(
            t('"{path}" is no file.', path=path), t("Expected a table: CSV, TSV or a workbook."), ""
        )
    if not _SLUG.fullmatch(source_id):
        raise UsageError(
            t('"{source}" cannot be the id of a source.', source=source_id),
            t("must be lower-case letters, digits and _, beginning with a letter (2 to 64 characters)"),
        )
    declared = workspace.config.sources.get(source_id)
    if (workspace.config.sample and source_id == workspace.config.sample.id) or (
        declared and declared.access == "sample"
    ):
        raise UsageError(
            t('"{source}" is generated; files cannot be added to it.', source=source_id),
            t("Choose another id."),
        )
    _refuse_records(path, source_id)
    if declared is None:
        return _add_new(workspace, path, source_id, sheet, form)
    return _add_further(workspace, path, declared)


def _refuse_records(path: Path, source_id: str) -> None:
    """Refuse a file of works, patents or trade: it is declared by its form, not as a table."""
    form = recognise_form(path, load_readers())
    if form is None:
        return
    raise UsageError(
        t("{file} holds records ({form}), not a table.", file=path.name, form=form),
        t("Expected a table: CSV, TSV or a workbook."),
        t(
            "Declare it under `files` in config/sources/{source}.yaml with its form (docs/sources), then run:"
            " listgen acquire {source}",
            source=source_id,
        ),
    )


# ---- a new source --------------------------------------------------------------------------------


def _add_new(
    workspace: Workspace, path: Path, source_id: str, sheet: str | None, form: str | None
) -> Overview:
    target = workspace.root / "config" / "sources" / f"{source_id}.yaml"
    if target.exists():
        raise UsageError(
            t("{file} exists.", file=target.relative_to(workspace.root)),
            t("Nothing was written."),
            t("Choose another id."),
        )
    shown = os.path.relpath(path, workspace.root)
    with tempfile.TemporaryDirectory() as folder:
        try:
            held = as_held(path, source_id, "", shown)
            draft = draft_table(held, workspace.config.countries, Path(folder), sheet, form)
        except DataError as error:
            raise UsageError(error.what, error.expected, error.next_step) from error
        document = _document(source_id, path, shown, draft)
        table = document["table"]
        held = as_held(path, source_id, draft.form, shown)
        try:
            found = read_by(workspace.config, Source.model_validate(document), held, Path(folder))
        except DataError as error:
            understood: dict[str, Any] = {"problem": error.what}
            lines, remarks = [], [t("The draft does not read the file yet: {problem}", problem=error.what)]
        else:
            _promise(table, found)
            understood, lines, remarks = found.document(), lines_of(found), remarks_on(found, table)
    snapshot = _register_new(workspace, target, document, Incoming(path, shown, draft.form))
    shown_table = {key: value for key, value in table.items() if key != "series"}
    added = _Added(source_id, str(target.relative_to(workspace.root)), snapshot, is_new=True)
    return added.overview(
        {"form": draft.form, "header": draft.header, "table": shown_table, **understood},
        [*header_lines(draft.form, draft.header, shown_table), *lines],
        [".".join(map(str, location)) for location in places_to_fill(document)],
        [*draft.remarks, *remarks],
    )


def _promise(table: dict[str, Any], found: Understood) -> None:
    """Add to a drafted table what the file itself shows, so that another edition is compared with it."""
    if found.noted:
        table["areas"] = found.noted
    table["other_areas"] = [name for name in found.not_countries if name not in found.slips]
    if 0 < len(found.units) <= _MAX_UNITS and not any(map(is_to_fill, found.units)):
        table["units"] = found.units
    if found.years and "constants" not in table:
        table["years"] = {"first": found.years[0], "last": found.years[-1]}


def _register_new(
    workspace: Workspace, target: Path, document: dict[str, Any], incoming: Incoming
) -> Snapshot:
    """Write a declaration and register its file; a declaration that does not load is taken back."""
    write_atomically(target, dump_yaml(document).encode())
    try:
        source = load_workspace(workspace.root).config.sources[document["id"]]
        return register(workspace, source, [incoming])
    except ListgenError:
        target.unlink()
        raise


def _document(source_id: str, path: Path, shown: str, draft: Draft) -> dict[str, Any]:
    """Return a declaration that passes the check but cannot be used before a person has finished it."""
    return {
        "id": source_id,
        "title": {
            "en": f"{path.stem} ({TO_FILL['en']}: title)",
            "ja": f"{path.stem}（{TO_FILL['ja']}：題名）",
        },
        "producer": f"{TO_FILL['en']}: who publishes the table",
        "description": _to_fill("what the table holds", "表の内容"),
        "url": "",
        "licence": {
            "id": f"{TO_FILL['en']}: short name of the terms, such as CC-BY-4.0",
            "class": "C",
            "text": _to_fill(
                "the terms of use in a sentence; then class A (open), B (with a condition) or C (unclear)",
                "利用条件を一文で。その上で class を A（公開）、B（条件付き）、C（不明確）から選ぶ",
            ),
            "redistribution": "not_allowed",
        },
        "citation": f"{TO_FILL['en']}: how the publisher wants to be cited",
        "access": "files",
        "grade": "supply" if draft.form == "supply_table" else "statistics",
        "frame": {
            **_to_fill("what the figures cover, and what not", "数値が対象とする範囲としない範囲"),
            "comparable": True,
        },
        "files": [{"path": glob.escape(shown), "form": draft.form}],
        "table": draft.table,
    }


def _to_fill(en: str, ja: str) -> dict[str, str]:
    return {"en": f"{TO_FILL['en']}: {en}", "ja": f"{TO_FILL['ja']}：{ja}"}


# ---- a further file of a declared source ---------------------------------------------------------


def _add_further(workspace: Workspace, path: Path, source: Source) -> Overview:
    shown = os.path.relpath(path, workspace.root)
    forms = list(dict.fromkeys(file.form for file in source.files)) or list(_FORMS[:1])
    with tempfile.TemporaryDirectory() as folder:
        try:
            found = read_by(workspace.config, source, as_held(path, source.id, forms[0], shown), Path(folder))
        except DataError as error:
            raise DataError(
                t(
                    "{file} is not read by config/sources/{source}.yaml: {problem}",
                    file=shown,
                    source=source.id,
                    problem=error.what,
                ),
                t("Nothing was registered."),
                t("Give it a source of its own: listgen acquire add FILE --source NEW_ID"),
            ) from error
    target = workspace.root / "config" / "sources" / f"{source.id}.yaml"
    remarks: list[str] = []
    if not any(file.file_name == shown for file in _declared_files(workspace, source)):
        _append_file(workspace, target, shown, forms[0])
        source = load_workspace(workspace.root).config.sources[source.id]
        remarks.append(t("One line was added to `files` in {file}.", file=target.relative_to(workspace.root)))
    snapshot = register(workspace, source, find_files(workspace, source))
    added = _Added(source.id, str(target.relative_to(workspace.root)), snapshot, is_new=False)
    return added.overview({"form": forms[0], **found.document()}, lines_of(found), [], remarks)


def _declared_files(workspace: Workspace, source: Source) -> list[Incoming]:
    try:
        return find_files(workspace, source)
    except UsageError:
        return []


def _append_file(workspace: Workspace, target: Path, shown: str, form: str) -> None:
    """Put one entry under `files:` and leave every other byte as its author wrote it."""
    text = target.read_text(encoding="utf-8") if target.is_file() else ""
    match = re.search(r"^files:[ \t]*\n((?:[ \t]*#.*\n)*)([ \t]*)- ", text, re.MULTILINE)
    entry = dump_yaml([{"path": glob.escape(shown), "form": form}]).strip().split("\n")
    lines = [line.removeprefix("  ") for line in entry]
    if match is None:
        raise UsageError(
            t(
                "config/sources/{name}: no list under `files:` to which a line can be added.",
                name=target.name,
            ),
            t("Expected it here: {entry}", entry="; ".join(line.strip() for line in lines)),
            t("Add it by hand, then run: listgen acquire {source}", source=target.stem),
        )
    indent = match[2]
    place = match.start() + len("files:") + text[match.start() + len("files:") :].index("\n") + 1
    changed = text[:place] + "".join(f"{indent}{line}\n" for line in lines) + text[place:]
    write_atomically(target, changed.encode())
    try:
        load_workspace(workspace.root)
    except ListgenError:
        write_atomically(target, text.encode())
        raise


# ---- what is shown -------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Added:
    """A source with a new or further file: its id, its declaration and the snapshot it now has."""

    source_id: str
    declaration: str
    snapshot: Snapshot
    is_new: bool

    def overview(
        self, understood: dict[str, Any], read: list[str], to_fill: list[str], remarks: list[str]
    ) -> Overview:
        """Return what was done, as data and as lines."""
        files = self.snapshot.files
        document = {
            "source_id": self.source_id,
            "declaration": self.declaration,
            "is_new": self.is_new,
            "snapshot": self.snapshot.number,
            "files": [
                {"name": file.file_name, "sha256": file.raw_digest, "bytes": file.n_bytes} for file in files
            ],
            "understood": understood,
            "to_fill": to_fill,
            "to_check": remarks,
        }
        registered = t(
            "registered: {source}, snapshot {number}, {files} file(s)",
            source=self.source_id,
            number=self.snapshot.number,
            files=len(files),
        )
        drafted = [t("drafted: {file}", file=self.declaration)] if self.is_new else []
        open_ = (
            [t("to fill in before it can be used: {places}", places=", ".join(to_fill))] if to_fill else []
        )
        checks = [t("check: {remark}", remark=remark) for remark in remarks]
        return Overview(document, [registered, *drafted, *read, *open_, *checks, *self._next()])

    def _next(self) -> list[str]:
        if not self.is_new:
            return []
        step = t(
            "next: finish {file}, write {source} under `sources` in config/settings.yaml, then listgen"
            " refresh",
            file=self.declaration,
            source=self.source_id,
        )
        return [step]
