"""What a table's declaration promises, held against what was read.

Series, years, areas, units and figures checked by hand.

A header that moved is found when the file is parsed; what is found here looks right and is not: a year lost,
a country renamed, another unit, another edition. All broken promises are told at once, each with file, row
and column, before anything is made from the table.

Two releases of one yearly file of trade are refused here too: the later one revises flows of the earlier.

Reads: read_statistic_table, read_supply_table, read_baci, rejected_record.
Writes: nothing.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from listgen.base.errors import DataError
from listgen.base.text import t
from listgen.config.loader import Config
from listgen.config.models import Country, Source
from listgen.config.table import Table, TableControl
from listgen.stage.tables.areas import near_areas, noted_areas
from listgen.store.raw import HeldFile
from listgen.store.warehouse import Warehouse

_FORMS = ("statistic_table", "supply_table")
_MAX_TOLD = 12
# Digits between two marks of thousands.
_GROUP = 3
# BACI_HS22_Y2024_V202601.csv: the files of the provider name their year.
_YEAR_OF_BACI = re.compile(r"_Y([12]\d{3})_V\d{6}")
# A control figure may be printed with fewer digits than it was noted with.
_TOLERANCE = 1e-9


@dataclass(frozen=True)
class _Held:
    """One source's table as read: its declaration and how to ask for its records."""

    warehouse: Warehouse
    source: Source
    table: Table
    form: str
    areas: Mapping[str, str]
    countries: Mapping[str, Country]

    def rows(self, sql: str, **params: object) -> list[Any]:
        """Return rows of a question about this source's records; `{records}` stands for them."""
        records = (
            f"(SELECT record.*, file.file_name FROM read_{self.form} AS record JOIN held_name AS file USING"
            " (raw_digest) WHERE record.source_id = $source)"
        )
        return self.warehouse.rows(sql.format(records=records), {"source": self.source.id, **params})

    @property
    def item(self) -> str:
        """Return the SQL that names a record's series, or commodity and stage."""
        return (
            "coalesce(series_key, '')"
            if self.form == "statistic_table"
            else "commodity_id || '/' || stage_id"
        )

    @property
    def declared(self) -> dict[str, str]:
        """Return the declared series, or commodities and stages, by what `item` gives for them."""
        if self.form == "statistic_table":
            return {(series.row_key or ""): series.id for series in self.table.series}
        return {
            f"{item.commodity}/{item.stage}": f"{item.commodity}/{item.stage}"
            for item in self.table.commodities
        }

    def column(self, part: str) -> str:
        """Return the printed name of a column, or what the declaration calls it."""
        return getattr(self.table.columns, part, None) or part


def check_promises(
    warehouse: Warehouse, config: Config, holdings: Sequence[HeldFile], areas: pl.DataFrame
) -> None:
    """Hold every table in use against its declaration.

    Args:
        warehouse: The build, with the views of all forms open.
        config: The workspace's configuration.
        holdings: The raw files of the build.
        areas: Codes of the printed area names, by source.

    Raises:
        DataError: A promise is broken; up to a dozen are told, with file, row and column.
    """
    _one_release_a_year(warehouse, holdings)
    _year_of_the_name(warehouse, holdings)
    problems: list[str] = []
    guilty: list[str] = []
    for held in _tables(warehouse, config, holdings, areas):
        found = [
            problem
            for look in (_series, _units, _years, _areas, _thousands, _controls)
            for problem in look(held)
        ]
        problems += found
        guilty += [held.source.id] if found else []
    if problems:
        told = problems[:_MAX_TOLD] + (
            [t("{count} more of this kind.", count=len(problems) - _MAX_TOLD)]
            if len(problems) > _MAX_TOLD
            else []
        )
        files = ", ".join(f"config/sources/{source_id}.yaml" for source_id in guilty)
        raise DataError(
            "\n".join(told),
            t("Expected the edition the declaration was written for; nothing was built."),
            t(
                "Look at the file; then correct the declaration in {files}, or acquire the right edition.",
                files=files,
            ),
        )


