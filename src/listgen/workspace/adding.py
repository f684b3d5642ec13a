"""`acquire add`: a published table becomes a source, or a further file of one.

What was understood is shown, nothing is overwritten.

Reads: one file, config/sources.
Writes: config/sources/<id>.yaml (a new one, or one line more in `files`), data/raw.
"""

from __future__ import annotations

import dataclasses
import glob
import os
import re
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from listgen.acquire import Incoming, find_files, register
from listgen.base.errors import DataError, ListgenError, UsageError
from listgen.base.files import write_atomically
from listgen.base.provenance import sha256_file
from listgen.base.setaside import set_aside_words
from listgen.base.text import language, t
from listgen.config.models import Source
from listgen.config.shapes import TO_FILL, is_to_fill, places_to_fill
from listgen.config.workspace import Config, Workspace
from listgen.config.yamlfile import dump_yaml
from listgen.stage import load_readers
from listgen.stage.records.reading import stage_files
from listgen.stage.records.recognition import recognise_form
from listgen.stage.tables.areas import map_areas, near_areas, noted_areas
from listgen.stage.tables.draft import Draft, draft_table
from listgen.store.raw import HeldFile, Snapshot
from listgen.store.sqlfile import quoted
from listgen.store.warehouse import connect
from listgen.workspace.loading import load_workspace
from listgen.workspace.overview import Overview

_SLUG = re.compile(r"[a-z][a-z0-9_]{1,63}")
_MAX_SHOWN = 40
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
            draft = draft_table(
                _as_held(path, source_id, "", shown), workspace.config.countries, Path(folder), sheet, form
            )
        except DataError as error:
            raise UsageError(error.what, error.expected, error.next_step) from error
        document = _document(source_id, path, shown, draft)
        found = _read(
            workspace.config, Source.model_validate(document), path, shown, draft.form, Path(folder)
        )
    table = document["table"]
    if "problem" not in found:
        if found["noted"]:
            table["areas"] = found["noted"]
        table["other_areas"] = [name for name in found["not_countries"] if name not in found["slips"]]
    if 0 < len(found.get("units", ())) <= _MAX_UNITS and not any(map(is_to_fill, found["units"])):
        table["units"] = found["units"]
    if found.get("years") and "constants" not in table:
        table["years"] = {"first": found["years"][0], "last": found["years"][-1]}
    write_atomically(target, dump_yaml(document).encode())
    try:
        source = load_workspace(workspace.root).config.sources[source_id]
        snapshot = register(workspace, source, [Incoming(path, shown, draft.form)])
    except ListgenError:
        target.unlink()
        raise
    to_fill = [".".join(map(str, location)) for location in places_to_fill(document)]
    understood = {
        "form": draft.form,
        "header": draft.header,
        "table": {k: v for k, v in table.items() if k != "series"},
        **found,
    }
    return _overview(
        workspace,
        source_id,
        target,
        True,
        snapshot,
        understood,
        to_fill,
        [*draft.remarks, *_remarks(found, table)],
    )


def _document(source_id: str, path: Path, shown: str, draft: Draft) -> dict[str, Any]:
    """Return a declaration that passes the check of the configuration and cannot be used before a person has finished it."""
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


def _remarks(found: Mapping[str, Any], table: Mapping[str, Any]) -> list[str]:
    """Return what a person should look at before trusting the draft."""
    said = []
    if found.get("problem"):
        said.append(t("The draft does not read the file yet: {problem}", problem=found["problem"]))
        return said
    if not found["has_world"] and "whole" not in table:
        said.append(
            t(
                "No World row: shares have no denominator; name its spelling under table.areas, or say"
                " table.whole (100 for percent)."
            )
        )
    if found["not_countries"]:
        said.append(
            t("Names that are no countries stand in table.other_areas: see that no country is among them.")
        )
    if found["noted"]:
        noted = "; ".join(f"{name} = {code}" for name, code in found["noted"].items())
        said.append(
            t(
                "Names with a note in brackets are drafted under table.areas; check that the note changes"
                " nothing: {names}.",
                names=noted,
            )
        )
    if found["slips"]:
        slips = "; ".join(f"{name} = {code}?" for name, (_, code) in found["slips"].items())
        said.append(
            t(
                "These names look like a country's: map them in table.areas, or list them in"
                " table.other_areas: {names}.",
                names=slips,
            )
        )
    if found["without_focal"]:
        said.append(
            t(
                "{code}, the country of the list, is not in the table: see that its name is read.",
                code=found["without_focal"],
            )
        )
    if found["n_rejected"]:
        said.append(
            t(
                "{n} cells are no numbers: declare them under table.null_values, value_marks or decimal.",
                n=found["n_rejected"],
            )
        )
    if "series" in table:
        said.append(t("Measure, unit, counting and decimals of each series are not in the file: check them."))
    said.append(
        t(
            "Add two or three figures you read off the publication to table.controls, so that another edition"
            " or unit is noticed."
        )
    )
    return said


