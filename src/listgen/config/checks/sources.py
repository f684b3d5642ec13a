"""Checks of sources against the rest: caveats, countries, series, materials, drafts still to be finished."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches

from listgen.base.provenance import PACKAGE
from listgen.base.text import t
from listgen.config.checks.scope import SLIP, Location, Scope
from listgen.config.models import NOT_READ, Source, Table
from listgen.config.shapes import places_to_fill


def check_sources(scope: Scope, documents: Mapping[str, object]) -> None:
    """Report problems of every source; one in use must also be finished."""
    for stem, source in scope.config.sources.items():
        _source(scope, f"sources/{stem}.yaml", source)
    for source_id in scope.config.settings.sources:
        name = f"sources/{source_id}.yaml"
        for location in places_to_fill(documents.get(name)):
            key = ".".join(map(str, location))
            scope.report(
                name,
                location,
                t("{key} is a draft's text still to be filled in; a source in use says it", key=key),
            )


def _source(scope: Scope, name: str, source: Source) -> None:
    for index, key in enumerate(source.caveats):
        scope.known(name, ("caveats", index), key, scope.config.caveats, "config/caveats.yaml")
    if source.provider is not None:
        for place, message in scope.providers[source.provider].crosscheck(source, scope.config):
            scope.report(name, (source.provider, *place), message)
    _files(scope, name, source)
    if source.table is not None:
        _table(scope, name, source, source.table)


def _files(scope: Scope, name: str, source: Source) -> None:
    """Report a form that nothing reads, and a file that is declared twice: its records would count twice."""
    forms = sorted([path.stem for path in (PACKAGE / "stage" / "read").glob("*.sql")] + list(NOT_READ))
    for index, file in enumerate(source.files):
        if file.form not in forms:
            message = t(
                'nothing reads the form "{form}"; expected one of: {forms}.',
                form=file.form,
                forms=", ".join(forms),
            )
            scope.report(name, ("files", index, "form"), message + scope.nearest(file.form, forms))
        if file in source.files[:index]:
            scope.report(
                name,
                ("files", index, "path"),
                t('"{value}" is listed twice; it would count twice', value=file.path),
            )


def _table(scope: Scope, name: str, source: Source, table: Table) -> None:
    for printed, code in table.areas.items():
        if code != "WORLD":
            scope.country(name, ("table", "areas", printed), code)
    own = [series.id for series in table.series]
    elsewhere = {
        series.id
        for other in scope.config.sources.values()
        if other.table and other.id != source.id
        for series in other.table.series
    }
    for index in range(len(table.series)):
        _series(scope, name, table, index, own, elsewhere)
    for index, control in enumerate(table.controls):
        if control.series is not None:
            scope.known(
                name, ("table", "controls", index, "series"), control.series, own, t("this source's series")
            )


def _series(scope: Scope, name: str, table: Table, index: int, own: list[str], elsewhere: set[str]) -> None:
    """Report what one series names and does not exist, and an id that another one has."""
    series, place = table.series[index], ("table", "series", index)
    for position, key in enumerate(series.caveats):
        scope.known(name, (*place, "caveats", position), key, scope.config.caveats, "config/caveats.yaml")
    if series.universe is not None:
        scope.known(name, (*place, "universe"), series.universe, own, t("this source's series"))
    if own.index(series.id) != index or series.id in elsewhere:
        scope.report(name, (*place, "id"), t('series "{id}" is declared twice', id=series.id))


def check_materials(scope: Scope) -> None:
    """Report a material or stage that nobody declares: a slip takes its figures out silently."""
    where = t("config/commodities.yaml or a table of config/sources/")
    for key, named in (("commodity", scope.config.commodities), ("stage", scope.config.stages)):
        declared: set[str] = set()
        for stem, source in scope.config.sources.items():
            for location, one in _materials(source.table, key):
                declared.add(one)
                # A table may bring a material nobody has named yet; one that nearly is a known one is a slip.
                if one not in named and (near := get_close_matches(one, named, n=1, cutoff=SLIP)):
                    scope.known(f"sources/{stem}.yaml", location, one, near, "config/commodities.yaml")
        known = sorted({*named, *declared})
        links = [
            getattr(link, key)
            for technology in scope.config.technologies.values()
            for link in technology.supply
        ]
        if not named and not declared.issuperset(links):
            scope.report("config/commodities.yaml", (), t("is missing"))
            return
        for stem, technology in scope.config.technologies.items():
            for index, link in enumerate(technology.supply):
                scope.known(
                    f"technologies/{stem}.yaml", ("supply", index, key), getattr(link, key), known, where
                )


def _materials(table: Table | None, key: str) -> Iterator[tuple[Location, str]]:
    """Yield the materials (or stages) a declared table names itself.

    Those in its cells are only known once it is read.
    """
    if table is not None:
        constant = getattr(table.constants, key)
        if constant is not None:
            yield ("table", "constants", key), constant
        for index, one in enumerate(table.commodities):
            yield ("table", "commodities", index, key), getattr(one, key)
