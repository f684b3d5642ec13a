"""Checks of settings.yaml against the rest: countries, sources and the terms of their licences."""

from __future__ import annotations

from listgen.base.text import t
from listgen.config.checks.scope import Location, Scope
from listgen.config.models import SampleWorld, Source


def check_settings(scope: Scope) -> None:
    """Report countries, sources and licences that settings.yaml cannot use."""
    settings, known = (
        scope.config.settings,
        [*sorted(scope.present["sources"]), *(["sample"] if scope.config.sample else [])],
    )
    if settings.focal_country:
        scope.country("settings.yaml", ("focal_country",), settings.focal_country)
    _once(scope, "settings.yaml", "sources", settings.sources)
    _once(scope, "settings.yaml", "like_minded", settings.like_minded)
    for index, source_id in enumerate(settings.sources):
        scope.known("settings.yaml", ("sources", index), source_id, known, "config/sources/")
        if source_id in scope.config.sources:
            _licence(scope, ("sources", index), scope.config.sources[source_id])
    for index, code in enumerate(settings.like_minded):
        scope.country("settings.yaml", ("like_minded", index), code)
    if scope.config.sample:
        _sample(scope, scope.config.sample, settings.sources)


def _sample(scope: Scope, sample: SampleWorld, used: list[str]) -> None:
    """Report sources that the sample produces and that do not exist or are used next to it."""
    _once(scope, "sources/sample.yaml", "produces", sample.produces)
    for index, source_id in enumerate(used if sample.id in used else []):
        if source_id in sample.produces:
            message = t(
                '"{source}" is one of the sources that the sample stands for; it would count twice',
                source=source_id,
            )
            scope.report("settings.yaml", ("sources", index), message)
    declared = sorted(scope.present["sources"])
    for index, source_id in enumerate(sample.produces):
        scope.known("sources/sample.yaml", ("produces", index), source_id, declared, "config/sources/")


def _once(scope: Scope, name: str, key: str, values: list[str]) -> None:
    for index, value in enumerate(values):
        if values.index(value) != index:
            scope.report(
                name, (key, index), t('"{value}" is listed twice; it would count twice', value=value)
            )


def _licence(scope: Scope, location: Location, source: Source) -> None:
    """Report a source whose terms the workspace does not accept."""
    if scope.is_broken("config/settings.yaml"):
        return
    rule, licence = scope.config.settings.licences, source.licence
    if licence.licence_class not in rule.classes:
        message = t(
            'the licence of "{source}" is of class {found}; this workspace builds from {classes} only'
            " (licences.classes)",
            source=source.id,
            found=licence.licence_class,
            classes=", ".join(rule.classes),
        )
        scope.report("settings.yaml", location, message)
    if licence.is_non_commercial and not rule.non_commercial:
        message = t(
            'the licence of "{source}" ({licence}) excludes commercial use, which this workspace does not'
            " accept (licences.non_commercial)",
            source=source.id,
            licence=licence.id,
        )
        scope.report("settings.yaml", location, message)