# ---- a further file of a declared source ---------------------------------------------------------


def _add_further(workspace: Workspace, path: Path, source: Source) -> Overview:
    shown = os.path.relpath(path, workspace.root)
    forms = list(dict.fromkeys(file.form for file in source.files)) or list(_FORMS[:1])
    with tempfile.TemporaryDirectory() as folder:
        found = _read(workspace.config, source, path, shown, forms[0], Path(folder))
    if found.get("problem"):
        raise DataError(
            t(
                "{file} is not read by config/sources/{source}.yaml: {problem}",
                file=shown,
                source=source.id,
                problem=found["problem"],
            ),
            t("Nothing was registered."),
            t("Give it a source of its own: listgen acquire add FILE --source NEW_ID"),
        )
    target = workspace.root / "config" / "sources" / f"{source.id}.yaml"
    remarks: list[str] = []
    if not any(file.file_name == shown for file in _declared_files(workspace, source)):
        _append_file(workspace, target, shown, forms[0])
        source = load_workspace(workspace.root).config.sources[source.id]
        remarks.append(t("One line was added to `files` in {file}.", file=target.relative_to(workspace.root)))
    snapshot = register(workspace, source, find_files(workspace, source))
    return _overview(workspace, source.id, target, False, snapshot, {"form": forms[0], **found}, [], remarks)


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


# ---- what was understood -------------------------------------------------------------------------


def _as_held(path: Path, source_id: str, form: str, shown: str) -> HeldFile:
    return HeldFile(source_id, form, shown, sha256_file(path), path.stat().st_size, "2999-12-31", path)


def _read(config: Config, source: Source, path: Path, shown: str, form: str, folder: Path) -> dict[str, Any]:
    """Return what a build would read from the file by this declaration."""
    given = dataclasses.replace(config, sources=config.sources | {source.id: source})
    try:
        staged = stage_files(load_readers(), given, [_as_held(path, source.id, form, shown)], folder)[0]
    except DataError as error:
        return {"problem": error.what}
    records = quoted(staged.parquet)
    connection = connect()
    try:
        areas = [
            row[0]
            for row in connection.execute(
                f"SELECT DISTINCT area_text FROM {records} WHERE area_text <> '' ORDER BY 1"
            ).fetchall()
        ]
        years = connection.execute(
            f"SELECT DISTINCT period_year FROM {records} WHERE period_year IS NOT NULL ORDER BY 1"
        ).fetchall()
        units = (
            connection.execute(f"SELECT DISTINCT unit FROM {records} WHERE unit <> '' ORDER BY 1").fetchall()
            if form == _FORMS[1]
            else []
        )
        counts = connection.execute(
            f"SELECT count(value), count(*) - count(value) - count(reject_reason) FROM {records}"
        ).fetchall()[0]
        wrong = connection.execute(
            f"SELECT raw_line, reject_field, reject_reason, reject_excerpt FROM {records} WHERE reject_reason"
            " IS NOT NULL ORDER BY ALL LIMIT 10"
        ).fetchall()
    finally:
        connection.close()
    codes = map_areas(areas, config.countries, source.table.areas if source.table else None)
    others = [text for text in areas if text not in codes]
    noted = noted_areas(others, config.countries)
    named = {*codes.values(), *noted.values()} - {"WORLD"}
    focal = config.settings.focal_country
    return {
        "n_cells": staged.n_records,
        "n_values": counts[0],
        "n_without_value": counts[1],
        "n_rejected": staged.n_rejected,
        "rejected": [dict(zip(("row", "column", "reason", "printed"), row, strict=True)) for row in wrong],
        "years": [row[0] for row in years],
        "units": [row[0] for row in units],
        "countries": {text: code for text, code in (codes | noted).items() if code != "WORLD"},
        "has_world": "WORLD" in codes.values(),
        "not_countries": [text for text in others if text not in noted],
        "noted": noted,
        "slips": {
            text: list(near)
            for text, near in near_areas(
                [text for text in others if text not in noted], config.countries
            ).items()
        },
        "without_focal": focal if named and focal not in named else "",
    }