def _tables(
    warehouse: Warehouse, config: Config, holdings: Sequence[HeldFile], areas: pl.DataFrame
) -> Iterator[_Held]:
    codes: dict[str, dict[str, str]] = {}
    for source_id, text, code in areas.iter_rows():
        codes.setdefault(source_id, {})[text] = code
    names = {file.raw_digest: file.file_name for file in reversed(sorted(holdings))}
    frame = pl.DataFrame({"raw_digest": list(names), "file_name": list(names.values())})
    with warehouse.shown("held_name", frame):
        yield from _held_tables(warehouse, config, codes)


def _held_tables(
    warehouse: Warehouse, config: Config, codes: Mapping[str, Mapping[str, str]]
) -> Iterator[_Held]:
    for form in _FORMS:
        for (source_id,) in warehouse.rows(
            f"SELECT DISTINCT source_id FROM prov.reading WHERE form_id = '{form}' AND source_id <> '' ORDER"
            " BY 1"
        ):
            source = config.sources[source_id]
            if source.table is not None:
                yield _Held(warehouse, source, source.table, form, codes.get(source_id, {}), config.countries)


def _series(held: _Held) -> Iterator[str]:
    """Yield series and commodities that are declared and not there."""
    present = {row[0] for row in held.rows(f"SELECT DISTINCT {held.item} FROM {{records}}")}
    for key, name in held.declared.items():
        if key in present:
            continue
        if held.form == "supply_table":
            yield t(
                "Source {source}: no row of the table is what is declared as {item}.",
                source=held.source.id,
                item=name,
            )
        else:
            yield t(
                'Source {source}: series {series} is declared with the key "{key}", which its table does not'
                " have.",
                source=held.source.id,
                series=name,
                key=key,
            )


def _units(held: _Held) -> Iterator[str]:
    """Yield rows in another unit than declared."""
    sql = """SELECT file_name, raw_line, reject_excerpt FROM rejected_record JOIN held_name USING (raw_digest)
      WHERE source_id = $source AND reject_field = 'unit' ORDER BY ALL LIMIT 3"""
    for file_name, line, unit in held.rows(sql):
        yield t(
            '{file}: row {row} below the header, column "{column}": the unit is "{unit}", which is not the'
            " declared one.",
            file=file_name,
            row=line,
            column=held.column("unit"),
            unit=unit or "",
        )


def _years(held: _Held) -> Iterator[str]:
    """Yield years of the declared span that are lost, and years beyond it."""
    spans = {key: held.table.years for key in held.declared} or {"": held.table.years}
    spans |= {(series.row_key or ""): series.years or held.table.years for series in held.table.series}
    column = (
        held.column("year")
        if held.table.layout == "long"
        else held.table.year_columns or t("one column a year")
    )
    sql = (
        f"SELECT {held.item} AS item, min(file_name), list(DISTINCT period_year) FROM {{records}} GROUP BY"
        " item ORDER BY item"
    )
    for item, file_name, found in held.rows(sql):
        years = spans.get(item, held.table.years)
        if years is None:
            continue
        lost = sorted(set(range(years.first, years.last + 1)) - set(found))
        beyond = sorted(year for year in found if year > years.last or year < years.first)
        place = {
            "file": file_name,
            "column": column,
            "item": held.declared.get(item, item),
            "first": years.first,
            "last": years.last,
        }
        if lost:
            yield t(
                '{file}: column "{column}": {item} has no row for {years}; declared are {first} to {last}.',
                years=_listed(lost),
                **place,
            )
        if beyond:
            yield t(
                '{file}: column "{column}": {item} has {years}, outside the declared {first} to {last}.',
                years=_listed(beyond),
                **place,
            )


def _areas(held: _Held) -> Iterator[str]:
    """Yield area names that are neither countries nor among the declared other areas.

    Perhaps a country renamed, or spelt another way.
    """
    known = [*held.areas, *(held.table.other_areas or [])]
    sql = """SELECT area_text, min(file_name), arg_min(raw_line, raw_line), count(*) FROM {records}
      WHERE NOT list_contains($known, area_text) GROUP BY area_text ORDER BY area_text"""
    rows = held.rows(sql, known=known)
    noted = noted_areas([row[0] for row in rows], held.countries)
    near = near_areas([row[0] for row in rows], held.countries)
    for area, file_name, line, _ in rows:
        yield t(
            '{file}: row {row} below the header, column "{column}": "{area}" is no country of'
            " config/countries.yaml and not in table.other_areas.",
            file=file_name,
            row=line,
            column=held.column("area"),
            area=area,
        ) + _code_hint(area, noted, near)


