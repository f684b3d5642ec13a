"""Checks of a technology against the rest: its domain, the list items it meets, the evidence it names."""

from __future__ import annotations

import re

from listgen.base.text import t
from listgen.config.checks.scope import TOPICS_FILE, Location, Scope
from listgen.config.models import Technology

_CPC = re.compile(r"[A-HY]\d\d(?:[A-Z](?:\d{1,4}(?:/\d{1,6})?)?)?")
_DIGITS = str.maketrans("OIL", "011")  # letters taken for digits


def check_technology(scope: Scope, name: str, technology: Technology) -> None:
    """Report a domain or a list item that does not exist."""
    scope.known(name, ("domain",), technology.domain, scope.config.domains, "config/domains.yaml")
    for index, cross in enumerate(technology.crosswalk):
        place: Location = ("crosswalk", index)
        _item(scope, name, (*place, "list"), cross.list_id, (*place, "item"), cross.item)
    by = technology.nomination.by
    if isinstance(by, str):
        _item(scope, name, ("nomination", "by"), by.split("/")[0], ("nomination", "by"), by)


def _item(
    scope: Scope, name: str, list_place: Location, list_id: str, item_place: Location, item: str
) -> None:
    """Report a list, or an item of it, that does not exist.

    A list that exists but is broken is told on its own.
    """
    if list_id not in scope.present["reference_lists"]:
        scope.known(
            name, list_place, list_id, sorted(scope.present["reference_lists"]), "config/reference_lists/"
        )
    elif list_id in scope.config.reference_lists and not scope.is_broken(
        f"config/reference_lists/{list_id}.yaml"
    ):
        items = [one.id for one in scope.config.reference_lists[list_id].items]
        scope.known(name, item_place, item, items, f"config/reference_lists/{list_id}.yaml")


def check_evidence(scope: Scope, name: str, technology: Technology) -> None:
    """Report topics, symbols, codes and series that do not exist, and links made twice."""
    _works(scope, name, technology)
    _patents(scope, name, technology)
    for index, code in enumerate(technology.hs_codes):
        scope.known(name, ("hs_codes", index), code, scope.config.hs_codes, "config/hs_codes.yaml")
    for index, link in enumerate(technology.statistics):
        if _can_judge_series(scope, link.series):
            where = "config/sources/*.yaml (table.series)"
            scope.known(name, ("statistics", index, "series"), link.series, scope.config.series, where)
    _once(scope, name, "statistics", [link.series for link in technology.statistics])
    _once(scope, name, "supply", [f"{link.commodity}/{link.stage}" for link in technology.supply])


def _works(scope: Scope, name: str, technology: Technology) -> None:
    """Report topics that do not exist, and keywords without a topic."""
    for index, topic in enumerate(technology.works.topics):
        if scope.topic_ids and topic not in scope.topic_ids:
            message = t('"{value}" is not in {where}.', value=topic, where=f"config/{TOPICS_FILE}")
            near = scope.nearest(topic.upper().translate(_DIGITS), sorted(scope.topic_ids))
            scope.report(name, ("works", "topics", index), message + near)
    if technology.works.keywords and not technology.works.topics:
        message = t(
            "keywords only widen what is fetched, a work counts for a technology by its topic: give"
            " works.topics as well"
        )
        scope.report(name, ("works", "keywords"), message)


def _patents(scope: Scope, name: str, technology: Technology) -> None:
    """Report what does not begin a CPC symbol of a subclass that exists."""
    for index, prefix in enumerate(technology.patents.cpc):
        if not _CPC.fullmatch(prefix):
            message = t(
                '"{value}" must be the beginning of a CPC symbol without blanks, such as H01L29 or'
                " G06N10/20.",
                value=prefix,
            )
            scope.report(name, ("patents", "cpc", index), message + _nearest_cpc(scope, prefix))
        elif scope.cpc_starts and prefix[:4] not in scope.cpc_starts:
            message = t('"{value}" lies in no CPC subclass of config/cpc_subclasses.csv.', value=prefix)
            scope.report(name, ("patents", "cpc", index), message + _nearest_cpc(scope, prefix))


def _nearest_cpc(scope: Scope, prefix: str) -> str:
    """Return the nearest symbol of a subclass that exists; groups are taken as written."""
    group = re.search(r"\d*(?:/\d+)?$", prefix[3:].replace("-", "/"))
    options = [
        start + group[0] for start in sorted(scope.cpc_starts) if group and _CPC.fullmatch(start + group[0])
    ]
    return scope.nearest(prefix.upper(), options or sorted(scope.cpc_starts))


def _once(scope: Scope, name: str, key: str, links: list[str]) -> None:
    for index, link in enumerate(links):
        if links.index(link) != index:
            scope.report(name, (key, index), t('"{value}" is linked twice', value=link))


def _can_judge_series(scope: Scope, series_id: str) -> bool:
    """Tell whether the source of a series is declared here.

    `source:series` of an absent source waits until it is.
    """
    if scope.is_broken("config/sources/") or scope.present["sources"] - scope.config.sources.keys():
        return False
    return ":" not in series_id or series_id.split(":")[0] in scope.config.sources