def _overview(
    workspace: Workspace,
    source_id: str,
    target: Path,
    is_new: bool,
    snapshot: Snapshot,
    understood: dict[str, Any],
    to_fill: list[str],
    remarks: list[str],
) -> Overview:
    place = str(target.relative_to(workspace.root))
    document = {
        "source_id": source_id,
        "declaration": place,
        "is_new": is_new,
        "snapshot": snapshot.number,
        "files": [
            {"name": file.file_name, "sha256": file.raw_digest, "bytes": file.n_bytes}
            for file in snapshot.files
        ],
        "understood": understood,
        "to_fill": to_fill,
        "to_check": remarks,
    }
    lines = [
        t(
            "registered: {source}, snapshot {number}, {files} file(s)",
            source=source_id,
            number=snapshot.number,
            files=len(snapshot.files),
        )
    ]
    lines += [t("drafted: {file}", file=place)] if is_new else []
    lines += _told(understood)
    lines += [t("to fill in before it can be used: {places}", places=", ".join(to_fill))] if to_fill else []
    lines += [t("check: {remark}", remark=remark) for remark in remarks]
    if is_new:
        lines.append(
            t(
                "next: finish {file}, write {source} under `sources` in config/settings.yaml, then listgen"
                " refresh",
                file=place,
                source=source_id,
            )
        )
    return Overview(document, lines)


def _told(understood: Mapping[str, Any]) -> list[str]:
    """Return what was understood, in lines."""
    lines = []
    if "header" in understood:
        table = understood["table"]
        where = t("row {row}", row=table["header_row"])
        how = ", ".join(f"{key} = {value}" for key, value in table["columns"].items())
        lines.append(
            t(
                "header: {where}: {names}",
                where=where,
                names=" | ".join(name or "-" for name in understood["header"]),
            )
        )
        lines.append(
            t("read as: {form}, {layout}, {how}", form=understood["form"], layout=table["layout"], how=how)
        )
    if understood.get("problem"):
        return lines
    years = understood["years"]
    shown = f"{years[0]}-{years[-1]} ({len(years)})" if years else "-"
    counts = {
        "n": understood["n_values"],
        "missing": understood["n_without_value"],
        "wrong": understood["n_rejected"],
    }
    lines.append(
        t(
            "cells: {n} with a value, {missing} without, {wrong} no numbers; years {years}",
            **counts,
            years=shown,
        )
    )
    for row in understood["rejected"]:
        reason = set_aside_words(row["reason"])[language()]
        told = t(
            'row {row} below the header, column "{column}": {reason}: {printed}', **row | {"reason": reason}
        )
        lines.append(f"  {told}")
    world = t("yes") if understood["has_world"] else t("no")
    lines.append(
        t("countries: {n}; World row: {world}", n=len(set(understood["countries"].values())), world=world)
    )
    others = understood["not_countries"]
    if others:
        names = "; ".join(name + _slip_hint(understood["slips"].get(name)) for name in others[:_MAX_SHOWN])
        names += "; ..." if len(others) > _MAX_SHOWN else ""
        lines.append(t("no countries ({n}): {names}", n=len(others), names=names))
    return lines


def _slip_hint(near: Sequence[str] | None) -> str:
    """Return the country a name nearly is, with its code."""
    return " " + t('Did you mean "{name}" ({code})?', name=near[0], code=near[1]) if near else ""