def _thousands(held: _Held) -> Iterator[str]:
    """Yield figures that look like fractions among whole numbers.

    "36.598" next to "35,911" has its thousands apart.
    """
    mark = "," if held.table.decimal == "," else "[.]"
    known = {series.row_key or "" for series in held.table.series if series.decimals == _GROUP}
    if held.table.constants.decimals == _GROUP:
        return
    sql = f"""SELECT {held.item} AS item, min(file_name), min(raw_line) FILTER (is_group),
  arg_min(column_text, raw_line) FILTER (is_group),
        arg_min(value_text, raw_line) FILTER (is_group)
      FROM (SELECT *, regexp_matches(value_text, '^[1-9][0-9]{{{{0,2}}}}{mark}[0-9]{{{{3}}}}$') AS is_group,
        regexp_matches(value_text, '{mark}[0-9]') AS is_fraction FROM {{records}}) WHERE value IS NOT NULL
      GROUP BY item HAVING count(*) FILTER (is_group) > 0
        AND count(*) FILTER (is_fraction AND NOT is_group) = 0
        AND count(*) FILTER (NOT is_fraction AND value >= 1000) > 0 ORDER BY item"""
    for item, file_name, line, column, text in held.rows(sql):
        if item not in known:
            yield t(
                '{file}: row {row} below the header, column "{column}": "{text}" may have its thousands'
                " apart, as all others are whole numbers. If it is a fraction, declare decimals: 3.",
                file=file_name,
                row=line,
                column=column,
                text=text,
            )


def _code_hint(area: str, noted: Mapping[str, str], near: Mapping[str, tuple[str, str]]) -> str:
    """Return which country a name may be, with the line of the declaration that says so."""
    if area in noted:
        return " " + t(
            'If it is {code}, write "{area}: {code}" under table.areas.', code=noted[area], area=area
        )
    if area in near:
        name, code = near[area]
        return " " + t(
            'Did you mean "{name}" ({code})? Then write "{area}: {code}" under table.areas.',
            name=name,
            code=code,
            area=area,
        )
    return ""


def _controls(held: _Held) -> Iterator[str]:
    """Yield figures that are not the ones checked by hand."""
    keys = {name: key for key, name in held.declared.items()}
    for control in held.table.controls:
        item = (
            keys.get(control.series or "", "")
            if held.form == "statistic_table"
            else "/".join(_material(held, control))
        )
        texts = [
            text for text, code in held.areas.items() if code == control.area or text == control.area
        ] or [control.area]
        sql = f"""SELECT file_name, raw_line, column_text, value FROM {{records}}
          WHERE {held.item} = $item AND list_contains($texts, area_text) AND period_year = $year
            ORDER BY raw_line"""
        yield from _against(held, control, held.rows(sql, item=item, texts=texts, year=control.year))


def _material(held: _Held, control: TableControl) -> tuple[str, str]:
    """Return the commodity and stage a figure is of.

    One that names none is of those the whole table is about.
    """
    whole = held.table.constants
    return control.commodity or whole.commodity or "", control.stage or whole.stage or ""


def _against(held: _Held, control: TableControl, rows: list[Any]) -> Iterator[str]:
    name = (
        control.series
        or "/".join(part for part in (control.commodity, control.stage) if part)
        or held.source.id
    )
    figure = {"item": name, "area": control.area, "year": control.year, "wanted": f"{control.value:,.12g}"}
    if not rows:
        yield t(
            "Source {source}: the control figure {item}, {area}, {year} = {wanted} is not in the table.",
            source=held.source.id,
            **figure,
        )
        yield from _no_numbers(held)
    for file_name, line, column, value in rows:
        if value is not None and math.isclose(value, control.value, rel_tol=_TOLERANCE):
            continue
        text = t(
            '{file}: row {row} below the header, column "{column}": {item}, {area}, {year} is {found}, the'
            " control figure is {wanted}.",
            file=file_name,
            row=line,
            column=column,
            found="NULL" if value is None else f"{value:,.12g}",
            **figure,
        )
        yield text + _factor(value, control.value)


