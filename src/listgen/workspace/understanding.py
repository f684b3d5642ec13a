"""What a declaration reads from a file: figures, countries, years, and what a person should look at.

Reads: one file.
Writes: nothing.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from listgen.base.provenance import sha256_file
from listgen.base.setaside import set_aside_words
from listgen.base.text import language, t
from listgen.config.models import Source
from listgen.config.workspace import Config
from listgen.stage import load_readers
from listgen.stage.records.reading import stage_files
from listgen.stage.tables.areas import map_areas, near_areas, noted_areas
from listgen.store.raw import HeldFile
from listgen.store.sqlfile import quoted
from listgen.store.warehouse import connect

_MAX_SHOWN = 40


@dataclass(frozen=True)
class Refused:
    """A cell that is not a number."""

    row: int
    column: str
    reason: str
    printed: str


@dataclass(frozen=True)
class Understood:
    """What a build would read from a file by its declaration.

    `countries`: code by printed name. `noted`: names with a note in brackets, with their codes. `slips`: name
    and code of the country that a name nearly is. `without_focal`: the country of the list, if the table has
    countries but not this one.
    """

    n_cells: int
    n_values: int
    n_without_value: int
    n_rejected: int
    rejected: list[Refused]
    years: list[int]
    units: list[str]
    countries: dict[str, str]
    has_world: bool
    not_countries: list[str]
    noted: dict[str, str]
    slips: dict[str, list[str]]
    without_focal: str

    def document(self) -> dict[str, Any]:
        """Return it as plain data."""
        return dataclasses.asdict(self)


def as_held(path: Path, source_id: str, form: str, shown: str) -> HeldFile:
    """Return a file as if it were registered, so that the readers of a build read it."""
    return HeldFile(source_id, form, shown, sha256_file(path), path.stat().st_size, "2999-12-31", path)


def read_by(config: Config, source: Source, held: HeldFile, folder: Path) -> Understood:
    """Return what a build would read from the file by this declaration.

    Args:
        config: The configuration of the workspace.
        source: The declaration.
        held: The file.
        folder: Where parsed files may be left.

    Raises:
        DataError: The declaration does not read the file.
    """
    given = dataclasses.replace(config, sources=config.sources | {source.id: source})
    staged = stage_files(load_readers(), given, [held], folder)[0]
    records = quoted(staged.parquet)
    with closing(connect()) as connection:

        def rows(select: str, rest: str) -> list[tuple[Any, ...]]:
            return connection.execute(f"SELECT {select} FROM {records} {rest}").fetchall()

        areas = [row[0] for row in rows("DISTINCT area_text", "WHERE area_text <> '' ORDER BY 1")]
        years = [row[0] for row in rows("DISTINCT period_year", "WHERE period_year IS NOT NULL ORDER BY 1")]
        has_units = held.form_id == "supply_table"
        units = [row[0] for row in rows("DISTINCT unit", "WHERE unit <> '' ORDER BY 1")] if has_units else []
        ((n_values, n_missing),) = rows("count(value), count(*) - count(value) - count(reject_reason)", "")
        wrong = rows(
            "raw_line, reject_field, reject_reason, reject_excerpt",
            "WHERE reject_reason IS NOT NULL ORDER BY ALL LIMIT 10",
        )
    return Understood(
        n_cells=staged.n_records,
        n_values=n_values,
        n_without_value=n_missing,
        n_rejected=staged.n_rejected,
        rejected=[Refused(*row) for row in wrong],
        years=years,
        units=units,
        **_areas(config, source, areas),
    )


def _areas(config: Config, source: Source, areas: Sequence[str]) -> dict[str, Any]:
    """Return the fields of `Understood` that say which names are countries."""
    codes = map_areas(areas, config.countries, source.table.areas if source.table else None)
    others = [text for text in areas if text not in codes]
    noted = noted_areas(others, config.countries)
    unknown = [text for text in others if text not in noted]
    named = {*codes.values(), *noted.values()} - {"WORLD"}
    focal = config.settings.focal_country
    return {
        "countries": {text: code for text, code in (codes | noted).items() if code != "WORLD"},
        "has_world": "WORLD" in codes.values(),
        "not_countries": unknown,
        "noted": noted,
        "slips": {text: list(near) for text, near in near_areas(unknown, config.countries).items()},
        "without_focal": focal if named and focal not in named else "",
    }


# ---- what a person is shown ----------------------------------------------------------------------


def remarks_on(found: Understood, table: Mapping[str, Any]) -> list[str]:
    """Return what a person should look at before trusting the draft."""
    said = _remarks_on_areas(found, has_whole="whole" in table)
    if found.n_rejected:
        said.append(
            t(
                "{n} cells are no numbers: declare them under table.null_values, value_marks or decimal.",
                n=found.n_rejected,
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


def _remarks_on_areas(found: Understood, *, has_whole: bool) -> list[str]:
    """Return what a person should look at in the names of countries."""
    said = []
    if not found.has_world and not has_whole:
        said.append(
            t(
                "No World row: shares have no denominator; name its spelling under table.areas, or say"
                " table.whole (100 for percent)."
            )
        )
    if found.not_countries:
        said.append(
            t("Names that are no countries stand in table.other_areas: see that no country is among them.")
        )
    if found.noted:
        noted = "; ".join(f"{name} = {code}" for name, code in found.noted.items())
        said.append(
            t(
                "Names with a note in brackets are drafted under table.areas; check that the note changes"
                " nothing: {names}.",
                names=noted,
            )
        )
    if found.slips:
        slips = "; ".join(f"{name} = {code}?" for name, (_, code) in found.slips.items())
        said.append(
            t(
                "These names look like a country's: map them in table.areas, or list them in"
                " table.other_areas: {names}.",
                names=slips,
            )
        )
    if found.without_focal:
        said.append(
            t(
                "{code}, the country of the list, is not in the table: see that its name is read.",
                code=found.without_focal,
            )
        )
    return said


def lines_of(found: Understood) -> list[str]:
    """Return what was read, in lines."""
    years = found.years
    lines = [
        t(
            "cells: {n} with a value, {missing} without, {wrong} no numbers; years {years}",
            n=found.n_values,
            missing=found.n_without_value,
            wrong=found.n_rejected,
            years=f"{years[0]}-{years[-1]} ({len(years)})" if years else "-",
        )
    ]
    for cell in found.rejected:
        told = t(
            'row {row} below the header, column "{column}": {reason}: {printed}',
            row=cell.row,
            column=cell.column,
            reason=set_aside_words(cell.reason)[language()],
            printed=cell.printed,
        )
        lines.append(f"  {told}")
    world = t("yes") if found.has_world else t("no")
    lines.append(t("countries: {n}; World row: {world}", n=len(set(found.countries.values())), world=world))
    others = found.not_countries
    if others:
        names = "; ".join(name + _slip_hint(found.slips.get(name)) for name in others[:_MAX_SHOWN])
        names += "; ..." if len(others) > _MAX_SHOWN else ""
        lines.append(t("no countries ({n}): {names}", n=len(others), names=names))
    return lines


def header_lines(form: str, header: Sequence[str], table: Mapping[str, Any]) -> list[str]:
    """Return how a drafted table is read, in lines."""
    how = ", ".join(f"{key} = {value}" for key, value in table["columns"].items())
    return [
        t(
            "header: {where}: {names}",
            where=t("row {row}", row=table["header_row"]),
            names=" | ".join(name or "-" for name in header),
        ),
        t("read as: {form}, {layout}, {how}", form=form, layout=table["layout"], how=how),
    ]


def _slip_hint(near: Sequence[str] | None) -> str:
    """Return the country a name nearly is, with its code."""
    return " " + t('Did you mean "{name}" ({code})?', name=near[0], code=near[1]) if near else ""