def _no_numbers(held: _Held) -> Iterator[str]:
    """Yield cells that are no numbers.

    One of them may be the figure looked for, with a footnote's mark glued to it.
    """
    sql = """SELECT file_name, raw_line, reject_field, reject_excerpt FROM rejected_record
  JOIN held_name USING (raw_digest)
      WHERE source_id = $source AND reject_reason = 'not a number and not a declared null value'
        ORDER BY ALL LIMIT 3"""
    for file_name, line, column, text in held.warehouse.rows(sql, {"source": held.source.id}):
        template = (
            '{file}: row {row} below the header, column "{column}": "{text}" is no number and no declared'
            " null value."
        )
        yield t(template, file=file_name, row=line, column=column, text=text)


def _factor(value: float | None, wanted: float) -> str:
    """Return a hint where two figures differ by a power of a thousand."""
    if not value or not wanted:
        return ""
    power = math.log10(value / wanted) / 3
    is_unit = abs(power - round(power)) < 0.01 and round(power) != 0
    return (
        " "
        + t(
            "They differ by a factor of {factor}: the unit may have changed.", factor=f"10^{3 * round(power)}"
        )
        if is_unit
        else ""
    )


def _listed(years: list[int]) -> str:
    return ", ".join(map(str, years[:8])) + (", ..." if len(years) > 8 else "")


def _one_release_a_year(warehouse: Warehouse, holdings: Sequence[HeldFile]) -> None:
    """Refuse two files of one source that hold the same year.

    Args:
        warehouse: The build, with the views of all forms open.
        holdings: The raw files of the build, for their names.

    Raises:
        DataError: A year is in two files; both are named.
    """
    names = {(file.source_id, file.raw_digest): file.file_name for file in reversed(sorted(holdings))}
    sql = """SELECT source_id, period_year, list(DISTINCT CAST(raw_digest AS VARCHAR)) FROM read_baci
      GROUP BY source_id, period_year HAVING count(DISTINCT raw_digest) > 1 ORDER BY ALL"""
    twice = [
        t(
            "Source {source}: two files for {year}: {files}.",
            source=source,
            year=year,
            files=", ".join(sorted(names[source, one] for one in digests)),
        )
        for source, year, digests in warehouse.rows(sql)
    ]
    if twice:
        raise DataError(
            "\n".join(twice),
            t(
                "Expected one release of each year: a later release revises flows, and two amounts of one"
                " flow cannot both be used."
            ),
            t(
                "Move the older release out of the folder and run: listgen acquire SOURCE. Or declare"
                " `releases: newest` for the source."
            ),
        )


def _year_of_the_name(warehouse: Warehouse, holdings: Sequence[HeldFile]) -> None:
    """Refuse a yearly file of BACI whose rows carry another year than its name.

    Args:
        warehouse: The build, with the views of all forms open.
        holdings: The raw files of the build, for their names.

    Raises:
        DataError: Name and rows of a file disagree; every such file is named.
    """
    named = {
        (file.source_id, file.raw_digest): (file.file_name, int(match[1]))
        for file in reversed(sorted(holdings))
        if file.form_id == "baci" and (match := _YEAR_OF_BACI.search(file.file_name))
    }
    sql = "SELECT DISTINCT source_id, CAST(raw_digest AS VARCHAR), period_year FROM read_baci ORDER BY ALL"
    wrong = [
        t(
            "Source {source}: {file} contains rows of {year}.",
            source=source_id,
            file=named[source_id, digest][0],
            year=year,
        )
        for source_id, digest, year in warehouse.rows(sql)
        if (source_id, digest) in named and named[source_id, digest][1] != year
    ]
    if wrong:
        raise DataError(
            "\n".join(wrong),
            t("Expected the year of the file's name in every row."),
            t("Fetch the file again from the provider, then run: listgen acquire SOURCE"),
        )
